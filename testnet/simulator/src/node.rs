//! The state of a simulated node, across its crashes and restarts.

use std::collections::{BTreeMap, VecDeque};

use ehb_mempool::SharedMempool;
use ehb_replica::{Ordered, Replica, Signing, Timer};
use ehb_types::{PublicKey, SecretKey};

use crate::byzantine::Interceptor;
use crate::disk::Disk;
use crate::world::SimEvent;

/// One node: a replica while it runs, and the state that outlives it.
pub(crate) struct Node {
    pub(crate) consensus_key: SecretKey,
    /// The key that identifies it to peers.
    pub(crate) peer: PublicKey,
    /// Its voting power; 0 for an observer.
    pub(crate) power: u64,
    /// Whether its replica has the consensus key: that of a validator, or of one that is to join.
    pub(crate) has_key: bool,
    /// Its byzantine interceptor; `None` for an honest node.
    pub(crate) interceptor: Option<Box<dyn Interceptor>>,
    /// `None` while the node is down.
    pub(crate) replica: Option<Replica>,
    pub(crate) mempool: Option<SharedMempool>,
    pub(crate) disk: Disk,
    /// The number of starts; events for an earlier run are ignored.
    pub(crate) life: u64,
    /// Queued effects on disk and network, in order.
    pub(crate) queue: VecDeque<Ordered>,
    /// Whether the next of them is in progress.
    pub(crate) performing: bool,
    /// The running timers, each with the event of its expiry.
    pub(crate) timers: BTreeMap<Timer, u64>,
    /// When each of the threads beside the replica is free again, virtual microseconds.
    pub(crate) busy_until_us: [u64; 4],
    /// The node is paused until this time, virtual microseconds.
    pub(crate) paused_until_us: u64,
    /// The inputs that wait until the current step is done.
    pub(crate) inbox: Inbox,
    /// When the current step is done, virtual microseconds.
    pub(crate) stepping_until_us: u64,
    /// The factor by which its steps are slower than usual.
    pub(crate) slowness: u64,
    /// The rate of its line, bytes a second; 0 for unlimited.
    pub(crate) line_bytes_per_second: u64,
    /// Its disk is full until this time, virtual microseconds.
    pub(crate) disk_full_until_us: u64,
    /// The error of its clock beyond its skew, milliseconds: permanent, or until it is corrected.
    pub(crate) wrong_ms: i64,
    /// Whether its clock was wrong at any time.
    pub(crate) had_wrong_clock: bool,
    /// Whether it runs an older release than the others.
    pub(crate) is_older: bool,
    /// Whether an operator stopped it for good.
    pub(crate) is_gone: bool,
}

/// The inputs that wait for a replica, by urgency: timers, answers of the node's threads, messages.
#[derive(Default)]
pub(crate) struct Inbox([VecDeque<SimEvent>; 3]);

impl Inbox {
    pub(crate) fn push(&mut self, urgency: usize, event: SimEvent) {
        self.0[urgency].push_back(event);
    }

    pub(crate) fn pop(&mut self) -> Option<SimEvent> {
        self.0.iter_mut().find_map(VecDeque::pop_front)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(VecDeque::is_empty)
    }

    /// The number of waiting messages.
    pub(crate) fn received(&self) -> usize {
        self.0[2].len()
    }

    /// Removes all inputs.
    pub(crate) fn forget(&mut self) {
        self.0.iter_mut().for_each(VecDeque::clear);
    }
}

/// The threads beside the replica that answer its effects.
#[derive(Clone, Copy)]
pub(crate) enum Worker {
    Verify,
    VerifyBody,
    Execute,
    Serve,
}

impl Node {
    pub(crate) fn new(
        consensus_key: SecretKey,
        peer: PublicKey,
        power: u64,
        interceptor: Option<Box<dyn Interceptor>>,
    ) -> Self {
        Self {
            consensus_key,
            peer,
            power,
            has_key: power > 0,
            interceptor,
            replica: None,
            mempool: None,
            disk: Disk::new(),
            life: 0,
            queue: VecDeque::new(),
            performing: false,
            timers: BTreeMap::new(),
            busy_until_us: [0; 4],
            paused_until_us: 0,
            inbox: Inbox::default(),
            stepping_until_us: 0,
            slowness: 1,
            line_bytes_per_second: 0,
            disk_full_until_us: 0,
            wrong_ms: 0,
            had_wrong_clock: false,
            is_older: false,
            is_gone: false,
        }
    }

    pub(crate) fn is_honest(&self) -> bool {
        self.interceptor.is_none() && !self.is_gone
    }

    /// Whether it runs and signs.
    pub(crate) fn signs(&self) -> bool {
        self.replica.as_ref().is_some_and(|replica| replica.status().signing == Signing::Signs)
    }

    /// Whether it is a validator since genesis.
    pub(crate) fn votes(&self) -> bool {
        self.power > 0
    }

    /// Ends the process: everything that is not on the disk is lost.
    pub(crate) fn stop(&mut self) {
        self.replica = None;
        self.mempool = None;
        self.life += 1;
        self.queue.clear();
        self.performing = false;
        self.timers.clear();
        self.busy_until_us = [0; 4];
        self.inbox = Inbox::default();
        self.stepping_until_us = 0;
    }

    /// Sends work to a thread; returns when it is done.
    pub(crate) fn employ(&mut self, worker: Worker, now_us: u64, takes_us: u64) -> u64 {
        let free = &mut self.busy_until_us[worker as usize];
        *free = now_us.max(*free).max(self.stepping_until_us) + takes_us;
        *free
    }
}
