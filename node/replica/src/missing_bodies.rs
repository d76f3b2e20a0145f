//! Requests announced and decided bodies that have not arrived, and answers such requests.

use std::collections::{BTreeMap, BTreeSet};

use ehb_types::{Hash, PublicKey};

use crate::replica::Phase;
use crate::{Immediate, Message, Ordered, Replica, Timer};

/// How long to wait for an announced body before it is requested, milliseconds.
const BODY_WAIT_MS: u64 = 100;
/// The wait after the first request before another peer is asked, milliseconds; it doubles with each request. On a slow
/// line a body takes seconds, and each further copy of it delays the bodies after it.
const RETRY_MS: u64 = 250;
/// The maximum wait between two requests for a body, milliseconds.
const RETRY_MS_MAX: u64 = 8_000;
/// The maximum number of missing bodies that are requested at once.
const REQUESTED_MAX: usize = 4;
/// The number of peers that are asked first: each answer may have megabytes. Later one is asked after the other.
const ASKED_FIRST: usize = 2;

/// The requests for the missing bodies of a height. There are at most as many as announced proposals, and the decided one.
#[derive(Default)]
pub(crate) struct MissingBodies(BTreeMap<Hash, Requests>);

/// The requests for a body.
#[derive(Clone, Copy, Debug)]
struct Requests {
    /// The number of peers that were asked.
    asked: usize,
    /// How long to wait after the next request, milliseconds.
    wait_ms: u64,
    /// When the next request is due, milliseconds.
    due_ms: u64,
}

impl Requests {
    /// Counts a request: how many peers were asked before it, and how many to ask now.
    fn count(&mut self, now_ms: u64) -> (usize, usize) {
        let (before, now) = (self.asked, if self.asked == 0 { ASKED_FIRST } else { 1 });
        self.asked = self.asked.saturating_add(now);
        self.due_ms = now_ms.saturating_add(self.wait_ms);
        self.wait_ms = self.wait_ms.saturating_mul(2).min(RETRY_MS_MAX);
        (before, now)
    }
}

impl MissingBodies {
    /// Forgets the bodies that are not missing any more.
    fn keep(&mut self, missing: &[Hash]) {
        self.0.retain(|block, _| missing.contains(block));
    }

    /// The requests for a body; the first is due at `first_ms`.
    fn of(&mut self, block: Hash, first_ms: u64) -> &mut Requests {
        let new = Requests { asked: 0, wait_ms: RETRY_MS, due_ms: first_ms };
        self.0.entry(block).or_insert(new)
    }

    /// The height is over.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Replica {
    /// A body was announced and is not here: it is requested if it does not arrive soon.
    pub(crate) fn await_body(&mut self, block: Hash) {
        self.missing.of(block, self.now_ms.saturating_add(BODY_WAIT_MS));
        self.request_missing_bodies();
    }

    /// A body was decided and is not here: those that decided it have it.
    pub(crate) fn request_decided_body(&mut self, block: Hash) {
        self.missing.of(block, self.now_ms).due_ms = self.now_ms;
        self.request_missing_bodies();
    }

    /// Requests the missing bodies whose turn it is, those of the round in progress first.
    pub(crate) fn request_missing_bodies(&mut self) {
        let missing = self.missing_bodies();
        self.missing.keep(&missing);
        let mut next_ms = u64::MAX;
        for block in missing.into_iter().take(REQUESTED_MAX) {
            if self.missing.of(block, self.now_ms).due_ms <= self.now_ms {
                self.request_body(block);
            }
            next_ms = next_ms.min(self.missing.of(block, self.now_ms).due_ms);
        }
        if next_ms < u64::MAX {
            self.set_timer(Timer::BodyRequest, next_ms.saturating_sub(self.now_ms));
        }
    }

    /// The announced or decided bodies that are not here, those of rounds next to the one in progress first.
    fn missing_bodies(&self) -> Vec<Hash> {
        let mut wanted: Vec<(u32, Hash)> = match &self.phase {
            Phase::Decided(certificate) => vec![(0, certificate.block)],
            _ => {
                let announced = self.bodies.announced().iter().map(|it| &it.proposal);
                announced.map(|it| (it.round.abs_diff(self.round), it.block)).collect()
            }
        };
        wanted.sort();
        let mut seen = BTreeSet::new();
        let missing = wanted.into_iter().map(|(_, block)| block);
        missing.filter(|block| self.bodies.get(block).is_none() && seen.insert(*block)).collect()
    }

    fn request_body(&mut self, block: Hash) {
        let height = self.head.next_height();
        let holders = self.likely_holders(&block);
        let (before, now) = self.missing.of(block, self.now_ms).count(self.now_ms);
        let from = before % holders.len().max(1);
        let asked = holders.iter().cycle().skip(from).take(now.min(holders.len()));
        for peer in asked.copied() {
            let message = Message::BodyRequest { height, block };
            self.push(Ordered::Send { peer, message });
        }
    }

    /// The connected peers; first those that certainly have a body if they are honest: its proposer, or the
    /// validators that decided it. Observers come last.
    fn likely_holders(&self, block: &Hash) -> Vec<PublicKey> {
        let set = &self.rules.validators;
        let mut holders: Vec<PublicKey> = match &self.phase {
            Phase::Decided(certificate) => {
                let signers = certificate.signatures.iter().map(|it| usize::from(it.validator));
                signers.filter_map(|index| Some(set.get(index)?.node_key)).collect()
            }
            _ => {
                let announced = self.bodies.announced().iter().map(|it| &it.proposal);
                let proposers = announced.filter(|it| it.block == *block).map(|it| it.proposer);
                proposers.filter_map(|key| self.node_of(&key)).collect()
            }
        };
        holders.extend(set.validators().iter().map(|it| it.node_key));
        let connected = self.peers.connected();
        holders.extend(&connected);
        let mut seen = BTreeSet::new();
        holders.retain(|peer| connected.contains(peer) && seen.insert(*peer));
        holders
    }

    pub(crate) fn on_body_request(&mut self, peer: PublicKey, height: u64, block: Hash) {
        if !self.pacing.may_answer(&peer, self.now_ms) {
            return;
        }
        match self.bodies.get(&block) {
            Some(body) => {
                let message = Message::Body(body.block.clone());
                self.push(Ordered::Send { peer, message });
            }
            None if height <= self.head.header.height => {
                self.push(Immediate::ServeBody { peer, height, block });
            }
            None => {}
        }
    }
}
