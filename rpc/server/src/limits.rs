//! Every bound of the server, in one place: those that an operator sets ([`Limits`]), and those that are fixed.

/// Bounds that an operator can set. A *client* is an address: an IPv4 address, or the /64 of an IPv6 address.
///
/// Each bound that counts for all clients together is larger than the same bound for one client, so that no
/// single client can use up what the others need.
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
    /// Calls of `tx_wait` of all clients that wait.
    pub waits_max: usize,
    /// Calls of `tx_wait` of one client that wait.
    pub client_waits_max: usize,
    /// Other calls of one client that are under way.
    pub client_calls_max: usize,
    /// Memory that requests and answers of all clients take until they are read, MiB.
    pub memory_mib: usize,
    /// Memory that requests and answers of one client take, MiB; at least [`Limits::CLIENT_MEMORY_MIB_MIN`].
    pub client_memory_mib: usize,
    /// Cheap reads that run at a time, such as `chain_getHeader`.
    pub reads_at_once: usize,
    /// Reads of whole blocks that run at a time, such as `chain_getBlock`.
    pub block_reads_at_once: usize,
    /// Calls that run modules at a time: `module_call` and `tx_simulate`.
    pub executions_at_once: usize,
}

impl Limits {
    /// The least [`Self::client_memory_mib`], so that the longest answer fits into it.
    pub const CLIENT_MEMORY_MIB_MIN: usize = (ANSWER_BYTES_MAX + REQUEST_BYTES_MAX) >> 20;
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
            memory_mib: 256,
            client_memory_mib: 64,
            reads_at_once: 4,
            block_reads_at_once: 2,
            executions_at_once: 2,
        }
    }
}

/// The longest request, a WebSocket message or an HTTP body, bytes.
pub(crate) const REQUEST_BYTES_MAX: usize = 2 << 20;

/// The longest answer, bytes of JSON.
pub(crate) const ANSWER_BYTES_MAX: usize = 32 << 20;

/// A part of a block ends once its transactions and receipts take as many bytes as JSON.
pub(crate) const BLOCK_PART_BYTES: usize = 8 << 20;

/// Requests and answers below this length need no share of [`Limits::memory_mib`], bytes.
pub(crate) const SHARED_BYTES_MIN: usize = 64 << 10;

/// How long a request or an answer waits for its share of [`Limits::memory_mib`], seconds.
pub(crate) const MEMORY_WAIT_SECONDS_MAX: u64 = 10;

/// How long a call waits for its turn among those of its kind, seconds.
pub(crate) const TURN_WAIT_SECONDS_MAX: u64 = 10;

/// How many calls of all clients wait for their turn, for each kind.
pub(crate) const TURNS_WAITING_MAX: usize = 4_096;

/// How many calls a JSON-RPC batch can hold.
pub(crate) const BATCH_CALLS_MAX: usize = 100;

/// After this long, the remaining calls of a batch are refused, seconds.
pub(crate) const BATCH_SECONDS_MAX: u64 = 60;

/// How many messages of one WebSocket are under way; while so many are, it is not read from.
pub(crate) const SESSION_MESSAGES_MAX: u64 = 256;

/// How many subscriptions one WebSocket can have.
pub(crate) const SESSION_SUBSCRIPTIONS_MAX: u32 = 32;

/// How many messages of one WebSocket wait to be sent; the blocks of its subscriptions are read no faster.
pub(crate) const SESSION_OUTGOING_MAX: u32 = 8;

/// How many bytes of receipts one message of a subscription collects, in canonical form.
pub(crate) const SUBSCRIPTION_MESSAGE_BYTES: usize = 256 << 10;

/// How many calls can wait for transactions to become final.
pub(crate) const WAITERS_MAX: usize = 10_000;

/// How many blocks are read at a time for waiting calls.
pub(crate) const FOLLOWERS_READING_MAX: usize = 4;

/// How many waiting calls can wait for a block to be read.
pub(crate) const FOLLOWERS_WAITING_MAX: usize = 8_192;

/// How many notices of subscriptions are made at a time, each from blocks that are read meanwhile.
pub(crate) const NOTICES_AT_ONCE_MAX: usize = 2;

/// How many bytes of blocks are kept that subscriptions read last, in canonical form; they take some times
/// as much in memory.
pub(crate) const BLOCK_CACHE_BYTES_MAX: usize = 16 << 20;

/// How many transactions a subscription looks at in one turn for those that match its filter, but for
/// the rest of a block.
pub(crate) const SCAN_TRANSACTIONS_MAX: usize = 10_000;

/// How many blocks a subscription looks at in one turn.
pub(crate) const SCAN_BLOCKS_MAX: u64 = 256;

/// After this long a subscription notifies of its position, although nothing matched, milliseconds.
pub(crate) const POSITION_EVERY_MS: u64 = 1_000;

/// How many bytes of blocks and receipts one call of `chain_getBlocks` reads, in canonical form; it ends
/// with the block that reaches this.
pub(crate) const RANGE_READ_BYTES_MAX: usize = 32 << 20;

/// How long a notice rests for which there is neither turn nor memory, milliseconds.
pub(crate) const NOTICE_PAUSE_MS: u64 = 100;

/// How long a connection can take to send a request's head, or rest between requests, seconds.
pub(crate) const HEAD_SECONDS_MAX: u64 = 30;

/// How long a request's body can take, seconds.
pub(crate) const BODY_SECONDS_MAX: u64 = 20;

/// The longest head of a request, bytes.
pub(crate) const HEAD_BYTES_MAX: usize = 16 << 10;

/// How many header lines a request can have.
pub(crate) const HEAD_LINES_MAX: usize = 64;

/// In this long, a client that is being written to must take [`WRITE_BYTES_MIN`], seconds.
pub(crate) const WRITE_SECONDS_MAX: u64 = 10;

/// What a client must take within [`WRITE_SECONDS_MAX`], bytes.
pub(crate) const WRITE_BYTES_MIN: usize = 32 << 10;

/// Within this long, a client must take the rest of an answer or message that it keeps waiting, seconds.
pub(crate) const FLUSH_SECONDS_MAX: u64 = 120;

/// How many connections beyond a client's share, or all clients', are answered at a time; others are cut off.
pub(crate) const REFUSED_AT_ONCE_MAX: usize = 64;

/// How long a connection beyond the share can take to ask and to read why it is refused, seconds.
pub(crate) const REFUSED_SECONDS_MAX: u64 = 3;

/// How often a WebSocket is pinged, seconds.
pub(crate) const PING_SECONDS: u64 = 30;

/// A WebSocket from which nothing has come for this long is closed at the next ping, seconds.
pub(crate) const SILENCE_SECONDS_MAX: u64 = 80;

/// How many connections the listener of metrics and health serves at a time.
pub(crate) const OPERATIONS_CONNECTIONS_MAX: usize = 64;

/// How long accepting rests after the system refused a connection, milliseconds.
pub(crate) const ACCEPT_PAUSE_MS: u64 = 50;
