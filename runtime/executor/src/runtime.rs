use ehb_kernel::chain;
use ehb_state::{Overlay, StoreError};
use ehb_types::Name;
use ehb_vm::{Engine, InstallError, Module, Modules};

/// Why the installed modules cannot be made ready.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A module is refused.
    #[error("{module}: {error}")]
    Module {
        /// The name it was to be installed under.
        module: Name,
        /// Why.
        error: InstallError,
    },
    /// The modules do not fit each other.
    #[error(transparent)]
    Link(#[from] InstallError),
}

/// Compiles and links the modules that are installed in a state. Costs some milliseconds each.
pub fn load_modules(engine: &Engine, state: &Overlay) -> Result<Modules, LoadError> {
    let mut modules = Vec::new();
    for (name, installed) in chain::modules(state)? {
        let code = chain::code(state, &installed.code)?;
        let compiled = Module::compile(engine, name.clone(), &code);
        modules.push(compiled.map_err(|error| LoadError::Module { module: name, error })?);
    }
    Modules::link(engine, modules.clone()).map_err(|error| with_importer(error, &modules))
}

/// The linker names an import that nothing offers, and not who imports it: the WIT tells.
fn with_importer(error: InstallError, modules: &[Module]) -> LoadError {
    let InstallError::UnknownImport { import, .. } = &error else { return LoadError::Link(error) };
    let importer = modules.iter().find(|module| module.wit().contains(import.as_str()));
    match importer.map(|module| module.name().clone()) {
        Some(module) => LoadError::Module { module, error },
        None => LoadError::Link(error),
    }
}
