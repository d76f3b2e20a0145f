//! Copies the modules' sources, changes them, and compiles the result.

mod edits;
mod growth;
mod mirror;

use anyhow::Result;
use ehb_module_build::Sources;

fn main() -> Result<()> {
    let workspace = ehb_module_build::workspace()?;
    let copy = ehb_module_build::profile_dir()?.join("next-release");
    for module in ehb_module_build::MODULES {
        let folder = format!("{}/{}", mirror::MODULES, module.name);
        let original = workspace.join("contracts").join(module.name);
        let mut sources = mirror::read(&original, &folder)?;
        growth::of(module.name)?.apply(&mut sources)?;
        mirror::write(&copy, &folder, &sources)?;
    }
    mirror::link_others(&workspace, &copy)?;
    let sources = Sources { root: &copy, modules: mirror::MODULES };
    ehb_module_build::catalog(&workspace, sources, "modules-next", "NextModule")
}
