//! Checks the node's health at a fixed interval: logs conditions, and publishes them for readiness.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use ehb_kernel::chain;
use ehb_mempool::SharedMempool;
use ehb_network::Network;
use ehb_replica::{Clocks, Signing, Status};
use ehb_state::Overlay;
use ehb_store::{Store, StoreError};
use ehb_types::{PublicKey, ValidatorSet};

use crate::config;
use crate::health::{
    Ages, Change, Health, Known, Missing, Observation, Present, Reached, Severity, Starting,
    Thresholds, Withheld, heard, judge,
};
use crate::metrics::Metrics;
use crate::published::Published;
use crate::unreadable;
use crate::wall_clock::now_ms;

/// The interval between checks of the node's health.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// The longest time in which the driver does not look for work, milliseconds. It does so at least once a second.
const BEAT_MAX_MS: u64 = 5_000;
/// The fill level from which the mempool counts as full. An eighth of it is reserved for senders who have nothing in it, so all
/// others are refused from 87 % on.
const MEMPOOL_PERCENT_MAX: u64 = 85;

/// Checks the node from outside of the replica, so that it also detects a stuck replica.
pub(crate) struct Watch {
    pub(crate) consensus_key: PublicKey,
    pub(crate) node_key: PublicKey,
    /// Whether `p2p.peers` names a peer.
    pub(crate) has_peers: bool,
    pub(crate) config: config::Health,
    pub(crate) mempool: SharedMempool,
    /// The mempool's bounds: transactions and bytes.
    pub(crate) mempool_max: (usize, usize),
    pub(crate) network: Network,
    pub(crate) store: Store,
    pub(crate) published: Arc<Published>,
    pub(crate) metrics: Arc<Metrics>,
    /// Closed when the node is to stop.
    pub(crate) stop: Receiver<()>,
}

impl Watch {
    /// Runs checks until the node stops.
    pub(crate) fn run(self) {
        let mut health = Health::default();
        let mut ages = Ages::default();
        let mut starting = Starting::new(Instant::now());
        loop {
            ages.look((&self.published.status()).into(), self.mempool.read().has_executable());
            let limits = self.thresholds();
            let seen = self.observe(&mut ages, &mut starting, limits.behind_blocks_max);
            let found = judge(&seen, &limits);
            for change in health.update(found, now_ms()) {
                log(&change);
            }
            let reported = health.reported();
            self.metrics.conditions(&reported);
            self.published.set_conditions(reported);
            if self.stop.recv_timeout(LOOK_EVERY).is_err_and(|error| error.is_disconnected()) {
                return;
            }
        }
    }

    fn thresholds(&self) -> Thresholds {
        let parameters = chain::parameters(&Overlay::new(self.store.state()));
        let consensus = parameters.map(|it| it.consensus).unwrap_or_default();
        Thresholds {
            heartbeat_ms: consensus.heartbeat_ms,
            silence_max_ms: self.config.silence_max_ms,
            behind_blocks_max: self.config.behind_blocks_max,
            behind_max_ms: self.config.behind_max_ms,
            beat_max_ms: BEAT_MAX_MS,
            mempool_percent_max: MEMPOOL_PERCENT_MAX,
        }
    }

