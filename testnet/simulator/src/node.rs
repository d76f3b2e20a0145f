use std::collections::{BTreeMap, VecDeque};

use ehb_mempool::SharedMempool;
use ehb_replica::{Effect, Replica, Timer};
use ehb_types::{PublicKey, SecretKey};

use crate::byzantine::Conduct;
use crate::disk::Disk;
use crate::world::SimEvent;

/// One node: a replica while it runs, and what outlives it.
pub(crate) struct Node {
    pub(crate) consensus_key: SecretKey,
    /// The key by which peers know it.
    pub(crate) peer: PublicKey,
    /// What its vote counts; 0 for an observer.
    pub(crate) power: u64,
    /// How it breaks the rules; `None` for an honest node.
    pub(crate) conduct: Option<Box<dyn Conduct>>,
    /// `None` while the node is down.
    pub(crate) replica: Option<Replica>,
    pub(crate) mempool: Option<SharedMempool>,
    pub(crate) disk: Disk,
    /// How often it was started; what was meant for an earlier life is void.
    pub(crate) life: u64,
    /// Effects on disk and network that wait, in order.
    pub(crate) queue: VecDeque<Effect>,
    /// Whether the next of them is under way.
    pub(crate) performing: bool,
    /// The running timers, each with the event that will end it.
    pub(crate) timers: BTreeMap<Timer, u64>,
    /// When each of the threads beside the replica is free again, virtual microseconds.
    pub(crate) busy_until_us: [u64; 3],
    /// Nothing happens at the node before, virtual microseconds.
    pub(crate) paused_until_us: u64,
    /// What waits until the step in hand is done.
    pub(crate) inbox: Inbox,
    /// When the step in hand is done, virtual microseconds.
    pub(crate) stepping_until_us: u64,
    /// How many times as long as usual a step takes.
    pub(crate) slowness: u64,
    /// How many bytes a second its line carries; 0 for any number.
    pub(crate) line_bytes_per_second: u64,
    /// Nothing can be written to its disk before, virtual microseconds.
    pub(crate) disk_full_until_us: u64,
    /// How far its clock is ahead beyond its skew, milliseconds: wrong for good, or until it is set.
    pub(crate) wrong_ms: i64,
    /// Whether its clock was wrong at any time.
    pub(crate) had_wrong_clock: bool,
    /// Whether it runs an older release than the others.
    pub(crate) is_older: bool,
    /// Whether an operator stopped it for good.
    pub(crate) is_gone: bool,
}

/// What waits for a replica, by urgency: timers, answers of the node's threads, what others send.
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

    /// How much waits that others sent.
    pub(crate) fn received(&self) -> usize {
        self.0[2].len()
    }

    /// Forgets all.
    pub(crate) fn forget(&mut self) {
        self.0.iter_mut().for_each(VecDeque::clear);
    }
}

/// The threads beside the replica that answer its effects.
#[derive(Clone, Copy)]
pub(crate) enum Worker {
    Verify,
    Execute,
    Serve,
}

impl Node {
    pub(crate) fn new(
        consensus_key: SecretKey,
        peer: PublicKey,
        power: u64,
        conduct: Option<Box<dyn Conduct>>,
    ) -> Self {
        Self {
            consensus_key,
            peer,
            power,
            conduct,
            replica: None,
            mempool: None,
            disk: Disk::new(),
            life: 0,
            queue: VecDeque::new(),
            performing: false,
            timers: BTreeMap::new(),
            busy_until_us: [0; 3],
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
        self.conduct.is_none() && !self.is_gone
    }

    /// Whether it is a validator.
    pub(crate) fn votes(&self) -> bool {
        self.power > 0
    }

    /// Ends the process: all that is not on the disk is gone.
    pub(crate) fn stop(&mut self) {
        self.replica = None;
        self.mempool = None;
        self.life += 1;
        self.queue.clear();
        self.performing = false;
        self.timers.clear();
        self.busy_until_us = [0; 3];
        self.inbox = Inbox::default();
        self.stepping_until_us = 0;
    }

    /// Gives work to a thread; says when it is done.
    pub(crate) fn employ(&mut self, worker: Worker, now_us: u64, takes_us: u64) -> u64 {
        let free = &mut self.busy_until_us[worker as usize];
        *free = now_us.max(*free).max(self.stepping_until_us) + takes_us;
        *free
    }
}
