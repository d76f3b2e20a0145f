//! The connection to a node, and waiting for it with an eye on Ctrl-C.

use std::time::Duration;

use ehb_sdk::{Client, Error, Hash};
use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;

use crate::failure::{Exit, Failure};
use crate::output::Output;

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

/// Follows a transaction that was, or is being, sent. When it is not known what becomes of it,
/// its id is the result all the same: whoever asks again needs it.
pub(crate) async fn follow<T>(
    id: &Hash,
    output: &Output,
    interrupt: &mut Interrupt,
    outcome: impl Future<Output = Result<T, Error>>,
) -> Result<T, Failure> {
    let failure = tokio::select! {
        outcome = outcome => match outcome {
            Ok(outcome) => return Ok(outcome),
            Err(error) => Failure::from(error),
        },
        _ = interrupt.0.recv() => {
            let message = format!("interrupted: the transaction {id} may still become final");
            Failure::new(Exit::Interrupted, "INTERRUPTED", message)
                .hint(format!("follow it: ehb tx wait {id}"))
                .detail("transaction", id.to_string())
        }
    };
    if matches!(failure.exit, Exit::Unknown | Exit::Interrupted) {
        let rows = [vec![id.to_string()]];
        output.result(&rows, &json!({ "id": id, "status": "unknown" }))?;
    }
    Err(failure)
}
