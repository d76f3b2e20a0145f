//! Compiles the modules to WebAssembly components, which the crate then carries.
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
struct Module {
    /// The name under which it is installed, which is also its folder under `contracts/`.
    name: &'static str,
    /// The folders with the WIT that its own uses, under the workspace, each after those that it
    /// uses itself. The folder around each is the source of what the module uses of it.
    wit_dependencies: &'static [&'static str],
}

const MODULES: &[Module] = &[
    Module { name: "wallet", wit_dependencies: &[HOST, COMMON] },
    Module { name: "credit", wit_dependencies: &[HOST, COMMON, WALLET] },
    Module { name: "marketplace", wit_dependencies: &[HOST, COMMON, WALLET, DISPUTE] },
    Module { name: "jobs", wit_dependencies: &[HOST, COMMON, WALLET, DISPUTE] },
];

/// What the chain offers to every module.
const HOST: &str = "sdk/contract/wit";
/// What all modules share.
const COMMON: &str = "sdk/contract/wit/common";
/// What modules call that move money.
const WALLET: &str = "contracts/wallet/wit";
/// What the modules with disputes have in common.
const DISPUTE: &str = "contracts/dispute/wit";

/// What every module is made from, under the workspace.
const SHARED_SOURCES: &[&str] =
    &["Cargo.toml", "Cargo.lock", "contracts/catalog/build", "sdk/contract", "sdk/contract-macros"];

fn main() -> Result<()> {
    let out_dir = PathBuf::from(variable("OUT_DIR")?);
    let manifest_dir = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let workspace = manifest_dir
        .ancestors()
        .nth(2)
        .context("the catalog's folder does not lie two levels inside the workspace")?;
    for source in SHARED_SOURCES {
        rerun_if_changed(&workspace.join(source));
    }

    let guest_dir = guest_dir(&out_dir);
    let toolchain = toolchain::find()?;
    let mut catalog = String::from("&[\n");
    for Module { name, wit_dependencies } in MODULES {
        rerun_if_changed(&workspace.join("contracts").join(name));
        for folder in *wit_dependencies {
            rerun_if_changed(&workspace.join(folder).join(".."));
        }
        let wit_folders = wit_dependencies.iter().map(|folder| workspace.join(folder));
        let wit_folders: Vec<_> =
            wit_folders.chain([workspace.join("contracts").join(name).join("wit")]).collect();
        let core = guest::compile(&toolchain, workspace, &guest_dir, name)?;
        let component = component::make(&core, &wit_folders)
            .with_context(|| format!("cannot make a component of the module {name}"))?;
        let path = out_dir.join(format!("{name}.wasm"));
        fs::write(&path, component).with_context(|| format!("cannot write {}", path.display()))?;
        writeln!(
            catalog,
            "    CatalogEntry {{ name: {name:?}, code: include_bytes!({path:?}) }},"
        )?;
    }
    catalog.push_str("]\n");
    let path = out_dir.join("catalog.rs");
    fs::write(&path, catalog).with_context(|| format!("cannot write {}", path.display()))
}

/// Where modules are compiled: beside the folder `build`, where all variants of this build script find
/// what the others compiled, since that takes over a minute at first.
fn guest_dir(out_dir: &Path) -> PathBuf {
    // OUT_DIR is <target>/<profile>/build/<package>-<hash>/out.
    let profile_dir = out_dir
        .ancestors()
        .nth(3)
        .filter(|_| out_dir.ancestors().nth(2).is_some_and(|folder| folder.ends_with("build")));
    profile_dir.unwrap_or(out_dir).join("guest")
}

/// An environment variable that cargo sets for build scripts.
fn variable(name: &str) -> Result<String> {
    env::var(name).with_context(|| format!("cargo did not set {name} for the build script"))
}

/// Asks cargo to run the build script again when a file or folder has changed.
#[expect(clippy::print_stdout, reason = "cargo reads the build script's stdout")]
fn rerun_if_changed(path: &Path) {
    println!("cargo:rerun-if-changed={}", path.display());
}
