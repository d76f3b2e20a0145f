//! Builds, checks and stores proposed blocks, and reports the verdicts on them to consensus.

use ehb_consensus::Input;
use ehb_executor::{BlockError, EVIDENCE_MAX, check_block, is_useful_evidence};
use ehb_mempool::BlockLimits;
use ehb_state::StoreError;
use ehb_types::{
    Block, CommitCertificate, Evidence, Hash, Header, PublicKey, SharedBlock, SharedTransaction,
    encoded_len,
};

use crate::bodies::Verdict;
use crate::replica::Phase;
use crate::verification::Verifying;
use crate::{Immediate, Message, Ordered, Replica, clocks};

/// Bodies are verified for the round in progress, and this many after it.
const VERIFIED_ROUNDS_AHEAD: u32 = 1;
/// An upper bound of a block's encoding without transactions and evidence, bytes: header, certificate of 256
/// signatures.
const BLOCK_OVERHEAD_BYTES: usize = 24 << 10;
/// The maximum number of pieces of evidence that wait for a block.
const EVIDENCE_KEPT_MAX: usize = 256;
/// The maximum number of them against one validator.
const EVIDENCE_PER_VALIDATOR_MAX: usize = 16;
/// The maximum size of buffered writes before they are made durable, bytes: a quarter of the store's limit,
/// which must have room for one more block.
const UNSYNCED_BYTES_MAX: usize = 64 << 20;

/// Handles the blocks proposed for the next height: built here or received, checked, executed.
impl Replica {
    pub(crate) fn build_block(&mut self, height: u64, round: u32) {
        if height != self.head.next_height() {
            return;
        }
        let Some(key) = self.key.clone() else { return };
        let parameters = &self.rules.parameters;
        let evidence = self.evidence_for_next();
        let evidence_bytes: usize = evidence.iter().map(encoded_len).sum();
        let bytes_max = (parameters.block_bytes_max as usize)
            .saturating_sub(BLOCK_OVERHEAD_BYTES + evidence_bytes);
        let timestamp_ms = clocks::block_time(self.clock_ms, self.head.header.timestamp_ms);
        let limits = BlockLimits {
            bytes_max,
            gas_max: parameters.block_gas_max,
            timestamp_ms,
            validity_ms_max: parameters.validity_ms_max,
        };
        let selected = self.select(&limits);
        let Some(transactions) = self.or_halt(selected) else { return };
        let certificate = self.parent_certificate().cloned();
        let header = Header {
            version: Header::VERSION,
            chain: self.chain,
            height,
            timestamp_ms,
            parent: self.head.header.hash(),
            round,
            proposer: key.public_key(),
            transactions_count: u32::try_from(transactions.len()).unwrap_or(u32::MAX),
            transactions_root: Block::transactions_root(&transactions),
            state_root: self.head.roots.state,
            receipts_count: self.head.roots.receipts_count,
            receipts_root: self.head.roots.receipts,
            validators: self.rules.validators.hash(),
            next_validators: self.rules.next.hash(),
            certificate: Block::certificate_hash(certificate.as_ref()),
            evidence: Block::evidence_hash(&evidence),
        };
        let block = Block::sign(header, transactions, certificate, evidence, &key);
        let block = SharedBlock::from(block);
        let hash = block.hash();
        tracing::debug!(height, round, block = %hash, transactions = block.transactions.len(), "built a block");
        self.bodies.insert(hash, block.clone(), Verdict::Valid, None);
        self.bodies.found_timely(&hash);
        self.store_and_execute(&hash);
        self.push(Ordered::Broadcast(Message::Body(block)));
        self.consensus_step(Input::Propose { height, round, block: hash });
    }

    /// The certificate of the head, with the precommits that arrived after the decision.
    pub(crate) fn parent_certificate(&self) -> Option<&CommitCertificate> {
        let height = self.head.header.height;
        let with_late = self.consensus.certificate().filter(|it| it.height == height);
        with_late.or(self.head.certificate.as_ref())
    }

    /// Keeps evidence until a block records it: one piece for each validator and height.
    pub(crate) fn keep_evidence(&mut self, evidence: Evidence) {
        let same = |it: &Evidence| {
            (it.validator(), it.height()) == (evidence.validator(), evidence.height())
        };
        let of_validator = |it: &&Evidence| it.validator() == evidence.validator();
        if self.evidence.len() < EVIDENCE_KEPT_MAX
            && self.evidence.iter().filter(of_validator).count() < EVIDENCE_PER_VALIDATOR_MAX
            && !self.evidence.iter().any(same)
        {
            if let Some(left_out) = self.equivocations_logged.due(self.now_ms) {
                let (validator, height) = (evidence.validator(), evidence.height());
                tracing::warn!(%validator, height, left_out, "a validator equivocated");
            }
            self.evidence.push(evidence);
        }
    }

    /// Removes evidence that no later block can contain.
    pub(crate) fn forget_evidence(&mut self) -> Result<(), StoreError> {
        let state = self.head.overlay();
        for it in std::mem::take(&mut self.evidence) {
            // Evidence of the next height can be used in the block after it.
            let height = self.head.next_height().max(it.height() + 1);
            if is_useful_evidence(&state, &it, height)? {
                self.evidence.push(it);
            }
        }
        Ok(())
    }

