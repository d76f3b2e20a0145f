//! Opens one stream for each channel and direction on every connection.
//!
//! Each side opens the streams that it writes to. Once all six are open they are handed out together, with
//! their connection; the session defines what is sent on them.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};
use std::time::Duration;

use libp2p::core::transport::PortUse;
use libp2p::core::upgrade::{InboundUpgrade, ReadyUpgrade, UpgradeInfo};
use libp2p::core::{Endpoint, Multiaddr};
use libp2p::swarm::handler::{
    ConnectionEvent, ConnectionHandler, ConnectionHandlerEvent, FullyNegotiatedInbound,
    FullyNegotiatedOutbound, SubstreamProtocol,
};
use libp2p::swarm::{
    ConnectionDenied, ConnectionId, FromSwarm, NetworkBehaviour, THandler, THandlerInEvent,
    THandlerOutEvent, ToSwarm,
};
use libp2p::{PeerId, Stream, StreamProtocol};

use crate::Channel;

/// The streams of one connection, one for each channel in each direction.
#[derive(Debug)]
pub(crate) struct Streams {
    /// To write to.
    pub(crate) outbound: Vec<(Channel, Stream)>,
    /// To read from.
    pub(crate) inbound: Vec<(Channel, Stream)>,
}

impl Streams {
    fn new() -> Self {
        Self {
            outbound: Vec::with_capacity(Channel::COUNT),
            inbound: Vec::with_capacity(Channel::COUNT),
        }
    }

    fn is_complete(&self) -> bool {
        self.outbound.len() == Channel::COUNT && self.inbound.len() == Channel::COUNT
    }
}

/// All streams of a connection are open.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) peer: PeerId,
    pub(crate) connection: ConnectionId,
    pub(crate) streams: Streams,
}

pub(crate) struct Behaviour {
    timeout: Duration,
    /// Bounded by the number of connections: each yields one at most.
    opened: VecDeque<Opened>,
}

impl Behaviour {
    /// `timeout` is the time limit for the negotiation of one stream.
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { timeout, opened: VecDeque::new() }
    }
}

impl NetworkBehaviour for Behaviour {
    type ConnectionHandler = Handler;
    type ToSwarm = Opened;

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(Handler::new(self.timeout))
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        _: PeerId,
        _: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        Ok(Handler::new(self.timeout))
    }

    fn on_swarm_event(&mut self, _: FromSwarm) {}

    fn on_connection_handler_event(
        &mut self,
        peer: PeerId,
        connection: ConnectionId,
        streams: THandlerOutEvent<Self>,
    ) {
        self.opened.push_back(Opened { peer, connection, streams });
    }

    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Opened, THandlerInEvent<Self>>> {
        // No waker is kept: the swarm polls again after each event of a handler.
        match self.opened.pop_front() {
            Some(opened) => Poll::Ready(ToSwarm::GenerateEvent(opened)),
            None => Poll::Pending,
        }
    }
}

pub(crate) struct Handler {
    timeout: Duration,
    to_request: VecDeque<Channel>,
    /// `None` once handed out: later streams are dropped, which resets them.
    streams: Option<Streams>,
}

impl Handler {
    fn new(timeout: Duration) -> Self {
        Self { timeout, to_request: Channel::ALL.into(), streams: Some(Streams::new()) }
    }
}

impl ConnectionHandler for Handler {
    type FromBehaviour = Infallible;
    type ToBehaviour = Streams;
    type InboundProtocol = AnyChannel;
    type OutboundProtocol = ReadyUpgrade<StreamProtocol>;
    type InboundOpenInfo = ();
    type OutboundOpenInfo = Channel;

    fn listen_protocol(&self) -> SubstreamProtocol<AnyChannel> {
        SubstreamProtocol::new(AnyChannel, ()).with_timeout(self.timeout)
    }

    /// The driver closes dead connections.
    fn connection_keep_alive(&self) -> bool {
        true
    }

    fn poll(
        &mut self,
        _: &mut Context<'_>,
    ) -> Poll<ConnectionHandlerEvent<ReadyUpgrade<StreamProtocol>, Channel, Streams>> {
        if let Some(channel) = self.to_request.pop_front() {
            let upgrade = ReadyUpgrade::new(channel.protocol());
            let protocol = SubstreamProtocol::new(upgrade, channel).with_timeout(self.timeout);
            return Poll::Ready(ConnectionHandlerEvent::OutboundSubstreamRequest { protocol });
        }
        match self.streams.take_if(|streams| streams.is_complete()) {
            Some(streams) => Poll::Ready(ConnectionHandlerEvent::NotifyBehaviour(streams)),
            None => Poll::Pending,
        }
    }

    fn on_behaviour_event(&mut self, event: Infallible) {
        match event {}
    }

    /// Opening a stream is not retried: the driver closes a connection whose streams are not complete in
    /// time.
    fn on_connection_event(
        &mut self,
        event: ConnectionEvent<AnyChannel, ReadyUpgrade<StreamProtocol>, (), Channel>,
    ) {
        let Some(streams) = &mut self.streams else { return };
        match event {
            ConnectionEvent::FullyNegotiatedInbound(FullyNegotiatedInbound {
                protocol: (channel, stream),
                info: (),
            }) => add(&mut streams.inbound, channel, stream),
            ConnectionEvent::FullyNegotiatedOutbound(FullyNegotiatedOutbound {
                protocol: stream,
                info: channel,
            }) => add(&mut streams.outbound, channel, stream),
            _ => {}
        }
    }
}

/// Keeps the first stream of each channel; a second is dropped, which resets it.
fn add(streams: &mut Vec<(Channel, Stream)>, channel: Channel, stream: Stream) {
    if streams.iter().all(|(other, _)| *other != channel) {
        streams.push((channel, stream));
    }
}

/// Accepts a stream of any channel.
pub(crate) struct AnyChannel;

impl UpgradeInfo for AnyChannel {
    type Info = StreamProtocol;
    type InfoIter = std::array::IntoIter<StreamProtocol, { Channel::COUNT }>;

    fn protocol_info(&self) -> Self::InfoIter {
        Channel::ALL.map(Channel::protocol).into_iter()
    }
}

impl InboundUpgrade<Stream> for AnyChannel {
    type Output = (Channel, Stream);
    type Error = Infallible;
    type Future = Ready<Result<Self::Output, Infallible>>;

    fn upgrade_inbound(self, stream: Stream, protocol: StreamProtocol) -> Self::Future {
        // Only names from `protocol_info` are negotiated.
        let channel = Channel::ALL.into_iter().find(|channel| channel.protocol() == protocol);
        ready(Ok((channel.unwrap_or(Channel::Sync), stream)))
    }
}
