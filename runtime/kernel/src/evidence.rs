//! Which misbehaviour stands in a block already, so that none is recorded twice.

use ehb_state::{Overlay, StoreError};
use ehb_types::{Block, Evidence, PublicKey};

use crate::{keys, record};

/// For how many heights misbehaviour can be put into a block; after that it is forgotten, and so is
/// that it was recorded.
pub const HEIGHTS_MAX: u64 = 1_000;
/// How many entries a block clears away at the most: four times as many as it can add.
const CLEARED_MAX: usize = 64;

/// Whether a block at `height`, the next one after the given state, can carry the evidence: it is of a
/// height before, not too old, and of its validator's misbehaviour at that height nothing is recorded.
pub fn is_new(state: &Overlay, evidence: &Evidence, height: u64) -> Result<bool, StoreError> {
    let at = evidence.height();
    let recent = at < height && height - at <= HEIGHTS_MAX;
    Ok(recent && state.get(&keys::evidence(at, &evidence.validator()))?.is_none())
}

/// Takes note of what a block records, and forgets what no block can carry any more.
pub fn update(overlay: &mut Overlay, block: &Block) -> Result<(), StoreError> {
    if block.evidence.is_empty() {
        return Ok(());
    }
    let height = block.header.height;
    for (key, _) in overlay.scan(keys::EVIDENCE, None, CLEARED_MAX)? {
        let (at, _): ([u8; 8], PublicKey) = record::parse(&key, &key[keys::EVIDENCE.len()..])?;
        if u64::from_be_bytes(at).saturating_add(HEIGHTS_MAX) > height {
            break;
        }
        overlay.remove(key);
    }
    for evidence in &block.evidence {
        overlay.set(keys::evidence(evidence.height(), &evidence.validator()), Vec::new());
    }
    Ok(())
}
