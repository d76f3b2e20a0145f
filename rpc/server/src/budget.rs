use std::sync::Arc;
use std::time::Duration;

use ehb_types::Code;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::backend::Refusal;
use crate::limits::{
    BLOCKING_CALLS_MAX, BLOCKING_CALLS_WAITING_MAX, LARGE_ANSWER_BYTES, LARGE_ANSWER_WAIT_SECONDS,
    LARGE_ANSWERS_BYTES_MAX,
};

/// Bounds what the long answers of all clients hold in memory until they are read.
#[derive(Clone)]
pub(crate) struct AnswerBudget(Arc<Semaphore>);

/// A share of the budget, given back when dropped.
pub(crate) type Share = OwnedSemaphorePermit;

/// The budget is counted in pieces of this size, bytes.
const PIECE_BYTES: usize = 1 << 10;

impl AnswerBudget {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(LARGE_ANSWERS_BYTES_MAX / PIECE_BYTES)))
    }

    /// A share for an answer of this length: none is needed for a short one, and none is left when
    /// slow readers hold them all.
    pub(crate) async fn share(&self, bytes: usize) -> Result<Option<Share>, Refusal> {
        if bytes < LARGE_ANSWER_BYTES {
            return Ok(None);
        }
        let pieces = u32::try_from(bytes.div_ceil(PIECE_BYTES)).unwrap_or(u32::MAX);
        let wait = Duration::from_secs(LARGE_ANSWER_WAIT_SECONDS);
        let share = tokio::time::timeout(wait, self.0.clone().acquire_many_owned(pieces)).await;
        match share {
            Ok(Ok(share)) => Ok(Some(share)),
            _ => Err(Refusal::new(Code::NotReady, "too many long answers are under way")),
        }
    }
}

/// Runs blocking work on threads of its own, a bounded number at a time.
#[derive(Clone)]
pub(crate) struct Workers {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Workers {
    pub(crate) fn new() -> Self {
        Self {
            running: Arc::new(Semaphore::new(BLOCKING_CALLS_MAX)),
            waiting: Arc::new(Semaphore::new(BLOCKING_CALLS_WAITING_MAX)),
        }
    }

    /// Runs `work` when it is its turn. A panic in it is an internal error, and is not told.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let internal = || Refusal::new(Code::Internal, "the node failed to answer");
        let Ok(_place) = self.waiting.try_acquire() else {
            return Err(Refusal::new(Code::NotReady, "too many calls wait for their turn"));
        };
        let permit = self.running.clone().acquire_owned().await.map_err(|_| internal())?;
        let done = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        });
        match done.await {
            Ok(result) => result,
            Err(error) => {
                tracing::error!(%error, "a call from outside failed inside the node");
                Err(internal())
            }
        }
    }
}
