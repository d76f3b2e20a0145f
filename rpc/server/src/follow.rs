use std::sync::Arc;

use jsonrpsee::SubscriptionSink;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::watch;

use crate::backend::{Backend, DecidedBlock};
use crate::session::Session;
use crate::workers::{Workers, run_blocking};

/// Reads decided blocks one after the other, at the pace of a subscriber.
///
/// Nothing is queued for a subscriber that is slow: its next block is read from the backend when it
/// has room. Only what the node does not keep any more is skipped, and that is told as a gap.
pub(crate) struct Follower {
    backend: Arc<dyn Backend>,
    readers: Workers,
    head: watch::Receiver<u64>,
    next: u64,
}

/// What comes next.
pub(crate) enum Step {
    /// The next block.
    Block(Arc<DecidedBlock>),
    /// These heights are not kept any more.
    Gap { from_height: u64, to_height: u64 },
    /// The subscriber or the node is gone, or the block cannot be read.
    Ended,
}

impl Follower {
    /// Begins at a height, which may lie ahead, or with the next block that is decided.
    pub(crate) fn new(
        backend: Arc<dyn Backend>,
        readers: Workers,
        from_height: Option<u64>,
    ) -> Self {
        let head = backend.head();
        let next = from_height.unwrap_or_else(|| head.borrow().saturating_add(1));
        Self { backend, readers, head, next }
    }

    /// Waits for the next step.
    pub(crate) async fn next(&mut self, sink: &SubscriptionSink) -> Step {
        loop {
            let told = tokio::select! {
                told = self.head.wait_for(|head| *head >= self.next) => told.is_ok(),
                () = sink.closed() => false,
            };
            if !told {
                return Step::Ended;
            }
            let earliest = self.backend.earliest();
            if self.next < earliest {
                let from_height = std::mem::replace(&mut self.next, earliest);
                return Step::Gap { from_height, to_height: earliest - 1 };
            }
            let (backend, height) = (self.backend.clone(), self.next);
            match self.readers.run(move || backend.block(height)).await {
                Ok(Some(block)) => {
                    self.next += 1;
                    return Step::Block(block);
                }
                // It was pruned just now: look again where the kept ones begin.
                _ if self.backend.earliest() > height => {}
                Ok(None) => return Step::Ended,
                Err(refusal) => {
                    tracing::warn!(height, %refusal, "a subscription ends: no block to tell");
                    return Step::Ended;
                }
            }
        }
    }
}

/// Makes what comes next on a thread, in the turn of its client. `None` where the subscriber is gone, or the work
/// failed.
pub(crate) async fn make<T: Send + 'static>(
    session: &Session,
    sink: &SubscriptionSink,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let turn = tokio::select! {
        turn = session.notice_turn() => turn,
        () = sink.closed() => return None,
    };
    run_blocking(move || Ok(work()), turn).await.ok()
}

/// Sends a notice when its session has memory for it; `false` where the subscriber is gone.
pub(crate) async fn send(
    session: &Session,
    sink: &SubscriptionSink,
    notice: Box<RawValue>,
) -> bool {
    let owed = tokio::select! {
        () = session.owe_notice(notice.get().len()) => true,
        () = sink.closed() => false,
    };
    owed && sink.send(notice).await.is_ok()
}

/// A notice as JSON. Notices can always be written so.
pub(crate) fn json(notice: &impl Serialize) -> Option<Box<RawValue>> {
    let json = serde_json::value::to_raw_value(notice);
    json.inspect_err(|error| tracing::error!(%error, "a notice is not JSON")).ok()
}
