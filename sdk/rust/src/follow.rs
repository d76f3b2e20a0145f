//! Follows blocks and receipts as they become final, without gaps, across connection failures.

mod line;
mod position;

use std::sync::Arc;

use ehb_rpc_api::{BlockNotice, Detail, Position, ReceiptFilter, ReceiptNotice};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::Error;
use crate::endpoints::Endpoints;
use line::{Line, Subject};
use position::{BlocksFrom, ReceiptsFrom};

/// The number of notices that a follower reads ahead of its consumer; the connection reads some more.
const NOTICES_AHEAD: usize = 1;

/// Follows blocks as they become final, without gaps: a connection that breaks or becomes silent is replaced,
/// at the next endpoint if there are several, and continues where it broke. Nodes can be away for
/// [`Patience::outage`](crate::Patience::outage) before an error is returned. Blocks that the node itself
/// skips are a [`BlockNotice::Gap`].
///
/// A separate task reads ahead and keeps the connection alive while the consumer does not ask for the next
/// block.
pub struct Blocks(Follower<BlocksFrom>);

/// Follows receipts as they become final, without gaps, like [`Blocks`].
pub struct Receipts(Follower<ReceiptsFrom>);

impl Blocks {
    pub(crate) fn new(endpoints: Arc<Endpoints>, from_height: Option<u64>, detail: Detail) -> Self {
        Self(Follower::Idle(endpoints, BlocksFrom::new(from_height, detail)))
    }

    /// Waits for the next notice. An error does not change the position: retries continue, and another call
    /// waits for their success. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<BlockNotice, Error> {
        self.0.next().await
    }
}

impl Receipts {
    pub(crate) fn new(
        endpoints: Arc<Endpoints>,
        filter: ReceiptFilter,
        from: Option<Position>,
    ) -> Self {
        Self(Follower::Idle(endpoints, ReceiptsFrom::new(filter, from)))
    }

    /// Waits for the next notice. An error does not change the position: retries continue, and another call
    /// waits for their success. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<ReceiptNotice, Error> {
        self.0.next().await
    }
}

/// A follower of a subject; it starts with the first call.
enum Follower<S: Subject> {
    Idle(Arc<Endpoints>, S),
    Running(mpsc::Receiver<Result<S::Notice, Error>>, AbortHandle),
}

impl<S: Subject> Follower<S> {
    async fn next(&mut self) -> Result<S::Notice, Error> {
        if let Self::Idle(endpoints, subject) = self {
            let (sender, notices) = mpsc::channel(NOTICES_AHEAD);
            let line = Line::new(endpoints.clone(), subject.clone(), sender);
            let task = tokio::spawn(line.follow()).abort_handle();
            *self = Self::Running(notices, task);
        }
        let Self::Running(notices, _) = self else { return Err(ended()) };
        notices.recv().await.unwrap_or_else(|| Err(ended()))
    }
}

/// The error if the runtime of the task has ended.
fn ended() -> Error {
    Error::Protocol("the runtime in which the subscription was begun has ended".to_owned())
}

impl<S: Subject> Drop for Follower<S> {
    fn drop(&mut self) {
        if let Self::Running(_, task) = self {
            task.abort();
        }
    }
}

#[cfg(test)]
mod tests;