    /// Evidence that the next block can contain.
    fn evidence_for_next(&self) -> Vec<Evidence> {
        let height = self.head.next_height();
        let earlier = self.evidence.iter().filter(|it| it.height() < height);
        earlier.take(EVIDENCE_MAX).cloned().collect()
    }

    pub(crate) fn on_body(&mut self, peer: PublicKey, block: SharedBlock) {
        let height = block.header.height;
        if height <= self.head.header.height {
            return;
        }
        if height > self.head.next_height() {
            if height == self.head.next_height() + 1 {
                self.bodies.keep_early_body(peer, block);
            }
            return;
        }
        let hash = block.hash();
        if self.bodies.get(&hash).is_some() {
            return;
        }
        let bytes = block.encoded().len();
        let block_bytes_max = self.rules.parameters.block_bytes_max as usize;
        if bytes > block_bytes_max {
            // No node needs it, and none keeps it.
            self.offend(peer, "a block that is larger than the chain allows");
            return;
        }
        if !self.is_decided(&hash) && !self.bodies.has_room(&peer, &hash, bytes, block_bytes_max) {
            return;
        }
        let state = self.head.overlay();
        let verified = self.parent_certificate();
        match check_block(&self.head.header, verified, &state, self.head.roots, &block, bytes) {
            Ok(()) => self.verify_body(peer, hash, block),
            Err(BlockError::Store(error)) => self.halt(error.to_string()),
            // The hash is that of the header only: this does not prove anything about the block with that
            // hash.
            Err(_) if !block.body_matches_header() => {
                self.penalise(peer, "sent a body that its header's proposer did not make");
            }
            Err(error) => {
                let proposer = block.header.proposer;
                self.bodies.insert(hash, block, Verdict::Pending, Some(peer));
                self.on_judged(&hash, Verdict::Invalid, &error.to_string());
                // Others can pass it on in good faith, for instance when they are asked for it.
                if self.node_of(&proposer) == Some(peer) {
                    self.offend(peer, "an invalid block of its own");
                }
            }
        }
    }

    fn verify_body(&mut self, peer: PublicKey, hash: Hash, block: SharedBlock) {
        self.bodies.insert(hash, block, Verdict::Pending, Some(peer));
        if self.is_decided(&hash) {
            // It was verified by the validators that decided it.
            self.on_judged(&hash, Verdict::Valid, "");
        } else {
            self.verify_bodies();
        }
    }

    /// Verifies the signatures of bodies that a proposal announced for a round at hand: it costs much, and a validator could
    /// send many bodies that nobody ever votes on. One at a time: the others wait here, and are dropped with their height.
    pub(crate) fn verify_bodies(&mut self) {
        let (height, last) =
            (self.head.header.height, self.round.saturating_add(VERIFIED_ROUNDS_AHEAD));
        for hash in self.bodies.to_verify(self.round, last) {
            let unknown = self.not_verified(&hash);
            if unknown.is_empty() {
                self.on_judged(&hash, Verdict::Valid, "");
                if self.head.header.height != height {
                    return;
                }
            } else if self.verification.body().is_none() {
                self.verify_body_now(hash, unknown);
            }
        }
    }

    fn verify_body_now(&mut self, block: Hash, transactions: Vec<SharedTransaction>) {
        let Some(body) = self.bodies.get(&block) else { return };
        let (source, author) = (body.source, self.node_of(&body.block.header.proposer));
        self.verification.begin_body(Verifying { block, author });
        self.push(Immediate::VerifyBody { block, transactions, source });
    }

    /// Processes the verdict on the signatures of a body, and verifies the next. Its author is at fault also if the height is
    /// over, or if another peer passed it on.
    pub(crate) fn on_body_verified(&mut self, block: Hash, valid: bool) {
        let Some(Verifying { author, .. }) = self.verification.finish_body(&block) else { return };
        if let (false, Some(author)) = (valid, author) {
            self.penalise(author, "made a block with wrong signatures of transactions");
        }
        let verdict = if valid { Verdict::Valid } else { Verdict::Invalid };
        self.on_judged(&block, verdict, "a transaction's signature does not verify");
        self.verify_bodies();
    }

    /// The transactions of a body whose signatures were not verified for the mempool.
    fn not_verified(&self, hash: &Hash) -> Vec<SharedTransaction> {
        let Some(body) = self.bodies.get(hash) else { return Vec::new() };
        let mempool = self.mempool.read();
        let transactions = body.ids.iter().zip(&body.block.transactions);
        let unknown = transactions.filter(|(id, signed)| mempool.get(id) != Some(*signed));
        unknown.map(|(_, signed)| signed.clone()).collect()
    }

