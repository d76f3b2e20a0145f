//! Every bound of the server, in one place.

/// The longest request, a WebSocket message or an HTTP body, bytes.
pub(crate) const REQUEST_BYTES_MAX: usize = 2 << 20;

/// The longest answer, bytes of JSON.
pub(crate) const ANSWER_BYTES_MAX: usize = 32 << 20;

/// Answers below this length need no share of [`LARGE_ANSWERS_BYTES_MAX`], bytes.
pub(crate) const LARGE_ANSWER_BYTES: usize = 64 << 10;

/// What all long answers that wait to be read by their clients may hold together, bytes.
pub(crate) const LARGE_ANSWERS_BYTES_MAX: usize = 128 << 20;

/// How long an answer waits for its share of [`LARGE_ANSWERS_BYTES_MAX`], seconds.
pub(crate) const LARGE_ANSWER_WAIT_SECONDS: u64 = 10;

/// How deep arrays and objects of a request can be nested.
pub(crate) const NESTING_MAX: usize = 64;

/// How much of an error's text is told where parts of it come from the client, bytes.
pub(crate) const ERROR_TEXT_BYTES_MAX: usize = 512;

/// How many calls a JSON-RPC batch can hold.
pub(crate) const BATCH_CALLS_MAX: usize = 100;

/// After this long, the remaining calls of a batch are refused, seconds.
pub(crate) const BATCH_SECONDS_MAX: u64 = 60;

/// How many calls of one WebSocket run at a time; while so many do, it is not read from.
pub(crate) const SESSION_CALLS_MAX: usize = 256;

/// How many subscriptions one WebSocket can have.
pub(crate) const SESSION_SUBSCRIPTIONS_MAX: u32 = 32;

/// How many messages of one subscription wait to be sent; its blocks are read no faster than that.
pub(crate) const SUBSCRIPTION_MESSAGES_MAX: usize = 4;

/// How many bytes of receipts one message of a subscription collects, in canonical form.
pub(crate) const SUBSCRIPTION_MESSAGE_BYTES: usize = 256 << 10;

/// How many calls can wait for transactions to become final.
pub(crate) const WAITERS_MAX: usize = 10_000;

/// How many blocking calls run at a time.
pub(crate) const BLOCKING_CALLS_MAX: usize = 4;

/// How many blocking calls can wait for their turn.
pub(crate) const BLOCKING_CALLS_WAITING_MAX: usize = 4_096;

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

/// How often a WebSocket is pinged, seconds.
pub(crate) const PING_SECONDS: u64 = 30;

/// A WebSocket from which nothing has come for this long is closed, seconds.
pub(crate) const SILENCE_SECONDS_MAX: u64 = 90;

/// How many connections the metrics listener serves at a time.
pub(crate) const METRICS_CONNECTIONS_MAX: usize = 16;

/// How long accepting rests after the system refused a connection, milliseconds.
pub(crate) const ACCEPT_PAUSE_MS: u64 = 50;
