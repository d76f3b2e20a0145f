//! Compiles the modules to WebAssembly components, which the crate then carries.

use ehb_module_build::Sources;

fn main() -> anyhow::Result<()> {
    let workspace = ehb_module_build::workspace()?;
    let sources = Sources { root: &workspace, modules: "contracts" };
    ehb_module_build::catalog(&workspace, sources, "modules", "CatalogEntry")
}
