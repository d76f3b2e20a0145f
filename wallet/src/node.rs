//! The connection to a node, and waits that Ctrl-C can interrupt.

use std::time::Duration;

use ehb_sdk::{Client, Error, Hash};
use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;

use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::secrets::interrupted;

/// The time limit for connecting.
const CONNECT_SECONDS: u64 = 10;

/// Connects to the node at a URL.
pub(crate) async fn connect(url: &str) -> Result<Client, Failure> {
    match timeout(Duration::from_secs(CONNECT_SECONDS), Client::connect(url)).await {
        Ok(connected) => Ok(connected?),
        Err(_) => {
            let reason = format!("no answer within {CONNECT_SECONDS} s");
            Err(Error::Unreachable { url: url.to_owned(), reason }.into())
        }
    }
}

/// Watches for Ctrl-C, which from then on does not end the process by itself. One watch serves a whole
/// command, so that no Ctrl-C is lost between two steps.
pub(crate) struct Interrupt(Signal);

impl Interrupt {
    /// Starts to watch.
    pub(crate) fn watch() -> Result<Self, Failure> {
        signal(SignalKind::interrupt())
            .map(Self)
            .map_err(|error| Failure::of(Exit::Internal, "INTERNAL", &error))
    }
}

impl Interrupt {
    /// Runs a step before anything was sent, unless the user interrupts it.
    pub(crate) async fn unless<T>(&mut self, done: impl Future<Output = T>) -> Result<T, Failure> {
        tokio::select! {
            done = done => Ok(done),
            _ = self.0.recv() => Err(interrupted()),
        }
    }
}

/// Runs a step for a transaction, which Ctrl-C can interrupt. If the user interrupts it, the result still
/// contains the id, which is needed to query it later.
pub(crate) async fn follow<T>(
    id: &Hash,
    output: &Output,
    interrupt: &mut Interrupt,
    done: impl Future<Output = T>,
) -> Result<T, Failure> {
    tokio::select! {
        done = done => Ok(done),
        _ = interrupt.0.recv() => {
            let message = format!("interrupted: the transaction {id} may still become final");
            show_unknown(id, output);
            Err(Failure::new(Exit::Interrupted, "INTERRUPTED", message)
                .hint(format!("follow it: ehb tx wait {id}; the same command again sends the same transaction"))
                .detail("retryable", false)
                .detail("transaction", id.to_string()))
        }
    }
}

/// The failure of a command that does not know the outcome of a transaction, whose id is printed as the
/// result.
pub(crate) fn unknown(id: &Hash, error: Error, output: &Output) -> Failure {
    show_unknown(id, output);
    let hint = format!(
        "give the same command again, which sends the same transaction and does nothing twice; or ask \
         for its fate: ehb tx status {id}"
    );
    Failure::from(error).hint(hint)
}

/// The following failure also contains the id, so that it is not lost if stdout is full.
fn show_unknown(id: &Hash, output: &Output) {
    let _ = output.result(&[vec![id.to_string()]], &json!({ "id": id, "status": "unknown" }));
}
