//! Checks after a load that all nodes have the same chain.

use std::time::Duration;

use ehb_localnet::{NODES_DIFFER, UNREACHABLE, coded};
use ehb_sdk::{Client, Error};
use ehb_types::Hash;
use tokio::time::{Instant, sleep};

use super::nodes::Node;

/// The time limit for the nodes to reach the same height.
const PATIENCE: Duration = Duration::from_secs(60);
/// The time limit for a node that restarts to answer.
const ANSWER_PATIENCE: Duration = Duration::from_secs(10);
/// The interval between queries of a node.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// The comparison of the nodes.
#[derive(Debug, Default)]
pub(crate) struct Agreed {
    /// The height at which all nodes that answer have the same block; none if none answers.
    pub(crate) height: Option<u64>,
    /// The addresses of those that do not answer.
    pub(crate) unreachable: Vec<String>,
    /// The problem, if there is one: nodes differ, one does not reach the height, or none answers.
    pub(crate) problem: Option<anyhow::Error>,
}

/// Checks that all nodes that answer have the same block at the height that the first of them has reached, and so the same
/// roots before it.
pub(crate) async fn equal_roots(nodes: &[Node]) -> Agreed {
    let mut agreed = Agreed::default();
    let mut seen: Option<Hash> = None;
    for node in nodes {
        // One that was away for long is asked once.
        let patience = if node.is_given_up() { Duration::ZERO } else { ANSWER_PATIENCE };
        let Some(height) = height_of(&node.client, patience).await else {
            agreed.unreachable.push(node.url.clone());
            continue;
        };
        let height = *agreed.height.get_or_insert(height);
        match node.client.header(height, PATIENCE).await {
            Ok(header) => {
                let first = *seen.get_or_insert(header.hash);
                if first != header.hash {
                    let text =
                        format!("the nodes differ at height {height}: {first} and {}", header.hash);
                    agreed.problem = Some(coded(NODES_DIFFER, text));
                    return agreed;
                }
            }
            // It was killed meanwhile.
            Err(Error::Unreachable { .. }) => agreed.unreachable.push(node.url.clone()),
            Err(error) => {
                let context = format!("the node at {} at height {height}", node.url);
                let error = anyhow::Error::from(error).context(context);
                agreed.problem = agreed.problem.or(Some(error));
            }
        }
    }
    if agreed.height.is_none() {
        let text = "no node answers any more: their chains are not compared".to_owned();
        agreed.problem = Some(coded(UNREACHABLE, text));
    }
    agreed
}

/// The height of a node; none if it does not answer in time.
async fn height_of(client: &Client, patience: Duration) -> Option<u64> {
    let deadline = Instant::now() + patience;
    loop {
        match client.status().await {
            Ok(status) => return Some(status.height),
            Err(_) if Instant::now() < deadline => sleep(ASK_EVERY).await,
            Err(_) => return None,
        }
    }
}
