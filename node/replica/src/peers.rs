//! Tracks each peer's announced height, voting status and clock, and how far its announcements are trusted.

use std::collections::{BTreeMap, VecDeque};

use ehb_types::PublicKey;

use crate::Voting;
use crate::line::Line;

/// How long a peer that did not send its announced blocks is not trusted, milliseconds; doubles with each
/// consecutive failure. Otherwise a lying peer could keep a node busy with requests.
const DISTRUST_MS: u64 = 10_000;
/// The maximum number of doublings of that time.
const DOUBLINGS_MAX: u32 = 6;
/// The time limit for a peer to send blocks, milliseconds; doubles after each timeout, because its line may
/// be slow.
const ANSWER_MS: u64 = 2_000;
/// The maximum number of doublings of the time limit: up to 32 s, for the largest block at 8 Mbit/s.
const PATIENCE_MAX: u32 = 4;
/// The number of a peer's last statuses by which its clock is judged: those of four seconds.
const CLOCKS_MAX: usize = 8;
/// The minimum number of them that must agree.
const CLOCKS_MIN: usize = 3;
/// The maximum number of disconnected peers that are remembered for not answering.
const REMEMBERED_MAX: usize = 1_024;

/// The connected peers and the heights they announced.
#[derive(Default)]
pub(crate) struct Peers {
    known: BTreeMap<PublicKey, Peer>,
    /// The records of disconnected peers that did not answer.
    gone: BTreeMap<PublicKey, Trust>,
}

/// The status of a validator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Witness {
    /// The height up to which it has committed.
    pub(crate) height: u64,
    /// The height up to which it may have helped to decide.
    pub(crate) reached: u64,
}

/// The status that a peer sends from time to time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) height: u64,
    pub(crate) voting: Voting,
    /// How far its clock is ahead of ours, milliseconds.
    pub(crate) clock_offset_ms: i64,
}

#[derive(Default)]
struct Peer {
    /// Its last status since it connected: its committed height, and how it votes.
    said: Option<(u64, Voting)>,
    /// The highest height that it announced, as far as it is trusted.
    height: u64,
    /// How far its clock seemed ahead of ours in its last statuses, milliseconds.
    clock_offsets_ms: VecDeque<i64>,
    trust: Trust,
    line: Line,
}

/// The trust in a peer's announced heights.
#[derive(Clone, Copy, Debug, Default)]
struct Trust {
    /// Until when its announcements are ignored, in the replica's own time, milliseconds.
    distrusted_until_ms: u64,
    /// The number of consecutive times that it did not send announced blocks.
    unanswered: u32,
    /// The number of times that it exceeded the time limit.
    slow: u32,
    /// The number of consecutive times that it disconnected instead of answering.
    broken: u32,
    /// Whether a request for blocks is outstanding.
    owes: bool,
    /// Whether it has sent requested blocks since it was last distrusted.
    proved: bool,
}

impl Peers {
    pub(crate) fn connect(&mut self, peer: PublicKey) {
        let trust = self.gone.remove(&peer).unwrap_or_default();
        self.known.entry(peer).or_insert_with(|| Peer { trust, ..Peer::default() });
    }

    pub(crate) fn disconnect(&mut self, peer: &PublicKey) {
        let Some(Peer { trust, .. }) = self.known.remove(peer) else { return };
        if trust.unanswered > 0 || trust.broken > 0 {
            if self.gone.len() >= REMEMBERED_MAX {
                self.gone.pop_first();
            }
            self.gone.insert(*peer, Trust { owes: false, ..trust });
        }
    }

    /// Records a height that a connected peer announced; heights never decrease.
    pub(crate) fn at_height(&mut self, peer: &PublicKey, height: u64, now_ms: u64) {
        if let Some(known) = self.known.get_mut(peer)
            && known.trust.distrusted_until_ms <= now_ms
        {
            known.height = height.max(known.height);
        }
    }

    /// Records the status of a connected peer.
    pub(crate) fn at_status(&mut self, peer: &PublicKey, said: Said) {
        if let Some(known) = self.known.get_mut(peer) {
            let Said { height, voting, clock_offset_ms } = said;
            known.said = Some((height, voting));
            if known.clock_offsets_ms.len() >= CLOCKS_MAX {
                known.clock_offsets_ms.pop_front();
            }
            known.clock_offsets_ms.push_back(clock_offset_ms);
        }
    }

    /// Records a request for blocks; returns the number of blocks to request, and the time limit until some
    /// of them arrive, milliseconds.
    pub(crate) fn ask(&mut self, peer: &PublicKey) -> (u16, u64) {
        let Some(Peer { trust, line, .. }) = self.known.get_mut(peer) else {
            return (1, ANSWER_MS);
        };
        trust.owes = true;
        (line.ask_blocks(), ANSWER_MS << trust.slow.min(PATIENCE_MAX))
    }

    /// Records the capacity of a connected peer's line.
    pub(crate) fn line(&mut self, peer: &PublicKey, note: impl FnOnce(&mut Line)) {
        if let Some(Peer { line, .. }) = self.known.get_mut(peer) {
            note(line);
        }
    }

