//! Reserves memory for large requests and answers, within a limit for each client and one for all.

use std::sync::Arc;
use std::time::Duration;

use ehb_types::Code;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::backend::Refusal;
use crate::client::Client;
use crate::limits::{Limits, MEMORY_WAIT_SECONDS_MAX, SHARED_BYTES_MIN};

/// Memory is counted in pieces of this size, bytes.
pub(crate) const PIECE_BYTES: usize = 1 << 10;

/// Limits the memory of requests and answers, for all clients together and for each.
#[derive(Clone)]
pub(crate) struct Memory(Arc<Semaphore>);

/// A share of the memory, of the client's and of the total; released when dropped.
#[derive(Debug)]
pub(crate) struct Share {
    own: OwnedSemaphorePermit,
    all: OwnedSemaphorePermit,
}

impl Memory {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self(Arc::new(Semaphore::new((limits.memory_mib << 20) / PIECE_BYTES)))
    }

    /// Reserves a share for this many bytes: small sizes need none, and it fails if slow readers use all of
    /// it.
    pub(crate) async fn share(
        &self,
        client: &Client,
        bytes: usize,
    ) -> Result<Option<Share>, Refusal> {
        if bytes < SHARED_BYTES_MIN {
            return Ok(None);
        }
        let pieces = pieces(bytes);
        let (own, all) = (client.memory.clone(), self.0.clone());
        let both = async {
            let own = own.acquire_many_owned(pieces).await.ok()?;
            let all = all.acquire_many_owned(pieces).await.ok()?;
            Some(Share { own, all })
        };
        let wait = Duration::from_secs(MEMORY_WAIT_SECONDS_MAX);
        match tokio::time::timeout(wait, both).await {
            Ok(Some(share)) => Ok(Some(share)),
            _ => Err(busy()),
        }
    }

    /// Reserves a share without waiting.
    pub(crate) fn try_share(
        &self,
        client: &Client,
        bytes: usize,
    ) -> Result<Option<Share>, Refusal> {
        if bytes < SHARED_BYTES_MIN {
            return Ok(None);
        }
        let pieces = pieces(bytes);
        let own = client.memory.clone().try_acquire_many_owned(pieces);
        let all = own
            .and_then(|own| Ok(Share { own, all: self.0.clone().try_acquire_many_owned(pieces)? }));
        all.map(Some).map_err(|_| busy())
    }

    #[cfg(test)]
    /// The available memory, bytes.
    pub(crate) fn left_bytes(&self) -> usize {
        self.0.available_permits() * PIECE_BYTES
    }
}

fn pieces(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(PIECE_BYTES)).unwrap_or(u32::MAX)
}

fn busy() -> Refusal {
    let text = "too many long requests and answers of this address, or of all, are under way";
    Refusal::new(Code::NotReady, text)
}

impl Share {
    #[cfg(test)]
    /// Its size, bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.all.num_permits() * PIECE_BYTES
    }

    /// Releases what exceeds this many bytes.
    pub(crate) fn shrink(&mut self, bytes: usize) {
        let spare = self.all.num_permits().saturating_sub(bytes.div_ceil(PIECE_BYTES));
        drop(self.own.split(spare));
        drop(self.all.split(spare));
    }

    /// Joins another share of the same client. It must be of the same memory.
    pub(crate) fn join(&mut self, other: Self) {
        self.own.merge(other.own);
        self.all.merge(other.all);
    }
}

/// Joins two shares of one client.
pub(crate) fn joined(a: Option<Share>, b: Option<Share>) -> Option<Share> {
    match (a, b) {
        (Some(mut a), Some(b)) => {
            a.join(b);
            Some(a)
        }
        (a, b) => a.or(b),
    }
}
