//! How many files, sockets included, the process may have open at once, and who gets how many. What
//! clients and peers open is bounded by what is left, so that no number of them keeps the database from
//! opening a file.

use anyhow::{Context, anyhow};
use ehb_network::Limits;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::code;

/// For the node itself: standard streams, event queues, listeners, the metrics listener's connections,
/// the database's files beside its tables, compiled code, and what libraries open for a moment.
const RESERVE: usize = 128;
/// The least that is enough to run.
const LIMIT_MIN: usize = 256;
/// The share of the database, of what is left after the reserve: one in so many, and its bounds.
const DATABASE_PART: usize = 4;
const DATABASE_MIN: usize = 48;
const DATABASE_MAX: usize = 512;
/// The share of peers, of what is left after the reserve: one in so many, and its bounds.
const PEERS_PART: usize = 4;
const PEERS_MIN: usize = 32;
const PEERS_MAX: usize = 640;
/// Of the peers' share, one in so many is for incoming connections in their handshake, and as many for
/// dialling.
const HANDSHAKES_PART: usize = 5;

/// Who may have how many descriptors open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Descriptors {
    /// What the system allows in all.
    pub(crate) limit: usize,
    /// For the database's tables.
    pub(crate) database: usize,
    /// For connections with other nodes.
    pub(crate) peers: usize,
    /// For connections of clients.
    pub(crate) rpc: usize,
}

impl Descriptors {
    /// Raises the process's limit as far as it may, and divides what there is.
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
            return Err(code::coded(code::CONFIG, error));
        }
        let left = limit - RESERVE;
        let database = (left / DATABASE_PART).clamp(DATABASE_MIN, DATABASE_MAX);
        let peers = (left / PEERS_PART).clamp(PEERS_MIN, PEERS_MAX);
        Ok(Self { limit, database, peers, rpc: left - database - peers })
    }

    /// How many connections of clients may be open, of so many that are wanted.
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
