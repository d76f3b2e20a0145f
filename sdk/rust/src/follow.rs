//! Blocks and receipts as they become final, without a hole, however the line fails.

mod line;
mod position;

use std::sync::Arc;

use ehb_rpc_api::{BlockNotice, Detail, Position, ReceiptFilter, ReceiptNotice};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::Error;
use crate::endpoints::Endpoints;
use line::{Line, Subject};
use position::{BlocksFrom, ReceiptsAfter};

/// How many notices a follower reads ahead of its consumer; the connection reads some more.
const NOTICES_AHEAD: usize = 1;

/// Blocks as they become final, without a hole: a connection that breaks or falls silent is made
/// again, at the next endpoint where there are several, and goes on where it broke. What the node
/// itself leaves out is a [`BlockNotice::Gap`].
///
/// A task of its own reads ahead and keeps the connection alive while nobody asks for the next block.
pub struct Blocks(Follower<BlocksFrom>);

/// Receipts as they become final, without a hole, as [`Blocks`].
pub struct Receipts(Follower<ReceiptsAfter>);

impl Blocks {
    pub(crate) fn new(endpoints: Arc<Endpoints>, from_height: Option<u64>, detail: Detail) -> Self {
        Self(Follower::Idle(endpoints, BlocksFrom::new(from_height, detail)))
    }

    /// Waits for what comes next. An error leaves the position as it was: trying goes on, and calling
    /// again waits for its success. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<BlockNotice, Error> {
        self.0.next().await
    }
}

impl Receipts {
    pub(crate) fn new(
        endpoints: Arc<Endpoints>,
        filter: ReceiptFilter,
        after: Option<Position>,
    ) -> Self {
        Self(Follower::Idle(endpoints, ReceiptsAfter::new(filter, after)))
    }

    /// Waits for what comes next. An error leaves the position as it was: trying goes on, and calling
    /// again waits for its success. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<ReceiptNotice, Error> {
        self.0.next().await
    }
}

/// What follows a subject; it begins with the first question.
enum Follower<S: Subject> {
    Idle(Arc<Endpoints>, S),
    Running(mpsc::Receiver<Result<S::Notice, Error>>, AbortHandle),
}

impl<S: Subject> Follower<S> {
    async fn next(&mut self) -> Result<S::Notice, Error> {
        if let Self::Idle(endpoints, subject) = self {
            let (told, notices) = mpsc::channel(NOTICES_AHEAD);
            let line = Line::new(endpoints.clone(), subject.clone(), told);
            let task = tokio::spawn(line.follow()).abort_handle();
            *self = Self::Running(notices, task);
        }
        let Self::Running(notices, _) = self else { return Err(ended()) };
        notices.recv().await.unwrap_or_else(|| Err(ended()))
    }
}

/// The task lives as long as the runtime that it was begun in.
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
