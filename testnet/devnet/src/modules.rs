//! The compiled modules that ship, shared by all chains of a process.

use std::path::PathBuf;
use std::sync::Arc;

use ehb_code_cache::CompiledFiles;
use ehb_executor::{Engine, Installation, KERNEL, Module, Modules, ReadLibrary};
use ehb_rpc_api::Position;
use ehb_rpc_server::{BlockModules, ModuleInForce, ModuleInfo, ModuleVersion};
use ehb_types::{Hash, Name, NameError};

use crate::DevNetError;

/// An engine that compiles each module once for this user.
pub(crate) fn engine(compiled_dir: Option<PathBuf>) -> Result<Engine, DevNetError> {
    let usual = || std::env::temp_dir().join(format!("ehb-devnet-{}", nix::unistd::geteuid()));
    let files = CompiledFiles::new(compiled_dir.unwrap_or_else(usual));
    Ok(Engine::new()?.with_compiled(Arc::new(files)))
}

/// The kernel, as a module.
pub(crate) fn kernel(library: &ReadLibrary) -> Result<Arc<ModuleInfo>, NameError> {
    Ok(Arc::new(ModuleInfo {
        name: Name::new(KERNEL)?,
        // It has no code in the state.
        code_hash: Hash::ZERO,
        wit: library.kernel_wit().to_owned(),
        interface: library.kernel().clone(),
    }))
}

/// The descriptions of installed modules and the kernel, by name.
pub(crate) fn infos(modules: &Modules, kernel: &Arc<ModuleInfo>) -> Vec<Arc<ModuleInfo>> {
    let info = |module: &Module| {
        Arc::new(ModuleInfo {
            name: module.name().clone(),
            code_hash: module.code_hash(),
            wit: module.wit().to_owned(),
            interface: module.interface().clone(),
        })
    };
    let mut infos: Vec<_> = modules.iter().map(info).chain([kernel.clone()]).collect();
    infos.sort_by(|a, b| a.name.cmp(&b.name));
    infos
}

/// A version of a module, from a call on.
pub(crate) struct Version {
    height: u64,
    index: u32,
    call: u16,
    info: Arc<ModuleInfo>,
}

impl Version {
    pub(crate) fn new(height: u64, installed: &Installation) -> Self {
        let info = ModuleInfo {
            name: installed.module.clone(),
            code_hash: installed.code,
            wit: installed.wit.clone(),
            interface: installed.interface.clone(),
        };
        Self { height, index: installed.index, call: installed.call, info: Arc::new(info) }
    }

    pub(crate) fn view(&self) -> ModuleVersion {
        ModuleVersion {
            module: self.info.name.clone(),
            code_hash: self.info.code_hash,
            from: Position { height: self.height, index: self.index },
        }
    }
}

/// The modules by whose interfaces the values in a block are read. The versions are in the order in which they
/// were installed; of those before the block, the last one of each module counts.
pub(crate) fn of_block(
    versions: &[Version],
    kernel: &Arc<ModuleInfo>,
    height: u64,
) -> BlockModules {
    let in_force = |it: &Version| {
        let (index, call) = if it.height == height { (it.index, it.call) } else { (0, 0) };
        ModuleInForce { index, call, info: it.info.clone() }
    };
    let kernel = ModuleInForce { index: 0, call: 0, info: kernel.clone() };
    let until = versions.iter().take_while(|it| it.height <= height);
    BlockModules::new([kernel].into_iter().chain(until.map(in_force)).collect())
}
