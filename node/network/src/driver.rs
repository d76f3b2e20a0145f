//! The one loop around the swarm: handles connections, sessions and gossip.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ehb_types::PublicKey;
use futures::StreamExt;
use libp2p::core::{ConnectedPoint, Multiaddr};
use libp2p::gossipsub::TopicHash;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{ConnectionId, DialError, ListenError, Swarm, SwarmEvent};
use libp2p::{PeerId, allow_block_list, identify, ping};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::behaviour::{Behaviour, BehaviourEvent};
use crate::credit::Credit;
use crate::dialer::{Dialer, Problem};
use crate::network::Command;
use crate::peers::PeerHandle;
use crate::session::{Opening, PeerSession, Report, SessionContext, SessionEvent};
use crate::simultaneous_dial::{Connection, new_one_stays};
use crate::streams::Opened;
use crate::{Refusal, identity};

mod connection_log;
mod gossip;
mod penalties;
mod refusals;
mod resolve;

use connection_log::ConnectionLog;
pub(crate) use penalties::Penalties;
pub(crate) use refusals::Refusals;
use resolve::Resolved;

/// The interval between scans for peers to dial, expired penalties and dead connections.
const TICK: Duration = Duration::from_millis(50);
/// The maximum number of concurrent name lookups; each peer to dial has at most one at a time.
const LOOKUPS_MAX: usize = 64;
/// The maximum length of a peer's software name, characters.
const AGENT_CHARS_MAX: usize = 64;

pub(crate) struct Driver {
    swarm: Swarm<Behaviour>,
    topic: TopicHash,
    context: SessionContext,
    dialer: Dialer,
    peers: BTreeMap<PublicKey, Peer>,
    permitted: BTreeSet<PublicKey>,
    penalties: Penalties,
    connection_log: ConnectionLog,
    refusals: Refusals,
    /// Messages to gossip that wait for the first subscribed peer.
    unsent: VecDeque<Vec<u8>>,
}

/// A peer that is connected, or was a moment ago.
struct Peer {
    current: Option<Current>,
    /// The last session, which may still be reporting its end to the application.
    previous: Option<JoinHandle<()>>,
    /// Notified when the peer subscribes to gossip; a session waits for it.
    listens: Option<oneshot::Sender<()>>,
    gossip_credit: Credit,
}

/// The connection in use.
struct Current {
    connection: Connection,
    address: String,
    session: Option<PeerSession>,
}

impl Driver {
    pub(crate) fn new(
        swarm: Swarm<Behaviour>,
        topic: TopicHash,
        context: SessionContext,
        dialer: Dialer,
        permitted: BTreeSet<PublicKey>,
    ) -> Self {
        let limits = &context.limits;
        let penalties = Penalties::new(limits.penalty_first, limits.penalty_max);
        let mut driver = Self {
            swarm,
            topic,
            context,
            dialer,
            peers: BTreeMap::new(),
            permitted,
            penalties,
            connection_log: ConnectionLog::default(),
            refusals: Refusals::default(),
            unsent: VecDeque::new(),
        };
        driver.apply_permitted();
        driver
    }

