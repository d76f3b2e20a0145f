//! Read-only calls and simulations, which execute on a decided state and change nothing.

use std::sync::Arc;

use ehb_kernel::admission::{self, AdmissionError};
use ehb_kernel::{accounts, chain, organisations};
use ehb_state::{Overlay, StateStore, StoreError};
use ehb_types::{
    Address, Code, Hash, Header, Parameters, PublicKey, Receipt, Rejection, SharedTransaction,
    Signature, SignedTransaction, Transaction, TransactionSignature,
};
use ehb_vm::{CallError, CallFailure, Context, Modules, Session};

use crate::ReadLibrary;
use crate::apply::{CodeInForce, apply_transaction};
use crate::native::{KERNEL, Native, Purpose};

/// The maximum gas of a read.
pub const QUERY_GAS_MAX: u64 = 200_000_000;

/// Why a read fails.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The function returned an error or trapped.
    #[error("{}", .0.message)]
    Failed(CallFailure),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The result of a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The result in canonical bytes.
    pub output: Vec<u8>,
    /// The gas it used.
    pub gas_used: u64,
}

/// Calls a read-only function on the state after `head`, as `sender`.
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

/// Like [`call`], on the state of an earlier height, with the modules that were installed then.
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

/// The transaction to simulate, and its sender.
#[derive(Clone, Debug)]
pub enum Simulated {
    /// It is unsigned, so the sender can be any account: calls of the kernel are rejected.
    Unsigned(Transaction),
    /// The caller verified the signatures: it acts as its sender, if they authorise it.
    Signed(SharedTransaction),
}

/// Simulates a transaction in a block right after `head`; nothing is stored, and nothing is compiled: a call
/// of the kernel that uploads or installs code is rejected. Its time is the earliest that such a block can
/// have, so that deadlines relative to the time have moved, as they will have in any block.
///
/// It rejects what the mempool would reject, with the same errors, except for two things that are decided
/// only after the simulation: the transaction can be unsigned, and its sequence can be used. `now_ms` is the
/// node's clock, which bounds the time that the next block can have. If it is unsigned, gas is counted for
/// one signature, a gas limit above the chain's maximum is lowered to that, and a call of the kernel is
/// rejected with [`Code::SimulationUnsigned`].
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
    let (installed, removed) = (&mut Vec::new(), &mut Vec::new());
    let code = CodeInForce { purpose, modules: &mut modules, installed, removed };
    let receipt = apply_transaction(code, &mut session, &signed, &parameters)?;
    Ok(Receipt { transaction: id, ..receipt })
}

/// An unsigned transaction, treated as if one key had signed it.
fn with_placeholder(
    mut transaction: Transaction,
    parameters: &Parameters,
) -> Result<SharedTransaction, Rejection> {
    if transaction.calls.iter().any(|call| call.module.as_str() == KERNEL) {
        let message = "a call of the kernel is simulated only in a signed transaction";
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

/// The result of a check, ignoring rejections with one code.
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
    let parameters = chain::parameters(overlay)?;
    Ok(Context {
        sender,
        height: head.height + 1,
        time_ms: head.timestamp_ms,
        transaction,
        read_only,
        gas: parameters.gas,
        window_min_ms: parameters.modules.window_min_ms,
        accounts: organisations::acting_account,
    })
}
