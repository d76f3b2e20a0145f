//! The connection to a node, and waiting for it with an eye on Ctrl-C.

use std::time::Duration;

use ehb_sdk::{Client, Error, Hash};
use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;

use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::secrets::interrupted;

/// How long connecting may take.
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

/// Watches for Ctrl-C, which from then on ends nothing by itself. One watch serves a whole command,
/// so that no Ctrl-C is lost between two steps.
pub(crate) struct Interrupt(Signal);

impl Interrupt {
    /// Begins to watch.
    pub(crate) fn watch() -> Result<Self, Failure> {
        signal(SignalKind::interrupt())
            .map(Self)
            .map_err(|error| Failure::of(Exit::Internal, "INTERNAL", &error))
    }
}

impl Interrupt {
    /// Does what takes time while nothing was sent yet, unless the user breaks off.
    pub(crate) async fn unless<T>(&mut self, done: impl Future<Output = T>) -> Result<T, Failure> {
        tokio::select! {
            done = done => Ok(done),
            _ = self.0.recv() => Err(interrupted()),
        }
    }
}

/// Does what takes time for a transaction, with an eye on Ctrl-C. When the user breaks off, its id is
/// the result all the same: whoever asks again needs it.
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

/// The failure of a command that does not know what becomes of a transaction, whose id is the result
/// all the same.
pub(crate) fn unknown(id: &Hash, error: Error, output: &Output) -> Failure {
    show_unknown(id, output);
    let hint = format!(
        "give the same command again, which sends the same transaction and does nothing twice; or ask \
         for its fate: ehb tx status {id}"
    );
    Failure::from(error).hint(hint)
}

/// The failure that follows contains the id as well, so that nothing is lost where stdout is full.
fn show_unknown(id: &Hash, output: &Output) {
    let _ = output.result(&[vec![id.to_string()]], &json!({ "id": id, "status": "unknown" }));
}
