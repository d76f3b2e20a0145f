//! A copy of the workspace in which the modules' sources can be changed. Everything else in it is a link.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The folder of the modules in the copy.
pub(crate) const MODULES: &str = "next";

/// Files by their path in the workspace.
pub(crate) type Sources = BTreeMap<PathBuf, Vec<u8>>;

/// Reads all files of a folder, whose path in the workspace is `name`.
pub(crate) fn read(folder: &Path, name: impl AsRef<Path>) -> Result<Sources> {
    let mut sources = Sources::new();
    let shown = || format!("cannot read {}", folder.display());
    for entry in fs::read_dir(folder).with_context(shown)? {
        let entry = entry.with_context(shown)?;
        let (path, name) = (entry.path(), name.as_ref().join(entry.file_name()));
        if entry.file_type().with_context(shown)?.is_dir() {
            sources.extend(read(&path, name)?);
        } else {
            let text =
                fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            sources.insert(name, text);
        }
    }
    Ok(sources)
}

/// Writes the files of a folder, and removes what else is in it. A file that is the same stays untouched, so that cargo
/// does not compile it again.
pub(crate) fn write(copy: &Path, folder: &str, sources: &Sources) -> Result<()> {
    let root = copy.join(folder);
    let before = if root.is_dir() { read(&root, folder)? } else { Sources::new() };
    for name in before.keys().filter(|name| !sources.contains_key(*name)) {
        fs::remove_file(copy.join(name))?;
    }
    for (name, text) in sources.iter().filter(|(name, text)| before.get(*name) != Some(*text)) {
        let path = copy.join(name);
        fs::create_dir_all(path.parent().context("a source file has no folder")?)?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Links everything of the workspace that the copy lacks: cargo needs the manifests of all members. The modules are in
/// another folder than in the workspace, which the copy's manifest names: cargo distinguishes packages in one folder of
/// compiled code by their place in their workspace.
pub(crate) fn link_others(workspace: &Path, copy: &Path) -> Result<()> {
    let is_linked = |name: &str| {
        !name.starts_with('.') && !["contracts", "target", "Cargo.toml"].contains(&name)
    };
    link_all(workspace, copy, is_linked)?;
    link_all(&workspace.join("contracts"), &copy.join(MODULES), |_| true)?;
    let manifest = fs::read_to_string(workspace.join("Cargo.toml"))?;
    let manifest = manifest.replace("\"contracts/", &format!("\"{MODULES}/"));
    let path = copy.join("Cargo.toml");
    if fs::read_to_string(&path).ok().as_ref() != Some(&manifest) {
        fs::write(path, manifest)?;
    }
    Ok(())
}

fn link_all(from: &Path, to: &Path, is_linked: impl Fn(&str) -> bool) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if !is_linked(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let link = to.join(entry.file_name());
        if link.symlink_metadata().is_ok_and(|it| !it.is_symlink()) {
            continue;
        }
        match fs::remove_file(&link) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            _ => symlink(entry.path(), link)?,
        }
    }
    Ok(())
}
