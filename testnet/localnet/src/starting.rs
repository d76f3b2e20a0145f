//! The steps of a start that several commands have.

use ehb_localnet::{NODE_NOT_READY, Network, NodeEntry, Unready, coded};

use crate::stop_signal::{StopSignal, interrupted};

/// Starts the indexer that the network has, or is to have, unless it is interrupted before it is ready.
pub(crate) async fn start_indexer(
    network: &mut Network,
    add: bool,
    stop: &mut StopSignal,
) -> anyhow::Result<()> {
    let starting = async {
        if add {
            network.add_indexer().await?;
        }
        network.start_indexer().await
    };
    tokio::select! {
        started = starting => started,
        () = stop.received() => Err(interrupted("before the indexer was ready")),
    }
}

/// Prints and returns the nodes that are running but not ready.
pub(crate) async fn say_unready(network: &Network, nodes: &[NodeEntry]) -> Vec<Unready> {
    let unready = network.unready(nodes).await;
    unready.iter().for_each(|it| ehb_console::say(&it.to_string()));
    unready
}

/// An error that names the nodes that are not ready, if there are any: a program that goes on would pay into a
/// network that may decide nothing.
pub(crate) fn all_ready(unready: &[Unready]) -> anyhow::Result<()> {
    if unready.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = unready.iter().map(|it| it.name.as_str()).collect();
    Err(coded(NODE_NOT_READY, format!("not ready: {}", names.join(", "))))
}
