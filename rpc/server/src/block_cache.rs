//! Keeps the blocks that subscriptions read last, up to a limit of bytes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::backend::{Backend, DecidedBlock, Refusal};
use crate::limits::BLOCK_CACHE_BYTES_MAX;

/// The recently read blocks of subscriptions: a block whose receipts take several messages is read from the
/// backend once, and no subscription holds a block while its client is slow.
#[derive(Default)]
pub(crate) struct BlockCache(Mutex<VecDeque<Arc<DecidedBlock>>>);

impl BlockCache {
    /// The block at a height; `None` above the head. *Blocking.*
    pub(crate) fn block(
        &self,
        backend: &dyn Backend,
        height: u64,
    ) -> Result<Option<Arc<DecidedBlock>>, Refusal> {
        let known = self.blocks(|blocks| {
            let at = blocks.iter().position(|it| it.block.header.height == height)?;
            let block = blocks.remove(at)?;
            blocks.push_back(block.clone());
            Some(block)
        });
        if let Some(block) = known {
            return Ok(Some(block));
        }
        let Some(block) = backend.block(height)? else { return Ok(None) };
        self.blocks(|blocks| {
            blocks.push_back(block.clone());
            let mut bytes: usize = blocks.iter().map(|it| it.bytes()).sum();
            while bytes > BLOCK_CACHE_BYTES_MAX {
                bytes -= blocks.pop_front().map_or(bytes, |it| it.bytes());
            }
        });
        Ok(Some(block))
    }

    fn blocks<T>(&self, change: impl FnOnce(&mut VecDeque<Arc<DecidedBlock>>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
