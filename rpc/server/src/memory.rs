//! Reserves memory for large requests and answers, within a limit for each client and one for all.

use std::sync::Arc;
use std::time::Duration;

use ehb_types::Code;

use crate::backend::Refusal;
use crate::client::Client;
use crate::limits::{
    HELD_SECONDS_MIN, Limits, MEMORY_ROOM_SECONDS, MEMORY_WAIT_SECONDS_MAX, SHARED_BYTES_MIN,
};
use crate::pool::{Holder, Place, Pool, Way};

/// Memory is counted in pieces of this size, bytes.
const PIECE_BYTES: usize = 1 << 10;

/// Limits the memory of requests and answers, for all clients together and for each.
#[derive(Clone)]
pub(crate) struct Memory(Arc<Pool>);

/// A share of the memory, of the client's and of the total; released when dropped.
#[derive(Debug)]
pub(crate) struct Share(Place);

impl Memory {
    pub(crate) fn new(limits: &Limits) -> Self {
        let pieces = |mib: usize| (mib << 20) / PIECE_BYTES;
        let (all, client) = (pieces(limits.memory_mib), pieces(limits.client_memory_mib));
        let held_min = Duration::from_secs(HELD_SECONDS_MIN);
        let kept_min = Duration::from_secs(MEMORY_ROOM_SECONDS);
        Self(Pool::of_short_use("memory", all, client, kept_min, held_min))
    }

    /// Reserves a share for this many bytes: small sizes need none. If none is free for a while, the client with
    /// the largest share gives way, if its share is larger; else the shares that were held longest, to a client
    /// without one.
    pub(crate) async fn share(
        &self,
        client: &Client,
        holder: &Arc<impl Holder>,
        bytes: usize,
    ) -> Result<Option<Share>, Refusal> {
        if bytes < SHARED_BYTES_MIN {
            return Ok(None);
        }
        let seconds = Duration::from_secs;
        let patience = (seconds(MEMORY_ROOM_SECONDS), seconds(MEMORY_WAIT_SECONDS_MAX));
        let place = self.0.wait(client.key, pieces(bytes), holder, patience).await;
        place.map(|place| Some(Share(place))).map_err(|_| busy())
    }

    /// Reserves a share without waiting.
    pub(crate) fn try_share(
        &self,
        client: &Client,
        holder: &Arc<impl Holder>,
        bytes: usize,
    ) -> Result<Option<Share>, Refusal> {
        self.fitted(None, client, holder, bytes)
    }

    /// Changes a share to the size that these bytes need, without waiting: a long answer does not wait in memory.
    pub(crate) fn fitted(
        &self,
        share: Option<Share>,
        client: &Client,
        holder: &Arc<impl Holder>,
        bytes: usize,
    ) -> Result<Option<Share>, Refusal> {
        if bytes < SHARED_BYTES_MIN {
            return Ok(None);
        }
        let held = share.as_ref().map_or(0, |share| share.0.places());
        let more = match pieces(bytes).saturating_sub(held) {
            0 => None,
            missing => {
                Some(self.0.take(client.key, missing, holder, Way::AtOnce).map_err(|_| busy())?)
            }
        };
        let mut share = joined(share, more.map(Share));
        if let Some(share) = &mut share {
            share.shrink(bytes);
        }
        Ok(share)
    }

    #[cfg(test)]
    /// The reserved memory, bytes.
    pub(crate) fn taken_bytes(&self) -> usize {
        self.0.taken() * PIECE_BYTES
    }
}

fn pieces(bytes: usize) -> usize {
    bytes.div_ceil(PIECE_BYTES)
}

fn busy() -> Refusal {
    let text = "too many long requests and answers of this address, or of all, are under way";
    Refusal::new(Code::NotReady, text)
}

impl Share {
    #[cfg(test)]
    /// Its size, bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.0.places() * PIECE_BYTES
    }

    /// Releases what this many bytes do not need.
    pub(crate) fn shrink(&mut self, bytes: usize) {
        self.0.shrink(pieces(bytes));
    }
}

/// Joins two shares of one client and memory.
pub(crate) fn joined(a: Option<Share>, b: Option<Share>) -> Option<Share> {
    match (a, b) {
        (Some(mut a), Some(b)) => {
            a.0.join(&b.0);
            Some(a)
        }
        (a, b) => a.or(b),
    }
}
