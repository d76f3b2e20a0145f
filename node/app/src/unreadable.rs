//! What clients are answered when the node cannot read its own database. The log has the cause.

use ehb_rpc_server::Refusal;
use ehb_store::StoreError;
use ehb_types::Code;

/// The answer when a record cannot be read.
pub(crate) fn failed(error: StoreError) -> Refusal {
    tracing::error!(%error, "cannot answer a client");
    Refusal::new(Code::Internal, "the node could not read its database")
}

/// The answer when an entry of the state cannot be read.
pub(crate) fn state_failed(error: ehb_state::StoreError) -> Refusal {
    tracing::error!(%error, "cannot answer a client");
    Refusal::new(Code::Internal, "the node could not read its state")
}
