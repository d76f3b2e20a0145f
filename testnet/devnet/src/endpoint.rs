//! An address at which the chain is served, with any backend in front of it.

use std::net::SocketAddr;
use std::sync::{Arc, mpsc};

use ehb_rpc_server::{Backend, Server, ServerConfig, ServerError};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A server that answers clients. Several endpoints of one network look like several nodes of one chain.
pub struct Endpoint {
    address: SocketAddr,
    url: String,
    task: JoinHandle<()>,
}

impl Endpoint {
    /// Listens, and serves on the threads of a runtime. This blocks for the moment that listening takes, and works
    /// inside of another runtime as well.
    pub(crate) fn open(
        runtime: &Handle,
        listen: SocketAddr,
        backend: Arc<dyn Backend>,
    ) -> Result<Self, ServerError> {
        let (bound, server) = mpsc::sync_channel(1);
        let (start, started) = oneshot::channel();
        let task = runtime.spawn(async move {
            match Server::bind(ServerConfig::at(listen), backend).await {
                Ok(server) => {
                    let _ = bound.send(Ok(server.address()));
                    let _ = started.await;
                    server.run(std::future::pending()).await;
                }
                Err(error) => drop(bound.send(Err(error))),
            }
        });
        let gone = |_| ServerError::Listen {
            address: listen,
            source: std::io::Error::other("the runtime has ended"),
        };
        let address = server.recv().map_err(gone)??;
        let _ = start.send(());
        Ok(Self { address, url: format!("http://{address}"), task })
    }

    /// Where clients connect, for example `http://127.0.0.1:40123`; WebSockets are on the same port.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address that the server listens at.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends the server and its connections at once, as if the node were killed. When this returns, the port
    /// refuses connections.
    pub async fn close(&mut self) {
        self.task.abort();
        if !self.task.is_finished() {
            // It was cancelled, which is what was meant.
            let _ = (&mut self.task).await;
        }
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.task.abort();
    }
}
