//! A rule: tests switch on no more features of the programs' dependencies than the programs do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// The features of each package, by its name and version.
type Features = BTreeMap<String, BTreeSet<String>>;

/// Dependencies of the programs for which tests switch on more features: they would be compiled once for
/// `make demo` and once more for `make test`, with everything that depends on them.
pub fn features(root: &Path) -> Vec<String> {
    let (programs, tests) = (resolve(root, "no-dev"), resolve(root, "all"));
    let (programs, tests) = match (programs, tests) {
        (Ok(programs), Ok(tests)) => (programs, tests),
        (Err(error), _) | (_, Err(error)) => return vec![error],
    };
    compare(&programs, &tests)
}

pub(crate) fn compare(programs: &Features, tests: &Features) -> Vec<String> {
    let more = programs.iter().filter_map(|(package, features)| {
        let more: Vec<_> = tests.get(package)?.difference(features).cloned().collect();
        (!more.is_empty()).then(|| {
            format!("tests switch on {} of {package}: name it at the root", more.join(", "))
        })
    });
    more.collect()
}

/// What cargo resolves, with or without what only tests use.
fn resolve(root: &Path, edges: &str) -> Result<Features, String> {
    let output = Command::new("cargo")
        .args(["tree", "--workspace", "--locked", "--offline", "--prefix", "none"])
        .args(["--format", "{p}|{f}|", "--edges", edges])
        .current_dir(root)
        .output()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(parse(&String::from_utf8_lossy(&output.stdout)))
}

pub(crate) fn parse(tree: &str) -> Features {
    let mut packages = Features::new();
    for line in tree.lines() {
        // What follows the second bar marks lines that are there twice.
        let mut parts = line.split('|');
        let (Some(package), Some(features)) = (parts.next(), parts.next()) else { continue };
        let names = features.split(',').filter(|name| !name.is_empty()).map(str::to_owned);
        packages.entry(package.to_owned()).or_default().extend(names);
    }
    packages
}
