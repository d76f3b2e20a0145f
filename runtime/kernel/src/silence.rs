//! Decides which proposers are skipped because they were silent in their turn.
//!
//! A block contains the certificate of its parent. A certificate of round `r` shows that the proposers of
//! rounds 0 to `r - 1` achieved no decision: they are skipped for some heights, twice as long each time in a
//! row, until one of their blocks is decided. All nodes read the same certificate, so all agree on the next
//! proposer.

use std::collections::BTreeSet;

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_state::{Overlay, StoreError};
use ehb_types::{Block, PublicKey, ValidatorSet};

use crate::event::{KernelEvent, Silent};
use crate::{chain, keys, record};

/// The maximum number of doublings.
const DOUBLINGS_MAX: u32 = 6;

#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
struct Record {
    /// The proposers that were skipped at the height of the last executed block.
    last: Vec<Silent>,
    /// The proposers that are skipped at the next height, and those that were skipped recently and have not
    /// proposed since.
    next: Vec<Silent>,
}

/// The proposers that are skipped at `height`, the next one after the given state.
pub fn passed_over(state: &Overlay, height: u64) -> Result<BTreeSet<PublicKey>, StoreError> {
    let record: Record = record::read(state, keys::SILENCE)?.unwrap_or_default();
    Ok(active(&record.next, height))
}

/// The validators whose last turns passed in silence.
pub fn silent(state: &Overlay) -> Result<BTreeSet<PublicKey>, StoreError> {
    let record: Record = record::read(state, keys::SILENCE)?.unwrap_or_default();
    Ok(record.next.iter().map(|it| it.validator).collect())
}

/// Records what a block proves about the previous height, before [`chain::advance_validators`]. Returns the
/// changes in order.
pub fn update(overlay: &mut Overlay, block: &Block) -> Result<Vec<KernelEvent>, StoreError> {
    let mut events = Vec::new();
    let before: Record = record::read(overlay, keys::SILENCE)?.unwrap_or_default();
    let mut next = before.next.clone();
    next.retain(|silent| silent.validator != block.header.proposer);
    if next.len() < before.next.len() {
        events.push(KernelEvent::ProposerActive(block.header.proposer));
    }
    if let Some(certificate) = block.certificate.as_ref().filter(|it| it.round > 0) {
        let validators = chain::last_validators(overlay)?;
        let skipped = active(&before.last, certificate.height);
        let heights = chain::parameters(overlay)?.consensus.silent_heights;
        for validator in
            silent_proposers(&validators, &skipped, certificate.height, certificate.round)
        {
            if validator != block.header.proposer {
                let silent = mark(&mut next, validator, block.header.height, heights);
                events.push(KernelEvent::ProposerSilent(silent));
            }
        }
    }
    if !next.is_empty() {
        // A validator that is none any more is forgotten; one that comes back begins again.
        let sets = [chain::validators(overlay)?, chain::next_validators(overlay)?];
        let stays = |it: &Silent| sets.iter().any(|set| set.index_of(&it.validator).is_some());
        let gone = next.iter().filter(|it| !stays(it)).map(|it| it.validator);
        events.extend(gone.map(KernelEvent::ProposerActive));
        next.retain(stays);
    }
    let record = Record { last: before.next.clone(), next };
    if record != before {
        record::write(overlay, keys::SILENCE.to_vec(), &record);
    }
    Ok(events)
}

fn active(silent: &[Silent], height: u64) -> BTreeSet<PublicKey> {
    silent.iter().filter(|it| it.until >= height).map(|it| it.validator).collect()
}

fn silent_proposers(
    validators: &ValidatorSet,
    passed_over: &BTreeSet<PublicKey>,
    height: u64,
    round: u32,
) -> BTreeSet<PublicKey> {
    let rounds = round.min(validators.validators().len() as u32);
    let decided_by = validators.proposer(passed_over, height, round).consensus_key;
    (0..rounds)
        .map(|round| validators.proposer(passed_over, height, round).consensus_key)
        .filter(|proposer| *proposer != decided_by)
        .collect()
}

fn mark(silent: &mut Vec<Silent>, validator: PublicKey, height: u64, heights: u64) -> Silent {
    let known = silent.iter().position(|it| it.validator == validator);
    let times = known.map_or(0, |index| silent.remove(index).times);
    let until = height.saturating_add(heights << times.min(DOUBLINGS_MAX));
    let marked = Silent { validator, until, times: times.saturating_add(1) };
    silent.push(marked.clone());
    marked
}
