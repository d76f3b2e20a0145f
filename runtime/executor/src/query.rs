use std::sync::Arc;

use ehb_kernel::{accounts, chain};
use ehb_state::{Overlay, StateStore, StoreError};
use ehb_types::{Address, Hash, Header, Receipt, SignedTransaction};
use ehb_vm::{CallError, CallFailure, Context, Modules, Session};

use crate::apply::apply_transaction;

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
    modules: &Modules,
    state: Arc<dyn StateStore>,
    head: &Header,
    sender: Address,
    (module, function): (&str, &str),
    arguments: &[u8],
) -> Result<Answer, QueryError> {
    let overlay = Overlay::new(state);
    let context = context(&overlay, head, sender, Hash::ZERO, true)?;
    let mut session = Session::new(overlay, Arc::new(context));
    let mut gas = QUERY_GAS_MAX;
    match modules.call(&mut session, module, function, arguments, &mut gas) {
        Ok(output) => Ok(Answer { output, gas_used: QUERY_GAS_MAX.saturating_sub(gas) }),
        Err(CallError::Failed(failure)) => Err(QueryError::Failed(failure)),
        Err(CallError::Store(error)) => Err(QueryError::Store(error)),
        Err(CallError::Machine(error)) => Err(QueryError::Store(StoreError(error))),
    }
}

/// What a transaction would do in a block after `head`; nothing is kept. Signatures, sequence and
/// expiry are not looked at; a gas limit above what the chain allows is lowered to that.
pub fn simulate(
    modules: &Modules,
    state: Arc<dyn StateStore>,
    head: &Header,
    signed: &SignedTransaction,
) -> Result<Receipt, StoreError> {
    let overlay = Overlay::new(state);
    let parameters = chain::parameters(&overlay)?;
    let context = context(&overlay, head, signed.transaction.sender, signed.id(), false)?;
    let mut session = Session::new(overlay, Arc::new(context));
    let mut bounded = signed.clone();
    let gas_limit = &mut bounded.transaction.gas_limit;
    *gas_limit = parameters.transaction_gas_max.min(*gas_limit);
    apply_transaction(modules, &mut session, &bounded.into(), &parameters)
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
