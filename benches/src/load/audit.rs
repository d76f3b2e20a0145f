//! Checks after a load that all nodes have the same chain.

use std::time::Duration;

use anyhow::Context;
use ehb_localnet::{NODES_DIFFER, coded};
use ehb_sdk::Client;
use ehb_types::Hash;
use tokio::time::{Instant, sleep};

/// The time limit for the nodes to reach the same height.
const PATIENCE: Duration = Duration::from_secs(60);
/// The interval between queries of a node.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// Checks that all nodes have the same block at the height that the first has reached, and so the same roots
/// before it. Returns the height.
pub(crate) async fn equal_roots(clients: &[Client]) -> anyhow::Result<u64> {
    let first = clients.first().context("there is no node")?;
    let height = first.status().await?.height;
    let mut seen: Option<Hash> = None;
    for client in clients {
        let hash = header(client, height).await?;
        if let Some(seen) = seen.filter(|seen| *seen != hash) {
            let text = format!("the nodes differ at height {height}: {seen} and {hash}");
            return Err(coded(NODES_DIFFER, text));
        }
        seen = Some(hash);
    }
    Ok(height)
}

async fn header(client: &Client, height: u64) -> anyhow::Result<Hash> {
    Ok(client.header(height, PATIENCE).await?.hash)
}

/// Waits until a condition holds, or the time is over.
pub(crate) async fn until(patience: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    while !holds() {
        if Instant::now() >= deadline {
            return false;
        }
        sleep(ASK_EVERY).await;
    }
    true
}
