//! The nodes that a load is sent to, and submission that survives their restarts and their end.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ehb_sdk::api::{SUBMIT_BATCH_TRANSACTIONS_MAX, SubmitResult};
use ehb_sdk::{Client, Code, Error};
use ehb_types::{Hash, SignedTransaction};
use tokio::time::{Instant, sleep, timeout};

use super::load_state::LoadState;

/// The time limit for the answer to a batch. A node that stands still does not even close its connections.
const ANSWER_MAX: Duration = Duration::from_secs(20);
/// The pause before a batch is submitted again to a node that is away or busy.
const PAUSE: Duration = Duration::from_millis(5);

/// A node that the load is sent to.
pub(crate) struct Node {
    pub(crate) url: String,
    pub(crate) client: Client,
    away: Mutex<Away>,
}

/// Whether a node answers.
#[derive(Clone, Copy, Debug, Default)]
struct Away {
    /// Since when it has answered nothing.
    since: Option<Instant>,
    /// Whether that was for longer than the patience of the load: then nothing more is sent to it.
    is_given_up: bool,
}

impl Node {
    pub(crate) fn new(url: String, client: Client) -> Self {
        Self { url, client, away: Mutex::default() }
    }

    /// Whether it was away for longer than the load has patience.
    pub(crate) fn is_given_up(&self) -> bool {
        self.away().is_given_up
    }

    fn answered(&self) {
        self.away().since = None;
    }

    fn was_away(&self, patience: Duration) {
        let mut away = self.away();
        let since = *away.since.get_or_insert_with(Instant::now);
        away.is_given_up |= since.elapsed() >= patience;
    }

    fn away(&self) -> MutexGuard<'_, Away> {
        self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answer(&self, batch: &[SignedTransaction]) -> Result<Vec<SubmitResult>, Error> {
        match timeout(ANSWER_MAX, self.client.submit_batch(batch)).await {
            Ok(answer) => answer,
            Err(_) => {
                let reason = format!("no answer within {} s", ANSWER_MAX.as_secs());
                Err(Error::Unreachable { url: self.url.clone(), reason })
            }
        }
    }

    /// Submits a batch; while the node is away or has no time for it the same batch again, or all that follow it in
    /// its lanes would wait for ever.
    pub(crate) async fn submit(
        &self,
        batch: Vec<SignedTransaction>,
        shared: &LoadState,
        patience: Duration,
    ) {
        let ids = || batch.iter().map(SignedTransaction::id).collect::<Vec<Hash>>();
        let busy_until = Instant::now() + patience;
        // Whether the node may have it although no answer came.
        let mut is_sent = false;
        let results = loop {
            if self.is_given_up() {
                return match is_sent {
                    true => shared.unanswered(&ids()),
                    false => shared.refuse("UNREACHABLE", &ids()),
                };
            }
            match self.answer(&batch).await {
                Ok(results) => break results,
                Err(error) if is_no_answer(&error) => {
                    is_sent = true;
                    self.was_away(patience);
                }
                Err(error) if error.retryable() && Instant::now() < busy_until => self.answered(),
                Err(error) => {
                    self.answered();
                    return match is_sent {
                        true => shared.unanswered(&ids()),
                        false => shared.refuse(error.code().unwrap_or("INTERNAL"), &ids()),
                    };
                }
            }
            sleep(PAUSE).await;
        };
        self.answered();
        for (signed, result) in batch.iter().zip(results) {
            match result {
                SubmitResult::Id(id) => shared.accepted(&id),
                SubmitResult::Error(error) if is_sent && is_known(&error.code) => {
                    shared.accepted(&signed.id());
                }
                // Another one with its sequence is impossible: it may be final already.
                SubmitResult::Error(error) if is_sent && is_used(&error.code) => {
                    shared.unanswered(&[signed.id()]);
                }
                SubmitResult::Error(error) => shared.refuse(&error.code, &[signed.id()]),
            }
        }
    }
}

/// Whether a node may have a batch although it gave this answer, or none.
fn is_no_answer(error: &Error) -> bool {
    matches!(error, Error::OutcomeUnknown { .. })
        || error.code().is_none()
        || error.is(Code::Internal)
        || error.is(Code::Timeout)
}

fn is_known(code: &str) -> bool {
    code == Code::AlreadyKnown.as_str()
}

fn is_used(code: &str) -> bool {
    code == Code::SequenceUsed.as_str()
}

/// Offers transactions that nodes accepted or may have, and that are not final, to a node that answers: one that was
/// killed has lost them, and those after them in their lanes wait for them. What it answers is of no interest, unless it
/// takes one of which no answer came.
pub(crate) async fn offer_again(nodes: &[Node], shared: &LoadState) {
    for batch in shared.open().chunks(SUBMIT_BATCH_TRANSACTIONS_MAX) {
        for node in nodes.iter().filter(|it| !it.is_given_up()) {
            let Ok(results) = node.answer(batch).await else { continue };
            for (signed, result) in batch.iter().zip(results) {
                match result {
                    SubmitResult::Id(id) => shared.accepted(&id),
                    SubmitResult::Error(error) if is_known(&error.code) => {
                        shared.accepted(&signed.id());
                    }
                    SubmitResult::Error(_) => {}
                }
            }
            break;
        }
    }
}
