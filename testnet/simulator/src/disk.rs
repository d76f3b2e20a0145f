use std::collections::BTreeMap;
use std::sync::Arc;

use ehb_consensus::{LastSigned, LogEntry};
use ehb_replica::{Commit, DecidedBlock};
use ehb_types::{Block, Hash, PublicKey, SharedBlock, VoteKind, decode, encode};

use crate::Mutation;
use crate::dice::Dice;

/// A node's disk: what is durable, and what a loss of power would still take.
///
/// Writes are one sequence, as in a write-ahead log. A crash keeps any beginning of what was not
/// synced, the torn record at its end aside.
#[derive(Default)]
pub(crate) struct Disk {
    durable: Image,
    buffered: Vec<Record>,
}

/// One write.
#[derive(Clone)]
pub(crate) enum Record {
    /// An entry of a height's consensus log.
    Entry { height: u64, bytes: Vec<u8> },
    /// The body of a proposed block.
    Body(SharedBlock),
    /// The body of a proposed block is of no use any more.
    Forget { height: u64, block: Hash },
    /// The last-signed record.
    Signed(Vec<u8>),
    /// A decided block with all that it does, in one atomic step.
    Commit(Arc<Commit>),
}

#[derive(Clone, Default)]
struct Image {
    /// Index 0 is height 1.
    chain: Vec<Arc<Commit>>,
    log: BTreeMap<u64, Vec<Vec<u8>>>,
    bodies: BTreeMap<(u64, Hash), SharedBlock>,
    signed: Option<Vec<u8>>,
    /// Whether the record was written in another directory.
    copied: bool,
}

/// What a node finds when it starts, besides its chain.
pub(crate) struct Found {
    pub(crate) head: Option<Arc<Commit>>,
    pub(crate) log: Vec<LogEntry>,
    pub(crate) signed: Option<Vec<u8>>,
    pub(crate) copied: bool,
    pub(crate) bodies: Vec<Block>,
}

impl Disk {
    /// The disk of a validator whose key is new.
    pub(crate) fn new() -> Self {
        let signed = Some(encode(&LastSigned::below(1)));
        Self { durable: Image { signed, ..Image::default() }, buffered: Vec::new() }
    }

    /// Writes without making durable.
    pub(crate) fn write(&mut self, record: Record) {
        self.buffered.push(record);
    }

    /// Makes everything written durable.
    pub(crate) fn sync(&mut self) {
        for record in self.buffered.drain(..) {
            self.durable.apply(record);
        }
    }

    /// Power is lost, or an fsync failed: of what was not synced only a beginning is left.
    pub(crate) fn lose(&mut self, dice: &mut Dice) {
        let torn = dice.chance(500);
        let kept = if torn { dice.index(self.buffered.len() + 1) } else { 0 };
        for record in self.buffered.drain(..).take(kept) {
            self.durable.apply(record);
        }
    }

    /// Everything is gone, also that the key was new once.
    pub(crate) fn wipe(&mut self) {
        *self = Self::default();
    }

    /// What a backup of the disk holds.
    pub(crate) fn copy(&self) -> Self {
        Self { durable: self.durable.clone(), buffered: Vec::new() }
    }

    /// The height that the key signed in last, or that is committed, by what is durable.
    pub(crate) fn known(&self) -> u64 {
        let signed = self.durable.signed.as_deref().and_then(|it| decode::<LastSigned>(it).ok());
        signed.map_or(0, |it| it.height).max(self.durable.chain.len() as u64)
    }

    /// A node that starts from here sees that the files are copies.
    pub(crate) fn mark_copied(&mut self) {
        self.durable.copied = true;
    }

    /// How many undecided blocks are stored.
    pub(crate) fn bodies(&self) -> usize {
        self.durable.bodies.len()
    }

    /// The newest height that a reader sees.
    pub(crate) fn height(&self) -> u64 {
        (self.durable.chain.len() + self.unsynced().count()) as u64
    }

    /// The blocks that would survive a loss of power now, from height 1.
    pub(crate) fn durable_chain(&self) -> &[Arc<Commit>] {
        &self.durable.chain
    }

