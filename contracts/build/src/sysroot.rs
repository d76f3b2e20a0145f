//! Builds the standard library for modules where the toolchain lacks it, and caches it for the user.

use std::collections::hash_map::DefaultHasher;
use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, process};

use anyhow::{Context, Result, bail};

use crate::toolchain::{TARGET, print_of};

/// Counts the ways in which this file has made sysroots: another way, another folder.
const RECIPE: u32 = 1;

/// An empty crate: building it builds the library.
const MANIFEST: &str = r#"[package]
name = "sysroot"
version = "0.0.0"
edition = "2024"

[profile.release]
panic = "abort"
codegen-units = 1

[workspace]
"#;

/// The source of a compiler's standard library, where it is installed.
pub(crate) fn library_source(rustc: &Path) -> Result<Option<PathBuf>> {
    let sysroot = PathBuf::from(print_of(rustc, &["--print", "sysroot"])?);
    let source = sysroot.join("lib/rustlib/src/rust");
    Ok(source.join("library/core/src/lib.rs").exists().then_some(source))
}

/// A folder in which a compiler finds `core` and `alloc` for [`TARGET`], built once for each compiler
/// and kept in the user's cache.
pub(crate) fn prepare(cargo: &Path, rustc: &Path, source: &Path) -> Result<PathBuf> {
    let cache = cache()?;
    fs::create_dir_all(&cache).with_context(|| format!("cannot create {}", cache.display()))?;
    // Not watched: it is made while this runs, so it would always look as if it had changed since.
    let sysroot = cache.join(format!("sysroot-{:016x}", fingerprint(rustc)?));

    // Another build may be at it: it is waited for, and then there is nothing left to do.
    let lock = sysroot.with_extension("lock");
    let lock = File::create(&lock).with_context(|| format!("cannot create {}", lock.display()))?;
    lock.lock().context("cannot lock the cache of sysroots")?;
    if sysroot.exists() {
        return Ok(sysroot);
    }
    let work = cache.join(format!("build-{}", process::id()));
    let made = build(cargo, rustc, source, &work)
        .and_then(|()| Ok(fs::rename(work.join("sysroot"), &sysroot)?))
        .with_context(|| format!("cannot build the standard library for {TARGET}"));
    // The folder is of no use any more, whether this worked or not.
    drop(fs::remove_dir_all(&work));
    made.map(|()| sysroot)
}

/// The user's cache, or, for who has none, the build's own folder.
fn cache() -> Result<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    match absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache"))) {
        Some(cache) => Ok(cache.join("ehb")),
        None => Ok(PathBuf::from(crate::variable("OUT_DIR")?).join("cache")),
    }
}

/// Changes with the compiler: its version, and the moment at which it was installed.
fn fingerprint(rustc: &Path) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    RECIPE.hash(&mut hasher);
    print_of(rustc, &["--version", "--verbose"])?.hash(&mut hasher);
    fs::metadata(rustc)?.mtime().hash(&mut hasher);
    Ok(hasher.finish())
}

fn build(cargo: &Path, rustc: &Path, source: &Path, work: &Path) -> Result<()> {
    fs::create_dir_all(work.join("src"))?;
    fs::write(work.join("Cargo.toml"), MANIFEST)?;
    fs::write(work.join("src/lib.rs"), "#![no_std]\n")?;
    let flags = [
        "-Cembed-bitcode=yes".to_owned(),
        format!("--remap-path-prefix={}=/rustc", source.display()),
        format!("--remap-path-prefix={}=/rustc", source.canonicalize()?.display()),
    ];
    let mut command = Command::new(cargo);
    command
        .args(["build", "--release", "-Zbuild-std=core,alloc", "--target", TARGET])
        .current_dir(work);
    crate::guest::set_environment(&mut command, rustc, &work.join("target"), &flags);
    // Building the library is the one thing that a stable compiler does not offer.
    command.env("RUSTC_BOOTSTRAP", "1");
    crate::guest::run(command)?;

    let library = work.join("sysroot/lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&library)?;
    for file in work.join("target").join(TARGET).join("release/deps").read_dir()? {
        let file = file?;
        let name = file.file_name();
        let text = name.to_string_lossy();
        if text.ends_with(".rlib") && !text.starts_with("libsysroot-") {
            fs::copy(file.path(), library.join(name))?;
        }
    }
    link_host_library(rustc, &work.join("sysroot/lib/rustlib"))
}

/// Procedural macros are loaded from the sysroot too, so it needs the host's library as well.
fn link_host_library(rustc: &Path, rustlib: &Path) -> Result<()> {
    let own = PathBuf::from(print_of(rustc, &["--print", "target-libdir"])?);
    let Some(host) = own.parent() else { bail!("{} is no library folder", own.display()) };
    let name = host.file_name().with_context(|| format!("{} has no name", host.display()))?;
    symlink(host, rustlib.join(name)).context("cannot link the host's library")
}
