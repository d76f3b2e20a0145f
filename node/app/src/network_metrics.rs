//! Exports the network's counters, by channel and for gossip, to Prometheus.

use std::fmt;
use std::sync::Arc;

use ehb_network::{ChannelStats, Network, Stats};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

/// The counters of the network, read when metrics are requested.
pub(crate) struct NetworkMetrics(Arc<dyn Fn() -> Stats + Send + Sync>);

/// A counter for each channel.
type OfChannel = (&'static str, &'static str, Option<Unit>, fn(&ChannelStats) -> u64);

const OF_CHANNEL: [OfChannel; 6] = [
    ("network_frames_sent", "Frames sent to peers", None, |it| it.frames_sent),
    ("network_frames_received", "Frames received from peers", None, |it| it.frames_received),
    (
        "network_frames_dropped",
        "Frames that were not sent because the peer's queue was full",
        None,
        |it| it.frames_dropped,
    ),
    (
        "network_frames_skipped",
        "Skipped frames of peers: of an unknown kind, or larger than currently accepted",
        None,
        |it| it.frames_skipped,
    ),
    ("network_sent", "Content of frames sent to peers", Some(Unit::Bytes), |it| it.bytes_sent),
    ("network_received", "Content of frames received from peers", Some(Unit::Bytes), |it| {
        it.bytes_received
    }),
];

impl NetworkMetrics {
    pub(crate) fn new(network: Network) -> Self {
        Self::of(move || network.stats())
    }

    /// Of anything that counts.
    pub(crate) fn of(stats: impl Fn() -> Stats + Send + Sync + 'static) -> Self {
        Self(Arc::new(stats))
    }
}

impl fmt::Debug for NetworkMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NetworkMetrics")
    }
}

impl Collector for NetworkMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let stats = (self.0)();
        for (name, help, unit, count) in OF_CHANNEL {
            let mut metric =
                encoder.encode_descriptor(name, help, unit.as_ref(), MetricType::Counter)?;
            for (channel, of_channel) in stats.channels.iter() {
                let counter = ConstCounter::new(count(of_channel));
                counter.encode(metric.encode_family(&[("channel", channel.name())])?)?;
            }
        }
        let gossip = stats.gossip;
        let counters = [
            ("network_gossip_received", "Gossiped messages received", gossip.received),
            ("network_gossip_rejected", "Gossiped messages that were invalid", gossip.rejected),
            (
                "network_gossip_dropped",
                "Gossiped messages dropped because this node or its peers were too slow",
                gossip.dropped,
            ),
            ("network_refused", "Rejected connections of nodes", stats.refused),
            ("network_dials_failed", "Failed connection attempts", stats.dials_failed),
            (
                "network_turned_away",
                "Connections that a peer closed before it greeted",
                stats.turned_away,
            ),
            ("network_connections_lost", "Connections that broke", stats.connections_lost),
        ];
        for (name, help, count) in counters {
            let counter = ConstCounter::new(count);
            let described = encoder.encode_descriptor(name, help, None, counter.metric_type())?;
            counter.encode(described)?;
        }
        let waiting = ConstGauge::new(i64::try_from(stats.inbound_bytes).unwrap_or(i64::MAX));
        let (name, help) =
            ("network_inbound", "Waiting content of peers in their shared memory pool");
        let described =
            encoder.encode_descriptor(name, help, Some(&Unit::Bytes), waiting.metric_type())?;
        waiting.encode(described)
    }
}
