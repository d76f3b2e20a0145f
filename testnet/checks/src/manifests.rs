//! Two rules: manifests inherit from the workspace, and crates begin with their description.

use crate::{Package, Tree};

/// What every package takes from the workspace.
const INHERITED: [&str; 5] = ["version", "edition", "rust-version", "license", "publish"];
/// What only the root's manifest can say.
const ROOT_ONLY: [&str; 4] = ["profile", "patch", "replace", "workspace"];

/// Versions, lints and profiles outside of the root's manifest.
pub fn manifests(tree: &Tree) -> Vec<String> {
    match tree.packages() {
        Ok(packages) => packages.iter().flat_map(of_package).collect(),
        Err(error) => vec![error.to_string()],
    }
}

fn of_package(package: &Package) -> Vec<String> {
    let mut violations = Vec::new();
    let mut report =
        |what: String| violations.push(format!("{}/Cargo.toml: {what}", package.folder));
    let table = package.manifest.get("package");
    for key in INHERITED {
        if !table.and_then(|table| table.get(key)).is_some_and(is_inherited) {
            report(format!("write {key}.workspace = true"));
        }
    }
    if !package.manifest.get("lints").is_some_and(is_inherited) {
        report("write [lints] workspace = true".to_owned());
    }
    for dependency in package.dependencies.iter().filter(|it| !is_inherited(&it.value)) {
        let name = &dependency.name;
        report(format!("write {name}.workspace = true, and its version at the root"));
    }
    for key in ROOT_ONLY.iter().filter(|key| package.manifest.contains_key(**key)) {
        report(format!("[{key}] belongs to the root"));
    }
    violations
}

fn is_inherited(value: &toml::Value) -> bool {
    value.get("workspace").and_then(toml::Value::as_bool) == Some(true)
}

/// Packages whose first line does not say what their manifest says.
pub fn first_lines(tree: &Tree) -> Vec<String> {
    match tree.packages() {
        Ok(packages) => packages.iter().filter_map(|it| first_line(tree, it)).collect(),
        Err(error) => vec![error.to_string()],
    }
}

fn first_line(tree: &Tree, package: &Package) -> Option<String> {
    let folder = &package.folder;
    let Some(description) = package.description.as_deref().filter(|it| it.ends_with('.')) else {
        return Some(format!("{folder}/Cargo.toml has no description of one sentence"));
    };
    let root = |name: &str| {
        let path = format!("{folder}/src/{name}");
        tree.files().iter().find(|file| file.path == path)
    };
    let Some(file) = root("lib.rs").or_else(|| root("main.rs")) else {
        return Some(format!("{folder} has neither src/lib.rs nor src/main.rs"));
    };
    let expected = format!("//! {description}");
    (file.text.lines().next() != Some(&expected))
        .then(|| format!("{} must begin with: {expected}", file.path))
}
