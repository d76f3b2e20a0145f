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
    Ok(Modules::link(engine, modules)?)
}
