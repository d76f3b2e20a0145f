//! The limits of the HTTP API.

use std::time::Duration;

/// The time limit of a database statement.
pub(crate) const STATEMENT_MAX: Duration = Duration::from_secs(5);
/// The time limit of the statement of an export.
pub(crate) const EXPORT_MAX: Duration = Duration::from_secs(600);
/// The maximum number of database connections for answers; further requests wait for [`CONNECTION_WAIT_MAX`].
pub(crate) const DATABASE_CONNECTIONS_MAX: u32 = 8;
/// How long a request waits for a database connection.
pub(crate) const CONNECTION_WAIT_MAX: Duration = Duration::from_secs(5);
/// The maximum number of exports at the same time.
pub(crate) const EXPORTS_MAX: usize = 2;
/// The maximum number of answers in memory, and of bytes in each: the rest of a page follows with its cursor.
pub(crate) const ANSWERS_MAX: usize = 32;
pub(crate) const ANSWER_BYTES_MAX: usize = 1 << 20;
/// Rows in a page: by default, and at most.
pub(crate) const PAGE_DEFAULT: usize = 50;
pub(crate) const PAGE_MAX: usize = 200;
/// The maximum length of a query string, and of one value in it, bytes.
pub(crate) const QUERY_BYTES_MAX: usize = 8 << 10;
pub(crate) const VALUE_BYTES_MAX: usize = 1_024;
/// The time limit for the head of a request, which also ends idle connections.
pub(crate) const HEAD_MAX: Duration = Duration::from_secs(30);
/// The limits of a request's head: lines and bytes.
pub(crate) const HEAD_LINES_MAX: usize = 64;
pub(crate) const HEAD_BYTES_MAX: usize = 16 << 10;
/// The time for which a client can read nothing before it is disconnected.
pub(crate) const WRITE_MAX: Duration = Duration::from_secs(30);
/// The memory for recent blocks of the live stream: messages, and bytes.
pub(crate) const RING_BLOCKS_MAX: usize = 1_024;
pub(crate) const RING_BYTES_MAX: usize = 4 << 20;
/// Blocks in one read, and messages in one frame, of the live stream.
pub(crate) const LIVE_READ_MAX: i64 = 100;
pub(crate) const LIVE_FRAME_MAX: usize = 50;
/// The size from which a frame of the live stream gets no further message, bytes.
pub(crate) const LIVE_FRAME_BYTES_MAX: usize = 64 << 10;
/// The number of addresses, modules and ids that one message of the live stream names.
pub(crate) const LIVE_NAMES_MAX: usize = 100;
/// The interval between reads of the cursor, and between keep-alive comments.
pub(crate) const LIVE_EVERY: Duration = Duration::from_millis(200);
pub(crate) const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(15);

/// The limits that an operator sets.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections in total.
    pub connections: usize,
    /// Connections of one client, an IPv4 address or the /64 of an IPv6 address.
    pub connections_per_client: usize,
    /// Live streams in total.
    pub streams: usize,
    /// Live streams of one client.
    pub streams_per_client: usize,
    /// The time for which a client can read nothing before it is disconnected.
    pub write_max: Duration,
}

/// Open files that are left for everything besides connections.
const FILES_RESERVED: u64 = 128;

impl Limits {
    /// The same, with no more connections than this process can have files: its limit is raised as far as the system
    /// allows.
    pub fn within_files(mut self) -> Self {
        use nix::sys::resource::{Resource, getrlimit, setrlimit};
        let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return self };
        let raised = setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok();
        let files = if raised { hard } else { soft }.saturating_sub(FILES_RESERVED);
        self.connections =
            self.connections.min(usize::try_from(files).unwrap_or(usize::MAX)).max(1);
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 8_192,
            connections_per_client: 64,
            streams: 6_000,
            streams_per_client: 32,
            write_max: WRITE_MAX,
        }
    }
}
