use std::collections::VecDeque;

use ehb_executor::{BlockError, check_block, check_rounds};
use ehb_types::PublicKey;

use crate::bodies::Verdict;
use crate::replica::{Phase, STATUS_MS};
use crate::{BLOCKS_MAX, DecidedBlock, Effect, Message, Replica, Timer};

/// How long a peer may take to send blocks, milliseconds.
const ANSWER_MS: u64 = 2_000;
/// How many status rounds a node may stay one block behind before it asks for that block.
const LAGGING_ROUNDS: u32 = 2;

/// The way back to the head of the chain for a node that was away.
#[derive(Default)]
pub(crate) struct CatchUp {
    asked: Option<PublicKey>,
    received: VecDeque<DecidedBlock>,
    /// Who sent what was received.
    source: Option<PublicKey>,
    /// Which of the peers that are ahead is asked next.
    turn: usize,
    lagging: Option<(u64, u32)>,
    /// Whether the block that was decided last was received so.
    pub(crate) fetched: bool,
}

impl CatchUp {
    pub(crate) fn is_under_way(&self) -> bool {
        self.asked.is_some() || !self.received.is_empty()
    }
}

impl Replica {
    pub(crate) fn on_connected(&mut self, peer: PublicKey) {
        self.peers.connect(peer);
        let message = self.own_status();
        self.effects.push(Effect::Send { peer, message });
        self.offer_to(peer);
    }

    pub(crate) fn on_disconnected(&mut self, peer: PublicKey) {
        self.peers.disconnect(&peer);
        if self.catch_up.asked == Some(peer) {
            self.catch_up.asked = None;
            self.ask_for_blocks();
        }
    }

    pub(crate) fn on_status_timer(&mut self) {
        let height = self.head.header.height;
        self.effects.push(Effect::Broadcast(self.own_status()));
        self.set_timer(Timer::Status, STATUS_MS);
        self.offer_pending();
        self.warn_if_stalled();
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
    }

    /// A peer tells how far it is.
    pub(crate) fn on_status(&mut self, peer: PublicKey, height: u64, reached: Option<u64>) {
        self.peers.at_status(&peer, height, reached);
        self.on_peer_height(peer, height);
        self.learn_sign_from();
    }

    pub(crate) fn on_peer_height(&mut self, peer: PublicKey, height: u64) {
        self.peers.at_height(&peer, height, self.now_ms);
        // One block behind is usual while peers commit; more is not. A node that does not know from
        // where on it may sign takes no part, and so has no other way to that block.
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
        let peer = ahead[self.catch_up.turn % ahead.len()];
        self.catch_up.asked = Some(peer);
        let message = Message::BlocksRequest { from, count: BLOCKS_MAX };
        self.effects.push(Effect::Send { peer, message });
        self.set_timer(Timer::CatchUp, ANSWER_MS);
    }

    pub(crate) fn on_catch_up_timer(&mut self) {
        if let Some(peer) = self.catch_up.asked.take() {
            tracing::info!(%peer, "a peer did not send the blocks asked for");
            self.give_up_on(peer);
        }
    }

    /// Asks the next peer; the one given up on is not believed for a while.
    fn give_up_on(&mut self, peer: PublicKey) {
        self.peers.distrust(&peer, self.now_ms);
        self.catch_up.turn += 1;
        self.ask_for_blocks();
        if !self.catch_up.is_under_way() {
            self.learn_sign_from();
            self.begin_height_if_due();
        }
    }

    pub(crate) fn on_blocks_request(&mut self, peer: PublicKey, from: u64, count: u16) {
        let count = count.min(BLOCKS_MAX);
        self.effects.push(Effect::ServeBlocks { peer, from, count });
    }

    pub(crate) fn on_blocks(&mut self, peer: PublicKey, blocks: Vec<DecidedBlock>) {
        if self.catch_up.asked != Some(peer) {
            return;
        }
        self.catch_up.asked = None;
        self.effects.push(Effect::CancelTimer(Timer::CatchUp));
        let next = self.head.next_height();
        let wanted = blocks.into_iter().skip_while(|it| it.block.header.height < next);
        self.catch_up.received = wanted.take(BLOCKS_MAX.into()).collect();
        self.catch_up.source = Some(peer);
        if self.catch_up.received.is_empty() {
            self.give_up_on(peer);
            return;
        }
        if !matches!(self.phase, Phase::Committing) {
            self.take_received();
        }
    }

    /// After a commit: takes the next received block, or asks for more. Says whether catching up
    /// goes on.
    pub(crate) fn continue_catch_up(&mut self) -> bool {
        if !self.catch_up.received.is_empty() {
            self.take_received();
        }
        if !self.catch_up.is_under_way() && self.peers.best_height() > self.head.next_height() {
            self.ask_for_blocks();
        }
        self.catch_up.is_under_way() || !matches!(self.phase, Phase::Resting)
    }

    fn take_received(&mut self) {
        let next = self.head.next_height();
        while self.catch_up.received.front().is_some_and(|it| it.block.header.height < next) {
            self.catch_up.received.pop_front();
        }
        let Some(DecidedBlock { block, certificate }) = self.catch_up.received.pop_front() else {
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
                self.phase = Phase::Decided(certificate);
                self.catch_up.fetched = true;
                if self.bodies.get(&hash).is_none() {
                    self.bodies.insert(hash, block, Verdict::Pending);
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
