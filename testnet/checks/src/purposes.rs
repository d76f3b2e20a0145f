//! A rule: each source file of Rust, WIT and TypeScript, tests included, begins with what it is for.

use crate::{File, Tree};

/// How the documentation of the file itself begins, by the file's ending.
const PURPOSES: [(&str, &str); 3] = [(".rs", "//! "), (".wit", "/// "), (".ts", "/**")];

/// Source files of packages that do not begin with a line of their own documentation.
pub fn purposes(tree: &Tree) -> Vec<String> {
    let manifests = tree.files().iter().filter_map(|file| file.path.strip_suffix("Cargo.toml"));
    let folders: Vec<&str> = manifests.filter(|folder| !folder.is_empty()).collect();
    let is_in_package = |file: &File| folders.iter().any(|folder| file.path.starts_with(folder));
    let lacking = tree.files().iter().filter_map(|file| {
        let (ending, purpose) = PURPOSES.iter().find(|(ending, _)| file.path.ends_with(ending))?;
        let concerns = *ending == ".ts" || is_in_package(file);
        (concerns && !file.text.starts_with(purpose)).then_some((&file.path, purpose))
    });
    lacking
        .map(|(path, purpose)| {
            format!("{path} must begin with a line `{purpose}` that says what the file is for")
        })
        .collect()
}
