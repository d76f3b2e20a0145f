use std::time::Duration;

use anyhow::{Context, bail};
use ehb_sdk::Client;
use ehb_types::Hash;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

/// How long the nodes may take to reach the same height.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a node is asked again.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// The longest answer that is read, bytes.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// Checks that all nodes have the same block at the height that the first has reached, and so the
/// same roots before it. Gives the height.
pub(crate) async fn equal_roots(clients: &[Client]) -> anyhow::Result<u64> {
    let first = clients.first().context("there is no node")?;
    let height = first.status().await?.height;
    let mut seen: Option<Hash> = None;
    for client in clients {
        let hash = header(client, height).await?;
        if let Some(seen) = seen.filter(|seen| *seen != hash) {
            bail!("the nodes differ at height {height}: {seen} and {hash}");
        }
        seen = Some(hash);
    }
    Ok(height)
}

async fn header(client: &Client, height: u64) -> anyhow::Result<Hash> {
    Ok(client.header(height, PATIENCE).await?.hash)
}

/// A counter that a node shows, as of now.
pub(crate) async fn counter(metrics_url: &str, name: &str) -> anyhow::Result<u64> {
    let rest = metrics_url.strip_prefix("http://").context("the metrics URL is not http")?;
    let (address, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.take(ANSWER_BYTES_MAX).read_to_string(&mut answer).await?;
    let line = answer.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let value = line.with_context(|| format!("the node shows no {name}"))?;
    value.trim().parse().with_context(|| format!("{name} is {value:?}"))
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
