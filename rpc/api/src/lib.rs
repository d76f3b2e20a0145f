//! Defines the JSON-RPC methods and the JSON views they speak in.
//!
//! One trait for each namespace gives the server's side (`ChainServer`, ...) and the client's
//! (`ChainClient`, ...). [`METHODS`] is made from them, and `docs/rpc.md` is checked against it, so there is
//! no second list of methods. Parameters are taken by name and by position; one that a method does not
//! have is refused.
//!
//! How values look: keys in camelCase; 64-bit numbers as decimal strings, except heights, positions
//! and times in milliseconds, which are numbers; hashes and keys as 64 hex digits; addresses in
//! bech32m under the network's prefix; bytes in hex after `0x` (base64 is read as well).

mod account;
mod at;
mod bytes;
mod chain;
mod convert;
mod decimal;
mod error;
mod methods;
mod module;
mod receipt;
mod state;
mod transaction;

pub use account::{AccountClient, AccountServer, AccountView};
pub use at::At;
pub use bytes::{Base64, Bytes};
pub use chain::{
    BlockId, BlockNotice, BlockView, BlocksView, CanonicalView, CertificateView, ChainClient,
    ChainServer, CommitSignatureView, ConditionView, Detail, EvidenceView, GapReason, GenesisPart,
    HeaderView, MempoolView, SignedHeaderView, SigningView, Status, ValidatorView,
};
pub use convert::ViewError;
pub use decimal::Decimal;
pub use ehb_types::Strict;
pub use error::{ErrorData, code_of, error, error_with, rpc_number};
pub use methods::{Cost, METHODS, Method, Parameter};
pub use module::{
    ModuleCallResult, ModuleClient, ModuleDescription, ModuleServer, ModuleSummary,
    ModuleVersionView,
};
pub use receipt::{
    EventView, LocatedReceipt, OutcomeView, Position, ReceiptFilter, ReceiptNotice, ReceiptProof,
    ReceiptView, TypedErrorView, ValueView,
};
pub use state::{StateClient, StateKey, StateProofView, StateServer, module_key};
pub use transaction::{
    CallView, FateView, SignatureView, SubmitResult, TransactionClient, TransactionServer,
    TransactionView,
};

/// How many transactions one `tx_submitBatch` can hold.
pub const SUBMIT_BATCH_TRANSACTIONS_MAX: usize = 1_000;

/// How much of the genesis file's text one answer of `chain_getGenesis` holds, bytes.
pub const GENESIS_PART_BYTES_MAX: usize = 1 << 20;

/// How many blocks one answer of `chain_getBlocks` holds.
pub const BLOCKS_PER_ANSWER_MAX: u64 = 1_000;

/// How long an answer of `chain_getBlocks` gets, bytes of JSON, unless its first block is longer.
pub const BLOCKS_ANSWER_BYTES_MAX: usize = 8 << 20;

/// How far above the head a subscription can begin, heights: another node may be ahead of this one.
pub const FOLLOW_AHEAD_HEIGHTS_MAX: u64 = 10_000;

/// How long `tx_wait` waits when it is not told, milliseconds.
pub const WAIT_DEFAULT_MS: u64 = 10_000;

/// How long `tx_wait` waits at most, milliseconds.
pub const WAIT_MAX_MS: u64 = 60_000;

/// The longest text of an error, bytes.
pub const ERROR_TEXT_BYTES_MAX: usize = 512;

/// How many ids a receipt filter can hold.
pub const FILTER_IDS_MAX: usize = 10_000;

/// How many receipts one message of `tx_subscribeReceipts` holds at most.
pub const RECEIPTS_PER_MESSAGE_MAX: usize = 500;

#[cfg(test)]
mod tests;
