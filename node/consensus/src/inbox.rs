//! Buffers messages and block verdicts that arrive before their height has started, within limits.

use std::collections::BTreeMap;

use arc_malachitebft_core_consensus as core;
use ehb_types::PublicKey;

use crate::guard::SignStep;
use crate::{ConsensusMessage, LastSigned, LoggedValue};

/// Messages are accepted for up to this many rounds above the current one; messages for later rounds are
/// dropped before their signature is verified.
pub const ROUNDS_AHEAD_MAX: u32 = core::MAX_FUTURE_ROUND_LOOKAHEAD;

/// Messages are kept for up to this many heights above the current one. A validator that is further behind
/// catches up by certificates.
const HEIGHTS_AHEAD_MAX: u64 = 4;

/// The highest round for which messages of a future height are kept: as far as the core looks ahead from
/// round 0.
const EARLY_ROUND_MAX: u32 = ROUNDS_AHEAD_MAX;

/// The maximum number of verdicts that are kept for a future height.
const EARLY_VALUES_MAX: usize = 64;

/// Messages for heights that have not started.
///
/// Bounded for each sender, so that a flooding sender displaces nobody: each sender has a slot for one
/// message of each kind in each round, and the first one stays. With 50 validators a height has at most 1,650
/// messages of about 250 bytes. Signatures are verified before a message is stored here.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    heights: BTreeMap<u64, Early>,
}

/// Messages that arrived early for one height.
#[derive(Debug, Default)]
pub(crate) struct Early {
    /// By round, kind and sender; the core receives them in this order.
    messages: BTreeMap<(u32, SignStep, PublicKey), ConsensusMessage>,
    values: Vec<LoggedValue>,
}

impl Inbox {
    /// Whether the message would be kept. Only then is its signature verified.
    pub(crate) fn has_room(&self, current: u64, place: &LastSigned, sender: PublicKey) -> bool {
        let slot = (place.round, place.step, sender);
        within(current, place.height)
            && place.round <= EARLY_ROUND_MAX
            && self.heights.get(&place.height).is_none_or(|it| !it.messages.contains_key(&slot))
    }

    pub(crate) fn insert(
        &mut self,
        place: &LastSigned,
        sender: PublicKey,
        message: ConsensusMessage,
    ) {
        let early = self.heights.entry(place.height).or_default();
        early.messages.insert((place.round, place.step, sender), message);
    }

    pub(crate) fn insert_value(&mut self, current: u64, value: LoggedValue) {
        if !within(current, value.height) {
            return;
        }
        let values = &mut self.heights.entry(value.height).or_default().values;
        let known = values.iter().any(|it| it.block == value.block);
        if !known && values.len() < EARLY_VALUES_MAX {
            values.push(value);
        }
    }

    /// Whether a validator already sent something for the height.
    pub(crate) fn has_messages(&self, height: u64) -> bool {
        self.heights.get(&height).is_some_and(|it| !it.messages.is_empty())
    }

    /// The newest message of a sender.
    pub(crate) fn newest_of(&self, sender: &PublicKey) -> Option<&ConsensusMessage> {
        let kept = self.heights.values().flat_map(|it| &it.messages);
        kept.filter(|((_, _, from), _)| from == sender).map(|(_, message)| message).next_back()
    }

    /// Returns the messages for the height, and drops all before it.
    pub(crate) fn take(&mut self, height: u64) -> Early {
        let mut from = self.heights.split_off(&height);
        let early = from.remove(&height).unwrap_or_default();
        self.heights = from;
        early
    }
}

impl Early {
    pub(crate) fn into_parts(self) -> (Vec<LoggedValue>, Vec<ConsensusMessage>) {
        (self.values, self.messages.into_values().collect())
    }
}

fn within(current: u64, height: u64) -> bool {
    height > current && height - current <= HEIGHTS_AHEAD_MAX
}
