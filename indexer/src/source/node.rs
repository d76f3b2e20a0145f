//! The interface to a node of the chain, which `Endpoint` implements for real nodes and tests replace.

use std::time::Duration;

use ehb_sdk::api::ModuleDescription;
use ehb_types::{Genesis, Hash, Name, ValidatorSet};
use futures::future::BoxFuture;

use super::SourceError;
use crate::block::FetchedBlock;

/// The answer of a node, or why there is none.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, SourceError>>;

/// A node to read blocks from. `chain` is the genesis hash that it must have, if known. Its answers are not
/// trusted before they are checked.
pub trait Node: Send {
    /// Its address, for people.
    fn url(&self) -> &str;
    /// The last height that it is known to have.
    fn head(&self) -> u64;
    /// The chain's heartbeat.
    fn heartbeat(&self) -> Duration;
    /// Closes the connection, so that the next query makes a new one.
    fn disconnect(&mut self);
    /// The genesis.
    fn genesis(&mut self, chain: Option<Hash>) -> Answer<'_, Genesis>;
    /// Queries the last height.
    fn ask_head(&mut self, chain: Option<Hash>) -> Answer<'_, u64>;
    /// The blocks from a height on that it has, `count` at most.
    fn blocks(
        &mut self,
        chain: Option<Hash>,
        from: u64,
        count: u64,
    ) -> Answer<'_, Vec<FetchedBlock>>;
    /// Waits until it announces the block at a height, at most this long.
    fn wait(&mut self, height: u64, at_most: Duration) -> BoxFuture<'_, ()>;
    /// The validators that decide the height after `height`.
    fn validators_after(&mut self, height: u64) -> Answer<'_, ValidatorSet>;
    /// The interface that a module has after the block at a height, which must be that of this code. The
    /// module may have other code since.
    fn interface<'a>(
        &'a mut self,
        chain: Option<Hash>,
        module: &'a Name,
        code: Hash,
        height: u64,
    ) -> Answer<'a, ModuleDescription>;
}