    fn observe(
        &self,
        ages: &mut Ages,
        starting: &mut Starting,
        behind_blocks_max: u64,
    ) -> Observation {
        let status = self.published.status();
        let silence_max = Duration::from_millis(self.config.peer_silence_max_ms);
        let peers = self.network.peers();
        let present = Present {
            connected: peers.iter().map(|it| it.peer).collect(),
            heard: heard(&peers, silence_max),
            said: status.said.clone(),
            is_silent: !matches!(status.signing, Signing::Signs | Signing::Observes),
            cut_off: self.network.cut_off().into_iter().map(|it| (it.peer, it.reason)).collect(),
        };
        let turned_away = self.network.stats().turned_away;
        ages.recent.note(&present, turned_away, Instant::now());
        let present = match status.key_used_elsewhere || ages.recent.is_turned_away() {
            true => present.taking_turns(&ages.recent),
            false => present,
        };
        let (transactions, bytes) = {
            let mempool = self.mempool.read();
            (mempool.len(), mempool.bytes())
        };
        let (transactions_max, bytes_max) = self.mempool_max;
        let percent = |used: usize, max: usize| (used * 100 / max.max(1)) as u64;
        let set = chain::validators(&Overlay::new(self.store.state())).ok();
        let (power_total, reached, missing) = self.power(set.as_ref(), &present);
        let best_peer_height = ages.best_height((&status).into());
        let known = Known {
            set: set.as_ref(),
            own: self.consensus_key,
            said: &present.said,
            peers: present.heard.len(),
            is_height_unsure: !ages.is_behind()
                && best_peer_height.saturating_sub(status.height) > behind_blocks_max,
        };
        Observation {
            starting: starting.look(&known, Instant::now()),
            height: status.height,
            best_peer_height,
            catching_up: ages.is_behind(),
            stalled: status.stalled,
            withheld: withheld(&status),
            key_used_elsewhere: status.key_used_elsewhere,
            wrong_clocks: self.wrong_clocks(&status.clocks),
            halted: status.halted,
            unreadable: unreadable::first().map(str::to_owned),
            head_age_ms: millis(ages.head.elapsed()),
            behind_ms: ages.behind_since().map_or(0, |since| millis(since.elapsed())),
            waiting_ms: ages.waiting.map_or(0, |since| millis(since.elapsed())),
            beat_age_ms: self.published.beat_age_ms(),
            disk_busy_ms: self.published.disk_busy_ms(),
            node_key: self.node_key,
            is_turned_away: ages.recent.is_only_turned_away(),
            is_permitted: present.heard.is_empty().then(|| self.is_permitted()).flatten(),
            has_peers: self.has_peers,
            mismatch: self.network.mismatch().map(|reason| reason.to_string()),
            peers: present.heard.len(),
            power_total,
            reached,
            missing,
            disk_full: self.lacks_room(),
            mempool_percent: percent(transactions, transactions_max).max(percent(bytes, bytes_max)),
        }
    }

    /// Whether the chain permits this node's key; none if the state cannot be read.
    fn is_permitted(&self) -> Option<bool> {
        let found = chain::node(&Overlay::new(self.store.state()), &self.node_key);
        Some(found.ok()?.is_some())
    }

    /// The resource that a write would lack, or the last one did. An idle chain writes nothing for a while.
    fn lacks_room(&self) -> Option<String> {
        match self.store.check_space() {
            Err(StoreError::DiskFull(lack)) => Some(lack.to_string()),
            // If the file system does not answer, the next write reports it.
            _ => self.published.is_disk_full().then(|| "a write found no space".to_owned()),
        }
    }

    /// The names of the validators whose clocks are wrong.
    fn wrong_clocks(&self, clocks: &Clocks) -> Vec<(Option<String>, i64)> {
        let set = chain::validators(&Overlay::new(self.store.state())).ok();
        let known = |key: &PublicKey| {
            let set = set.as_ref()?;
            Some(set.get(set.index_of(key)?)?.name.to_string())
        };
        let name = |key: &PublicKey| {
            (*key != self.consensus_key).then(|| known(key).unwrap_or_else(|| key.to_string()))
        };
        clocks.wrong.iter().map(|(key, ahead_ms)| (name(key), *ahead_ms)).collect()
    }

    /// The power of all validators, that of those on which this one can count, and the others. If the state
    /// cannot be read, the power is zero, which is no quorum. An observer need not receive from all.
    fn power(
        &self,
        set: Option<&ValidatorSet>,
        present: &Present,
    ) -> (u64, Option<Reached>, Missing) {
        let Some(set) = set else {
            return (0, Some(Reached { power: 0, is_quorum: false }), Missing::default());
        };
        let (reached, missing) = Reached::of(set, &self.consensus_key, present).unzip();
        (set.total_power(), reached, missing.unwrap_or_default())
    }
}

/// Why this validator does not vote because of its records, if it does not.
fn withheld(status: &Status) -> Option<Withheld> {
    match status.signing {
        Signing::Unknown => Some(Withheld::Unknown),
        Signing::From(height) => Some(Withheld::From { height, within_ms: status.votes_within_ms }),
        _ => None,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn log(change: &Change) {
    match change {
        Change::Begins(condition, reason) => {
            let ready = condition.severity() != Severity::Unready;
            tracing::warn!(condition = condition.code(), ready, "{reason}");
        }
        Change::Ends(condition, after_ms) => {
            tracing::warn!(condition = condition.code(), after_ms, "this is over");
        }
    }
}
