use ehb_types::{Block, Hash, SharedBlock};

use crate::dice::Dice;

/// Another block that may stand in the place of the given one: valid as that one is.
pub(super) fn valid(dice: &mut Dice, block: &Block) -> Block {
    let mut twin = block.clone();
    twin.header.timestamp_ms += dice.between(1, 3);
    if dice.chance(500) && !twin.transactions.is_empty() {
        twin.transactions.pop();
        twin.header.transactions_root = Block::transactions_root(&twin.transactions);
    }
    twin
}

/// A block that no honest node may vote for.
pub(super) fn invalid(dice: &mut Dice, block: &Block) -> Block {
    let mut twin = valid(dice, block);
    let header = &mut twin.header;
    match dice.below(7) {
        0 => header.state_root = Hash::ZERO,
        1 => header.receipts_root = Hash::ZERO,
        2 => header.timestamp_ms += 1_000_000,
        3 => header.timestamp_ms = 0,
        4 => header.parent = Hash::ZERO,
        5 => header.height = u64::MAX,
        _ => {
            twin.transactions.extend(block.transactions.first().cloned());
            twin.transactions.extend(block.transactions.first().cloned());
            header.transactions_root = Block::transactions_root(&twin.transactions);
            header.validators = Hash::ZERO;
        }
    }
    twin
}

/// The same header over another body: its hash is that of the given block.
pub(super) fn hollow(dice: &mut Dice, block: &Block) -> SharedBlock {
    let mut twin = block.clone();
    match (twin.transactions.pop(), dice.chance(500)) {
        (Some(last), true) => twin.transactions.extend([last.clone(), last]),
        (Some(_), false) => {}
        (None, _) => twin.certificate = None,
    }
    if twin == *block {
        twin.evidence.clear();
    }
    twin.into()
}
