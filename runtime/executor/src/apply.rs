//! Executes blocks: the kernel's changes, each transaction's calls, and the roots of the result.

use std::sync::Arc;

use ehb_abi::Interface;
use ehb_kernel::event::{ChangedValidators, KernelEvent};
use ehb_kernel::{accounts, admission, candidates, chain, evidence, organisations, silence};
use ehb_state::{Changes, Overlay, StateStore, StoreError, Tree};
use ehb_types::{
    Block, Failure, Hash, Name, Outcome, Parameters, Receipt, Receipts, SharedTransaction,
};
use ehb_vm::{CallError, Context, Module, Modules, Session};

use crate::native::{KERNEL, Native, Purpose};
use crate::receipts::BlockReceipts;
use crate::{Library, Roots};

/// The state on which a block is executed.
#[derive(Clone)]
pub struct Parent {
    /// The state after the parent.
    pub state: Arc<dyn StateStore>,
    /// Its root.
    pub root: Hash,
}

/// The result of a block's execution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Execution {
    /// One receipt for each transaction, in the block's order, followed by those of the kernel.
    pub receipts: Receipts,
    /// The Merkle root over the receipts.
    pub receipts_root: Hash,
    /// The changes to write, with the new state root.
    pub changes: Changes,
    /// The modules whose code changed, in order.
    pub installed: Vec<Installation>,
    /// The modules that were removed, in order.
    pub removed: Vec<Removal>,
}

/// A module that was removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The index of the transaction that removed it.
    pub index: u32,
    /// The position of the call in that transaction.
    pub call: u16,
    /// The module.
    pub module: Name,
}

/// A module whose code changed, with the description to keep forever: the values in blocks are decoded with
/// the interface that the module had when they were produced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// The index of the transaction that installed it; 0 for genesis.
    pub index: u32,
    /// The position of the call in that transaction from which the code is in force; 0 for genesis.
    pub call: u16,
    /// The module.
    pub module: Name,
    /// The hash of its code.
    pub code: Hash,
    /// Its WIT as text.
    pub wit: String,
    /// Its functions and the type of its events.
    pub interface: Interface,
}

impl Installation {
    /// The modules of genesis.
    pub fn of_genesis(modules: &Modules) -> Vec<Self> {
        modules.iter().map(|module| Self::of(module, 0)).collect()
    }

    fn of(module: &Module, call: u16) -> Self {
        Self {
            index: 0,
            call,
            module: module.name().clone(),
            code: module.code_hash(),
            wit: module.wit().to_owned(),
            interface: module.interface().clone(),
        }
    }
}

impl Execution {
    /// The roots for the next block's header.
    pub fn roots(&self) -> Roots {
        Roots {
            state: self.changes.root,
            receipts: self.receipts_root,
            receipts_count: self.receipts.count(),
        }
    }
}

/// Executes blocks with the installed modules. Used by one thread at a time.
pub struct Executor {
    library: Library,
    tree: Tree,
}

impl Executor {
    /// An executor that takes the modules of each state from the library.
    pub fn new(library: Library) -> Self {
        Self { library, tree: Tree::default() }
    }

    /// Executes a block that [`crate::check_block`] accepted. The state is not changed: the result takes
    /// effect when it is committed, and can be discarded.
    pub fn execute(&mut self, parent: &Parent, block: &Block) -> Result<Execution, StoreError> {
        let mut overlay = Overlay::new(parent.state.clone());
        let parameters = chain::parameters(&overlay)?;
        let mut changed = begin_block(&mut overlay, block)?;
        let context = block_context(block, &parameters);
        let mut session = Session::new(overlay, Arc::new(context.clone()));
        let before = chain::modules(&session.overlay)?;
        let mut modules = self.library.modules(&session.overlay)?;
        let (header, count) = (&block.header, block.transactions.len());
        let mut receipts = BlockReceipts::new(header.chain, header.height, count + 1);
        let (mut installed, mut removed) = (Vec::new(), Vec::new());
        for (index, signed) in block.transactions.iter().enumerate() {
            session.context = Arc::new(Context {
                sender: signed.transaction.sender,
                transaction: signed.id(),
                ..context.clone()
            });
            let (installed_before, removed_before) = (installed.len(), removed.len());
            let code = CodeInForce {
                purpose: Purpose::Block(&self.library),
                modules: &mut modules,
                installed: &mut installed,
                removed: &mut removed,
            };
            let receipt = apply_transaction(code, &mut session, signed, &parameters)?;
            receipts.receipts.push(receipt);
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            for installation in installed.iter_mut().skip(installed_before) {
                installation.index = index;
            }
            for removal in removed.iter_mut().skip(removed_before) {
                removal.index = index;
            }
        }
        let after = chain::modules(&session.overlay)?;
        if after != before {
            // For the next block, and for reads after this one. What proposals only tried is not kept.
            self.library.keep(after, modules);
        }
        changed.extend(end_block(&session.overlay, header.height, &parameters)?);
        receipts.push_kernel(&changed)?;
        let receipts = Receipts::from(receipts.receipts);
        let receipts_root = receipts.root();
        let changes =
            self.tree.update(&*parent.state, parent.root, session.overlay.into_entries())?;
        Ok(Execution { receipts, receipts_root, changes, installed, removed })
    }

    /// Records that a block's changes were committed, so that pages read for them stay cached.
    pub fn committed(&mut self, changes: &Changes) {
        self.tree.accept(changes);
    }

