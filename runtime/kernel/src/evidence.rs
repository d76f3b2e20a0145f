//! Remembers which misbehaviour is already recorded in a block, so that none is recorded twice.

use ehb_state::{Overlay, StoreError};
use ehb_types::{Block, Evidence, PublicKey};

use crate::event::{KernelEvent, Misbehaviour};
use crate::{keys, record};

/// The number of heights during which misbehaviour can be included in a block; after that its record is
/// deleted.
pub const HEIGHTS_MAX: u64 = 1_000;
/// The maximum number of entries that a block deletes: four times as many as it can add.
const CLEARED_MAX: usize = 64;

/// Whether a block at `height`, the next one after the given state, can contain the evidence: it is of an
/// earlier height, not too old, and no misbehaviour of this validator at that height is recorded.
pub fn is_new(state: &Overlay, evidence: &Evidence, height: u64) -> Result<bool, StoreError> {
    let at = evidence.height();
    let recent = at < height && height - at <= HEIGHTS_MAX;
    Ok(recent && state.get(&keys::evidence(at, &evidence.validator()))?.is_none())
}

/// Records the evidence of a block, and removes records that are too old for any block. Returns the new
/// records.
pub fn update(overlay: &mut Overlay, block: &Block) -> Result<Vec<KernelEvent>, StoreError> {
    if block.evidence.is_empty() {
        return Ok(Vec::new());
    }
    let height = block.header.height;
    for (key, _) in overlay.scan(keys::EVIDENCE, None, CLEARED_MAX)? {
        let (at, _): ([u8; 8], PublicKey) = record::parse(&key, &key[keys::EVIDENCE.len()..])?;
        if u64::from_be_bytes(at).saturating_add(HEIGHTS_MAX) > height {
            break;
        }
        overlay.remove(key);
    }
    let mut events = Vec::with_capacity(block.evidence.len());
    for evidence in &block.evidence {
        let (height, validator) = (evidence.height(), evidence.validator());
        overlay.set(keys::evidence(height, &validator), Vec::new());
        events.push(KernelEvent::MisbehaviourRecorded(Misbehaviour { validator, height }));
    }
    Ok(events)
}
