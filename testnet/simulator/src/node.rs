use std::collections::{BTreeMap, VecDeque};

use ehb_mempool::SharedMempool;
use ehb_replica::{Effect, Replica, Timer};
use ehb_types::{PublicKey, SecretKey};

use crate::byzantine::Conduct;
use crate::disk::Disk;

/// One node: a replica while it runs, and what outlives it.
pub(crate) struct Node {
    pub(crate) consensus_key: SecretKey,
    /// The key by which peers know it.
    pub(crate) peer: PublicKey,
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
        conduct: Option<Box<dyn Conduct>>,
    ) -> Self {
        Self {
            consensus_key,
            peer,
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
        }
    }

    pub(crate) fn is_honest(&self) -> bool {
        self.conduct.is_none()
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
    }

    /// Gives work to a thread; says when it is done.
    pub(crate) fn employ(&mut self, worker: Worker, now_us: u64, takes_us: u64) -> u64 {
        let free = &mut self.busy_until_us[worker as usize];
        *free = now_us.max(*free) + takes_us;
        *free
    }
}
