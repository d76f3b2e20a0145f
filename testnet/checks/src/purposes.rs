//! A rule: each source file, tests included, begins with what it is for.

use crate::{File, Tree};

/// The beginning of a line of documentation of the file itself.
const PURPOSE: &str = "//! ";

/// Source files of packages that do not begin with a line of their own documentation.
pub fn purposes(tree: &Tree) -> Vec<String> {
    let manifests = tree.files().iter().filter_map(|file| file.path.strip_suffix("Cargo.toml"));
    let folders: Vec<&str> = manifests.filter(|folder| !folder.is_empty()).collect();
    let is_in_package = |file: &File| folders.iter().any(|folder| file.path.starts_with(folder));
    let sources = tree.sources().filter(|file| is_in_package(file));
    let lacking = sources.filter(|file| !file.text.starts_with(PURPOSE));
    lacking
        .map(|file| {
            let path = &file.path;
            format!("{path} must begin with a line `//! ` that says what the file is for")
        })
        .collect()
}
