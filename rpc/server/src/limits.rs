//! All limits of the server: those that an operator sets ([`Limits`]), and fixed ones.

use ehb_rpc_api::SUBMIT_BATCH_TRANSACTIONS_MAX;

/// Limits that an operator can set. A *client* is an address: an IPv4 address, or the /64 of an IPv6 address.
///
/// Each limit for all clients together is larger than the same limit for one client, so that no single client
/// can use up the resources of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Open connections of all clients.
    pub connections_max: usize,
    /// Open connections of one client.
    pub client_connections_max: usize,
    /// Open WebSockets of all clients; each is one of the connections.
    pub websockets_max: usize,
    /// Open WebSockets of one client.
    pub client_websockets_max: usize,
    /// Subscriptions of all clients.
    pub subscriptions_max: usize,
    /// Subscriptions of one client, over all its WebSockets.
    pub client_subscriptions_max: usize,
    /// Waiting calls of `tx_wait` of all clients.
    pub waits_max: usize,
    /// Waiting calls of `tx_wait` of one client.
    pub client_waits_max: usize,
    /// Other concurrent calls of one client.
    pub client_calls_max: usize,
    /// Transactions of all clients that wait for admission to the mempool; a large one counts once for each
    /// [`Limits::SUBMISSION_BYTES`].
    pub submissions_max: usize,
    /// Transactions of one client that wait for admission; at least [`Limits::CLIENT_SUBMISSIONS_MIN`].
    pub client_submissions_max: usize,
    /// Memory of requests and answers of all clients until they are read, MiB.
    pub memory_mib: usize,
    /// Memory of requests and answers of one client, MiB; at least [`Limits::CLIENT_MEMORY_MIB_MIN`].
    pub client_memory_mib: usize,
    /// Concurrent cheap reads, such as `chain_getHeader`.
    pub reads_at_once: usize,
    /// Concurrent reads of whole blocks, such as `chain_getBlock`.
    pub block_reads_at_once: usize,
    /// Concurrent calls that execute modules: `module_call` and `tx_simulate`.
    pub executions_at_once: usize,
}

impl Limits {
    /// The minimum of [`Self::client_memory_mib`], so that the longest answer fits.
    pub const CLIENT_MEMORY_MIB_MIN: usize = (ANSWER_BYTES_MAX + REQUEST_BYTES_MAX) >> 20;

    /// The size that a submitted transaction counts once for, bytes.
    pub const SUBMISSION_BYTES: usize = 512;

    /// The minimum of [`Self::client_submissions_max`], so that the largest batch fits.
    pub const CLIENT_SUBMISSIONS_MIN: usize =
        SUBMIT_BATCH_TRANSACTIONS_MAX + REQUEST_BYTES_MAX / Self::SUBMISSION_BYTES;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 1_024,
            client_connections_max: 256,
            websockets_max: 512,
            client_websockets_max: 128,
            subscriptions_max: 4_096,
            client_subscriptions_max: 512,
            waits_max: WAITERS_MAX,
            client_waits_max: 2_048,
            client_calls_max: 256,
            submissions_max: 32_768,
            client_submissions_max: 8_192,
            memory_mib: 256,
            client_memory_mib: 64,
            reads_at_once: 4,
            block_reads_at_once: 2,
            executions_at_once: 2,
        }
    }
}

/// The maximum length of a request, a WebSocket message or an HTTP body, bytes.
pub(crate) const REQUEST_BYTES_MAX: usize = 2 << 20;

/// The maximum number of pieces in which the body of a request arrives, such as chunks. Each costs some microseconds.
pub(crate) const BODY_PIECES_MAX: usize = 16_384;

/// The maximum length of an answer, bytes of JSON.
pub(crate) const ANSWER_BYTES_MAX: usize = 32 << 20;

/// A part of a block ends once its transactions and receipts have this many bytes as JSON.
pub(crate) const BLOCK_PART_BYTES: usize = 8 << 20;

/// Requests and answers below this length need no share of [`Limits::memory_mib`], bytes.
pub(crate) const SHARED_BYTES_MIN: usize = 64 << 10;

/// The maximum wait of a request or an answer for its share of [`Limits::memory_mib`], seconds.
pub(crate) const MEMORY_WAIT_SECONDS_MAX: u64 = 10;

/// The time after which a request or an answer that waits for its share takes it from the client with the
/// largest one, seconds.
pub(crate) const MEMORY_ROOM_SECONDS: u64 = 1;

/// The time after which a share of the memory, or a connection by its HTTP request, gives way to a client that
/// has nothing, even if no client has more than others, seconds. Most requests and answers take less.
pub(crate) const HELD_SECONDS_MIN: u64 = 5;

/// The interval at which a call that waits for a place tries again, milliseconds.
pub(crate) const PLACE_PAUSE_MS: u64 = 20;

/// The maximum wait of a call for its turn, seconds.
pub(crate) const TURN_WAIT_SECONDS_MAX: u64 = 10;

