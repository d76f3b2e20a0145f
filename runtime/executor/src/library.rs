//! The installed modules of each state, compiled once and linked once.
//!
//! The state alone decides which code runs: execution, simulation and reads take the modules of their state
//! from here. So discarded executions, restarts and reads of older heights need no special handling: this
//! cache saves work and decides nothing.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use ehb_abi::Interface;
use ehb_kernel::chain::InstalledModule;
use ehb_kernel::{chain, upload};
use ehb_state::{Overlay, StoreError};
use ehb_types::{Address, Hash, Name};
use ehb_vm::{Engine, InstallError, Module, Modules};

use crate::native::kernel_interface;

/// The maximum number of module sets for blocks, and for reads: that of the head, and those around an
/// upgrade.
const SETS_MAX: usize = 4;
/// The maximum number of compiled modules that wait for installation, or were rejected.
const COMPILED_MAX: usize = 8;

/// Why the installed modules cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A module is rejected.
    #[error("{module}: {}", .error.for_log())]
    Module {
        /// The name of the module.
        module: Name,
        /// The reason.
        error: InstallError,
    },
    /// The modules do not match each other.
    #[error("{}", .0.for_log())]
    Link(InstallError),
}

/// Compiles and links the modules that are installed in a state. Costs some milliseconds each.
pub fn load_modules(engine: &Engine, state: &Overlay) -> Result<Modules, LoadError> {
    link(engine, state, &chain::modules(state)?, |name, _, code| {
        Module::compile(engine, name.clone(), code)
    })
}

/// The modules of any state of a chain, compiled if necessary: for the execution of blocks. Clones share the
/// cache.
#[derive(Clone)]
pub struct Library(Arc<Shared>);

/// The modules that a [`Library`] has already compiled: for reads and simulations. Whatever clients request,
/// it compiles nothing, writes no compiled code, and evicts no module of a block.
#[derive(Clone)]
pub struct ReadLibrary(Arc<Shared>);

struct Shared {
    engine: Engine,
    kernel: Interface,
    kernel_wit: String,
    sets: Mutex<VecDeque<(Installed, Modules)>>,
    /// The sets that were linked for reads.
    read_sets: Mutex<VecDeque<(Installed, Modules)>>,
    compiled: Mutex<VecDeque<Compiled>>,
    /// The lock for compiling the modules of an earlier height.
    past: Mutex<()>,
}

/// The modules according to the state, ascending by name.
pub(crate) type Installed = Vec<(Name, InstalledModule)>;

/// The result of compiling; concurrent requests wait for it.
#[derive(Clone)]
struct Compiled {
    name: Name,
    code: Hash,
    outcome: Arc<OnceLock<Result<Module, InstallError>>>,
}

impl Library {
    /// A library with the modules of one state.
    pub fn new(modules: Modules) -> Result<Self, InstallError> {
        let installed = |module: &Module| {
            let is_paused = modules.is_paused(module.name().as_str());
            (module.name().clone(), InstalledModule { code: module.code_hash(), is_paused })
        };
        let set: Installed = modules.iter().map(installed).collect();
        let (kernel, kernel_wit) = kernel_interface()?;
        Ok(Self(Arc::new(Shared {
            engine: modules.engine().clone(),
            kernel,
            kernel_wit,
            sets: Mutex::new(VecDeque::from([(set, modules)])),
            read_sets: Mutex::default(),
            compiled: Mutex::default(),
            past: Mutex::default(),
        })))
    }

    /// The same modules for reads and simulations, which cannot compile.
    pub fn for_reads(&self) -> ReadLibrary {
        ReadLibrary(self.0.clone())
    }

    /// The installed modules of a state. Links a set that is not a recent one, and compiles the modules that
    /// are not compiled yet.
    pub fn modules(&self, state: &Overlay) -> Result<Modules, StoreError> {
        let installed = chain::modules(state)?;
        if let Some(known) = recent(&mut self.0.sets(), &installed) {
            return Ok(known);
        }
        let modules = link(&self.0.engine, state, &installed, |name, hash, code| {
            self.compile(name, hash, code)
        });
        let modules = modules.map_err(|error| StoreError(error.to_string()))?;
        self.keep(installed, modules.clone());
        Ok(modules)
    }

