//! Exports the RPC server's counters, such as calls and connections, to Prometheus.

use std::sync::Arc;

use ehb_rpc_server::{Usage, UsageCounts};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// The counters of the RPC server, read when metrics are requested.
#[derive(Debug)]
pub(crate) struct ClientMetrics(pub(crate) Arc<Usage>);

impl Collector for ClientMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let UsageCounts { calls, failed, refused, connections, sessions } = self.0.counts();
        let counters = [
            ("rpc_calls", "Calls of clients that were answered", calls),
            ("rpc_calls_failed", "Calls of clients that were answered with an error", failed),
            ("rpc_refused", "Requests and connections rejected before a call was read", refused),
        ];
        for (name, help, count) in counters {
            let counter = ConstCounter::new(count);
            let described = encoder.encode_descriptor(name, help, None, counter.metric_type())?;
            counter.encode(described)?;
        }
        let gauges = [
            ("rpc_connections", "Open connections of clients, including WebSockets", connections),
            ("rpc_websockets", "Open WebSockets of clients", sessions),
        ];
        for (name, help, count) in gauges {
            let gauge = ConstGauge::new(i64::try_from(count).unwrap_or(i64::MAX));
            let described = encoder.encode_descriptor(name, help, None, gauge.metric_type())?;
            gauge.encode(described)?;
        }
        Ok(())
    }
}
