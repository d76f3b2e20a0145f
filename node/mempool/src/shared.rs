//! Shares the pool between the thread that changes it and those that read it, with a read-write lock.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::{Limits, Mempool};

/// A pool that one thread changes and others read. Clones share the same pool.
#[derive(Clone, Debug)]
pub struct SharedMempool(Arc<RwLock<Mempool>>);

impl SharedMempool {
    /// An empty pool.
    pub fn new(limits: Limits) -> Self {
        Self(Arc::new(RwLock::new(Mempool::new(limits))))
    }

    /// Locks the pool for reading; hold it for microseconds only.
    pub fn read(&self) -> RwLockReadGuard<'_, Mempool> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Locks the pool for changes.
    pub fn write(&self) -> RwLockWriteGuard<'_, Mempool> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}