/// The maximum number of calls of all clients that wait for their turn, for each kind.
pub(crate) const TURNS_WAITING_MAX: usize = 4_096;

/// The maximum number of calls in a JSON-RPC batch.
pub(crate) const BATCH_CALLS_MAX: usize = 100;

/// The longest answer of a batch, bytes: results of reads fit into [`ANSWER_BYTES_MAX`], and there is extra room
/// for errors and for the results of calls that change something, so that none of them is dropped.
pub(crate) const BATCH_ANSWER_BYTES_MAX: usize = ANSWER_BYTES_MAX + (8 << 20);

/// The time after which the remaining calls of a batch are rejected, seconds.
pub(crate) const BATCH_SECONDS_MAX: u64 = 60;

/// The maximum number of messages of one WebSocket in progress; at this number it is not read.
pub(crate) const SESSION_MESSAGES_MAX: u64 = 256;

/// The maximum number of subscriptions of one WebSocket.
pub(crate) const SESSION_SUBSCRIPTIONS_MAX: u32 = 32;

/// The maximum number of messages of one WebSocket that wait to be sent; the blocks of its subscriptions are
/// read no faster.
pub(crate) const SESSION_OUTGOING_MAX: u32 = 8;

/// The maximum size of receipts in one message of a subscription, in canonical bytes.
pub(crate) const SUBSCRIPTION_MESSAGE_BYTES: usize = 256 << 10;

/// The maximum number of calls that wait for transactions to become final.
pub(crate) const WAITERS_MAX: usize = 10_000;

/// The number of blocks that are read at a time for waiting calls.
pub(crate) const FOLLOWERS_READING_MAX: usize = 4;

/// The maximum number of waiting calls that wait for a block to be read.
pub(crate) const FOLLOWERS_WAITING_MAX: usize = 8_192;

/// The maximum number of notices of subscriptions that are built at a time, each from blocks that are read
/// meanwhile.
pub(crate) const NOTICES_AT_ONCE_MAX: usize = 2;

/// The maximum size of cached blocks for subscriptions, in canonical bytes; they take several times as much
/// in memory.
pub(crate) const BLOCK_CACHE_BYTES_MAX: usize = 16 << 20;

/// The maximum number of heights whose blocks are remembered as too long for an answer.
pub(crate) const LONG_BLOCKS_MAX: usize = 1_024;

/// The maximum number of transactions that a subscription checks against its filter in one turn, except for
/// the rest of a block.
pub(crate) const SCAN_TRANSACTIONS_MAX: usize = 10_000;

/// The maximum number of blocks that a subscription checks in one turn.
pub(crate) const SCAN_BLOCKS_MAX: u64 = 256;

/// The time after which a subscription notifies of its position although nothing matched, milliseconds.
pub(crate) const POSITION_EVERY_MS: u64 = 1_000;

/// The maximum size of blocks and receipts that one call of `chain_getBlocks` reads, in canonical bytes; it
/// ends with the block that reaches this.
pub(crate) const RANGE_READ_BYTES_MAX: usize = 32 << 20;

/// The pause of a notice for which neither turn nor memory is available, milliseconds.
pub(crate) const NOTICE_PAUSE_MS: u64 = 100;

/// The time limit for a request's head, and for the pause between requests, seconds.
pub(crate) const HEAD_SECONDS_MAX: u64 = 30;

/// The time limit for a request's body, seconds.
pub(crate) const BODY_SECONDS_MAX: u64 = 20;

/// The maximum length of a request's head, bytes.
pub(crate) const HEAD_BYTES_MAX: usize = 16 << 10;

/// The maximum number of header lines in a request.
pub(crate) const HEAD_LINES_MAX: usize = 64;

/// The time in which a client must read [`WRITE_BYTES_MIN`] of an answer, seconds.
pub(crate) const WRITE_SECONDS_MAX: u64 = 10;

/// The minimum that a client must read within [`WRITE_SECONDS_MAX`], bytes.
pub(crate) const WRITE_BYTES_MIN: usize = 32 << 10;

/// The time limit for a client to read a whole answer or message, seconds.
pub(crate) const FLUSH_SECONDS_MAX: u64 = 120;

/// The maximum number of connections above a limit that are answered at a time; others are closed.
pub(crate) const REFUSED_AT_ONCE_MAX: usize = 64;

/// The time limit for a connection above a limit to send a request and read why it is rejected, seconds.
pub(crate) const REFUSED_SECONDS_MAX: u64 = 3;

/// The interval between pings of a WebSocket, seconds.
pub(crate) const PING_SECONDS: u64 = 30;

/// The silence after which a WebSocket is closed at the next ping, seconds.
pub(crate) const SILENCE_SECONDS_MAX: u64 = 80;

/// The maximum number of concurrent connections of the listener for metrics and health.
pub(crate) const OPERATIONS_CONNECTIONS_MAX: usize = 64;

/// The pause after a failed accept, milliseconds.
pub(crate) const ACCEPT_PAUSE_MS: u64 = 50;
