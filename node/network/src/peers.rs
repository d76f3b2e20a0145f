//! Holds the state that application, driver and sessions share: connected peers, their budgets, and commands about peers.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use ehb_types::PublicKey;
use tokio::sync::Notify;

use crate::allowance::Allowances;
use crate::channel::PerChannel;
use crate::credit::Pool;
use crate::kind::Kinds;
use crate::outbox::Outbox;
use crate::stats::{Counters, Totals};
use crate::{Channel, CutOff, Limits, PeerStatus, Rates, Refusal};

/// The maximum number of penalties that wait for the driver, which processes them at once.
const PENALTIES_MAX: usize = 1_024;

/// A connected peer, for the threads that send to it.
pub(crate) struct PeerHandle {
    pub(crate) peer: PublicKey,
    pub(crate) outboxes: [Outbox; Channel::COUNT],
    pub(crate) counters: Counters,
    /// The negotiated protocol version, after both greetings.
    version: OnceLock<u16>,
    address: String,
    outbound: bool,
    since: Instant,
    /// When the last frame arrived, milliseconds after `since`.
    heard_ms: AtomicU64,
    described: Mutex<Described>,
}

/// Information about a peer from pings and identify.
#[derive(Default)]
struct Described {
    latency: Option<Duration>,
    agent: Option<String>,
}

impl PeerHandle {
    pub(crate) fn new(peer: PublicKey, address: String, outbound: bool) -> Self {
        Self {
            peer,
            outboxes: Channel::ALL.map(Outbox::new),
            counters: Counters::default(),
            version: OnceLock::new(),
            address,
            outbound,
            since: Instant::now(),
            heard_ms: AtomicU64::new(0),
            described: Mutex::default(),
        }
    }

    pub(crate) fn outbox(&self, channel: Channel) -> &Outbox {
        &self.outboxes[channel.index()]
    }

    /// Rejects all frames from now on, which ends the session.
    pub(crate) fn close(&self) {
        for outbox in &self.outboxes {
            outbox.close();
        }
    }

    pub(crate) fn set_version(&self, version: u16) {
        // Each session has its own handle, and greets once.
        let _ = self.version.set(version);
    }

    /// The negotiated protocol version; 0 until both have greeted.
    pub(crate) fn version(&self) -> u16 {
        self.version.get().copied().unwrap_or(0)
    }

    /// Records that a frame has arrived.
    pub(crate) fn heard(&self) {
        let since_ms = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.heard_ms.fetch_max(since_ms, Ordering::Relaxed);
    }

    fn silent_for(&self) -> Duration {
        let heard = Duration::from_millis(self.heard_ms.load(Ordering::Relaxed));
        self.since.elapsed().saturating_sub(heard)
    }

    pub(crate) fn set_latency(&self, latency: Duration) {
        lock(&self.described).latency = Some(latency);
    }

    pub(crate) fn set_agent(&self, agent: String) {
        lock(&self.described).agent = Some(agent);
    }

    pub(crate) fn status(&self) -> PeerStatus {
        let described = lock(&self.described);
        PeerStatus {
            peer: self.peer,
            address: self.address.clone(),
            outbound: self.outbound,
            connected_for: self.since.elapsed(),
            silent_for: self.silent_for(),
            version: self.version(),
            latency: described.latency,
            agent: described.agent.clone(),
            channels: self.counters.snapshot(),
            queued: PerChannel::from_fn(|channel| self.outbox(channel).len()),
        }
    }
}

/// State shared by the application's threads, the driver and the sessions.
pub(crate) struct NetworkState {
    pub(crate) local_key: PublicKey,
    pub(crate) local_addresses: Vec<SocketAddr>,
    pub(crate) gossip_bytes_max: usize,
    /// The memory pool of all peers for frames that wait for the application.
    pub(crate) pool: Pool,
    rates: Rates,
    pub(crate) kinds: Kinds,
    pub(crate) totals: Totals,
    handles: RwLock<BTreeMap<PublicKey, Arc<PeerHandle>>>,
    /// Budgets of permitted peers that were connected; they outlive connections.
    allowances: Mutex<BTreeMap<PublicKey, Arc<Allowances>>>,
    peer_commands: Mutex<PeerCommands>,
    /// Why a listed peer and this node cannot speak with each other.
    mismatch: Mutex<Option<Refusal>>,
    /// The permitted peers that are rejected for their misbehaviour.
    cut_off: Mutex<Vec<CutOff>>,
    /// Notified when there are commands about peers.
    pub(crate) commands_pending: Notify,
}

