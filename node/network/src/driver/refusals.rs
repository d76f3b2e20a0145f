use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ehb_types::PublicKey;

use crate::inbox::Inbox;
use crate::{Event, Refusal};

/// Strangers whose refusal is remembered. Peers that are permitted, or that this node is to dial, are
/// remembered all: their number is bounded by the chain and the configuration.
const STRANGERS_MAX: usize = 256;
/// How long a peer's refusal is not told again.
const QUIET: Duration = Duration::from_secs(30);
/// How many different reasons are told of one peer in that time: it may choose what they say.
const REASONS_MAX: usize = 4;

/// Tells of refusals, but not of each attempt of a peer that keeps trying: it could fill the log.
#[derive(Default)]
pub(crate) struct Refusals {
    listed: BTreeMap<PublicKey, Told>,
    strangers: BTreeMap<PublicKey, Told>,
    /// Refusals of strangers that were not told, because too many others were.
    left_out: u64,
}

struct Told {
    since: Instant,
    reasons: Vec<Refusal>,
}

impl Refusals {
    /// Logs a refusal and tells the application. What strangers do never hides that a listed peer was
    /// refused.
    pub(crate) fn tell(
        &mut self,
        inbox: &Inbox,
        (peer, is_listed): (PublicKey, bool),
        reason: Refusal,
        now: Instant,
    ) {
        let told = if is_listed { &mut self.listed } else { &mut self.strangers };
        if !is_listed && told.len() >= STRANGERS_MAX && !told.contains_key(&peer) {
            self.left_out += 1;
            return;
        }
        let of_peer = told.entry(peer).or_insert(Told { since: now, reasons: Vec::new() });
        if of_peer.reasons.contains(&reason) || of_peer.reasons.len() >= REASONS_MAX {
            return;
        }
        of_peer.reasons.push(reason.clone());
        tracing::warn!(%peer, %reason, "a peer was turned away");
        inbox.offer_refusal(Event::Refused { peer, reason });
    }

    pub(crate) fn forget_old(&mut self, now: Instant) {
        for told in [&mut self.listed, &mut self.strangers] {
            told.retain(|_, told| now.saturating_duration_since(told.since) < QUIET);
        }
        if self.left_out > 0 && self.strangers.len() < STRANGERS_MAX {
            let refusals = std::mem::take(&mut self.left_out);
            tracing::warn!(refusals, "further peers were turned away that are not permitted here");
        }
    }
}
