//! Which installation is chosen, and what is said of those that do not run.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{Binaries, BinariesError, Installed, choose, look};

/// A folder with programs of which `postgres` is this script.
fn programs(parent: &Path, name: &str, script: &str) -> PathBuf {
    let dir = parent.join(name);
    fs::create_dir_all(&dir).unwrap();
    for (program, text) in [("postgres", script), ("initdb", "")] {
        let path = dir.join(program);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    }
    dir
}

fn says(version: &str) -> String {
    format!("echo 'postgres (PostgreSQL) {version}'")
}

fn chosen(places: &[Vec<PathBuf>], major: Option<&str>) -> Result<u32, BinariesError> {
    choose(look(places), major).map(|it| it.major)
}

#[test]
fn the_newest_of_the_first_place_is_chosen_or_the_version_that_is_needed() {
    let dir = tempfile::tempdir().unwrap();
    let of = |name: &str, version: &str| programs(dir.path(), name, &says(version));
    let system = vec![of("a", "15.18 (Debian 15.18-0)"), of("b", "16.2"), of("c", "14.9")];
    let npm = vec![dir.path().join("nowhere"), of("d", "18.4")];
    let places = [system, npm.clone()];
    assert_eq!(chosen(&places, None).unwrap(), 16);
    for (needed, expected) in [("15", 15), ("18", 18)] {
        assert_eq!(chosen(&places, Some(needed)).unwrap(), expected);
    }
    let error = chosen(&places, Some("14")).unwrap_err().to_string();
    assert!(error.contains("needs PostgreSQL 14, and only 15, 16, 18 is"), "{error}");
    assert_eq!(chosen(&[Vec::new(), npm], None).unwrap(), 18);
}

#[test]
fn programs_that_do_not_run_are_reported_with_their_reason() {
    let dir = tempfile::tempdir().unwrap();
    let fails = "echo 'cannot open shared object file' >&2; exit 127";
    let broken = programs(dir.path(), "package/native/bin", fails);
    let error = chosen(&[vec![broken.clone()]], None).unwrap_err().to_string();
    let package = dir.path().canonicalize().unwrap().join("package");
    let links = format!("'node scripts/hydrate-symlinks.js' in {}", package.display());
    for part in ["cannot open shared object file", links.as_str(), "EHB_POSTGRES_BIN"] {
        assert!(error.contains(part), "{error}");
    }
    // Another one that runs is chosen.
    let runs = programs(dir.path(), "runs", &says("17.1"));
    assert_eq!(chosen(&[vec![broken, runs]], None).unwrap(), 17);
    let none = Installed { found: Vec::<Binaries>::new(), broken: Vec::new() };
    assert!(matches!(choose(none, None), Err(BinariesError::None)));
}