    /// The library of the modules of any state.
    pub fn library(&self) -> &Library {
        &self.library
    }
}

/// Performs the kernel's changes before the transactions of a block, and returns their events.
pub(crate) fn begin_block(
    overlay: &mut Overlay,
    block: &Block,
) -> Result<Vec<KernelEvent>, StoreError> {
    let mut changed = silence::update(overlay, block)?;
    changed.extend(evidence::update(overlay, block)?);
    changed.extend(chain::advance_validators(overlay, block.header.height)?);
    candidates::record_block(overlay, block)?;
    Ok(changed)
}

/// The changes of validators and parameters by the transactions of a block.
pub(crate) fn end_block(
    overlay: &Overlay,
    height: u64,
    before: &Parameters,
) -> Result<Vec<KernelEvent>, StoreError> {
    let mut events = Vec::new();
    if let Some(validators) = chain::changed_validators(overlay)? {
        let from_height = height.saturating_add(2);
        events.push(KernelEvent::ValidatorsChanged(ChangedValidators { from_height, validators }));
    }
    let parameters = chain::parameters(overlay)?;
    if parameters != *before {
        events.push(KernelEvent::ParametersChanged(Box::new(parameters)));
    }
    Ok(events)
}

fn block_context(block: &Block, parameters: &Parameters) -> Context {
    Context {
        sender: ehb_types::Address([0; 32]),
        height: block.header.height,
        time_ms: block.header.timestamp_ms,
        transaction: Hash::ZERO,
        read_only: false,
        gas: parameters.gas.clone(),
        window_min_ms: parameters.modules.window_min_ms,
        accounts: organisations::acting_account,
    }
}

/// The code that a transaction runs.
pub(crate) struct CodeInForce<'a> {
    /// The purpose of the execution.
    pub(crate) purpose: Purpose<'a>,
    /// The modules that the next call runs: those of the state after the calls so far.
    pub(crate) modules: &'a mut Modules,
    /// The modules whose code changed so far.
    pub(crate) installed: &'a mut Vec<Installation>,
    /// The modules that were removed so far.
    pub(crate) removed: &'a mut Vec<Removal>,
}

/// Executes a transaction: all of its calls or none. The sequence is used in any case.
///
/// A transaction that installs a module changes the modules for its own later calls and all later
/// transactions; one that fails does not.
pub(crate) fn apply_transaction(
    mut code: CodeInForce<'_>,
    session: &mut Session,
    signed: &SharedTransaction,
    parameters: &Parameters,
) -> Result<Receipt, StoreError> {
    let transaction = &signed.transaction;
    let (sender, lane) = (&transaction.sender, transaction.lane);
    let next = transaction.sequence.saturating_add(1);
    accounts::set_next_sequence(&mut session.overlay, sender, lane, next);
    session.overlay.keep();
    session.events.clear();
    let (mark, modules_before) = (session.overlay.mark(), code.modules.clone());
    let (installed_before, removed_before) = (code.installed.len(), code.removed.len());

    let intrinsic = admission::intrinsic_gas(signed, signed.encoded().len(), parameters);
    let mut gas = transaction.gas_limit.saturating_sub(intrinsic);
    let outcome = run_calls(&mut code, session, signed, &mut gas)?;
    if matches!(outcome, Outcome::Failure(_)) {
        *code.modules = modules_before;
        code.installed.truncate(installed_before);
        code.removed.truncate(removed_before);
        session.overlay.rollback(mark);
        session.events.clear();
    }
    Ok(Receipt {
        transaction: signed.id(),
        outcome,
        gas_used: transaction.gas_limit.saturating_sub(gas),
        events: std::mem::take(&mut session.events),
    })
}

fn run_calls(
    code: &mut CodeInForce<'_>,
    session: &mut Session,
    signed: &SharedTransaction,
    gas: &mut u64,
) -> Result<Outcome, StoreError> {
    let mut results = Vec::with_capacity(signed.transaction.calls.len());
    for (index, call) in signed.transaction.calls.iter().enumerate() {
        let (module, function) = (call.module.as_str(), call.function.as_str());
        session.call = u16::try_from(index).unwrap_or(u16::MAX);
        let called = if module == KERNEL {
            let before = code.modules.clone();
            let (purpose, modules) = (code.purpose, &mut *code.modules);
            let native = Native { purpose, modules, session: &mut *session };
            let called = native.call(function, &call.arguments, gas);
            let changed = code.modules.iter().filter(|new| {
                before.get(new.name().as_str()).map(Module::code_hash) != Some(new.code_hash())
            });
            code.installed.extend(changed.map(|new| Installation::of(new, session.call)));
            let gone = before.names().filter(|name| code.modules.get(name.as_str()).is_none());
            let removal =
                |name: &Name| Removal { index: 0, call: session.call, module: name.clone() };
            code.removed.extend(gone.map(removal));
            called
        } else {
            code.modules.call(session, module, function, &call.arguments, gas)
        };
        match called {
            Ok(result) => results.push(result),
            Err(CallError::Store(error)) => return Err(error),
            // On another machine the call may succeed: this one must stop.
            Err(CallError::Machine(error)) => return Err(StoreError(error)),
            Err(CallError::Failed(failed)) => {
                let index = u16::try_from(index).ok();
                let mut failure = Failure::new(index, failed.code, failed.message);
                failure.error = failed.error;
                return Ok(Outcome::Failure(failure));
            }
        }
    }
    Ok(Outcome::Success(results))
}