    /// Compiles the code that an account has uploaded for a module, so that installing it takes no time.
    /// Returns why it is rejected; the receipt of its installation will contain the reason in our own words.
    pub fn prepare(
        &self,
        state: &Overlay,
        owner: &Address,
        module: &Name,
    ) -> Result<Option<InstallError>, StoreError> {
        let Some(upload) = upload::get(state, owner, module)?.filter(|it| it.missing() == 0) else {
            return Ok(None);
        };
        let code = upload::bytes(state, owner, &upload)?;
        Ok(self.compile(&upload.module, &upload.code, &code).err())
    }

    /// Compiles code that was uploaded earlier and is not installed, as much as is kept, so that reads can try its
    /// installation after a restart. Returns why some of it is rejected.
    pub fn prepare_waiting(&self, state: &Overlay) -> Result<Vec<InstallError>, StoreError> {
        let mut rejected = Vec::new();
        for (owner, module) in upload::waiting(state, COMPILED_MAX)? {
            rejected.extend(self.prepare(state, &owner, &module)?);
        }
        Ok(rejected)
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
        if let Some(known) = self.0.linked(name, hash) {
            return Ok(known);
        }
        let compiled = self.entry(name, hash);
        let compile = || Module::compile(&self.0.engine, name.clone(), code);
        let outcome = compiled.outcome.get_or_init(compile).clone();
        if let Err(InstallError::Machine(_)) = outcome {
            // This implies nothing about the code.
            self.0.compiled().retain(|it| !Arc::ptr_eq(&it.outcome, &compiled.outcome));
        }
        outcome
    }

    /// Keeps a set of modules for the next block.
    pub(crate) fn keep(&self, installed: Installed, modules: Modules) {
        keep(&mut self.0.sets(), installed, modules);
    }

    /// The cache entry of a compiled module, with or without the result.
    fn entry(&self, name: &Name, hash: &Hash) -> Compiled {
        let mut compiled = self.0.compiled();
        if let Some(known) = compiled.iter().find(|it| it.name == *name && it.code == *hash) {
            return known.clone();
        }
        let new = Compiled { name: name.clone(), code: *hash, outcome: Arc::default() };
        compiled.push_front(new.clone());
        compiled.truncate(COMPILED_MAX);
        new
    }
}

impl ReadLibrary {
    /// The installed modules of a state. Links a set that is not a recent one; errors: a module is not
    /// compiled on this node, because no block with it was executed since the start.
    pub fn modules(&self, state: &Overlay) -> Result<Modules, StoreError> {
        let installed = chain::modules(state)?;
        let known = self.0.sets().iter().find(|(set, _)| *set == installed).cloned();
        if let Some((_, known)) = known {
            return Ok(known);
        }
        if let Some(known) = recent(&mut self.0.read_sets(), &installed) {
            return Ok(known);
        }
        let find = |(name, InstalledModule { code, .. }): &(Name, InstalledModule)| {
            self.compiled(name, code).and_then(Result::ok).ok_or_else(|| {
                StoreError(format!("the code {code} of the module {name} is not compiled here"))
            })
        };
        let modules = installed.iter().map(find).collect::<Result<_, _>>()?;
        let modules = Modules::link(&self.0.engine.for_reads(), modules);
        let modules = modules.map_err(|error| StoreError(error.for_log()))?;
        let modules = with_status(&modules, &installed);
        keep(&mut self.0.read_sets(), installed, modules.clone());
        Ok(modules)
    }

    /// A module that is installed or was uploaded, or why its code is rejected; none if this node has not compiled it
    /// since its start, or has forgotten it.
    pub(crate) fn compiled(
        &self,
        name: &Name,
        hash: &Hash,
    ) -> Option<Result<Module, InstallError>> {
        self.0.linked(name, hash).map(Ok).or_else(|| self.0.unlinked(name, hash))
    }

