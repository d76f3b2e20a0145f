//! Builds the encrypted transport (TCP, noise, yamux) and sets its limits and socket options.

use std::time::Duration;

use libp2p::core::muxing::StreamMuxerBox;
use libp2p::core::transport::Boxed;
use libp2p::core::upgrade::Version;
use libp2p::identity::Keypair;
use libp2p::{PeerId, Transport, noise, tcp, yamux};

use crate::{Limits, NetworkError};

/// The maximum number of unsent bytes in the kernel for a connection. A vote that is written after a block
/// waits for these, so the limit is low; it does not limit bytes in flight.
const KERNEL_UNSENT_BYTES_MAX: u32 = 128 << 10;

/// The backlog of connections that the kernel accepts ahead of us.
const BACKLOG_CONNECTIONS: u32 = 128;

/// Yamux guarantees each stream 256 KiB of window and lets windows grow by what remains of its 1 GiB for each
/// connection. With this number of promised streams 16 MiB remain: a peer can have that much buffered here
/// beyond the guarantee while the application is slow, and not 1 GiB. The actual number of streams is limited
/// by their negotiation.
const YAMUX_STREAMS: usize = 4_032;

/// TCP, then noise (which proves the peer's key), then yamux.
pub(crate) fn new(
    keypair: &Keypair,
    limits: &Limits,
) -> Result<Boxed<(PeerId, StreamMuxerBox)>, NetworkError> {
    let noise =
        noise::Config::new(keypair).map_err(|error| NetworkError::NodeKey(error.to_string()))?;
    let mut yamux = yamux::Config::default();
    yamux.set_max_num_streams(YAMUX_STREAMS);
    let tcp = tcp::Config::default().nodelay(true).listen_backlog(BACKLOG_CONNECTIONS);
    let unacknowledged_max = limits.ping_timeout;
    let transport = tcp::tokio::Transport::new(tcp)
        .map(move |stream, _| {
            tune(&stream, unacknowledged_max);
            stream
        })
        .upgrade(Version::V1Lazy)
        .authenticate(noise)
        .multiplex(yamux)
        .timeout(limits.handshake_timeout)
        .boxed();
    Ok(transport)
}

/// Sets socket options that libp2p does not set: a connection to a dead peer ends when sent bytes stay
/// unacknowledged. Otherwise the kernel would retry for a quarter of an hour, and closing would take as long.
fn tune(stream: &tcp::tokio::TcpStream, unacknowledged_max: Duration) {
    let socket = socket2::SockRef::from(&stream.0);
    let tuned = socket
        .set_tcp_user_timeout(Some(unacknowledged_max))
        .and_then(|()| socket.set_tcp_notsent_lowat(KERNEL_UNSENT_BYTES_MAX));
    if let Err(error) = tuned {
        tracing::debug!(%error, "cannot set the socket options of a connection");
    }
}
