//! Defines the JSON-RPC methods and the JSON views they speak in.
//!
//! One trait for each namespace defines both the server's side (`ChainServer`, ...) and the client's
//! (`ChainClient`, ...). [`METHODS`] is generated from them, and `docs/rpc.md` is checked against it, so there
//! is no second list of methods. Parameters can be passed by name or by position; unknown ones are rejected.
//!
//! Format of values: keys in camelCase; 64-bit numbers as decimal strings, except heights, positions and times
//! in milliseconds, which are numbers; hashes and keys as 64 hex digits; addresses in bech32m under the
//! network's prefix; bytes in hex after `0x`; transactions and canonical blocks in padded base64.

mod account;
mod at;
mod bytes;
mod chain;
mod convert;
mod decimal;
mod discover;
mod error;
mod kinds;
mod methods;
mod module;
mod receipt;
mod state;
mod transaction;

pub use account::{AccountClient, AccountServer, AccountView, RoleView};
pub use at::At;
pub use bytes::{Base64, Bytes};
pub use chain::{
    BlockNotice, BlockView, BlocksView, CanonicalView, CertificateView, ChainClient, ChainServer,
    CommitSignatureView, ConditionView, Detail, EvidenceView, GapReason, GenesisPart, HeaderView,
    MempoolView, ParametersView, SignedHeaderView, SigningView, Status, ValidatorView,
};
pub use convert::ViewError;
pub use decimal::Decimal;
pub use discover::{DiscoverClient, DiscoverServer, OPENRPC};
pub use ehb_types::Strict;
pub use error::{ErrorData, code_of, error, error_with, rpc_number};
pub use methods::{Cost, METHODS, Method, Parameter};
pub use module::{
    ModuleCallResult, ModuleClient, ModuleDescription, ModuleServer, ModuleSummary,
    ModuleVersionView,
};
pub use receipt::{
    EventView, GenesisCallView, LocatedReceipt, OutcomeView, Position, ReceiptFilter,
    ReceiptNotice, ReceiptProof, ReceiptView, TypedErrorView, ValueView,
};
pub use state::{StateClient, StateKey, StateProofView, StateServer, module_key};
pub use transaction::{
    CallView, FateView, SignatureView, SubmitResult, TransactionClient, TransactionServer,
    TransactionView,
};

/// The maximum number of transactions in one `tx_submitBatch`.
pub const SUBMIT_BATCH_TRANSACTIONS_MAX: usize = 1_000;

/// The maximum size of a part of the genesis file in an answer of `chain_getGenesis`, bytes.
pub const GENESIS_PART_BYTES_MAX: usize = 1 << 20;

/// The maximum number of blocks in an answer of `chain_getBlocks`.
pub const BLOCKS_PER_ANSWER_MAX: u64 = 1_000;

/// The maximum length of an answer of `chain_getBlocks`, bytes of JSON, unless its first block is longer.
pub const BLOCKS_ANSWER_BYTES_MAX: usize = 8 << 20;

/// The maximum size of a part of a block in canonical bytes in an answer of `chain_getBlock`, bytes before base64.
pub const CANONICAL_PART_BYTES_MAX: usize = 16 << 20;

/// How far above the head a subscription can begin, heights: the client may know a later head from another
/// node.
pub const FOLLOW_AHEAD_HEIGHTS_MAX: u64 = 10_000;

/// The default timeout of `tx_wait`, milliseconds.
pub const WAIT_DEFAULT_MS: u64 = 10_000;

/// The maximum timeout of `tx_wait`, milliseconds.
pub const WAIT_MAX_MS: u64 = 60_000;

/// The maximum length of an error message, bytes.
pub const ERROR_TEXT_BYTES_MAX: usize = 512;

/// The maximum number of ids in a receipt filter.
pub const FILTER_IDS_MAX: usize = 10_000;

/// The maximum number of receipts in a message of `tx_subscribeReceipts`.
pub const RECEIPTS_PER_MESSAGE_MAX: usize = 500;

#[cfg(test)]
mod tests;
