use std::path::{Path, PathBuf};

use wit_parser::{PackageId, Resolve, WorldId};

/// A module, as its WIT describes it.
pub(crate) struct Module {
    /// The type that is its component.
    pub(crate) component: String,
    /// All packages.
    pub(crate) resolve: Resolve,
    /// Its own.
    pub(crate) package: PackageId,
    /// Its world.
    pub(crate) world: WorldId,
}

/// Reads a module: the name of its component, then the folders of WIT.
pub(crate) fn module(words: &[String]) -> Result<Module, String> {
    let [component, folders @ ..] = words else { return Err("name the component".to_owned()) };
    let root = std::env::var("CARGO_MANIFEST_DIR").map_err(|error| error.to_string())?;
    let folders: Vec<PathBuf> = folders.iter().map(|it| Path::new(&root).join(it)).collect();
    let mut resolve = Resolve::default();
    let mut package = None;
    for folder in &folders {
        let pushed = resolve.push_dir(folder);
        let (id, _) = pushed.map_err(|error| format!("{}: {error:#}", folder.display()))?;
        package = Some(id);
    }
    let package = package.ok_or("name the folders of WIT")?;
    let world = resolve.select_world(&[package], None).map_err(|error| format!("{error:#}"))?;
    Ok(Module { component: component.clone(), resolve, package, world })
}