    /// Records the verdict on a body: from now on it can be voted for, or never.
    pub(crate) fn on_judged(&mut self, hash: &Hash, verdict: Verdict, reason: &str) {
        if !self.bodies.judge(hash, verdict) {
            return;
        }
        if verdict == Verdict::Valid {
            self.store_and_execute(hash);
        } else if self.is_decided(hash) {
            self.halt(format!("the decided block {hash} is not valid here: {reason}"));
            return;
        } else if let Some(left_out) = self.rejections_logged.due(self.now_ms) {
            tracing::warn!(block = %hash, reason, left_out, "rejected a proposed block");
        }
        let proposals = self.bodies.announced().to_vec();
        for proposal in proposals.into_iter().filter(|it| it.proposal.block == *hash) {
            self.report_verdict(proposal.proposal);
        }
    }

    /// Reports to consensus the verdicts on blocks that were proposed before the height began here.
    pub(crate) fn report_verdicts(&mut self) {
        for proposal in self.bodies.announced().to_vec() {
            self.report_verdict(proposal.proposal);
        }
    }

    /// Stores a valid body and requests its execution while the votes are collected.
    fn store_and_execute(&mut self, hash: &Hash) {
        if matches!(self.phase, Phase::Committing) {
            return;
        }
        let parent = self.head.parent();
        let Some(body) = self.bodies.get_mut(hash) else { return };
        if body.executing {
            return;
        }
        body.executing = true;
        let block = body.block.clone();
        self.buffered(block.encoded().len());
        self.push(Ordered::StoreBody(block.clone()));
        self.push(Immediate::Execute { hash: *hash, block, parent });
    }

    /// Records a proposal, whose body may have arrived before it, or may still be in transit.
    pub(crate) fn on_announced(&mut self, proposal: ehb_types::SignedProposal) {
        let content = proposal.proposal.clone();
        if !self.bodies.is_near(content.round, self.round) {
            return;
        }
        let turn =
            self.rules.validators.proposer(&self.rules.passed_over, content.height, content.round);
        if content.proposer != turn.consensus_key || proposal.verify(&self.chain).is_err() {
            return;
        }
        self.bodies.announce(proposal);
        match self.bodies.get(&content.block) {
            Some(body) if body.verdict != Verdict::Pending => self.report_verdict(content),
            Some(_) => self.verify_bodies(),
            None => self.await_body(content.block),
        }
    }

    /// Reports to consensus the verdict on the block of a proposal, once the proposal's round has begun.
    ///
    /// A block is proposed in the round that it was built for, and later only if it was voted for. The
    /// consensus core considers a block that is valid in one round valid in all of them. So the verdict for a
    /// later round is delayed: otherwise a block for a later round could be decided before that round, and no
    /// block could follow it.
    fn report_verdict(&mut self, proposal: ehb_types::Proposal) {
        let Some(body) = self.bodies.get(&proposal.block) else { return };
        let running = matches!(self.phase, Phase::Running);
        if proposal.round > self.round || !running || body.verdict == Verdict::Pending {
            return;
        }
        let built_for = body.block.header.round;
        let in_turn = match proposal.valid_round {
            None => proposal.round == built_for,
            Some(valid_round) => valid_round >= built_for,
        };
        let (verdict, timestamp_ms) = (body.verdict, body.block.header.timestamp_ms);
        // A block that was timely once stays so: a repeated proposal gets older.
        let timely = body.timely || self.is_timely(&proposal, timestamp_ms);
        if timely {
            self.bodies.found_timely(&proposal.block);
        }
        let valid = verdict == Verdict::Valid && in_turn && timely;
        let ehb_types::Proposal { height, round, block, .. } = proposal;
        self.consensus_step(Input::Value { height, round, block, valid });
    }

    /// Reports to consensus the verdicts on early proposals for rounds after `last`.
    pub(crate) fn report_verdicts_after(&mut self, last: u32) {
        let proposals = self.bodies.announced().to_vec();
        for proposal in proposals.into_iter().filter(|it| it.proposal.round > last) {
            self.report_verdict(proposal.proposal);
        }
    }

    pub(crate) fn send_body(&mut self, hash: &Hash) {
        if let Some(body) = self.bodies.get(hash) {
            let message = Message::Body(body.block.clone());
            self.push(Ordered::Broadcast(message));
        }
    }

    /// Removes proposals of old rounds.
    pub(crate) fn forget_old_rounds(&mut self) {
        let height = self.head.next_height();
        let consensus = &self.consensus;
        for (block, body) in self.bodies.at_round(self.round, |hash| consensus.holds(hash)) {
            if body.executing {
                self.push(Ordered::ForgetBody { height, block });
            }
            self.take_back(body.to_take_back().to_vec());
        }
    }

    /// Counts the bytes that the store buffers, and requests a sync before there are too many.
    pub(crate) fn buffered(&mut self, bytes: usize) {
        if self.unsynced_bytes.saturating_add(bytes) > UNSYNCED_BYTES_MAX {
            self.sync();
        }
        self.unsynced_bytes = self.unsynced_bytes.saturating_add(bytes);
        self.dirty = true;
    }

    pub(crate) fn is_decided(&self, hash: &Hash) -> bool {
        matches!(&self.phase, Phase::Decided(certificate) if certificate.block == *hash)
    }
}
