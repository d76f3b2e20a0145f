//! Finds a Rust toolchain that can compile modules, or reports which packages to install.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::sysroot;

/// The target for which modules are compiled.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Where Debian's packages install cargo, rustc and the linker.
const DEBIAN_BIN: &str = "/usr/bin";
const DEBIAN_LINKER: &str = "wasm-ld-19";

/// A compiler for modules.
pub(crate) struct Toolchain {
    /// The cargo to run.
    pub(crate) cargo: PathBuf,
    /// The compiler it runs.
    pub(crate) rustc: PathBuf,
    /// The linker, where it is not the compiler's own.
    pub(crate) linker: Option<PathBuf>,
    /// The folder with the target's library, where it is not the compiler's own.
    pub(crate) sysroot: Option<PathBuf>,
}

/// Finds a toolchain: the one that builds the node, if it has the target's library; else Debian's,
/// with a library built from its source.
pub(crate) fn find() -> Result<Toolchain> {
    let cargo = PathBuf::from(crate::variable("CARGO")?);
    let rustc = PathBuf::from(crate::variable("RUSTC")?);
    let own = library_of(&rustc)?;
    // When the target is added later, its folder appears, and then the build should notice.
    if has_core(&own) {
        crate::rerun_if_changed(&own)?;
        return Ok(Toolchain { cargo, rustc, linker: None, sysroot: None });
    }

    let debian = Path::new(DEBIAN_BIN);
    let (cargo, rustc, linker) =
        (debian.join("cargo"), debian.join("rustc"), debian.join(DEBIAN_LINKER));
    if ![&cargo, &rustc, &linker].iter().all(|file| file.exists()) {
        bail!(missing());
    }
    let Some(source) = sysroot::library_source(&rustc)? else { bail!(missing()) };
    let sysroot = sysroot::prepare(&cargo, &rustc, &source)?;
    Ok(Toolchain { cargo, rustc, linker: Some(linker), sysroot: Some(sysroot) })
}

/// The folder in which a compiler looks for the target's library.
fn library_of(rustc: &Path) -> Result<PathBuf> {
    print_of(rustc, &["--print", "target-libdir", "--target", TARGET]).map(PathBuf::from)
}

/// The answer of a compiler to a question about itself.
pub(crate) fn print_of(rustc: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new(rustc)
        .args(arguments)
        .env_remove("LD_LIBRARY_PATH")
        .output()
        .with_context(|| format!("cannot run {}", rustc.display()))?;
    if !output.status.success() {
        bail!(
            "{} {} failed: {}",
            rustc.display(),
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn has_core(library: &Path) -> bool {
    let Ok(files) = library.read_dir() else { return false };
    files
        .filter_map(Result::ok)
        .any(|file| file.file_name().to_string_lossy().starts_with("libcore-"))
}

fn missing() -> String {
    let rustup = env::var("RUSTUP_TOOLCHAIN").map(|name| format!(" --toolchain {name}"));
    format!(
        "no compiler for {TARGET} was found, which the business modules need. Install one of:\n\
         \n    rustup target add {TARGET}{}\n\
         \n    apt-get install -y --no-install-recommends rustc-web cargo-web rust-web-src lld-19\n",
        rustup.unwrap_or_default()
    )
}
