//! Defines the greeting, in which two peers check chain and genesis and agree on a protocol version.

use std::fmt;

use borsh::BorshDeserialize;
use ehb_types::{ChainId, Hash, encode};

use crate::Refusal;

/// The versions of the stream protocol that this program supports.
pub const PROTOCOL_VERSIONS: Versions = Versions { oldest: 1, newest: 1 };

/// The longest greeting of any version, bytes.
pub(crate) const HELLO_BYTES_MAX: usize = 1_024;

/// The protocol versions that a node supports: all from the oldest to the newest. Two nodes use the newest
/// common one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The oldest supported version.
    pub oldest: u16,
    /// The newest supported version, at least the oldest.
    pub newest: u16,
}

/// The first frame on each stream, with the sender's chain, genesis and protocol versions. Newer versions can
/// append fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hello {
    pub(crate) versions: Versions,
    pub(crate) chain_id: ChainId,
    pub(crate) genesis: Hash,
}

impl Versions {
    /// The newest version that both support.
    pub(crate) fn common(self, other: Self) -> Option<u16> {
        let newest = self.newest.min(other.newest);
        (newest >= self.oldest.max(other.oldest)).then_some(newest)
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.oldest == self.newest {
            true => write!(f, "{}", self.oldest),
            false => write!(f, "{} to {}", self.oldest, self.newest),
        }
    }
}

impl Hello {
    /// The version range comes first in every version, so that other versions can be recognised.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let Versions { oldest, newest } = self.versions;
        encode(&(oldest, newest, &self.chain_id, &self.genesis))
    }

    /// Checks a peer's greeting against this node's own; returns the newest common version.
    pub(crate) fn agree(&self, bytes: &[u8]) -> Result<u16, Refusal> {
        let malformed = || Refusal::Misbehaved("its greeting is malformed".into());
        let mut rest = bytes;
        let (oldest, newest) = read(&mut rest).ok_or_else(malformed)?;
        let (ours, theirs) = (self.versions, Versions { oldest, newest });
        if oldest > newest {
            return Err(malformed());
        }
        let version = ours.common(theirs).ok_or(Refusal::Versions { ours, theirs })?;
        let (chain_id, genesis): (ChainId, Hash) = read(&mut rest).ok_or_else(malformed)?;
        if chain_id != self.chain_id {
            return Err(Refusal::Chain { ours: self.chain_id.clone(), theirs: chain_id });
        }
        if genesis != self.genesis {
            return Err(Refusal::Genesis { ours: self.genesis, theirs: genesis });
        }
        Ok(version)
    }
}

fn read<T: BorshDeserialize>(rest: &mut &[u8]) -> Option<T> {
    T::deserialize(rest).ok()
}
