use std::sync::Arc;

use ehb_kernel::admission::{self, AdmissionError};
use ehb_kernel::{accounts, chain};
use ehb_state::{Overlay, StateStore, StoreError};
use ehb_types::{
    Address, Code, Hash, Header, Parameters, PublicKey, Receipt, Rejection, SharedTransaction,
    Signature, SignedTransaction, Transaction, TransactionSignature,
};
use ehb_vm::{CallError, CallFailure, Context, Modules, Session};

use crate::ReadLibrary;
use crate::apply::{CodeInForce, apply_transaction};
use crate::native::{KERNEL, Native, Purpose};

/// The most gas that a read can use.
pub const QUERY_GAS_MAX: u64 = 200_000_000;

/// Why a read gives no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The function refused or broke off.
    #[error("{}", .0.message)]
    Failed(CallFailure),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a read gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The result in canonical form.
    pub output: Vec<u8>,
    /// The gas it used.
    pub gas_used: u64,
}

/// Calls a function that only reads, on the state after `head`, as `sender`.
pub fn call(
    library: &ReadLibrary,
    state: Arc<dyn StateStore>,
    head: &Header,
    sender: Address,
    (module, function): (&str, &str),
    arguments: &[u8],
) -> Result<Answer, QueryError> {
    let overlay = Overlay::new(state);
    let modules = library.modules(&overlay)?;
    call_on(library, overlay, modules, head, sender, (module, function), arguments)
}

/// As [`call`], on the state of an earlier height, by the modules that were installed then.
pub fn call_past(
    library: &ReadLibrary,
    state: Arc<dyn StateStore>,
    header: &Header,
    sender: Address,
    names: (&str, &str),
    arguments: &[u8],
) -> Result<Answer, QueryError> {
    let overlay = Overlay::new(state);
    let modules = library.past_modules(&overlay)?;
    call_on(library, overlay, modules, header, sender, names, arguments)
}

fn call_on(
    library: &ReadLibrary,
    overlay: Overlay,
    mut modules: Modules,
    head: &Header,
    sender: Address,
    (module, function): (&str, &str),
    arguments: &[u8],
) -> Result<Answer, QueryError> {
    let context = context(&overlay, head, sender, Hash::ZERO, true)?;
    let mut session = Session::new(overlay, Arc::new(context));
    let mut gas = QUERY_GAS_MAX;
    let called = if module == KERNEL {
        let purpose = Purpose::Read(library);
        let native = Native { purpose, modules: &mut modules, session: &mut session };
        native.call(function, arguments, &mut gas)
    } else {
        modules.call(&mut session, module, function, arguments, &mut gas)
    };
    match called {
        Ok(output) => Ok(Answer { output, gas_used: QUERY_GAS_MAX.saturating_sub(gas) }),
        Err(CallError::Failed(failure)) => Err(QueryError::Failed(failure)),
        Err(CallError::Store(error)) => Err(QueryError::Store(error)),
        Err(CallError::Machine(error)) => Err(QueryError::Store(StoreError(error))),
    }
}

/// What is simulated, and as whom.
#[derive(Clone, Debug)]
pub enum Simulated {
    /// Nobody signed, so that anybody can name any sender: calls of the kernel are refused.
    Unsigned(Transaction),
    /// The caller verified the signatures: it acts as its sender, if they authorise it.
    Signed(SharedTransaction),
}

/// What a transaction would do in a block right after `head`; nothing is kept, and nothing is compiled:
/// a call of the kernel that uploads or installs code is refused. Its time is the earliest that
/// such a block can have: a deadline that moves with the time has moved, as it will have in any block.
///
/// What the mempool would refuse is refused here in the same words, but for two things that are
/// settled only after simulating: nobody may have signed yet, and the sequence may be one that is used.
/// `now_ms` is the node's clock, which bounds the time that the next block can have.
/// Where nobody signed, gas is counted for one signature, a gas limit above what the chain allows is lowered to
/// that, and a call of the kernel is refused with [`Code::SimulationUnsigned`].
pub fn simulate(
    library: &ReadLibrary,
    state: Arc<dyn StateStore>,
    head: &Header,
    now_ms: u64,
    simulated: Simulated,
) -> Result<Receipt, AdmissionError> {
    let overlay = Overlay::new(state);
    let parameters = chain::parameters(&overlay)?;
    let is_signed = matches!(simulated, Simulated::Signed(_));
    let (signed, id) = match simulated {
        Simulated::Signed(signed) => {
            let id = signed.id();
            (signed, id)
        }
        Simulated::Unsigned(transaction) => {
            let id = transaction.id();
            (with_placeholder(transaction, &parameters)?, id)
        }
    };
    check_simulated(&overlay, (head, now_ms), (&signed, is_signed), &parameters)?;
    let sender = signed.transaction.sender;
    let time_ms = head.timestamp_ms.saturating_add(1);
    let context = Context { time_ms, ..context(&overlay, head, sender, id, false)? };
    let mut modules = library.modules(&overlay)?;
    let mut session = Session::new(overlay, Arc::new(context));
    session.simulated = true;
    let purpose = Purpose::Read(library);
    let code = CodeInForce { purpose, modules: &mut modules, installed: &mut Vec::new() };
    let receipt = apply_transaction(code, &mut session, &signed, &parameters)?;
    Ok(Receipt { transaction: id, ..receipt })
}

/// An unsigned transaction as if one key had signed it.
fn with_placeholder(
    mut transaction: Transaction,
    parameters: &Parameters,
) -> Result<SharedTransaction, Rejection> {
    if transaction.calls.iter().any(|call| call.module.as_str() == KERNEL) {
        let message = "a call of the kernel is simulated only in a transaction that is signed";
        return Err(Rejection::new(Code::SimulationUnsigned, message));
    }
    transaction.gas_limit = parameters.transaction_gas_max.min(transaction.gas_limit);
    let placeholder =
        TransactionSignature { key: PublicKey([0; 32]), signature: Signature([0; 64]) };
    Ok(SignedTransaction { transaction, signatures: vec![placeholder] }.into())
}

fn check_simulated(
    state: &Overlay,
    (head, now_ms): (&Header, u64),
    (signed, is_signed): (&SharedTransaction, bool),
    parameters: &Parameters,
) -> Result<(), AdmissionError> {
    admission::check_content(signed, signed.encoded().len(), &head.chain, parameters)?;
    let times = admission::next_block_times(head, now_ms, parameters);
    admission::check_validity(signed, &times, parameters)?;
    let sender = admission::check_sender(state, signed);
    if is_signed { sender } else { but_for(Code::NotAuthorised, sender) }?;
    let Transaction { sender, lane, .. } = &signed.transaction;
    let next = accounts::next_sequence(state, sender, *lane)?;
    let checked = admission::check_sequence(signed, next);
    but_for(Code::SequenceUsed, checked.map_err(AdmissionError::from))
}

/// The result of a check, one code of whose refusals does not count.
fn but_for(code: Code, checked: Result<(), AdmissionError>) -> Result<(), AdmissionError> {
    match checked {
        Err(AdmissionError::Rejected(rejection)) if rejection.code == code => Ok(()),
        checked => checked,
    }
}

fn context(
    overlay: &Overlay,
    head: &Header,
    sender: Address,
    transaction: Hash,
    read_only: bool,
) -> Result<Context, StoreError> {
    Ok(Context {
        sender,
        height: head.height + 1,
        time_ms: head.timestamp_ms,
        transaction,
        read_only,
        gas: chain::parameters(overlay)?.gas,
        accounts: accounts::account,
    })
}
