//! Runs blocking work on separate threads, in turns of the clients or a bounded number at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use ehb_types::Code;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;

use crate::backend::Refusal;
use crate::client::Client;
use crate::pool::Place;
use crate::turns::{Turn, Turns};
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
    /// Whether the work of the call is short: a few reads of the database.
    pub(crate) is_short: bool,
    /// Where the turn of a call is kept until its answer is encoded; none for a call that waits after its turn.
    pub(crate) kept: Option<Arc<Mutex<Option<Turn>>>>,
}

impl Caller {
    /// Keeps a turn until the last clone of this caller is dropped; without one, releases the kept turn.
    fn keep(&self, turn: Option<Turn>) {
        let Some(kept) = &self.kept else { return };
        // Dropped without the lock, which another turn's holder may need.
        let before =
            std::mem::replace(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner), turn);
        drop(before);
    }

    /// Carries out a call as this caller.
    pub(crate) async fn scope<T>(self, call: impl Future<Output = T>) -> T {
        CALLER.scope(self, call).await
    }
}

/// Runs the blocking work of a call when it is its client's turn: short work here, other work on a thread of its own. The turn
/// lasts until the answer is encoded, which can take longer than the work: otherwise encoding the answers of one client would delay
/// those of all.
pub(crate) async fn run_in_turn<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let caller = CALLER.try_with(Clone::clone).map_err(|_| internal())?;
    // A call that needs a second turn must not hold the first one meanwhile.
    caller.keep(None);
    let turn = caller.turns.turn(caller.client.key).await?;
    let (done, turn) = match caller.is_short {
        true => run_here(work, turn).await?,
        false => run_with(work, turn).await?,
    };
    caller.keep(Some(turn));
    Ok(done)
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
    run_with(work, permit).await.map(|(done, _)| done)
}

/// The same, and returns the permit with the result. It is not released before the work has ended, even if nobody waits for
/// it any more.
pub(crate) async fn run_with<T: Send + 'static, P: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    permit: P,
) -> Result<(T, P), Refusal> {
    let done = tokio::task::spawn_blocking(move || work().map(|done| (done, permit)));
    match done.await {
        Ok(result) => result,
        Err(error) => {
            tracing::error!(%error, "a call from outside failed inside the node");
            Err(internal())
        }
    }
}

/// Runs short work on this thread, whose other tasks another thread takes meanwhile. Passing the work to another thread and
/// the result back would take longer than the work, and several times longer while blocks are executed: threads that serve
/// clients have a low priority, so each of them waits for a processor.
pub(crate) async fn run_here<T: Send + 'static, P: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    permit: P,
) -> Result<(T, P), Refusal> {
    // A runtime of one thread has no other thread for its tasks.
    if Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
        return run_with(work, permit).await;
    }
    let done = tokio::task::block_in_place(|| catch_unwind(AssertUnwindSafe(work)));
    match done {
        Ok(result) => result.map(|done| (done, permit)),
        Err(_) => {
            tracing::error!("a call from outside failed inside the node");
            Err(internal())
        }
    }
}

fn internal() -> Refusal {
    Refusal::new(Code::Internal, "the node failed to answer")
}
