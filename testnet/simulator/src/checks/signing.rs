//! A check of all messages sent: honest nodes do not equivocate.

use std::collections::{BTreeMap, BTreeSet};

use ehb_consensus::{ConsensusMessage, LastSigned, SignStep};
use ehb_types::PublicKey;

/// No honest node equivocates: in one round it signs one proposal, one prevote, one precommit. All messages
/// that left the node count, across restarts.
#[derive(Default)]
pub(crate) struct Signing {
    /// Keys that two nodes use, which only their operator can fix.
    excused: BTreeSet<PublicKey>,
    sent: BTreeMap<(PublicKey, u64, u32, SignStep), LastSigned>,
}

impl Signing {
    /// From now on two nodes use this key.
    pub(crate) fn excuse(&mut self, key: PublicKey) {
        self.excused.insert(key);
    }

    /// Whether two nodes use this key, or did.
    pub(crate) fn is_excused(&self, key: &PublicKey) -> bool {
        self.excused.contains(key)
    }

    /// An honest node with this key sends a message.
    pub(crate) fn sent(
        &mut self,
        key: PublicKey,
        message: &ConsensusMessage,
    ) -> Result<(), String> {
        let Some((signer, signed)) = message.signed() else { return Ok(()) };
        if signer != key || self.is_excused(&key) {
            return Ok(());
        }
        let place = (key, signed.height, signed.round, signed.step);
        let first = *self.sent.entry(place).or_insert(signed);
        if first == signed {
            return Ok(());
        }
        Err(format!("{key} signed {first:?} and {signed:?}"))
    }
}
