//! Compiles a module's crate to core WebAssembly, in an environment that makes the bytes reproducible.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::toolchain::{TARGET, Toolchain};

/// A module's stack, bytes. A call touches little of it, and pages that nobody touches cost nothing.
const STACK_BYTES: u32 = 32 << 10;

/// A module's memory at the beginning, bytes: enough for most calls, so that few have to grow it. All of
/// it is cleared after each call.
const MEMORY_BYTES: u32 = 64 << 10;

/// How modules are compiled, whatever the workspace's own profile and the user's configuration say.
const PROFILE: [&str; 7] = [
    "opt-level=3",
    "incremental=false",
    "lto=true",
    "codegen-units=1",
    "panic=\"abort\"",
    "overflow-checks=true",
    "debug=false",
];

/// The packages of the workspace that modules are made of, besides their own: the user's configuration can name them, and
/// would then win over the profile.
const PACKAGES: [&str; 3] = ["ehb-contract", "ehb-crypto", "ehb-dispute"];

/// The variables that the cargo for modules inherits, by name or by prefix: where programs and
/// sources are found and how they are downloaded. Everything else, such as the flags, wrappers and
/// target directory of the build around it, stays outside, so that the same source yields the same
/// bytes.
const INHERITED: [&str; 22] = [
    "PATH",
    "HOME",
    "USER",
    "TMPDIR",
    "LANG",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "CARGO_MAKEFLAGS",
    "CARGO_HTTP_*",
    "CARGO_NET_*",
    "CARGO_REGISTRY_*",
    "CARGO_REGISTRIES_*",
    "CARGO_SOURCE_*",
    "GIT_*",
    "SSL_CERT_*",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
];

/// The folders of a compilation.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The workspace, whose path is replaced in the output.
    pub(crate) workspace: &'a Path,
    /// The workspace with the sources: the same, or a copy of it.
    pub(crate) sources: &'a Path,
    /// Where the result is, and everything else that was compiled.
    pub(crate) target_dir: &'a Path,
}

/// Compiles a module and returns its core WebAssembly. Its package is `ehb-contract-<name>`.
pub(crate) fn compile(toolchain: &Toolchain, place: Place<'_>, name: &str) -> Result<Vec<u8>> {
    let Place { workspace, sources, target_dir } = place;
    let mut command = Command::new(&toolchain.cargo);
    command
        .args(["build", "--release", "--locked", "--lib", "--target", TARGET])
        .arg("--package")
        .arg(format!("ehb-contract-{name}"))
        .current_dir(sources);
    for setting in PROFILE {
        command.arg("--config").arg(format!("profile.release.{setting}"));
    }
    let own = format!("ehb-contract-{name}");
    for package in PACKAGES.into_iter().chain([own.as_str()]) {
        command.arg("--config").arg(format!("profile.release.package.{package}.opt-level=3"));
    }
    set_environment(&mut command, &toolchain.rustc, target_dir, &flags(toolchain, workspace));
    if let Some(linker) = &toolchain.linker {
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    }
    run(command).with_context(|| format!("cannot compile the module {name}"))?;
    let core = target_dir
        .join(TARGET)
        .join("release")
        .join(format!("ehb_contract_{}.wasm", name.replace('-', "_")));
    fs::read(&core).with_context(|| format!("cannot read {}", core.display()))
}

/// The compiler's flags. Paths of this machine are replaced, since panics name source files.
fn flags(toolchain: &Toolchain, workspace: &Path) -> Vec<String> {
    let mut flags = vec![
        format!("-Clink-arg=-zstack-size={STACK_BYTES}"),
        format!("-Clink-arg=--initial-memory={MEMORY_BYTES}"),
        format!("--remap-path-prefix={}=/ehb", workspace.display()),
    ];
    let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo_home =
        cargo_home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    if let Some(cargo_home) = cargo_home {
        flags.push(format!("--remap-path-prefix={}=/cargo", cargo_home.display()));
    }
    if let Some(sysroot) = &toolchain.sysroot {
        flags.push(format!("--sysroot={}", sysroot.display()));
    }
    flags
}

/// Sets a cargo's own environment.
pub(crate) fn set_environment(
    command: &mut Command,
    rustc: &Path,
    target_dir: &Path,
    flags: &[String],
) {
    command.env_clear();
    for (name, value) in env::vars_os() {
        let text = name.to_string_lossy();
        let inherited = |pattern: &&str| match pattern.strip_suffix('*') {
            Some(prefix) => text.starts_with(prefix),
            None => text == **pattern,
        };
        if INHERITED.iter().any(inherited) {
            command.env(name, value);
        }
    }
    command
        .env("RUSTC", rustc)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"))
        // Empty, they switch off what the user's configuration may name.
        .env("RUSTC_WRAPPER", "")
        .env("RUSTC_WORKSPACE_WRAPPER", "")
        // A directory of its own: the cargo around this one holds the lock of the other.
        .env("CARGO_TARGET_DIR", target_dir)
        .env("CARGO_BUILD_BUILD_DIR", target_dir);
}

/// Runs a command, and repeats what it said if it fails.
pub(crate) fn run(mut command: Command) -> Result<()> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    if !output.status.success() {
        bail!(
            "{} failed ({}):\n{}",
            command.get_program().to_string_lossy(),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}
