use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ehb_types::PublicKey;

use crate::event::Inbox;
use crate::{Event, Refusal};

/// Peers whose refusal is remembered.
const REMEMBERED_MAX: usize = 256;
/// How long a peer's refusal is not told again.
const QUIET: Duration = Duration::from_secs(30);

/// Tells of refusals, but not of each attempt of a peer that keeps trying: it could fill the log.
#[derive(Default)]
pub(super) struct Refusals {
    told: BTreeMap<PublicKey, (Instant, Refusal)>,
}

impl Refusals {
    pub(super) fn tell(&mut self, inbox: &Inbox, peer: PublicKey, reason: Refusal, now: Instant) {
        let known = self.told.get(&peer).is_some_and(|(_, told)| *told == reason);
        if known || self.told.len() >= REMEMBERED_MAX {
            return;
        }
        tracing::warn!(%peer, %reason, "a peer was turned away");
        self.told.insert(peer, (now, reason.clone()));
        inbox.offer(Event::Refused { peer, reason }, None, || {});
    }

    pub(super) fn forget_old(&mut self, now: Instant) {
        self.told.retain(|_, (told, _)| now.saturating_duration_since(*told) < QUIET);
    }
}
