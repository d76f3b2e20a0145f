//! Requests decided blocks from peers that are ahead, verifies them and commits them one by one.

use std::collections::VecDeque;

use ehb_executor::{BlockError, check_block, check_rounds};
use ehb_types::PublicKey;

use crate::bodies::Verdict;
use crate::peers::Said;
use crate::replica::{Phase, STATUS_MS};
use crate::{
    BLOCKS_BYTES_MAX, BLOCKS_MAX, CertifiedBlock, Immediate, Message, Ordered, Replica, Timer,
    Voting,
};

/// The time limit for the rest of an answer, which restarts while bytes arrive, milliseconds.
const PROGRESS_MS: u64 = 2_000;
/// How long an answer can arrive before another peer is asked, milliseconds. It doubles with each answer that took longer, until
/// blocks arrive: the line of this node may be slow.
const HOLD_MS: u64 = 10_000;
/// How many times it doubles: more than ten minutes.
const HOLDS_MAX: u32 = 6;
/// An answer with fewer blocks than asked for can be shorter than this only if the peer has no further ones, bytes.
const SHORT_BYTES_MAX: usize = BLOCKS_BYTES_MAX / 4;
/// One in this many requests goes to the peers in turn.
const IN_TURN_EVERY: usize = 16;
/// The number of status rounds that a node stays one block behind before it requests that block.
const LAGGING_ROUNDS: u32 = 2;

/// Catches up with the head of the chain after the node was offline.
///
/// Consensus continues meanwhile: announcements of peers may be false, and a request must not cost a vote.
#[derive(Default)]
pub(crate) struct CatchUp {
    asked: Option<PublicKey>,
    asked_ms: u64,
    /// The first height that was asked for, and the number of blocks.
    asked_from: u64,
    asked_count: u16,
    received: VecDeque<CertifiedBlock>,
    /// The sender of the received blocks, and whether it sent fewer than it was asked for and than it announced.
    source: Option<PublicKey>,
    is_short: bool,
    /// The number of requests.
    requests: usize,
    /// The number of requests to peers in turn, whatever their rate.
    turn: usize,
    lagging: Option<(u64, u32)>,
    /// How many answers in a row were given up.
    holds: u32,
    /// Whether the last decided block was received by catching up.
    pub(crate) fetched: bool,
}

impl CatchUp {
    /// Whether blocks were requested, or are waiting to be committed.
    pub(crate) fn is_under_way(&self) -> bool {
        self.asked.is_some() || self.has_blocks()
    }

    /// Whether blocks are waiting to be committed.
    pub(crate) fn has_blocks(&self) -> bool {
        !self.received.is_empty()
    }
}

impl Replica {
    pub(crate) fn on_connected(&mut self, peer: PublicKey) {
        self.peers.connect(peer);
        self.offences.reconnected(&peer);
        let message = self.own_status();
        self.push(Ordered::Send { peer, message });
        self.offer_to(peer);
        self.send_seen(peer);
    }

    pub(crate) fn on_disconnected(&mut self, peer: PublicKey) {
        let owed = self.catch_up.asked == Some(peer);
        if owed && self.peers.broke(&peer) {
            self.peers.distrust(&peer, self.now_ms);
        }
        self.peers.disconnect(&peer);
        self.bodies.disconnected(&peer);
        self.pacing.disconnected(&peer);
        self.offences.reconnected(&peer);
        if owed {
            self.catch_up.asked = None;
            self.catch_up.turn += 1;
            self.ask_for_blocks();
        }
    }

    pub(crate) fn on_status_timer(&mut self) {
        let height = self.head.header.height;
        self.push(Ordered::Broadcast(self.own_status()));
        self.set_timer(Timer::Status, STATUS_MS);
        self.offer_pending();
        self.warn_if_stalled();
        self.held_up.round();
        self.repeat_seen();
        self.end_elsewhere();
        self.end_watch();
        self.confirm_records();
        let rounds = match self.catch_up.lagging {
            Some((lagging_at, rounds)) if lagging_at == height => rounds + 1,
            _ => 0,
        };
        let behind = self.peers.best_height() > height;
        self.catch_up.lagging = behind.then_some((height, rounds));
        if behind && rounds >= LAGGING_ROUNDS {
            self.ask_for_blocks();
        }
        self.learn_sign_from();
        self.join_if_ready();
    }

