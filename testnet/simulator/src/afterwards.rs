//! Adds blocks to a chain after its run, without consensus, to check that open items can be closed.

use std::sync::Arc;

use ehb_executor::{Executor, Library, Parent};
use ehb_state::MemoryStore;
use ehb_types::{Block, Hash, Header, Receipt, Signature, SignedTransaction, Transaction};

use crate::Setup;

/// Continues a chain from a block without consensus.
pub(crate) struct Afterwards<'a> {
    setup: &'a Setup,
    executor: Executor,
    pub(crate) header: Header,
    pub(crate) state: Arc<MemoryStore>,
    root: Hash,
}

impl<'a> Afterwards<'a> {
    /// Starts after the block with this header, this state and this root.
    pub(crate) fn new(
        setup: &'a Setup,
        library: &Library,
        header: Header,
        state: Arc<MemoryStore>,
        root: Hash,
    ) -> Self {
        Self { setup, executor: Executor::new(library.clone()), header, state, root }
    }

    /// Adds a block some time later with these calls, each in its own transaction.
    pub(crate) fn block(
        &mut self,
        later_ms: u64,
        calls: &[ehb_workload::Call],
    ) -> Result<Vec<Receipt>, String> {
        let header = Header {
            height: self.header.height + 1,
            timestamp_ms: self.header.timestamp_ms.saturating_add(later_ms),
            ..self.header.clone()
        };
        let transactions =
            calls.iter().map(|ehb_workload::Call { who, module, function, arguments }| {
                let account = self.setup.account(who)?;
                let transaction = Transaction {
                    version: Transaction::VERSION,
                    chain: header.chain,
                    sender: account.address,
                    lane: 0,
                    sequence: header.height,
                    valid_until_ms: header.timestamp_ms,
                    gas_limit: self.setup.genesis.parameters.transaction_gas_max,
                    calls: vec![self.setup.call(module, function, arguments)?],
                    memo: String::new(),
                };
                // Signatures are not checked when a block is executed.
                Ok(SignedTransaction { transaction, signatures: Vec::new() }.into())
            });
        let transactions = transactions.collect::<Result<_, String>>()?;
        let signature = Signature([0; 64]);
        let (certificate, evidence) = (None, Vec::new());
        let block = Block { header, transactions, certificate, evidence, signature };
        let parent = Parent { state: self.state.clone(), root: self.root };
        let execution =
            self.executor.execute(&parent, &block).map_err(|error| error.to_string())?;
        let mut state = MemoryStore::clone(&self.state);
        state.apply(&execution.changes);
        self.executor.committed(&execution.changes);
        (self.state, self.root) = (Arc::new(state), execution.changes.root);
        self.header = block.header;
        Ok(execution.receipts.to_vec())
    }
}
