//! Compiles the modules to WebAssembly components, for build scripts.
//!
//! - `toolchain` finds a compiler for `wasm32-unknown-unknown`,
//! - `sysroot` prepares the standard library where that compiler comes without one,
//! - `guest` compiles a module with a cargo of its own,
//! - `component` turns the result into a component.

mod component;
mod guest;
mod sysroot;
mod toolchain;

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A module of this workspace.
#[derive(Clone, Copy, Debug)]
pub struct Module {
    /// The name under which it is installed, which is also its folder under `contracts/`.
    pub name: &'static str,
    /// The folders with the WIT that its own uses, under the workspace, each after those that it
    /// uses itself. The folder around each is the source of what the module uses of it.
    wit_dependencies: &'static [&'static str],
}

/// All modules, each after the modules that it calls.
pub const MODULES: &[Module] = &[
    Module { name: "wallet", wit_dependencies: &[HOST, COMMON] },
    Module { name: "credit", wit_dependencies: &[HOST, COMMON, WALLET] },
    Module { name: "marketplace", wit_dependencies: &[HOST, COMMON, WALLET, DISPUTE] },
    Module { name: "jobs", wit_dependencies: &[HOST, COMMON, WALLET, DISPUTE] },
];

/// The WIT of host functions.
const HOST: &str = "sdk/contract/wit";
/// The WIT that all modules share.
const COMMON: &str = "sdk/contract/wit/common";
/// The WIT of the wallet, which modules call to move money.
const WALLET: &str = "contracts/wallet/wit";
/// The WIT that modules with disputes share.
const DISPUTE: &str = "contracts/dispute/wit";

/// The sources from which every module is built, under the workspace.
const SHARED_SOURCES: &[&str] =
    &["Cargo.toml", "Cargo.lock", "contracts/build", "sdk/contract", "sdk/contract-macros"];

/// The workspace of a package whose build script runs, two levels above it.
pub fn workspace() -> Result<PathBuf> {
    let manifest_dir = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let workspace = manifest_dir.ancestors().nth(2);
    workspace
        .map(Path::to_owned)
        .context("the package is not in a folder two levels inside its workspace")
}

/// The folder of a build script's profile, beside the folder `build`: all variants of a build script find there what the
/// others made.
pub fn profile_dir() -> Result<PathBuf> {
    // OUT_DIR is <target>/<profile>/build/<package>-<hash>/out.
    let out_dir = PathBuf::from(variable("OUT_DIR")?);
    let is_known = out_dir.ancestors().nth(2).is_some_and(|folder| folder.ends_with("build"));
    let profile_dir = out_dir.ancestors().nth(3).filter(|_| is_known);
    Ok(profile_dir.unwrap_or(&out_dir).to_owned())
}

/// The sources from which modules are compiled.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The workspace, or a copy of it.
    pub root: &'a Path,
    /// The folder of the modules in it. In a copy it must be another than in the workspace.
    pub modules: &'a str,
}

impl Sources<'_> {
    /// A folder, by its path in the workspace.
    fn folder(&self, path: &str) -> PathBuf {
        match path.strip_prefix("contracts/") {
            Some(module) => self.root.join(self.modules).join(module),
            None => self.root.join(path),
        }
    }
}

/// Compiles all modules, and writes a Rust expression with a slice of `entry { name, code }` to the file `catalog.rs` of
/// the build script's output. Compiled modules, and all that they use, are kept in the folder `outputs` beside the others of the
/// profile. Different sources need different folders: in one, cargo would keep both results under one name, and take the last
/// one for either when nothing has changed.
pub fn catalog(workspace: &Path, sources: Sources<'_>, outputs: &str, entry: &str) -> Result<()> {
    for source in SHARED_SOURCES {
        rerun_if_changed(&workspace.join(source))?;
    }
    let out_dir = PathBuf::from(variable("OUT_DIR")?);
    let profile_dir = profile_dir()?;
    let place =
        guest::Place { workspace, sources: sources.root, target_dir: &profile_dir.join(outputs) };
    let toolchain = toolchain::find()?;
    let mut catalog = String::from("&[\n");
    for Module { name, wit_dependencies } in MODULES {
        rerun_if_changed(&workspace.join("contracts").join(name))?;
        for folder in *wit_dependencies {
            rerun_if_changed(&workspace.join(folder).join(".."))?;
        }
        let wit_folders = wit_dependencies.iter().map(|folder| sources.folder(folder));
        let own = sources.folder(&format!("contracts/{name}/wit"));
        let wit_folders: Vec<_> = wit_folders.chain([own]).collect();
        let core = guest::compile(&toolchain, place, name)?;
        let component = component::make(&core, &wit_folders)
            .with_context(|| format!("cannot make a component of the module {name}"))?;
        let path = out_dir.join(format!("{name}.wasm"));
        fs::write(&path, component).with_context(|| format!("cannot write {}", path.display()))?;
        writeln!(catalog, "    {entry} {{ name: {name:?}, code: include_bytes!({path:?}) }},")?;
    }
    catalog.push_str("]\n");
    let path = out_dir.join("catalog.rs");
    fs::write(&path, catalog).with_context(|| format!("cannot write {}", path.display()))
}

/// An environment variable that cargo sets for build scripts.
fn variable(name: &str) -> Result<String> {
    env::var(name).with_context(|| format!("cargo did not set {name} for the build script"))
}

/// In the folder of a package: what changes no code of a module. Without them a changed test compiles no module, and nothing that
/// contains the modules.
const NOT_COMPILED: [&str; 3] = ["tests", "tests.rs", "README.md"];

/// Asks cargo to run the build script again when a source has changed: a file, or those in a folder. A new file is
/// noticed by the one that declares it; a folder of WIT has no such file and is watched as a whole.
#[expect(clippy::print_stdout, reason = "cargo reads the build script's stdout")]
fn rerun_if_changed(path: &Path) -> Result<()> {
    if !path.is_dir() || path.ends_with("wit") {
        println!("cargo:rerun-if-changed={}", path.display());
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))? {
        let entry = entry?;
        if !NOT_COMPILED.iter().any(|name| entry.file_name() == *name) {
            rerun_if_changed(&entry.path())?;
        }
    }
    Ok(())
}
