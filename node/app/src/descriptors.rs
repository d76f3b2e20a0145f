//! Divides the limit of open files, including sockets. Connections of clients and peers are limited to the
//! remainder, so that the database can always open its files.

use anyhow::{Context, anyhow};
use ehb_network::Limits;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::error_code;

/// For the node itself: standard streams, event queues, listeners, the metrics listener's connections,
/// the database's files other than tables, compiled code, and files that libraries open temporarily.
const RESERVE: usize = 128;
/// The minimum to run.
const LIMIT_MIN: usize = 256;
/// The database's share of the remainder after the reserve: one part in this many, with minimum and maximum.
const DATABASE_PART: usize = 4;
const DATABASE_MIN: usize = 48;
const DATABASE_MAX: usize = 512;
/// The peers' share of the remainder after the reserve: one part in this many, with minimum and maximum.
const PEERS_PART: usize = 4;
const PEERS_MIN: usize = 32;
const PEERS_MAX: usize = 640;
/// One part in this many of the peers' share is for incoming connections in their handshake, and the same for
/// dialling.
const HANDSHAKES_PART: usize = 5;

/// The division of file descriptors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Descriptors {
    /// The total that the system permits.
    pub(crate) limit: usize,
    /// For the database's tables.
    pub(crate) database: usize,
    /// For connections with other nodes.
    pub(crate) peers: usize,
    /// For connections of clients.
    pub(crate) rpc: usize,
}

impl Descriptors {
    /// Raises the process's limit as far as permitted, and divides it.
    pub(crate) fn claim() -> anyhow::Result<Self> {
        let what = "cannot read how many files may be open";
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).context(what)?;
        let limit = match setrlimit(Resource::RLIMIT_NOFILE, hard, hard) {
            Ok(()) => hard,
            Err(error) => {
                tracing::debug!(%error, soft, hard, "the limit of open files stays as it is");
                soft
            }
        };
        let shares = Self::divide(usize::try_from(limit).unwrap_or(usize::MAX))?;
        let Self { limit, database, peers, rpc } = shares;
        tracing::debug!(limit, database, peers, rpc, "files that may be open");
        Ok(shares)
    }

    /// Divides a number of descriptors.
    pub(crate) fn divide(limit: usize) -> anyhow::Result<Self> {
        if limit < LIMIT_MIN {
            let error = anyhow!(
                "only {limit} files may be open (ulimit -n); a node needs {LIMIT_MIN} or more: raise \
                 the hard limit, with LimitNOFILE= in a systemd unit"
            );
            return Err(error_code::coded(error_code::CONFIG, error));
        }
        let left = limit - RESERVE;
        let database = (left / DATABASE_PART).clamp(DATABASE_MIN, DATABASE_MAX);
        let peers = (left / PEERS_PART).clamp(PEERS_MIN, PEERS_MAX);
        Ok(Self { limit, database, peers, rpc: left - database - peers })
    }

    /// The maximum number of client connections, for a configured number.
    pub(crate) fn clients(&self, wanted: usize) -> usize {
        let Self { limit, rpc, .. } = *self;
        if wanted > rpc {
            tracing::warn!(
                limit,
                "{rpc} connections of clients are possible, not {wanted}: too few files may be open; \
                 raise the hard limit (ulimit -Hn, or LimitNOFILE= in a systemd unit)"
            );
        }
        wanted.min(rpc)
    }

    /// The network's limits within the peers' share.
    pub(crate) fn network_limits(&self) -> Limits {
        let handshakes = self.peers / HANDSHAKES_PART;
        let established = self.peers - 2 * handshakes;
        let default = Limits::default();
        Limits {
            connections_max: u32::try_from(established)
                .unwrap_or(u32::MAX)
                .min(default.connections_max),
            pending_max: handshakes.min(default.pending_max),
            pending_per_ip_max: (handshakes / 2).min(default.pending_per_ip_max),
            dials_max: u32::try_from(handshakes).unwrap_or(u32::MAX).min(default.dials_max),
            ..default
        }
    }
}