    /// The committed block of a height, as a reader sees it.
    pub(crate) fn block(&self, height: u64) -> Option<&Arc<Commit>> {
        let index = usize::try_from(height.checked_sub(1)?).ok()?;
        let durable = self.durable.chain.get(index);
        durable.or_else(|| self.unsynced().nth(index.checked_sub(self.durable.chain.len())?))
    }

    /// The decided blocks of some heights, without a gap.
    pub(crate) fn blocks(&self, from: u64, count: u16) -> Vec<DecidedBlock> {
        let heights = from.max(1)..from.saturating_add(count.into());
        let found = heights.map_while(|height| self.block(height));
        found
            .map(|commit| DecidedBlock {
                block: commit.block.clone(),
                certificate: commit.certificate.clone(),
            })
            .collect()
    }

    /// A stored body, decided or not.
    pub(crate) fn body(&self, height: u64, hash: &Hash) -> Option<SharedBlock> {
        let decided = self.block(height).filter(|commit| commit.hash == *hash);
        let decided = decided.map(|commit| commit.block.clone());
        decided.or_else(|| self.durable.bodies.get(&(height, *hash)).cloned())
    }

    fn unsynced(&self) -> impl Iterator<Item = &Arc<Commit>> {
        self.buffered.iter().filter_map(|record| match record {
            Record::Commit(commit) => Some(commit),
            _ => None,
        })
    }

    /// What is there for a node that starts. A log that cannot be decoded is an error.
    pub(crate) fn found(
        &self,
        own: &PublicKey,
        mutation: Option<Mutation>,
    ) -> Result<Found, String> {
        let image = &self.durable;
        let next = image.chain.len() as u64 + 1;
        let entries = image.log.get(&next).map(Vec::as_slice).unwrap_or_default();
        let log: Result<Vec<LogEntry>, _> = entries.iter().map(|entry| decode(entry)).collect();
        let mut log = log.map_err(|error| error.to_string())?;
        let mut signed = image.signed.clone();
        match mutation {
            Some(Mutation::NoReplay) => {
                log.clear();
                signed = signed.map(|_| encode(&LastSigned::below(next)));
            }
            Some(Mutation::LostLog) => log.clear(),
            Some(Mutation::NoLock) => log.retain(|entry| !is_reason_to_lock(entry, own)),
            Some(
                Mutation::LateSync
                | Mutation::LostPool
                | Mutation::NoOffers
                | Mutation::NoBounds
                | Mutation::NoAsking
                | Mutation::WrongWrite,
            )
            | None => {}
        }
        let bodies = image.bodies.range((next, Hash::ZERO)..);
        let bodies = bodies.take_while(|((height, _), _)| *height == next);
        Ok(Found {
            head: image.chain.last().cloned(),
            log,
            signed,
            copied: image.copied,
            bodies: bodies.map(|(_, block)| Block::clone(block)).collect(),
        })
    }
}

/// Whether an entry holds prevotes of others.
fn is_reason_to_lock(entry: &LogEntry, own: &PublicKey) -> bool {
    match entry {
        LogEntry::Vote(it) => it.vote.validator != *own && it.vote.kind == VoteKind::Prevote,
        LogEntry::Polka(_) => true,
        LogEntry::Proposal(_) | LogEntry::Value(_) | LogEntry::Timeout(_) => false,
    }
}

impl Image {
    fn apply(&mut self, record: Record) {
        match record {
            Record::Entry { height, bytes } => self.log.entry(height).or_default().push(bytes),
            Record::Body(block) => {
                self.bodies.insert((block.header.height, block.hash()), block);
            }
            Record::Forget { height, block } => {
                self.bodies.remove(&(height, block));
            }
            Record::Signed(record) => {
                self.signed = Some(record);
                self.copied = false;
            }
            Record::Commit(commit) => {
                let height = commit.block.header.height;
                self.chain.push(commit);
                self.log.retain(|of, _| *of > height);
                self.bodies.retain(|(of, _), _| *of > height);
            }
        }
    }
}