    /// Runs until the last [`crate::Network`] is dropped.
    pub(crate) async fn run(
        mut self,
        mut commands: mpsc::Receiver<Command>,
        mut reports: mpsc::Receiver<Report>,
    ) {
        let shared = Arc::clone(&self.context.shared);
        let (lookups, mut looked_up) = mpsc::channel(LOOKUPS_MAX);
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                event = self.swarm.select_next_some() => self.on_swarm_event(event),
                command = commands.recv() => match command {
                    Some(command) => self.on_command(command),
                    None => return,
                },
                Some(report) = reports.recv() => self.on_report(report),
                Some(resolved) = looked_up.recv() => self.on_resolved(resolved),
                () = shared.commands_pending.notified() => self.on_peer_commands(),
                _ = tick.tick() => self.on_tick(&lookups),
            }
        }
    }

    fn on_swarm_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(event) => self.on_behaviour_event(event),
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                self.on_connection(peer_id, connection_id, &endpoint);
            }
            SwarmEvent::ConnectionClosed { peer_id, connection_id, cause, .. } => {
                let cause = cause.map_or("closed".into(), |cause| cause.to_string());
                self.on_closed(peer_id, connection_id, &cause);
            }
            SwarmEvent::OutgoingConnectionError { peer_id: Some(peer), error, .. } => {
                self.on_dial_error(peer, &error);
            }
            SwarmEvent::IncomingConnectionError { peer_id, error, send_back_addr, .. } => {
                self.on_incoming_error(peer_id, &error, &send_back_addr);
            }
            SwarmEvent::ListenerError { error, .. } => {
                tracing::warn!(%error, "cannot accept a connection");
            }
            SwarmEvent::ListenerClosed { addresses, .. } => {
                tracing::error!(?addresses, "no longer listening");
            }
            _ => {}
        }
    }

    fn on_behaviour_event(&mut self, event: BehaviourEvent) {
        match event {
            BehaviourEvent::Streams(opened) => self.on_opened(opened),
            BehaviourEvent::Ping(event) => self.on_ping(event),
            BehaviourEvent::Gossip(event) => self.on_gossip(event),
            BehaviourEvent::Identify(identify::Event::Received { peer_id, info, .. }) => {
                if let Some(handle) = self.handle(&peer_id) {
                    handle.set_agent(info.agent_version.chars().take(AGENT_CHARS_MAX).collect());
                }
            }
            _ => {}
        }
    }

    fn handle(&self, peer: &PeerId) -> Option<&Arc<PeerHandle>> {
        let peer = self.peers.get(&identity::public_key(peer)?)?;
        Some(&peer.current.as_ref()?.session.as_ref()?.handle)
    }

    /// Handles a connection to a permitted peer: keeps it, or the existing one.
    fn on_connection(&mut self, peer: PeerId, id: ConnectionId, endpoint: &ConnectedPoint) {
        let Some(key) = identity::public_key(&peer) else {
            self.swarm.close_connection(id);
            return;
        };
        let connection = Connection { id, outbound: endpoint.is_dialer(), since: Instant::now() };
        let smaller_key_is_ours = self.context.shared.local_key < key;
        let entry = self.peers.entry(key).or_insert_with(|| Peer {
            current: None,
            previous: None,
            listens: None,
            gossip_credit: gossip::credit(
                self.context.limits.gossip_bytes_max,
                &self.context.shared.pool,
            ),
        });
        if let Some(current) = &entry.current {
            if !new_one_stays(&current.connection, &connection, smaller_key_is_ours) {
                self.swarm.close_connection(id);
                return;
            }
            self.swarm.close_connection(current.connection.id);
        }
        entry.stop();
        let address = endpoint.get_remote_address().to_string();
        entry.current = Some(Current { connection, address, session: None });
        self.dialer.connected(&key);
    }

    /// Starts the session of a connection when its streams are open.
    fn on_opened(&mut self, Opened { peer, connection, streams }: Opened) {
        let listens = self.listens(&peer);
        let Some(key) = identity::public_key(&peer) else { return };
        let Some(entry) = self.peers.get_mut(&key) else { return };
        // Streams of a connection that was not kept are dropped.
        let Some(current) = &mut entry.current else { return };
        if current.connection.id == connection {
            let outbound = current.connection.outbound;
            let handle = Arc::new(PeerHandle::new(key, current.address.clone(), outbound));
            let opening = Opening { connection, handle, streams, listens };
            let previous = entry.previous.take();
            current.session = Some(PeerSession::start(self.context.clone(), opening, previous));
        }
    }

    fn on_closed(&mut self, peer: PeerId, id: ConnectionId, cause: &str) {
        let Some(key) = identity::public_key(&peer) else { return };
        self.count_turned_away(&key, id);
        if self.forget(&key, id) {
            tracing::debug!(peer = %key, cause, "a connection ended");
            self.dialer.failed(&key, Instant::now(), rand::random());
        }
    }

    /// Counts a connection that ends before the peer greeted, which is how a peer treats the second of two nodes with
    /// the same key.
    fn count_turned_away(&self, key: &PublicKey, id: ConnectionId) {
        let current = self.peers.get(key).and_then(|peer| peer.current.as_ref());
        let greeted = |it: &Current| it.session.as_ref().is_some_and(|it| it.handle.version() > 0);
        if current.is_some_and(|it| it.connection.id == id && !greeted(it)) {
            self.context.shared.totals.turned_away.add(1);
        }
    }

    /// Ends the session of a connection; returns `false` if it is not the one in use.
    fn forget(&mut self, key: &PublicKey, id: ConnectionId) -> bool {
        let Some(entry) = self.peers.get_mut(key) else { return false };
        let kept = entry.current.as_ref().is_some_and(|current| current.connection.id == id);
        if kept {
            entry.stop();
        }
        kept
    }

    fn on_report(&mut self, Report { peer, connection, event }: Report) {
        match event {
            SessionEvent::Established => {
                if let Some(left_out) = self.connection_log.may_log(&peer, Instant::now()) {
                    tracing::info!(%peer, left_out, "peer connected");
                }
                self.dialer.succeeded(&peer);
            }
            SessionEvent::Refused(reason) => {
                self.swarm.close_connection(connection);
                if self.forget(&peer, connection) {
                    self.dialer.refused(&peer, Instant::now(), rand::random());
                }
                match reason {
                    Refusal::Misbehaved(reason) => self.penalise(peer, reason),
                    reason => self.refuse(peer, reason),
                }
            }
            SessionEvent::Lost(error) => {
                self.swarm.close_connection(connection);
                self.count_turned_away(&peer, connection);
                if self.forget(&peer, connection) {
                    if let Some(left_out) = self.connection_log.may_log(&peer, Instant::now()) {
                        tracing::info!(%peer, %error, left_out, "peer disconnected");
                    }
                    self.context.shared.totals.connections_lost.add(1);
                    self.dialer.failed(&peer, Instant::now(), rand::random());
                }
            }
        }
    }

    fn on_ping(&mut self, ping::Event { peer, connection, result }: ping::Event) {
        match result {
            Ok(latency) => {
                if let Some(handle) = self.handle(&peer) {
                    handle.set_latency(latency);
                }
            }
            Err(ping::Failure::Unsupported) => {}
            Err(error) => {
                self.context.shared.totals.connections_lost.add(1);
                self.swarm.close_connection(connection);
                self.on_closed(peer, connection, &error.to_string());
            }
        }
    }

    fn on_dial_error(&mut self, peer: PeerId, error: &DialError) {
        let Some(key) = identity::public_key(&peer) else { return };
        if self.peers.get(&key).is_some_and(|peer| peer.current.is_some()) {
            // Its own dial was faster than ours.
            return self.dialer.connected(&key);
        }
        let (problem, reason) = match error {
            DialError::WrongPeerId { obtained, address } => {
                let found = identity::public_key(obtained).map_or_else(
                    || format!("a key that is not of ed25519 (peer {obtained})"),
                    |key| format!("the key {key}"),
                );
                (Problem::OtherKey, format!("the node at {address} has {found}"))
            }
            _ => (Problem::Unreachable, error.to_string()),
        };
        self.on_dial_failed(key, problem, &reason);
    }

    fn on_dial_failed(&mut self, peer: PublicKey, problem: Problem, reason: &str) {
        if self.dialer.reports(&peer, problem) {
            tracing::warn!(%peer, reason, "cannot connect to the peer: trying further");
        } else {
            tracing::debug!(%peer, reason, "cannot connect to the peer");
        }
        self.context.shared.totals.dials_failed.add(1);
        self.dialer.failed(&peer, Instant::now(), rand::random());
    }

    fn on_incoming_error(&mut self, peer: Option<PeerId>, error: &ListenError, from: &Multiaddr) {
        tracing::debug!(%from, %error, "incoming connection failed");
        let ListenError::Denied { cause } = error else { return };
        if cause.downcast_ref::<allow_block_list::NotAllowed>().is_none() {
            return;
        }
        let Some(key) = peer.and_then(|peer| identity::public_key(&peer)) else { return };
        // The rejection for misbehaviour was already reported.
        if !self.penalties.is_refused(&key) {
            self.refuse(key, Refusal::NotPermitted);
        }
    }

    /// Counts a rejection, and reports it unless it was reported recently.
    fn refuse(&mut self, peer: PublicKey, reason: Refusal) {
        self.context.shared.totals.refused.add(1);
        let is_listed = self.permitted.contains(&peer) || self.dialer.knows(&peer);
        let peer = (peer, is_listed);
        self.refusals.report(&self.context.inbox, peer, reason, Instant::now());
        self.context.shared.set_mismatch(self.refusals.mismatch());
    }

    fn on_peer_commands(&mut self) {
        let commands = self.context.shared.take_peer_commands();
        if let Some(permitted) = commands.permitted {
            self.penalties.keep(&permitted);
            self.context.shared.set_cut_off(self.penalties.in_force());
            self.context.shared.keep_allowances(&permitted);
            self.permitted = permitted;
            self.apply_permitted();
        }
        for (peer, reason) in commands.penalties {
            self.penalise(peer, reason);
        }
    }

    /// Disconnects the peer and rejects it for a while.
    fn penalise(&mut self, peer: PublicKey, reason: String) {
        if self.permitted.contains(&peer) {
            let refused_for = self.penalties.add(peer, &reason, Instant::now());
            tracing::debug!(%peer, ?refused_for, "peer is rejected for a while");
            self.context.shared.set_cut_off(self.penalties.in_force());
            self.apply_permitted();
        }
        self.refuse(peer, Refusal::Misbehaved(reason));
    }

    fn is_permitted(&self, key: &PublicKey) -> bool {
        self.permitted.contains(key) && !self.penalties.is_refused(key)
    }

    /// Updates the swarm's allow-list; peers that are no longer on it are disconnected.
    fn apply_permitted(&mut self) {
        let local_key = self.context.shared.local_key;
        let mut wanted = BTreeSet::new();
        for key in self.permitted.iter().filter(|key| **key != local_key && self.is_permitted(key))
        {
            match identity::peer_id(key) {
                Ok(peer) => {
                    wanted.insert(peer);
                }
                Err(_) => tracing::warn!(%key, "a permitted node key is not an Ed25519 key"),
            }
        }
        let allowed = self.swarm.behaviour().allowed.allowed_peers();
        let gone: Vec<PeerId> =
            allowed.iter().filter(|peer| !wanted.contains(*peer)).copied().collect();
        for peer in gone {
            self.swarm.behaviour_mut().allowed.disallow_peer(peer);
            let Some(key) = identity::public_key(&peer) else { continue };
            if let Some(entry) = self.peers.get_mut(&key) {
                entry.stop();
                self.dialer.failed(&key, Instant::now(), rand::random());
            }
        }
        for peer in wanted {
            self.swarm.behaviour_mut().allowed.allow_peer(peer);
        }
    }

    fn on_tick(&mut self, lookups: &mpsc::Sender<Resolved>) {
        let now = Instant::now();
        if self.penalties.end_old(now) {
            self.context.shared.set_cut_off(self.penalties.in_force());
            self.apply_permitted();
        }
        self.refusals.forget_old(now, |peer| self.penalties.is_refused(peer));
        self.context.shared.set_mismatch(self.refusals.mismatch());
        self.close_useless(now);
        let (permitted, penalties) = (&self.permitted, &self.penalties);
        let may = |key: &PublicKey| permitted.contains(key) && !penalties.is_refused(key);
        for (peer, addresses) in self.dialer.due(now, may) {
            tokio::spawn(resolve::resolve(peer, addresses, lookups.clone()));
        }
    }

    /// Closes connections whose streams were not opened in time, and removes state of past peers.
    fn close_useless(&mut self, now: Instant) {
        let patience = self.context.limits.handshake_timeout;
        let mut useless = Vec::new();
        for (key, peer) in &self.peers {
            if let Some(Current { connection, session: None, .. }) = &peer.current
                && now.saturating_duration_since(connection.since) > patience
            {
                useless.push((*key, connection.id));
            }
        }
        for (key, id) in useless {
            self.swarm.close_connection(id);
            if self.forget(&key, id) {
                tracing::debug!(peer = %key, "the peer did not open its streams");
                self.dialer.failed(&key, now, rand::random());
            }
        }
        self.peers.retain(|_, peer| !peer.is_gone());
    }

    fn on_resolved(&mut self, Resolved { peer, addresses, problems }: Resolved) {
        for problem in &problems {
            tracing::debug!(%peer, problem, "an address of the peer is not used");
        }
        if addresses.is_empty() {
            self.on_dial_failed(peer, Problem::Unreachable, &problems.join("; "));
        } else {
            self.dial(peer, addresses);
        }
    }

    fn dial(&mut self, key: PublicKey, addresses: Vec<Multiaddr>) {
        let Ok(peer) = identity::peer_id(&key) else { return };
        // Use a new port: with the listening port, simultaneous dials would become one TCP connection with a
        // client on both sides.
        let dial = DialOpts::peer_id(peer)
            .addresses(addresses)
            .condition(PeerCondition::DisconnectedAndNotDialing)
            .allocate_new_port()
            .build();
        if let Err(error) = self.swarm.dial(dial) {
            self.on_dial_error(peer, &error);
        }
    }
}

impl Peer {
    /// Ends the session with the peer.
    fn stop(&mut self) {
        if let Some(session) = self.current.take().and_then(|current| current.session) {
            self.previous = Some(session.stop());
        }
    }

    fn is_gone(&self) -> bool {
        self.current.is_none() && self.previous.as_ref().is_none_or(JoinHandle::is_finished)
    }
}