    /// The installed modules of an earlier height. Like [`Self::modules`], but it compiles missing modules:
    /// blocks have executed that code, so it is not arbitrary code of a client. One set is compiled at a
    /// time, and evicts no module of a block.
    pub fn past_modules(&self, state: &Overlay) -> Result<Modules, StoreError> {
        let installed = chain::modules(state)?;
        let known = || {
            let of_blocks = self.0.sets().iter().find(|(set, _)| *set == installed).cloned();
            let of_blocks = of_blocks.map(|(_, known)| known);
            of_blocks.or_else(|| recent(&mut self.0.read_sets(), &installed))
        };
        if let Some(known) = known() {
            return Ok(known);
        }
        let _turn = self.0.past.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known() {
            return Ok(known);
        }
        // A client asked for it: the cache of compiled code and the turns of calls are for blocks.
        let engine = self.0.engine.for_reads();
        let modules = link(&engine, state, &installed, |name, hash, code| {
            let linked = self.0.linked(name, hash);
            linked.map_or_else(|| Module::compile(&engine, name.clone(), code), Ok)
        });
        let modules = modules.map_err(|error| StoreError(error.to_string()))?;
        keep(&mut self.0.read_sets(), installed, modules.clone());
        Ok(modules)
    }

    /// The kernel's functions and events.
    pub fn kernel(&self) -> &Interface {
        &self.0.kernel
    }

    /// The kernel's WIT as text, with the packages that it uses.
    pub fn kernel_wit(&self) -> &str {
        &self.0.kernel_wit
    }
}

impl Shared {
    /// A module of one of the sets that are kept.
    fn linked(&self, name: &Name, hash: &Hash) -> Option<Module> {
        let is_it = |module: &&Module| module.name() == name && module.code_hash() == *hash;
        let find = |sets: &VecDeque<(Installed, Modules)>| {
            sets.iter().find_map(|(_, set)| set.iter().find(is_it).cloned())
        };
        let linked = find(&self.sets());
        linked.or_else(|| find(&self.read_sets()))
    }

    /// A compiled module that is in no set, or why its code is rejected.
    fn unlinked(&self, name: &Name, hash: &Hash) -> Option<Result<Module, InstallError>> {
        let compiled = self.compiled();
        let known = compiled.iter().find(|it| it.name == *name && it.code == *hash)?;
        known.outcome.get().cloned()
    }

    fn sets(&self) -> MutexGuard<'_, VecDeque<(Installed, Modules)>> {
        self.sets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_sets(&self) -> MutexGuard<'_, VecDeque<(Installed, Modules)>> {
        self.read_sets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn compiled(&self) -> MutexGuard<'_, VecDeque<Compiled>> {
        self.compiled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns a recent set of modules, and marks it as the most recent one.
fn recent(sets: &mut VecDeque<(Installed, Modules)>, installed: &Installed) -> Option<Modules> {
    let position = sets.iter().position(|(set, _)| set == installed)?;
    let found = sets.remove(position)?;
    sets.push_front(found);
    sets.front().map(|(_, modules)| modules.clone())
}

fn keep(sets: &mut VecDeque<(Installed, Modules)>, installed: Installed, modules: Modules) {
    sets.retain(|(set, _)| *set != installed);
    sets.push_front((installed, modules));
    sets.truncate(SETS_MAX);
}

/// Compiles and links modules; `compile` returns the module for name, hash and code.
fn link(
    engine: &Engine,
    state: &Overlay,
    installed: &Installed,
    compile: impl Fn(&Name, &Hash, &[u8]) -> Result<Module, InstallError>,
) -> Result<Modules, LoadError> {
    let mut modules = Vec::new();
    for (name, InstalledModule { code: hash, .. }) in installed {
        let code = chain::code(state, hash)?;
        let compiled = compile(name, hash, &code);
        modules.push(compiled.map_err(|error| LoadError::Module { module: name.clone(), error })?);
    }
    let linked = Modules::link(engine, modules.clone());
    let linked = linked.map_err(|error| with_importer(error, &modules))?;
    Ok(with_status(&linked, installed))
}

/// These modules, of which those are paused that the state says.
pub(crate) fn with_status(modules: &Modules, installed: &Installed) -> Modules {
    modules.with_paused(|name| installed.iter().any(|(module, it)| module == name && it.is_paused))
}

/// The linker's error contains the unknown import, but not the importing module, which is found by the WIT.
fn with_importer(error: InstallError, modules: &[Module]) -> LoadError {
    let InstallError::UnknownImport { import, .. } = &error else { return LoadError::Link(error) };
    let importer = modules.iter().find(|module| module.wit().contains(import.as_str()));
    match importer.map(|module| module.name().clone()) {
        Some(module) => LoadError::Module { module, error },
        None => LoadError::Link(error),
    }
}
