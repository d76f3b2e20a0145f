//! Limits incoming connections that are not yet authenticated, in total and for each IP address, so that
//! half-open handshakes from one address leave room for others.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::IpAddr;
use std::task::{Context, Poll};

use libp2p::PeerId;
use libp2p::core::transport::PortUse;
use libp2p::core::{Endpoint, Multiaddr};
use libp2p::multiaddr::Protocol;
use libp2p::swarm::behaviour::ListenFailure;
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
    THandlerOutEvent, ToSwarm, dummy,
};

pub(crate) struct Behaviour {
    pending_max: usize,
    pending_per_ip_max: usize,
    pending: BTreeMap<ConnectionId, Option<IpAddr>>,
}

/// Too many handshakes are in progress.
#[derive(Debug, thiserror::Error)]
#[error("{pending} incoming connections are already in their handshake")]
struct Crowded {
    pending: usize,
}

impl Behaviour {
    pub(crate) fn new(pending_max: usize, pending_per_ip_max: usize) -> Self {
        Self { pending_max, pending_per_ip_max, pending: BTreeMap::new() }
    }

    fn admit(&mut self, connection: ConnectionId, ip: Option<IpAddr>) -> Result<(), Crowded> {
        if self.pending.len() >= self.pending_max {
            return Err(Crowded { pending: self.pending.len() });
        }
        let from_there = self.pending.values().filter(|other| **other == ip).count();
        if from_there >= self.pending_per_ip_max {
            return Err(Crowded { pending: from_there });
        }
        self.pending.insert(connection, ip);
        Ok(())
    }
}

fn ip_of(address: &Multiaddr) -> Option<IpAddr> {
    address.iter().find_map(|part| match part {
        Protocol::Ip4(ip) => Some(ip.into()),
        Protocol::Ip6(ip) => Some(ip.into()),
        _ => None,
    })
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        connection: ConnectionId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.admit(connection, ip_of(remote)).map_err(ConnectionDenied::new)
    }

    fn handle_established_inbound_connection(
        &mut self,
        connection: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.pending.remove(&connection);
        Ok(dummy::ConnectionHandler)
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(dummy::ConnectionHandler)
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        if let FromSwarm::ListenFailure(ListenFailure { connection_id, .. }) = event {
            self.pending.remove(&connection_id);
        }
    }

    fn on_connection_handler_event(
        &mut self,
        _: PeerId,
        _: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        match event {}
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Infallible, THandlerInEvent<Self>>> {
        Poll::Pending
    }
}
