//! A block with its hash and encoding, as the parts of a node pass it on.

use std::fmt;
use std::io;
use std::ops::Deref;
use std::sync::Arc;

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_crypto::Hash;

use crate::{Block, encode_sized};

/// A block inside a node: clones share it, and its hash and canonical encoding are computed once. On the wire
/// and on disk it is the [`Block`].
#[derive(Clone)]
pub struct SharedBlock(Arc<Shared>);

struct Shared {
    block: Block,
    hash: Hash,
    encoded: Box<[u8]>,
}

impl SharedBlock {
    /// The block's hash.
    pub fn hash(&self) -> Hash {
        self.0.hash
    }

    /// The canonical encoding of the block.
    pub fn encoded(&self) -> &[u8] {
        &self.0.encoded
    }
}

impl From<Block> for SharedBlock {
    fn from(block: Block) -> Self {
        let (hash, encoded) = (block.hash(), encode_sized(&block).into_boxed_slice());
        Self(Arc::new(Shared { block, hash, encoded }))
    }
}

impl Deref for SharedBlock {
    type Target = Block;

    fn deref(&self) -> &Block {
        &self.0.block
    }
}

impl fmt::Debug for SharedBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.block.fmt(f)
    }
}

impl PartialEq for SharedBlock {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.encoded == other.0.encoded
    }
}

impl Eq for SharedBlock {}

impl BorshSerialize for SharedBlock {
    fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(&self.0.encoded)
    }
}

impl BorshDeserialize for SharedBlock {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        Block::deserialize_reader(reader).map(Self::from)
    }
}
