//! The interfaces that modules had at each height, by which the values in blocks are read.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_executor::{Execution, Installation, Removal};
use ehb_rpc_server::{BlockModules, ModuleInForce, ModuleInfo, Refusal};
use ehb_store::{Installed, NewModule, Snapshot};
use ehb_types::{Code, Hash, Name, decode, encode};

use crate::unreadable::failed;

/// How many interfaces are kept in memory.
const INFOS_MAX: usize = 64;
/// For how many ranges of heights without an upgrade the set of interfaces is kept in memory.
const SETS_MAX: usize = 8;

/// What is kept of a module's code for good.
#[derive(BorshSerialize, BorshDeserialize)]
struct Description {
    wit: String,
    /// Functions and the type of events, as JSON.
    interface: String,
}

/// What the store keeps of the modules that a block installed and removed.
pub(crate) fn changed_modules(height: u64, execution: &Execution) -> Vec<NewModule> {
    let removed = |it: &Removal| NewModule {
        installed: Installed {
            height,
            index: it.index,
            call: it.call,
            module: it.module.clone(),
            code: None,
        },
        description: Vec::new(),
    };
    let mut modules = new_modules(height, &execution.installed);
    // Nothing is installed under the name of a module that was removed, so removals come last.
    modules.extend(execution.removed.iter().map(removed));
    modules
}

/// What the store keeps of the modules that a block installed.
pub(crate) fn new_modules(height: u64, installed: &[Installation]) -> Vec<NewModule> {
    let kept = |it: &Installation| NewModule {
        installed: Installed {
            height,
            index: it.index,
            call: it.call,
            module: it.module.clone(),
            code: Some(it.code),
        },
        description: encode(&Description {
            wit: it.wit.clone(),
            // An interface holds names and types alone: there is nothing in it that JSON could not hold.
            interface: serde_json::to_string(&it.interface).unwrap_or_default(),
        }),
    };
    installed.iter().map(kept).collect()
}

/// Finds the interfaces of a height in the store.
pub(crate) struct Interfaces {
    kernel: Option<Arc<ModuleInfo>>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// Up to which height `installed` is whole.
    height: Option<u64>,
    /// In the order in which it happened.
    installed: Arc<[Installed]>,
    infos: VecDeque<Arc<ModuleInfo>>,
    /// By how many installations came before a block, and how many up to its end.
    sets: VecDeque<((usize, usize), Arc<BlockModules>)>,
}

impl Interfaces {
    /// The kernel's own interface is that of this program at any height.
    pub(crate) fn new(kernel: Option<Arc<ModuleInfo>>) -> Self {
        Self { kernel, known: Mutex::default() }
    }

    /// All installations and removals up to the snapshot's head.
    pub(crate) fn installed(&self, snapshot: &Snapshot) -> Result<Arc<[Installed]>, Refusal> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.reach(snapshot, snapshot.head().height())?;
        Ok(known.installed.clone())
    }

    /// The interfaces by which the values of a block are read; the block must be one of the snapshot's.
    pub(crate) fn of_block(
        &self,
        snapshot: &Snapshot,
        height: u64,
    ) -> Result<Arc<BlockModules>, Refusal> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.reach(snapshot, height)?;
        let before = known.installed.partition_point(|it| it.height < height);
        let until = known.installed.partition_point(|it| it.height <= height);
        let range = (before, until);
        if let Some((_, set)) = known.sets.iter().find(|(known, _)| *known == range) {
            return Ok(set.clone());
        }
        let installed = known.installed.clone();
        let mut modules: Vec<ModuleInForce> = self.kernel.iter().map(in_force_from_start).collect();
        let (earlier, within) = (&installed[..before], &installed[before..until]);
        for (at, it) in earlier.iter().enumerate() {
            // What was replaced or removed before the block is not in force in it.
            let Some(code) = it.code else { continue };
            if earlier[at + 1..].iter().all(|later| later.module != it.module) {
                modules.push(in_force_from_start(&known.info(snapshot, &it.module, code)?));
            }
        }
        let mut removed = Vec::new();
        for it in within {
            let Some(code) = it.code else {
                removed.push(it.module.clone());
                continue;
            };
            let info = known.info(snapshot, &it.module, code)?;
            modules.push(ModuleInForce { index: it.index, call: it.call, info });
        }
        let set = Arc::new(BlockModules::new(modules).without(removed));
        known.sets.push_front((range, set.clone()));
        known.sets.truncate(SETS_MAX);
        Ok(set)
    }
}

fn in_force_from_start(info: &Arc<ModuleInfo>) -> ModuleInForce {
    ModuleInForce { index: 0, call: 0, info: info.clone() }
}

impl Known {
    /// Reads what was installed since, if the height is a new one.
    fn reach(&mut self, snapshot: &Snapshot, height: u64) -> Result<(), Refusal> {
        if self.height.is_some_and(|known| known >= height) {
            return Ok(());
        }
        let from = self.height.map_or(0, |known| known + 1);
        let since = snapshot.installed_from(from).map_err(failed)?;
        if !since.is_empty() {
            self.installed = self.installed.iter().cloned().chain(since).collect();
        }
        self.height = Some(snapshot.head().height());
        Ok(())
    }

    fn info(
        &mut self,
        snapshot: &Snapshot,
        module: &Name,
        code: Hash,
    ) -> Result<Arc<ModuleInfo>, Refusal> {
        let is_it = |info: &Arc<ModuleInfo>| info.code_hash == code && info.name == *module;
        if let Some(known) = self.infos.iter().find(|info| is_it(info)) {
            return Ok(known.clone());
        }
        let info = Arc::new(read(snapshot, module, code)?);
        self.infos.push_front(info.clone());
        self.infos.truncate(INFOS_MAX);
        Ok(info)
    }
}

fn read(snapshot: &Snapshot, module: &Name, code: Hash) -> Result<ModuleInfo, Refusal> {
    let damaged = |reason: String| {
        tracing::error!(%module, %code, reason, "the interface of a module is damaged");
        Refusal::new(Code::Internal, "the node could not read its database")
    };
    let description = snapshot.description(&code).map_err(failed)?;
    let description = description.ok_or_else(|| damaged("it is missing".to_owned()))?;
    let Description { wit, interface } =
        decode(&description).map_err(|error| damaged(error.to_string()))?;
    let interface = serde_json::from_str(&interface).map_err(|error| damaged(error.to_string()))?;
    Ok(ModuleInfo { name: module.clone(), code_hash: code, wit, interface })
}
