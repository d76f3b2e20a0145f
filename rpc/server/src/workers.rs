//! Runs blocking work on separate threads, in turns of the clients or a bounded number at a time.

use std::sync::Arc;

use ehb_types::Code;
use tokio::sync::Semaphore;

use crate::backend::Refusal;
use crate::client::Client;
use crate::pool::Place;
use crate::turns::Turns;
use crate::wire::Wire;

tokio::task_local! {
    /// Who calls, for the work that a method hands to other threads. Subscriptions run outside of it.
    static CALLER: Caller;
}

/// The client that calls, and the turns that its call needs.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) client: Arc<Client>,
    pub(crate) wire: Arc<Wire>,
    pub(crate) turns: Arc<Turns>,
}

impl Caller {
    /// Carries out a call as this caller.
    pub(crate) async fn scope<T>(self, call: impl Future<Output = T>) -> T {
        CALLER.scope(self, call).await
    }
}

/// Runs the blocking work of a call on a thread of its own, when it is its client's turn.
pub(crate) async fn run_in_turn<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let turn = match CALLER.try_with(Clone::clone) {
        Ok(Caller { client, turns, .. }) => turns.turn(client.key).await?,
        Err(_) => return Err(internal()),
    };
    run_blocking(work, turn).await
}

/// Waits until few enough transactions of the caller, and of all, are on their way into the mempool.
pub(crate) async fn submission(transactions: usize) -> Result<Place, Refusal> {
    match CALLER.try_with(Clone::clone) {
        Ok(Caller { client, wire, .. }) => client.submission(transactions, &wire).await,
        Err(_) => Err(internal()),
    }
}

/// Runs blocking work that no client is charged for, a bounded number at a time.
#[derive(Clone)]
pub(crate) struct Workers {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Workers {
    pub(crate) fn new(running_max: usize, waiting_max: usize) -> Self {
        let semaphore = |places| Arc::new(Semaphore::new(places));
        Self { running: semaphore(running_max), waiting: semaphore(waiting_max) }
    }

    /// Runs `work` when a thread is free.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let Ok(_place) = self.waiting.try_acquire() else {
            return Err(Refusal::new(Code::NotReady, "too many calls wait for their turn"));
        };
        let permit = self.running.clone().acquire_owned().await.map_err(|_| internal())?;
        run_blocking(work, permit).await
    }
}

/// Runs work on a thread that may block. A panic in it is an internal error, and is not shown.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    permit: impl Send + 'static,
) -> Result<T, Refusal> {
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

fn internal() -> Refusal {
    Refusal::new(Code::Internal, "the node failed to answer")
}