/// The application's commands about peers. They must not get lost, so they are kept here and not in a queue
/// that can be full.
#[derive(Default)]
pub(crate) struct PeerCommands {
    /// The last permitted set.
    pub(crate) permitted: Option<BTreeSet<PublicKey>>,
    /// Peers that misbehaved, with the reason.
    pub(crate) penalties: BTreeMap<PublicKey, String>,
}

impl NetworkState {
    pub(crate) fn new(
        local_key: PublicKey,
        local_addresses: Vec<SocketAddr>,
        limits: &Limits,
        kinds: Kinds,
    ) -> Self {
        Self {
            local_key,
            local_addresses,
            gossip_bytes_max: limits.gossip_bytes_max,
            pool: Pool::new(limits.inbound_bytes_max),
            rates: limits.rates,
            kinds,
            totals: Totals::default(),
            handles: RwLock::default(),
            allowances: Mutex::default(),
            peer_commands: Mutex::default(),
            mismatch: Mutex::default(),
            cut_off: Mutex::default(),
            commands_pending: Notify::new(),
        }
    }

    pub(crate) fn handle(&self, peer: &PublicKey) -> Option<Arc<PeerHandle>> {
        self.handles.read().unwrap_or_else(PoisonError::into_inner).get(peer).cloned()
    }

    pub(crate) fn handles(&self) -> Vec<Arc<PeerHandle>> {
        self.handles.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    pub(crate) fn connected(&self) -> usize {
        self.handles.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub(crate) fn add_handle(&self, handle: Arc<PeerHandle>) {
        // Before the first frame: the peer's cost is counted from now on.
        self.allowances(&handle.peer);
        self.handles.write().unwrap_or_else(PoisonError::into_inner).insert(handle.peer, handle);
    }

    pub(crate) fn remove_handle(&self, peer: &PublicKey) {
        self.handles.write().unwrap_or_else(PoisonError::into_inner).remove(peer);
    }

    /// The budget of the peer.
    pub(crate) fn allowances(&self, peer: &PublicKey) -> Arc<Allowances> {
        let mut allowances = lock(&self.allowances);
        let fresh = || Arc::new(Allowances::new(&self.rates, Instant::now()));
        Arc::clone(allowances.entry(*peer).or_insert_with(fresh))
    }

    /// The budget of the peer, if it was connected.
    pub(crate) fn known_allowances(&self, peer: &PublicKey) -> Option<Arc<Allowances>> {
        lock(&self.allowances).get(peer).cloned()
    }

    /// Removes the budgets of peers that are no longer permitted.
    pub(crate) fn keep_allowances(&self, permitted: &BTreeSet<PublicKey>) {
        lock(&self.allowances).retain(|peer, _| permitted.contains(peer));
    }

    /// Disconnects the peers that are not in the set immediately; the driver does the rest.
    pub(crate) fn order_permitted(&self, permitted: BTreeSet<PublicKey>) {
        for handle in self.handles() {
            if !permitted.contains(&handle.peer) {
                handle.close();
            }
        }
        lock(&self.peer_commands).permitted = Some(permitted);
        self.commands_pending.notify_one();
    }

    pub(crate) fn set_mismatch(&self, reason: Option<&Refusal>) {
        *lock(&self.mismatch) = reason.cloned();
    }

    pub(crate) fn set_cut_off(&self, peers: Vec<CutOff>) {
        *lock(&self.cut_off) = peers;
    }

    pub(crate) fn cut_off(&self) -> Vec<CutOff> {
        lock(&self.cut_off).clone()
    }

    pub(crate) fn mismatch(&self) -> Option<Refusal> {
        lock(&self.mismatch).clone()
    }

    /// Disconnects the peer immediately; the driver rejects it during its penalty.
    pub(crate) fn order_penalty(&self, peer: PublicKey, reason: String) {
        if let Some(handle) = self.handle(&peer) {
            handle.close();
        }
        {
            let mut peer_commands = lock(&self.peer_commands);
            if peer_commands.penalties.len() >= PENALTIES_MAX {
                return;
            }
            peer_commands.penalties.insert(peer, reason);
        }
        self.commands_pending.notify_one();
    }

    pub(crate) fn take_peer_commands(&self) -> PeerCommands {
        std::mem::take(&mut lock(&self.peer_commands))
    }
}

/// A panic while the lock was held leaves no partial change here: each holder writes once.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
