//! Links modules: resolves each import to the host or to the module that exports it.

use std::collections::BTreeMap;
use std::sync::Arc;

use ehb_abi::{Function, Type};
use ehb_state::{MemoryStore, Overlay};
use ehb_types::{Address, GasSchedule, Hash, Name};
use wasmtime::component::{InstancePre, Linker, Val};
use wasmtime::{Store, StoreContextMut, Trap};

use crate::call::{Target, nested};
use crate::frame::{Caller, Frame, Growth};
use crate::install::{Detail, Import, same_signature};
use crate::{Context, Engine, InstallError, Module, Session, host};

/// Modules that are linked to each other, ready to be called. Cheap to clone.
#[derive(Clone)]
pub struct Modules {
    inner: Arc<Inner>,
    /// By position: the modules that answer reads alone. Apart from what is linked, so that a pause links nothing.
    paused: Arc<[bool]>,
}

struct Inner {
    engine: Engine,
    /// Ascending by name.
    linked: Vec<Linked>,
    addresses: BTreeMap<Address, usize>,
}

/// A module with resolved imports.
pub(crate) struct Linked {
    pub(crate) module: Module,
    pub(crate) instances: InstancePre<Frame>,
    /// The module's address.
    pub(crate) address: Address,
    /// The prefix of all its keys.
    pub(crate) prefix: Vec<u8>,
}

impl Modules {
    /// Links the modules: every import must be exported by the host or by another one of them, with the exact
    /// version, parameter names and types.
    pub fn link(engine: &Engine, mut modules: Vec<Module>) -> Result<Self, InstallError> {
        modules.sort_by(|a, b| a.name().cmp(b.name()));
        if let Some(pair) = modules.windows(2).find(|pair| pair[0].name() == pair[1].name()) {
            return Err(InstallError::ModuleTwice(pair[0].name().to_string()));
        }
        let mut linked = Vec::new();
        for module in &modules {
            let instances = link_one(engine, module, &modules)?;
            linked.push(Linked {
                module: module.clone(),
                instances,
                address: Address::of_module(module.name()),
                prefix: host::module_prefix(module.name()),
            });
        }
        let addresses =
            linked.iter().enumerate().map(|(position, one)| (one.address, position)).collect();
        let inner = Arc::new(Inner { engine: engine.clone(), linked, addresses });
        let linked = Self { inner, paused: vec![false; modules.len()].into() };
        (0..modules.len()).try_for_each(|position| linked.try_out(position))?;
        Ok(linked)
    }

    /// The same modules, of which those with these names are paused, and no others.
    #[must_use]
    pub fn with_paused(&self, is_paused: impl Fn(&Name) -> bool) -> Self {
        Self { inner: self.inner.clone(), paused: self.names().map(is_paused).collect() }
    }

    /// Whether the module of this name is paused: it answers reads, and refuses all other calls with
    /// [`Code::ModulePaused`](ehb_types::Code::ModulePaused), also those of other modules.
    pub fn is_paused(&self, name: &str) -> bool {
        self.position(name).is_some_and(|position| self.is_paused_at(position))
    }

    pub(crate) fn is_paused_at(&self, position: usize) -> bool {
        self.paused.get(position).copied().unwrap_or(false)
    }

    /// The module of this name.
    pub fn get(&self, name: &str) -> Option<&Module> {
        self.position(name).map(|position| &self.at(position).module)
    }

    /// These modules with new versions of some of them: each replaces the one of its name, and all are linked
    /// again, together. None of them is paused.
    pub fn with(&self, new: &[Module]) -> Result<Self, InstallError> {
        let stays = |old: &&Module| new.iter().all(|new| new.name() != old.name());
        let modules = self.iter().filter(stays).chain(new).cloned().collect();
        Self::link(self.engine(), modules)
    }

    /// All modules, each after those that it imports; else ascending by name, also where they import each other
    /// in a circle.
    pub fn by_imports(&self) -> Vec<&Module> {
        let mut waiting: Vec<&Module> = self.iter().collect();
        let mut ordered = Vec::with_capacity(waiting.len());
        while !waiting.is_empty() {
            let ready = |module: &&Module| {
                module.imports().iter().all(|name| waiting.iter().all(|it| it.name() != name))
            };
            let next = waiting.iter().position(ready).unwrap_or(0);
            ordered.push(waiting.remove(next));
        }
        ordered
    }

    /// All modules, ascending by name.
    pub fn iter(&self) -> impl Iterator<Item = &Module> {
        self.inner.linked.iter().map(|linked| &linked.module)
    }