    /// Processes a peer's height and clock.
    pub(crate) fn on_status(
        &mut self,
        peer: PublicKey,
        height: u64,
        voting: Voting,
        clock_ms: u64,
    ) {
        let signed = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
        let clock_offset_ms = signed(clock_ms).saturating_sub(signed(self.clock_ms));
        self.peers.at_status(&peer, Said { height, voting, clock_offset_ms });
        self.on_peer_height(peer, height);
        self.learn_sign_from();
    }

    pub(crate) fn on_peer_height(&mut self, peer: PublicKey, height: u64) {
        self.peers.at_height(&peer, height, self.now_ms);
        // Being one block behind is normal while peers commit; more is not. A node that does not know from
        // which height it can sign does not take part, and so cannot get that block otherwise.
        let best = self.peers.best_height();
        if best > self.head.next_height() || (self.is_unsure() && best > self.head.header.height) {
            self.ask_for_blocks();
        }
    }

    fn ask_for_blocks(&mut self) {
        let busy = matches!(self.phase, Phase::Committing | Phase::Halted(_));
        if busy || self.catch_up.is_under_way() {
            return;
        }
        let from = self.head.next_height();
        let ahead = self.peers.at_least(from);
        if ahead.is_empty() {
            return;
        }
        let Some(peer) = self.peer_to_ask(&ahead) else { return };
        self.catch_up.asked = Some(peer);
        self.catch_up.asked_ms = self.now_ms;
        self.catch_up.asked_from = from;
        let (count, answer_ms) = self.peers.ask(&peer);
        self.catch_up.asked_count = count;
        let message = Message::BlocksRequest { from, count };
        self.push(Ordered::Send { peer, message });
        self.set_timer(Timer::CatchUp, answer_ms);
    }

    /// The peer whose last answer was the fastest, so that one that sends little and slowly, as slowly as is permitted,
    /// does not hold this node. Some requests go to all in turn: lines change.
    fn peer_to_ask(&mut self, ahead: &[PublicKey]) -> Option<PublicKey> {
        let catch_up = &mut self.catch_up;
        catch_up.requests = catch_up.requests.wrapping_add(1);
        let place = catch_up.turn % ahead.len().max(1);
        if catch_up.requests.is_multiple_of(IN_TURN_EVERY) {
            catch_up.turn = catch_up.turn.wrapping_add(1);
            return ahead.get(place).copied();
        }
        let (before, from) = ahead.split_at_checked(place)?;
        from.iter().chain(before).rev().max_by_key(|peer| self.peers.rate(peer)).copied()
    }

    /// An answer is arriving: a peer on a slow line keeps its time while bytes arrive. The network enforces a
    /// minimum rate.
    pub(crate) fn on_receiving(&mut self, peer: PublicKey) {
        let hold_ms = HOLD_MS << self.catch_up.holds.min(HOLDS_MAX);
        let held_ms = self.now_ms.saturating_sub(self.catch_up.asked_ms);
        if self.catch_up.asked == Some(peer) && held_ms < hold_ms {
            self.set_timer(Timer::CatchUp, PROGRESS_MS);
        }
    }

    pub(crate) fn on_catch_up_timer(&mut self) {
        if let Some(peer) = self.catch_up.asked.take() {
            tracing::info!(%peer, "a peer did not send the blocks asked for in time");
            self.peers.was_slow(&peer);
            self.catch_up.holds = self.catch_up.holds.saturating_add(1);
            self.give_up_on(peer);
        }
    }

    /// Asks the next peer; the one that timed out is not trusted for a while.
    fn give_up_on(&mut self, peer: PublicKey) {
        self.peers.distrust(&peer, self.now_ms);
        self.catch_up.turn += 1;
        self.ask_for_blocks();
        if !self.catch_up.is_under_way() {
            self.learn_sign_from();
        }
        self.begin_height_if_due();
    }

    pub(crate) fn on_blocks_request(&mut self, peer: PublicKey, from: u64, count: u16) {
        let count = count.min(BLOCKS_MAX);
        self.push(Immediate::ServeBlocks { peer, from, count });
    }

