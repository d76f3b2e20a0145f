//! The installed modules of each state, compiled once and linked once.
//!
//! Which code runs is part of the state, and of nothing else: whoever executes a block, simulates a
//! transaction or reads asks here for the modules of the state at hand. So a block that is executed ahead
//! and thrown away, a restart, or a read of an older height needs no care: what is kept here saves work
//! and decides nothing.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use ehb_abi::Interface;
use ehb_kernel::chain::InstalledModule;
use ehb_kernel::{chain, upload};
use ehb_state::{Overlay, StoreError};
use ehb_types::{Address, Hash, Name};
use ehb_vm::{Engine, InstallError, Module, Modules};

use crate::native::kernel_interface;

/// How many sets of modules are kept: that of the head, and those of blocks and reads around an upgrade.
const SETS_MAX: usize = 4;
/// How many compiled modules are kept that wait for being installed, or were refused.
const COMPILED_MAX: usize = 8;

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
    link(engine, state, &chain::modules(state)?, |name, _, code| {
        Module::compile(engine, name.clone(), code)
    })
}

/// The modules of any state of a chain. Clones share what is kept.
#[derive(Clone)]
pub struct Library(Arc<Shared>);

struct Shared {
    engine: Engine,
    kernel: Interface,
    sets: Mutex<VecDeque<(Installed, Modules)>>,
    compiled: Mutex<VecDeque<Compiled>>,
}

/// What the state says of its modules, ascending by name.
type Installed = Vec<(Name, InstalledModule)>;

/// What compiling gave, or will have given: whoever comes while it is under way waits for it.
#[derive(Clone)]
struct Compiled {
    name: Name,
    code: Hash,
    outcome: Arc<OnceLock<Result<Module, InstallError>>>,
}

impl Library {
    /// A library that knows the modules of one state.
    pub fn new(modules: Modules) -> Result<Self, InstallError> {
        let installed =
            |module: &Module| (module.name().clone(), InstalledModule { code: module.code_hash() });
        let set: Installed = modules.iter().map(installed).collect();
        Ok(Self(Arc::new(Shared {
            engine: modules.engine().clone(),
            kernel: kernel_interface()?,
            sets: Mutex::new(VecDeque::from([(set, modules)])),
            compiled: Mutex::default(),
        })))
    }

    /// The modules that are installed in a state. A set that was not met lately is linked, and compiled
    /// where that was not done before.
    pub fn modules(&self, state: &Overlay) -> Result<Modules, StoreError> {
        let installed = chain::modules(state)?;
        if let Some(known) = self.known(&installed) {
            return Ok(known);
        }
        let modules = link(&self.0.engine, state, &installed, |name, hash, code| {
            self.compile(name, hash, code)
        });
        let modules = modules.map_err(|error| StoreError(error.to_string()))?;
        self.keep(installed, modules.clone());
        Ok(modules)
    }

    /// Compiles the code that an account has brought, so that installing it takes no time. What comes of
    /// it is told when the code is installed.
    pub fn prepare(&self, state: &Overlay, owner: &Address) -> Result<(), StoreError> {
        let Some(upload) = upload::get(state, owner)?.filter(|it| it.missing() == 0) else {
            return Ok(());
        };
        let code = upload::bytes(state, owner, &upload)?;
        // A refusal is the same when the code is installed, and told then.
        let _ = self.compile(&upload.module, &upload.code, &code);
        Ok(())
    }

    /// The kernel's functions and events.
    pub fn kernel(&self) -> &Interface {
        &self.0.kernel
    }

    /// Compiles code with this hash, unless that was done before.
    pub(crate) fn compile(
        &self,
        name: &Name,
        hash: &Hash,
        code: &[u8],
    ) -> Result<Module, InstallError> {
        let is_it = |module: &&Module| module.name() == name && module.code_hash() == *hash;
        let installed = self.sets().iter().find_map(|(_, set)| set.iter().find(is_it).cloned());
        if let Some(known) = installed {
            return Ok(known);
        }
        let compiled = self.entry(name, hash);
        let compile = || Module::compile(&self.0.engine, name.clone(), code);
        let outcome = compiled.outcome.get_or_init(compile).clone();
        if let Err(InstallError::Machine(_)) = outcome {
            // This says nothing about the code.
            self.compiled().retain(|it| !Arc::ptr_eq(&it.outcome, &compiled.outcome));
        }
        outcome
    }

    /// A set of modules that was met lately, which it is then once more.
    fn known(&self, installed: &Installed) -> Option<Modules> {
        let mut sets = self.sets();
        let position = sets.iter().position(|(set, _)| set == installed)?;
        sets.swap(0, position);
        sets.front().map(|(_, modules)| modules.clone())
    }

    /// Keeps a set of modules for whoever asks next.
    pub(crate) fn keep(&self, installed: Installed, modules: Modules) {
        let mut sets = self.sets();
        sets.retain(|(set, _)| *set != installed);
        sets.push_front((installed, modules));
        sets.truncate(SETS_MAX);
    }

    /// The place of a compiled module, with the outcome or without.
    fn entry(&self, name: &Name, hash: &Hash) -> Compiled {
        let mut compiled = self.compiled();
        if let Some(known) = compiled.iter().find(|it| it.name == *name && it.code == *hash) {
            return known.clone();
        }
        let new = Compiled { name: name.clone(), code: *hash, outcome: Arc::default() };
        compiled.push_front(new.clone());
        compiled.truncate(COMPILED_MAX);
        new
    }

    fn sets(&self) -> MutexGuard<'_, VecDeque<(Installed, Modules)>> {
        self.0.sets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn compiled(&self) -> MutexGuard<'_, VecDeque<Compiled>> {
        self.0.compiled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compiles and links modules by what `compile` gives for name, hash and code.
fn link(
    engine: &Engine,
    state: &Overlay,
    installed: &Installed,
    compile: impl Fn(&Name, &Hash, &[u8]) -> Result<Module, InstallError>,
) -> Result<Modules, LoadError> {
    let mut modules = Vec::new();
    for (name, InstalledModule { code: hash }) in installed {
        let code = chain::code(state, hash)?;
        let compiled = compile(name, hash, &code);
        modules.push(compiled.map_err(|error| LoadError::Module { module: name.clone(), error })?);
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
