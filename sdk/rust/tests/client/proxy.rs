//! A line between a client and a node that fails when it is told to.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, sink};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How a connection fails once so many bytes have come from the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Both sides are told that it is closed.
    Cut,
    /// Nothing passes any more, and nobody is told.
    Silent,
    /// What the client sends still arrives, and nothing comes back.
    HalfOpen,
    /// So few bytes pass every 20 ms.
    Slow(usize),
}

/// A proxy in front of one node.
pub(crate) struct Proxy {
    pub(crate) url: String,
    line: Arc<Line>,
    task: JoinHandle<()>,
}

struct Line {
    node: SocketAddr,
    /// What the next connections do, the first one first.
    plans: Mutex<Vec<(usize, Fault)>>,
    connections: AtomicUsize,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    /// A line to the node at a URL on which everything passes.
    pub(crate) async fn to(url: &str) -> Self {
        let node = url.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let line =
            Arc::new(Line { node, plans: Mutex::default(), connections: AtomicUsize::new(0) });
        let accepting = line.clone();
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((outside, _)) = listener.accept().await {
                accepting.connections.fetch_add(1, Ordering::Relaxed);
                let mut plans = accepting.plans.lock().unwrap();
                let plan = if plans.is_empty() { None } else { Some(plans.remove(0)) };
                connections.spawn(serve(outside, accepting.node, plan));
            }
        });
        Self { url, line, task }
    }

    /// The next connection that has no plan yet fails like this after so many bytes from the node.
    pub(crate) fn fail_next(&self, after_bytes: usize, fault: Fault) {
        self.line.plans.lock().unwrap().push((after_bytes, fault));
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.line.connections.load(Ordering::Relaxed)
    }
}

async fn serve(outside: TcpStream, node: SocketAddr, plan: Option<(usize, Fault)>) {
    let Ok(inside) = TcpStream::connect(node).await else { return };
    let (mut from_client, mut to_client) = outside.into_split();
    let (mut from_node, mut to_node) = inside.into_split();
    let (after_bytes, fault) = plan.unwrap_or((usize::MAX, Fault::Cut));
    let up = tokio::spawn(async move { copy(&mut from_client, &mut to_node).await.map(|_| ()) });
    let passed = pass(&mut from_node, &mut to_client, after_bytes).await;
    if !passed {
        up.abort();
        return;
    }
    match fault {
        Fault::Cut => up.abort(),
        Fault::Silent => {
            up.abort();
            std::future::pending::<()>().await;
        }
        Fault::HalfOpen => {
            let _ = copy(&mut from_node, &mut sink()).await;
            std::future::pending::<()>().await;
        }
        Fault::Slow(bytes) => {
            while pass(&mut from_node, &mut to_client, bytes).await {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            up.abort();
        }
    }
}

/// Passes so many bytes; false when one of the sides ended before.
async fn pass(from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf, mut bytes: usize) -> bool {
    let mut buffer = [0; 4_096];
    while bytes > 0 {
        let room = bytes.min(buffer.len());
        match from.read(&mut buffer[..room]).await {
            Ok(read) if read > 0 && to.write_all(&buffer[..read]).await.is_ok() => bytes -= read,
            _ => return false,
        }
    }
    true
}
