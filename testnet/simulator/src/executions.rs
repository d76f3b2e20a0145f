//! Executes blocks and verifies signatures once for all nodes of a run.

use std::collections::BTreeMap;
use std::sync::Arc;

use ehb_executor::{Execution, Executor, Library, Modules, Parent};
use ehb_replica::Commit;
use ehb_state::MemoryStore;
use ehb_types::{Block, Hash, SignedTransaction};

use crate::checks::Rule;
use crate::dice::Dice;
use crate::mutation::Mutation;
use crate::{Options, Setup};

/// One in this many executions is repeated although its result is already known.
const REPEATED_ONE_IN: u64 = 8;
/// One in this many of these uses a cold executor that has compiled only the modules of genesis, like a node
/// that has just started.
const COLD_ONE_IN: u64 = 4;

/// In some blocks the wallet writes a wrong value, the same on all nodes.
pub(crate) static WRONG_WRITE: Mutation = Mutation::new("wrong-write", Rule::Conservation);

/// The executions of blocks, shared by all nodes: the same block on the same parent has the same result, so
/// it is executed once. Some executions are repeated to verify this.
pub(crate) struct Executions {
    executor: Executor,
    /// The modules of genesis.
    modules: Modules,
    /// Whether some blocks write a wrong value.
    writes_wrongly: bool,
    known: BTreeMap<Hash, Arc<Execution>>,
    /// The state after each committed block.
    states: BTreeMap<Hash, Arc<MemoryStore>>,
    verified: BTreeMap<(Hash, [u8; 64]), bool>,
}

impl Executions {
    pub(crate) fn new(setup: &Setup, options: &Options) -> Self {
        Self {
            executor: Executor::new(setup.library.clone()),
            modules: setup.modules.clone(),
            writes_wrongly: options.is(&WRONG_WRITE),
            known: BTreeMap::new(),
            states: BTreeMap::from([(setup.header.hash(), setup.state.clone())]),
            verified: BTreeMap::new(),
        }
    }

    /// Executes a block. Fails if the store failed, or the result differs from the last time.
    pub(crate) fn execute(
        &mut self,
        dice: &mut Dice,
        hash: Hash,
        block: &Block,
        parent: &Parent,
    ) -> Result<Arc<Execution>, String> {
        let known = self.known.get(&hash).cloned();
        let again = dice.below(REPEATED_ONE_IN) == 0;
        if let Some(known) = known.as_ref().filter(|_| !again) {
            return Ok(known.clone());
        }
        let cold = known.is_some() && dice.below(COLD_ONE_IN) == 0;
        let execution = if cold {
            let library = Library::new(self.modules.clone()).map_err(|error| error.to_string())?;
            Executor::new(library).execute(parent, block)
        } else {
            self.executor.execute(parent, block)
        };
        let mut execution = execution.map_err(|error| error.to_string())?;
        if self.writes_wrongly {
            write_wrongly(&hash, &mut execution);
        }
        match known {
            Some(known) if *known != execution => {
                Err(format!("block {hash} did not do the same when it was executed again"))
            }
            Some(known) => Ok(known),
            None => Ok(self.known.entry(hash).or_insert(Arc::new(execution)).clone()),
        }
    }

    /// The state after a committed block. Fails if its parent's state is unknown, which means that the parent
    /// was never committed on any node.
    pub(crate) fn state_after(&mut self, commit: &Commit) -> Result<Arc<MemoryStore>, String> {
        if let Some(state) = self.states.get(&commit.hash) {
            return Ok(state.clone());
        }
        let parent = commit.block.header.parent;
        let before = self.states.get(&parent);
        let before =
            before.ok_or_else(|| format!("the parent of block {} is unknown", commit.hash))?;
        let mut state = MemoryStore::clone(before);
        state.apply(&commit.execution.changes);
        self.executor.committed(&commit.execution.changes);
        let state = Arc::new(state);
        self.states.insert(commit.hash, state.clone());
        Ok(state)
    }

    pub(crate) fn library(&self) -> &Library {
        self.executor.library()
    }

    /// Whether all signatures of a transaction are valid; verified once for all nodes.
    pub(crate) fn verify(&mut self, signed: &SignedTransaction) -> bool {
        let Some(first) = signed.signatures.first() else { return false };
        if signed.signatures.len() > 1 {
            return signed.verify().is_ok();
        }
        let place = (signed.id(), first.signature.0);
        *self.verified.entry(place).or_insert_with(|| signed.verify().is_ok())
    }
}

/// Changes a byte of a value that the wallet writes, in one of four blocks; always the same byte in the same
/// block.
fn write_wrongly(block: &Hash, execution: &mut Execution) {
    let [first, second, ..] = block.0;
    if first % 4 != 0 {
        return;
    }
    let entries = &mut execution.changes.entries;
    let written = entries.iter_mut().filter(|(key, _)| key.starts_with(b"m/wallet/"));
    let mut written: Vec<&mut Vec<u8>> = written.filter_map(|(_, it)| it.as_mut()).collect();
    let count = written.len().max(1);
    let value = written.get_mut(usize::from(second) % count);
    if let Some(byte) = value.and_then(|value| value.last_mut()) {
        *byte ^= 1;
    }
}
