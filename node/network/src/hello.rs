use ehb_types::{ChainId, Hash, decode, encode};

use crate::Refusal;

/// The version of what is said on the streams. Nodes of different versions do not talk.
pub const PROTOCOL_VERSION: u16 = 1;

/// The longest greeting of any version, bytes.
pub(crate) const HELLO_BYTES_MAX: usize = 256;

/// The first frame on each stream, which says where the sender belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hello {
    pub(crate) chain_id: ChainId,
    pub(crate) genesis: Hash,
}

impl Hello {
    /// The version stands first in all versions, so that others can be told apart.
    pub(crate) fn encode(&self) -> Vec<u8> {
        encode(&(PROTOCOL_VERSION, &self.chain_id, &self.genesis))
    }

    /// Checks a peer's greeting against this node's own.
    pub(crate) fn check(&self, bytes: &[u8]) -> Result<(), Refusal> {
        let malformed = || Refusal::Misbehaved("its greeting is malformed".into());
        let (version, rest) = bytes.split_first_chunk().ok_or_else(malformed)?;
        let theirs = u16::from_le_bytes(*version);
        if theirs != PROTOCOL_VERSION {
            return Err(Refusal::Version { ours: PROTOCOL_VERSION, theirs });
        }
        let (chain_id, genesis): (ChainId, Hash) = decode(rest).map_err(|_| malformed())?;
        if chain_id != self.chain_id {
            return Err(Refusal::Chain { ours: self.chain_id.clone(), theirs: chain_id });
        }
        if genesis != self.genesis {
            return Err(Refusal::Genesis { ours: self.genesis, theirs: genesis });
        }
        Ok(())
    }
}
