//! Publishes status, recent blocks and conditions of the node to the threads that read them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Instant;

use ehb_replica::{Commit, Status};
use ehb_rpc_server::DecidedBlock;
use std::sync::Arc;
use tokio::sync::watch;

use crate::health::{Condition, Reported};
use crate::wall_clock::now_ms;

/// The maximum number of recent blocks kept in memory for readers.
const RECENT_BLOCKS_MAX: usize = 64;
/// The maximum number of transactions in the blocks kept in memory, except the last block.
const RECENT_TRANSACTIONS_MAX: usize = 20_000;

/// The status and recent blocks that the node's threads publish for readers.
pub(crate) struct Published {
    status: RwLock<Status>,
    recent: RwLock<VecDeque<Arc<DecidedBlock>>>,
    head: watch::Sender<u64>,
    /// The number of the last transaction that the mempool lost.
    lost: watch::Sender<u64>,
    started: Instant,
    /// When the driver last looked for work, milliseconds after the start.
    beat_ms: AtomicU64,
    /// Whether a write waits for space on the disk.
    disk_full: AtomicBool,
    /// When the disk began its present work, milliseconds after the start; [`IDLE`] while it has none.
    disk_began_ms: AtomicU64,
    conditions: RwLock<Option<Looked>>,
}

/// The disk has nothing to do.
const IDLE: u64 = u64::MAX;
/// After how long without a look what was seen in the last one counts no more, milliseconds. The node looks at
/// itself four times a second.
const LOOK_AGE_MAX_MS: u64 = 5_000;

/// The conditions that the node found when it last looked at itself.
struct Looked {
    /// When, milliseconds after the start.
    at_ms: u64,
    found: Vec<Reported>,
}

impl Published {
    pub(crate) fn new(status: Status) -> Self {
        let head = watch::Sender::new(status.height);
        Self {
            status: RwLock::new(status),
            recent: RwLock::default(),
            head,
            lost: watch::Sender::new(0),
            started: Instant::now(),
            beat_ms: AtomicU64::new(0),
            disk_full: AtomicBool::new(false),
            disk_began_ms: AtomicU64::new(IDLE),
            conditions: RwLock::default(),
        }
    }

    /// Records that the driver looked for work.
    pub(crate) fn beat(&self) {
        self.beat_ms.store(self.uptime_ms(), Ordering::Relaxed);
    }

    /// The time since the driver last looked for work, milliseconds.
    pub(crate) fn beat_age_ms(&self) -> u64 {
        self.uptime_ms().saturating_sub(self.beat_ms.load(Ordering::Relaxed))
    }

    fn uptime_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub(crate) fn set_disk_full(&self, is_full: bool) {
        self.disk_full.store(is_full, Ordering::Relaxed);
    }

    pub(crate) fn is_disk_full(&self) -> bool {
        self.disk_full.load(Ordering::Relaxed)
    }

    /// The disk begins some work.
    pub(crate) fn disk_begins(&self) {
        self.disk_began_ms.store(self.uptime_ms(), Ordering::Relaxed);
    }

    /// The disk has finished it.
    pub(crate) fn disk_rests(&self) {
        self.disk_began_ms.store(IDLE, Ordering::Relaxed);
    }

    /// For how long the disk has been at its present work, milliseconds.
    pub(crate) fn disk_busy_ms(&self) -> u64 {
        self.uptime_ms().saturating_sub(self.disk_began_ms.load(Ordering::Relaxed))
    }

    /// The conditions of the node, the most serious first. Where the last look is old, something holds up
    /// even that.
    pub(crate) fn conditions(&self) -> Vec<Reported> {
        let looked = self.conditions.read().unwrap_or_else(PoisonError::into_inner);
        let Some(Looked { at_ms, found }) = looked.as_ref() else {
            let text = "the node has just started, and has not looked at itself yet".to_owned();
            let since_ms = now_ms().saturating_sub(self.uptime_ms());
            return vec![Reported { condition: Condition::Starting, text, since_ms }];
        };
        let mut found = found.clone();
        let age_ms = self.uptime_ms().saturating_sub(*at_ms);
        if age_ms > LOOK_AGE_MAX_MS {
            found.retain(|it| it.condition != Condition::Stuck);
            let place = found.partition_point(|it| it.condition < Condition::Stuck);
            let text = format!("the node has not looked at itself for {} s", age_ms / 1_000);
            let since_ms = now_ms().saturating_sub(age_ms);
            found.insert(place, Reported { condition: Condition::Stuck, text, since_ms });
        }
        found
    }

    pub(crate) fn set_conditions(&self, found: Vec<Reported>) {
        let at_ms = self.uptime_ms();
        let looked = Looked { at_ms, found };
        *self.conditions.write().unwrap_or_else(PoisonError::into_inner) = Some(looked);
    }

    pub(crate) fn status(&self) -> Status {
        self.status.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_status(&self, status: Status) {
        *self.status.write().unwrap_or_else(PoisonError::into_inner) = status;
    }

    pub(crate) fn head(&self) -> watch::Receiver<u64> {
        self.head.subscribe()
    }

    /// The number of the last transaction that the mempool lost, with notifications of new ones.
    pub(crate) fn losses(&self) -> watch::Receiver<u64> {
        self.lost.subscribe()
    }

    /// Announces that the mempool lost further transactions, if it did.
    pub(crate) fn set_lost(&self, last: u64) {
        self.lost.send_if_modified(|known| std::mem::replace(known, last) != last);
    }

    /// Publishes a durable block.
    pub(crate) fn finalized(&self, commit: &Commit) {
        let height = commit.block.header.height;
        let block = DecidedBlock {
            hash: commit.hash,
            block: commit.block.clone(),
            receipts: commit.execution.receipts.clone(),
        };
        {
            let mut recent = self.recent.write().unwrap_or_else(PoisonError::into_inner);
            recent.push_back(Arc::new(block));
            let mut kept: usize = recent.iter().map(|it| it.receipts.len()).sum();
            while recent.len() > RECENT_BLOCKS_MAX
                || (kept > RECENT_TRANSACTIONS_MAX && recent.len() > 1)
            {
                kept -= recent.pop_front().map_or(0, |it| it.receipts.len());
            }
        }
        self.head.send_replace(height);
    }

    /// One of the last blocks.
    pub(crate) fn recent(&self, height: u64) -> Option<Arc<DecidedBlock>> {
        let recent = self.recent.read().unwrap_or_else(PoisonError::into_inner);
        recent.iter().find(|it| it.block.header.height == height).cloned()
    }
}
