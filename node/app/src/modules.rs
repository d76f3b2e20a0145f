//! Caches the descriptions of installed modules that the RPC server returns.

use std::sync::{Arc, Mutex, PoisonError};

use ehb_executor::{KERNEL, Modules, ReadLibrary};
use ehb_rpc_server::ModuleInfo;
use ehb_state::{Overlay, StoreError};
use ehb_types::{Hash, Name};

/// The descriptions of the modules at the head, built once for each set of modules.
pub(crate) struct ModuleInfos {
    library: ReadLibrary,
    kernel: Option<Arc<ModuleInfo>>,
    known: Mutex<Known>,
}

/// The modules at a height.
#[derive(Clone, Default)]
struct Known {
    height: Option<u64>,
    infos: Arc<[Arc<ModuleInfo>]>,
}

impl ModuleInfos {
    pub(crate) fn new(library: ReadLibrary) -> Self {
        let kernel = |name: Name| {
            Arc::new(ModuleInfo {
                name,
                // It has no code in the state.
                code_hash: Hash::ZERO,
                wit: library.kernel_wit().to_owned(),
                interface: library.kernel().clone(),
            })
        };
        let kernel = Name::new(KERNEL).ok().map(kernel);
        Self { library, kernel, known: Mutex::default() }
    }

    /// The kernel, as a module.
    pub(crate) fn kernel(&self) -> Option<Arc<ModuleInfo>> {
        self.kernel.clone()
    }

    /// The modules for reads and simulations.
    pub(crate) fn library(&self) -> &ReadLibrary {
        &self.library
    }

    /// The modules at a height, by name; the state is read only for a new height.
    pub(crate) fn at(
        &self,
        height: u64,
        state: impl FnOnce() -> Overlay,
    ) -> Result<Arc<[Arc<ModuleInfo>]>, StoreError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.height.is_none_or(|known| known < height) {
            let modules = self.library.modules(&state())?;
            known.infos = self.infos(&modules, &known.infos);
            known.height = Some(height);
        }
        Ok(known.infos.clone())
    }

    /// The descriptions of these modules; those that are known are shared.
    fn infos(&self, modules: &Modules, known: &[Arc<ModuleInfo>]) -> Arc<[Arc<ModuleInfo>]> {
        let info = |module: &ehb_executor::Module| {
            let is_it = |it: &&Arc<ModuleInfo>| {
                it.name == *module.name() && it.code_hash == module.code_hash()
            };
            known.iter().find(is_it).cloned().unwrap_or_else(|| {
                Arc::new(ModuleInfo {
                    name: module.name().clone(),
                    code_hash: module.code_hash(),
                    wit: module.wit().to_owned(),
                    interface: module.interface().clone(),
                })
            })
        };
        let mut infos: Vec<_> = modules.iter().map(info).chain(self.kernel.clone()).collect();
        infos.sort_by(|a, b| a.name.cmp(&b.name));
        infos.into()
    }
}
