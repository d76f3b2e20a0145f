//! The cache from which the client takes the sequences of new transactions.

use std::collections::BTreeMap;

use ehb_types::Address;
use tokio::sync::Mutex;

use crate::Error;

/// The next sequence of each used lane, counted here so that transactions can be sent without querying the
/// node between them.
#[derive(Debug, Default)]
pub(crate) struct Sequences(Mutex<BTreeMap<(Address, u32), u64>>);

/// The maximum number of lanes that are remembered; above it, those of the lowest addresses are queried
/// again.
const LANES_MAX: usize = 100_000;

impl Sequences {
    /// Takes the lane's next sequence; `ask` queries it if it is unknown.
    pub(crate) async fn take(
        &self,
        sender: Address,
        lane: u32,
        ask: impl Future<Output = Result<u64, Error>>,
    ) -> Result<u64, Error> {
        let mut lanes = self.0.lock().await;
        let sequence = match lanes.get(&(sender, lane)) {
            Some(next) => *next,
            None => ask.await?,
        };
        if lanes.len() >= LANES_MAX {
            lanes.pop_first();
        }
        lanes.insert((sender, lane), sequence.saturating_add(1));
        Ok(sequence)
    }

    /// Drops the lane, so that the node is queried the next time.
    pub(crate) async fn forget(&self, sender: Address, lane: u32) {
        self.0.lock().await.remove(&(sender, lane));
    }
}
