//! Reports rejected peers to the log and the application, each reason only once in a while.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ehb_types::PublicKey;

use crate::inbox::Inbox;
use crate::{Event, Refusal};

/// The maximum number of unknown peers whose rejection is remembered and reported one by one: anybody can make a key, and each
/// is a line in the log. Peers that are permitted or configured are all remembered: their number is bounded by the chain and
/// the configuration.
const STRANGERS_MAX: usize = 8;
/// After this time without an attempt the next rejection of a peer is reported again.
const QUIET: Duration = Duration::from_secs(30);
/// The maximum number of different reasons reported for one peer until then: the peer can influence their
/// text.
const REASONS_MAX: usize = 4;

/// Reports rejections when they begin and when they are over, but not for each attempt of a peer that keeps trying,
/// because that could fill the log.
#[derive(Default)]
pub(crate) struct Refusals {
    listed: BTreeMap<PublicKey, Reported>,
    strangers: BTreeMap<PublicKey, Reported>,
    /// Rejections of unknown peers that were not reported, because there were too many others.
    left_out: u64,
}

struct Reported {
    /// When it was refused last.
    last: Instant,
    reasons: Vec<Refusal>,
}

impl Refusals {
    /// Logs a rejection and notifies the application. Unknown peers cannot suppress the report about a listed
    /// one.
    pub(crate) fn report(
        &mut self,
        inbox: &Inbox,
        (peer, is_listed): (PublicKey, bool),
        reason: Refusal,
        now: Instant,
    ) {
        let reported = if is_listed { &mut self.listed } else { &mut self.strangers };
        if !is_listed && reported.len() >= STRANGERS_MAX && !reported.contains_key(&peer) {
            self.left_out += 1;
            return;
        }
        let of_peer = reported.entry(peer).or_insert(Reported { last: now, reasons: Vec::new() });
        of_peer.last = now;
        if of_peer.reasons.contains(&reason) || of_peer.reasons.len() >= REASONS_MAX {
            return;
        }
        of_peer.reasons.push(reason.clone());
        tracing::warn!(%peer, %reason, "peer rejected");
        inbox.offer_refusal(Event::Refused { peer, reason });
    }

    /// Why a listed peer and this node cannot speak with each other, if that is so with one.
    pub(crate) fn mismatch(&self) -> Option<&Refusal> {
        self.listed.values().flat_map(|it| &it.reasons).find(|reason| reason.is_mismatch())
    }

    /// Removes peers that have not tried for a while, and reports those that are no longer rejected. `is_refused` returns
    /// whether a peer is rejected for its misbehaviour: its attempts are not reported meanwhile.
    pub(crate) fn forget_old(&mut self, now: Instant, is_refused: impl Fn(&PublicKey) -> bool) {
        let lasts = |it: &Reported| now.saturating_duration_since(it.last) < QUIET;
        self.strangers.retain(|_, it| lasts(it));
        self.listed.retain(|peer, it| {
            let is_kept = lasts(it) || is_refused(peer);
            if !is_kept {
                tracing::warn!(%peer, "peer no longer rejected: it is connected, or stopped trying");
            }
            is_kept
        });
        if self.left_out > 0 && self.strangers.len() < STRANGERS_MAX {
            let refusals = std::mem::take(&mut self.left_out);
            tracing::warn!(refusals, "further peers that are not permitted were rejected");
        }
    }
}