    /// How fast a connected peer's last answer was.
    pub(crate) fn rate(&self, peer: &PublicKey) -> u64 {
        self.known.get(peer).map_or(0, |known| known.line.rate())
    }

    /// Records an answer; returns whether one was outstanding.
    pub(crate) fn answered(&mut self, peer: &PublicKey) -> bool {
        self.known.get_mut(peer).is_some_and(|it| std::mem::take(&mut it.trust.owes))
    }

    /// A peer that sent valid blocks is trusted again. Its announcements count by themselves only if it sent all that it
    /// was asked for.
    pub(crate) fn proved(&mut self, peer: &PublicKey, all: bool) {
        if let Some(Peer { trust, .. }) = self.known.get_mut(peer) {
            *trust = Trust { slow: trust.slow, owes: trust.owes, proved: all, ..Trust::default() };
        }
    }

    /// A peer that did not answer in time may be on a slow line.
    pub(crate) fn was_slow(&mut self, peer: &PublicKey) {
        if let Some(Peer { trust, line, .. }) = self.known.get_mut(peer) {
            line.silent();
            trust.slow = trust.slow.saturating_add(1).min(PATIENCE_MAX);
        }
    }

    /// A peer disconnects while it owes an answer; returns whether it did so before. Once is no fault: it may restart.
    pub(crate) fn broke(&mut self, peer: &PublicKey) -> bool {
        self.known.get_mut(peer).is_some_and(|known| {
            known.trust.broken = known.trust.broken.saturating_add(1);
            known.trust.broken > 1
        })
    }

    /// A peer with a false announcement is not trusted for a while, each time for longer.
    pub(crate) fn distrust(&mut self, peer: &PublicKey, now_ms: u64) {
        if let Some(known) = self.known.get_mut(peer) {
            let distrust_ms = DISTRUST_MS << known.trust.unanswered.min(DOUBLINGS_MAX);
            known.height = 0;
            known.trust.distrusted_until_ms = now_ms.saturating_add(distrust_ms);
            known.trust.unanswered = known.trust.unanswered.saturating_add(1);
            known.trust.proved = false;
        }
    }

    pub(crate) fn connected(&self) -> Vec<PublicKey> {
        self.known.keys().copied().collect()
    }

    pub(crate) fn count(&self) -> usize {
        self.known.len()
    }

    /// How a connected peer takes part in consensus, if known.
    pub(crate) fn voting(&self, peer: &PublicKey) -> Option<Voting> {
        self.known.get(peer)?.said.map(|(_, voting)| voting)
    }

    /// How each connected peer takes part in consensus, if known.
    pub(crate) fn said(&self) -> BTreeMap<PublicKey, Voting> {
        let said = |(peer, known): (&PublicKey, &Peer)| Some((*peer, known.said?.1));
        self.known.iter().filter_map(said).collect()
    }

    /// The height of a connected peer that signs, unless its announcements are ignored.
    pub(crate) fn witness(&self, peer: &PublicKey, now_ms: u64) -> Option<Witness> {
        let trusted = |known: &&Peer| known.trust.distrusted_until_ms <= now_ms;
        match self.known.get(peer).filter(trusted)?.said? {
            (height, Voting::Votes(reached)) => Some(Witness { height, reached }),
            (_, Voting::Asks | Voting::Silent) => None,
        }
    }

    /// How far a peer's clock is ahead of ours, milliseconds. A status that was late on the line or waited in
    /// a node makes the peer's clock seem slower than it is, never faster, so the greatest value counts. Delays vary and
    /// clocks do not: unknown while fewer than some of the last values are within `spread_ms` of it.
    pub(crate) fn clock_offset(&self, peer: &PublicKey, spread_ms: u64) -> Option<i64> {
        let offsets = &self.known.get(peer)?.clock_offsets_ms;
        let greatest = offsets.iter().max().copied()?;
        let near = offsets.iter().filter(|offset| offset.abs_diff(greatest) <= spread_ms).count();
        (near >= CLOCKS_MIN).then_some(greatest)
    }

    /// The highest height that a peer announced.
    pub(crate) fn best_height(&self) -> u64 {
        self.known.values().map(|known| known.height).max().unwrap_or(0)
    }

    /// The height that a peer announced, as far as it is trusted.
    pub(crate) fn height_of(&self, peer: &PublicKey) -> u64 {
        self.known.get(peer).map_or(0, |known| known.height)
    }

    /// The highest height announced by a peer that has sent requested blocks.
    pub(crate) fn best_proved_height(&self) -> u64 {
        let proved = self.known.values().filter(|known| known.trust.proved);
        proved.map(|known| known.height).max().unwrap_or(0)
    }

    /// The peers that have committed at least this height, ascending by key.
    pub(crate) fn at_least(&self, height: u64) -> Vec<PublicKey> {
        self.known.iter().filter(|(_, it)| it.height >= height).map(|(peer, _)| *peer).collect()
    }
}
