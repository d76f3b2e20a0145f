//! The peers that were heard lately, for nodes that take turns with another one.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ehb_replica::Voting;
use ehb_types::PublicKey;

use super::Present;

/// How long two nodes with one key take turns: a peer that one of them heard then hears the other one.
const TURN_MAX: Duration = Duration::from_secs(10);

/// The peers that were heard lately. There are at most as many as the chain permits nodes.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    heard: BTreeMap<PublicKey, Instant>,
    /// The last message of each.
    said: BTreeMap<PublicKey, (Voting, Instant)>,
    /// The number of connections that peers closed before they greeted, and when it last grew.
    turned_away: (u64, Option<Instant>),
    /// Whether peers did so since one was heard last.
    is_only_turned_away: bool,
}

impl Recent {
    /// Records the peers that are heard, what they said, and the number of connections that peers closed before they
    /// greeted.
    pub(crate) fn note(&mut self, present: &Present, turned_away: u64, now: Instant) {
        let Present { heard, said, .. } = present;
        self.heard.extend(heard.iter().map(|peer| (*peer, now)));
        self.said.extend(said.iter().map(|(peer, voting)| (*peer, (*voting, now))));
        let is_recent = |then: Instant| now.saturating_duration_since(then) <= TURN_MAX;
        self.heard.retain(|_, heard| is_recent(*heard));
        self.said.retain(|_, (_, said)| is_recent(*said));
        let (before, since) = self.turned_away;
        self.is_only_turned_away =
            heard.is_empty() && (self.is_only_turned_away || turned_away > before);
        let since =
            if turned_away > before { Some(now) } else { since.filter(|it| is_recent(*it)) };
        self.turned_away = (turned_away, since);
    }

    /// Whether peers were reached and closed the connection, and none was heard since.
    pub(crate) fn is_only_turned_away(&self) -> bool {
        self.is_only_turned_away
    }

    /// Whether peers were reached lately and closed the connection.
    pub(crate) fn is_turned_away(&self) -> bool {
        self.turned_away.1.is_some()
    }
}

impl Present {
    /// Adds the peers that were heard lately: where another node uses this one's keys, or seems to because peers turn
    /// this one away, peers are connected to one of the two at a time, and that is no lack of peers.
    pub(crate) fn taking_turns(mut self, recent: &Recent) -> Self {
        self.connected.extend(recent.heard.keys());
        self.heard.extend(recent.heard.keys());
        for (peer, (voting, _)) in &recent.said {
            self.said.entry(*peer).or_insert(*voting);
        }
        self
    }
}