    /// The names of all modules, ascending.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.inner.linked.iter().map(|linked| linked.module.name())
    }

    /// The engine that compiled them and runs them.
    pub fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.inner.linked.binary_search_by(|one| one.module.name().as_str().cmp(name)).ok()
    }

    pub(crate) fn at(&self, position: usize) -> &Linked {
        &self.inner.linked[position]
    }

    pub(crate) fn is_module(&self, address: &Address) -> bool {
        self.inner.addresses.contains_key(address)
    }

    /// Instantiates a module once, so that no call can fail at that point later: its segments are in bounds,
    /// and its instances fit into the pool.
    fn try_out(&self, module: usize) -> Result<(), InstallError> {
        let context = Context {
            sender: Address([0; 32]),
            height: 0,
            time_ms: 0,
            transaction: Hash::ZERO,
            read_only: false,
            gas: GasSchedule::default(),
            window_min_ms: 0,
            accounts: |_, _| Ok(None),
        };
        let overlay = Overlay::new(Arc::new(MemoryStore::default()));
        let session = Session::new(overlay, Arc::new(context));
        let (modules, caller, growth) = (self.clone(), Caller::Sender, Growth::default());
        let _permit = self.engine().permit(false);
        let frame = Frame { session, modules, module, caller, growth };
        let mut store = Store::new(self.engine().wasmtime(), frame);
        store.limiter(|frame| &mut frame.growth);
        let made = store
            .set_fuel(u64::MAX)
            .and_then(|()| self.at(module).instances.instantiate(&mut store));
        match made {
            Ok(_) => Ok(()),
            Err(error) if error.is::<Trap>() => {
                Err(InstallError::Instantiation(Detail::of(&error)))
            }
            Err(error) => Err(InstallError::Machine(format!("{error:#}"))),
        }
    }
}

fn link_one(
    engine: &Engine,
    module: &Module,
    all: &[Module],
) -> Result<InstancePre<Frame>, InstallError> {
    let mut linker = Linker::new(engine.wasmtime());
    let description = module.description();
    for interface in &description.host {
        host::link(&mut linker, interface)?;
    }
    if let (Some(interface), Some(event)) = (&description.events, &description.interface.event) {
        link_events(&mut linker, interface, event)?;
    }
    for import in &description.imports {
        link_import(&mut linker, module.name(), import, all)?;
    }
    linker.instantiate_pre(module.component()).map_err(|error| InstallError::HostMismatch {
        module: module.name().to_string(),
        detail: Detail::of(&error),
    })
}

fn link_events(
    linker: &mut Linker<Frame>,
    interface: &str,
    event: &Type,
) -> Result<(), InstallError> {
    let event = event.clone();
    let emit = move |store: StoreContextMut<'_, Frame>, parameters: &[Val]| {
        host::emit(store, &event, parameters)
    };
    linker
        .instance(interface)
        .and_then(|mut instance| {
            instance.func_new("emit", move |store, _, parameters, _| emit(store, parameters))
        })
        .map_err(machine)
}

/// Routes an imported interface to the module that exports it.
fn link_import(
    linker: &mut Linker<Frame>,
    importer: &Name,
    import: &Import,
    all: &[Module],
) -> Result<(), InstallError> {
    let unknown =
        |reason: String| InstallError::UnknownImport { import: import.interface.clone(), reason };
    let module = all
        .binary_search_by(|module| module.name().cmp(&import.module))
        .map_err(|_| unknown(format!("no module {} is installed", import.module)))?;
    let exported = &all[module].interface().functions;
    let mut instance = linker.instance(&import.interface).map_err(machine)?;
    for wanted in &import.functions {
        let function = exported
            .iter()
            .position(|known| known.name == wanted.name && known.interface == import.interface)
            .ok_or_else(|| {
                unknown(format!("{} does not export its {}", import.module, wanted.name))
            })?;
        let offered = &exported[function];
        if !same_signature(wanted, offered) {
            return Err(mismatched(importer, wanted, offered));
        }
        let target = Target { module, function };
        instance
            .func_new(&wanted.name, move |store, _, parameters, results| {
                nested(store, target, parameters, results)
            })
            .map_err(machine)?;
    }
    Ok(())
}

fn mismatched(importer: &Name, wanted: &Function, offered: &Function) -> InstallError {
    InstallError::MismatchedImport {
        importer: importer.to_string(),
        import: format!("{} {}", wanted.interface, wanted.name),
        wanted: wanted.to_string(),
        offered: offered.to_string(),
    }
}

/// The linker fails only for lack of memory: names were checked before.
fn machine(error: wasmtime::Error) -> InstallError {
    InstallError::Machine(format!("{error:#}"))
}
