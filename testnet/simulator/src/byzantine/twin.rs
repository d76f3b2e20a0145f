//! Makes second versions of a block, valid or invalid, for the byzantine nodes that need them.

use ehb_types::{Block, Hash, SecretKey, SharedBlock};

use crate::dice::Dice;

/// Another block instead of the given one, built by `key` for `round`, and equally valid.
pub(super) fn valid(dice: &mut Dice, block: &Block, round: u32, key: &SecretKey) -> Block {
    let mut twin = block.clone();
    twin.header.timestamp_ms += dice.between(1, 3);
    (twin.header.round, twin.header.proposer) = (round, key.public_key());
    if dice.chance(500) {
        twin.transactions.pop();
    }
    signed(twin, key)
}

/// The block with a header that matches its transactions, signed.
pub(super) fn signed(block: Block, key: &SecretKey) -> Block {
    let Block { mut header, transactions, certificate, evidence, .. } = block;
    header.transactions_count = u32::try_from(transactions.len()).unwrap_or(u32::MAX);
    header.transactions_root = Block::transactions_root(&transactions);
    Block::sign(header, transactions, certificate, evidence, key)
}

/// A block that no honest node votes for.
pub(super) fn invalid(dice: &mut Dice, block: &Block, key: &SecretKey) -> Block {
    let mut twin = valid(dice, block, block.header.round, key);
    let header = &mut twin.header;
    match dice.below(9) {
        0 => header.state_root = Hash::ZERO,
        1 => header.receipts_root = Hash::ZERO,
        2 => header.timestamp_ms += 1_000_000,
        3 => header.timestamp_ms = 0,
        4 => header.parent = Hash::ZERO,
        5 => header.height = u64::MAX,
        6 => header.receipts_count += 1,
        7 => header.next_validators = Hash::ZERO,
        _ => {
            twin.transactions.extend(block.transactions.first().cloned());
            twin.transactions.extend(block.transactions.first().cloned());
            header.validators = Hash::ZERO;
        }
    }
    signed(twin, key)
}

/// The same header with another body or signature: its hash is that of the given block.
pub(super) fn hollow(dice: &mut Dice, block: &Block) -> SharedBlock {
    let mut twin = block.clone();
    match (twin.transactions.pop(), dice.below(3)) {
        (last, 0) => {
            twin.transactions.extend(last);
            twin.signature.0[0] ^= 1;
        }
        (Some(last), 1) => twin.transactions.extend([last.clone(), last]),
        (Some(_), _) => {}
        (None, _) => twin.certificate = None,
    }
    if twin == *block {
        twin.evidence.clear();
    }
    twin.into()
}
