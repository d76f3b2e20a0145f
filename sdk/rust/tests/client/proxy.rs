//! A proxy between a client and a node that fails on command.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy, sink};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// How a connection fails after a number of bytes from the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Both sides are notified that it is closed.
    Cut,
    /// Nothing passes any more, and no side is notified.
    Silent,
    /// What the client sends still arrives, and nothing comes back.
    HalfOpen,
    /// Only this many bytes pass every 20 ms.
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
    /// The plans of the next connections, in order.
    plans: Mutex<Vec<(usize, Fault)>>,
    connections: AtomicUsize,
    /// The number of times that all connections were cut.
    cuts: watch::Sender<u64>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    /// A proxy to the node at a URL that forwards everything.
    pub(crate) async fn to(url: &str) -> Self {
        let node = url.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let line = Arc::new(Line {
            node,
            plans: Mutex::default(),
            connections: AtomicUsize::new(0),
            cuts: watch::Sender::new(0),
        });
        let accepting = line.clone();
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((outside, _)) = listener.accept().await {
                accepting.connections.fetch_add(1, Ordering::Relaxed);
                let mut plans = accepting.plans.lock().unwrap();
                let plan = if plans.is_empty() { None } else { Some(plans.remove(0)) };
                let (node, mut cuts) = (accepting.node, accepting.cuts.subscribe());
                connections.spawn(async move {
                    tokio::select! {
                        () = serve(outside, node, plan) => {}
                        _ = cuts.changed() => {}
                    }
                });
            }
        });
        Self { url, line, task }
    }

    /// The next connection without a plan fails like this after a number of bytes from the node.
    pub(crate) fn fail_next(&self, after_bytes: usize, fault: Fault) {
        self.line.plans.lock().unwrap().push((after_bytes, fault));
    }

    /// Lets all connections from now on pass.
    pub(crate) fn mend(&self) {
        self.line.plans.lock().unwrap().clear();
    }

    /// Cuts all current connections, and waits until they are cut.
    pub(crate) async fn cut(&self) {
        self.line.cuts.send_modify(|cuts| *cuts += 1);
        while self.line.cuts.receiver_count() > 0 {
            tokio::task::yield_now().await;
        }
    }

    /// The number of connections so far.
    pub(crate) fn connections(&self) -> usize {
        self.line.connections.load(Ordering::Relaxed)
    }
}

async fn serve(outside: TcpStream, node: SocketAddr, plan: Option<(usize, Fault)>) {
    let Ok(inside) = TcpStream::connect(node).await else { return };
    let (mut from_client, mut to_client) = outside.into_split();
    let (mut from_node, mut to_node) = inside.into_split();
    let (after_bytes, fault) = plan.unwrap_or((usize::MAX, Fault::Cut));
    // Ends with this connection.
    let mut up = JoinSet::new();
    up.spawn(async move { copy(&mut from_client, &mut to_node).await.map(|_| ()) });
    if !pass(&mut from_node, &mut to_client, after_bytes).await {
        return;
    }
    match fault {
        Fault::Cut => {}
        Fault::Silent => {
            // Held by the task until now: the data that it has read is dropped with it.
            up.abort_all();
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
        }
    }
}

/// Forwards a number of bytes; false if one of the sides ended before.
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
