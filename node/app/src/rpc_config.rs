//! Defines the `rpc` section of the configuration, and checks and converts its limits.

use std::net::{IpAddr, SocketAddr};

use anyhow::bail;
use ehb_rpc_server::{Limits, ServerConfig};
use serde::{Deserialize, Serialize};

use crate::setting::{check_bound, local};

/// JSON-RPC. A client is an IPv4 address or the /64 of an IPv6 address; the limits of one client are lower
/// than those of all clients, so that no client can lock out the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Rpc {
    /// Where to listen.
    pub(crate) listen: SocketAddr,
    /// Additional host names under which clients reach the node.
    pub(crate) hosts: Vec<String>,
    /// Proxies whose X-Forwarded-For header identifies the client. Without it, all clients of a proxy count
    /// as one.
    pub(crate) trusted_proxies: Vec<IpAddr>,
    /// Open connections of all clients.
    pub(crate) connections_max: usize,
    /// Open connections of a client.
    pub(crate) client_connections_max: usize,
    /// Open WebSockets of all clients.
    pub(crate) websockets_max: usize,
    /// Open WebSockets of a client.
    pub(crate) client_websockets_max: usize,
    /// Subscriptions of all clients.
    pub(crate) subscriptions_max: usize,
    /// Subscriptions of a client.
    pub(crate) client_subscriptions_max: usize,
    /// Calls of all clients that wait for transactions.
    pub(crate) waits_max: usize,
    /// Calls of a client that wait for transactions.
    pub(crate) client_waits_max: usize,
    /// Other concurrent calls of a client.
    pub(crate) client_calls_max: usize,
    /// Transactions of all clients on their way into the mempool; one counts for each 512 bytes.
    pub(crate) submissions_max: usize,
    /// Transactions of a client on their way into the mempool.
    pub(crate) client_submissions_max: usize,
    /// Memory for requests and answers of all clients, MiB.
    pub(crate) memory_mib: usize,
    /// Memory for requests and answers of a client, MiB.
    pub(crate) client_memory_mib: usize,
    /// Concurrent cheap reads.
    pub(crate) reads_at_once: usize,
    /// Concurrent reads of whole blocks.
    pub(crate) block_reads_at_once: usize,
    /// Concurrent simulations and calls of modules.
    pub(crate) executions_at_once: usize,
}

impl Default for Rpc {
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            listen: local(7_401),
            hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            connections_max: limits.connections_max,
            client_connections_max: limits.client_connections_max,
            websockets_max: limits.websockets_max,
            client_websockets_max: limits.client_websockets_max,
            subscriptions_max: limits.subscriptions_max,
            client_subscriptions_max: limits.client_subscriptions_max,
            waits_max: limits.waits_max,
            client_waits_max: limits.client_waits_max,
            client_calls_max: limits.client_calls_max,
            submissions_max: limits.submissions_max,
            client_submissions_max: limits.client_submissions_max,
            memory_mib: limits.memory_mib,
            client_memory_mib: limits.client_memory_mib,
            reads_at_once: limits.reads_at_once,
            block_reads_at_once: limits.block_reads_at_once,
            executions_at_once: limits.executions_at_once,
        }
    }
}

impl Rpc {
    /// The same with a maximum number of connections, half of them WebSockets.
    pub(crate) fn within(&self, connections_max: usize) -> Self {
        let connections_max = self.connections_max.min(connections_max);
        let websockets_max = self.websockets_max.min(connections_max / 2);
        Self {
            connections_max,
            client_connections_max: self.client_connections_max.min(connections_max),
            websockets_max,
            client_websockets_max: self.client_websockets_max.min(websockets_max),
            ..self.clone()
        }
    }

    /// The server's configuration.
    pub(crate) fn server_config(&self) -> ServerConfig {
        ServerConfig {
            listen: self.listen,
            allowed_hosts: self.hosts.clone(),
            trusted_proxies: self.trusted_proxies.clone(),
            limits: self.limits(),
        }
    }

    fn limits(&self) -> Limits {
        Limits {
            connections_max: self.connections_max,
            client_connections_max: self.client_connections_max,
            websockets_max: self.websockets_max,
            client_websockets_max: self.client_websockets_max,
            subscriptions_max: self.subscriptions_max,
            client_subscriptions_max: self.client_subscriptions_max,
            waits_max: self.waits_max,
            client_waits_max: self.client_waits_max,
            client_calls_max: self.client_calls_max,
            submissions_max: self.submissions_max,
            client_submissions_max: self.client_submissions_max,
            memory_mib: self.memory_mib,
            client_memory_mib: self.client_memory_mib,
            reads_at_once: self.reads_at_once,
            block_reads_at_once: self.block_reads_at_once,
            executions_at_once: self.executions_at_once,
        }
    }

    /// Checks that the numbers are within their limits, and the form of host names.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        for host in &self.hosts {
            // Any other text would never equal the host of a request.
            ehb_console::host_name(host).map_err(|error| anyhow::anyhow!("rpc.hosts: {error}"))?;
        }
        let memory_min = Limits::CLIENT_MEMORY_MIB_MIN;
        let submissions_min = Limits::CLIENT_SUBMISSIONS_MIN;
        let bounds = [
            ("rpc.connections_max", self.connections_max, 8, 65_536),
            ("rpc.websockets_max", self.websockets_max, 1, 65_536),
            ("rpc.subscriptions_max", self.subscriptions_max, 1, 100_000),
            ("rpc.waits_max", self.waits_max, 1, 10_000),
            ("rpc.client_calls_max", self.client_calls_max, 1, 4_096),
            ("rpc.submissions_max", self.submissions_max, submissions_min, 65_536),
            ("rpc.client_submissions_max", self.client_submissions_max, submissions_min, 65_536),
            ("rpc.memory_mib", self.memory_mib, memory_min, 65_536),
            ("rpc.client_memory_mib", self.client_memory_mib, memory_min, 65_536),
            ("rpc.reads_at_once", self.reads_at_once, 1, 16),
            ("rpc.block_reads_at_once", self.block_reads_at_once, 1, 16),
            ("rpc.executions_at_once", self.executions_at_once, 1, 4),
        ];
        for (name, value, min, max) in bounds {
            check_bound((name, value as u64, min as u64, max as u64))?;
        }
        let pairs = [
            ("connections_max", self.client_connections_max, self.connections_max),
            ("websockets_max", self.client_websockets_max, self.websockets_max),
            ("subscriptions_max", self.client_subscriptions_max, self.subscriptions_max),
            ("waits_max", self.client_waits_max, self.waits_max),
            ("submissions_max", self.client_submissions_max, self.submissions_max),
            ("memory_mib", self.client_memory_mib, self.memory_mib),
        ];
        for (name, client, all) in pairs {
            if client < 1 || client > all {
                bail!("rpc.client_{name} is {client}; it must be between 1 and rpc.{name}, {all}");
            }
        }
        if self.websockets_max >= self.connections_max {
            bail!(
                "rpc.websockets_max is {}; it must be less than rpc.connections_max, {}: a WebSocket is a \
                 connection, and HTTP needs some, too",
                self.websockets_max,
                self.connections_max
            );
        }
        Ok(())
    }
}
