use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::{Limits, Mempool};

/// A pool that one thread changes and others look into. Clones are the same pool.
#[derive(Clone, Debug)]
pub struct SharedMempool(Arc<RwLock<Mempool>>);

impl SharedMempool {
    /// An empty pool.
    pub fn new(limits: Limits) -> Self {
        Self(Arc::new(RwLock::new(Mempool::new(limits))))
    }

    /// Looks into the pool; to be held for microseconds.
    pub fn read(&self) -> RwLockReadGuard<'_, Mempool> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the pool.
    pub fn write(&self) -> RwLockWriteGuard<'_, Mempool> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