    /// Processes an answer, even a late one, because its blocks have certificates.
    pub(crate) fn on_blocks(&mut self, peer: PublicKey, blocks: Vec<CertifiedBlock>) {
        if !self.peers.answered(&peer) || self.catch_up.has_blocks() {
            return;
        }
        if self.catch_up.asked == Some(peer) {
            if blocks.first().is_some_and(|it| it.block.header.height != self.catch_up.asked_from) {
                // Blocks that nobody asked for: it has those that it announced, or not.
                self.catch_up.asked = None;
                self.offend(peer, "other blocks than it was asked for");
                self.give_up_on(peer);
                return;
            }
            let bytes = blocks.iter().map(|it| it.block.encoded().len()).sum();
            let took_ms = self.now_ms.saturating_sub(self.catch_up.asked_ms);
            self.peers.line(&peer, |line| line.answered(blocks.len(), bytes, took_ms));
            self.catch_up.asked = None;
            let last = blocks.last().map_or(0, |it| it.block.header.height);
            self.catch_up.is_short = blocks.len() < usize::from(self.catch_up.asked_count)
                && bytes < SHORT_BYTES_MAX
                && last < self.peers.height_of(&peer);
            self.push(Immediate::CancelTimer(Timer::CatchUp));
        }
        let next = self.head.next_height();
        let known = blocks.last().is_some_and(|it| it.block.header.height < next);
        let wanted = blocks.into_iter().skip_while(|it| it.block.header.height < next);
        self.catch_up.received = wanted.take(BLOCKS_MAX.into()).collect();
        self.catch_up.source = Some(peer);
        if !self.catch_up.has_blocks() {
            // Consensus may have been faster; that is no fault.
            if !known {
                self.give_up_on(peer);
            }
        } else if !matches!(self.phase, Phase::Committing) {
            self.take_received();
        }
    }

    /// After a commit: commits the next received block, or requests more. Returns whether another block is
    /// being committed.
    pub(crate) fn continue_catch_up(&mut self) -> bool {
        if self.catch_up.has_blocks() {
            self.take_received();
        }
        if !self.catch_up.is_under_way() && self.peers.best_height() > self.head.next_height() {
            self.ask_for_blocks();
        }
        !matches!(self.phase, Phase::Resting)
    }

    fn take_received(&mut self) {
        let next = self.head.next_height();
        while self.catch_up.received.front().is_some_and(|it| it.block.header.height < next) {
            self.catch_up.received.pop_front();
        }
        let Some(CertifiedBlock { block, certificate }) = self.catch_up.received.pop_front() else {
            return;
        };
        let hash = block.hash();
        let proven = certificate.height == next
            && certificate.block == hash
            && block.header.height == next
            && check_rounds(&block.header, &certificate).is_ok()
            && certificate.verify(&self.chain, &self.rules.validators).is_ok();
        if !proven {
            self.refuse_received("a block without a valid certificate");
            return;
        }
        let bytes = block.encoded().len();
        let verified = self.parent_certificate();
        let state = self.head.overlay();
        match check_block(&self.head.header, verified, &state, self.head.roots, &block, bytes) {
            Ok(()) => {
                if let Some(peer) = self.catch_up.source {
                    self.peers.proved(&peer, !self.catch_up.is_short);
                    self.catch_up.holds = 0;
                }
                self.phase = Phase::Decided(certificate);
                self.catch_up.fetched = true;
                if self.bodies.get(&hash).is_none() {
                    self.bodies.insert(hash, block, Verdict::Pending, None);
                }
                self.accept_decided(&hash);
                self.commit_if_ready();
            }
            Err(BlockError::Store(error)) => self.halt(error.to_string()),
            Err(_) if !block.body_matches_header() => {
                self.refuse_received("a body that does not match its header");
            }
            Err(error) => {
                let reason =
                    format!("the decided block {hash} at {next} is not valid here: {error}");
                self.halt(reason);
            }
        }
    }

    fn refuse_received(&mut self, what: &str) {
        self.catch_up.received.clear();
        if let Some(peer) = self.catch_up.source.take() {
            self.penalise(peer, format!("sent {what} when asked for blocks"));
            self.give_up_on(peer);
        }
    }
}
