//! The simulated disk of a node, with the mutations that lose parts of it at a restart.

use std::collections::BTreeMap;
use std::sync::Arc;

use ehb_consensus::{LastSigned, LogEntry};
use ehb_replica::{CertifiedBlock, Commit};
use ehb_types::{Block, Hash, PublicKey, SharedBlock, VoteKind, decode, encode};

use crate::checks::Rule;
use crate::crashes::{BLACKOUTS, CRASHES};
use crate::dice::Dice;
use crate::mutation::Mutation;

/// A restarted node begins its height from scratch: it replays no log, and ignores its last-signed record.
pub(crate) static NO_REPLAY: Mutation = Mutation {
    fault: Some(&CRASHES),
    hides_lost_records: true,
    ..Mutation::new("no-replay", Rule::Signing)
};

/// A restarted node finds an empty log, and an intact last-signed record: it stays silent, which breaks
/// nothing.
pub(crate) static LOST_LOG: Mutation =
    Mutation { breaks: None, hides_lost_records: true, ..Mutation::new("lost-log", Rule::Signing) };

/// A restarted node finds its log without the prevotes of others: it knows what it signed, but not why, and
/// so has forgotten which block it is locked on. This breaks the lock rule of Tendermint (lines 28 and 36 of
/// the paper) and nothing else: it still never equivocates.
pub(crate) static NO_LOCK: Mutation =
    Mutation { fault: Some(&BLACKOUTS), ..Mutation::new("no-lock", Rule::Agreement) };

/// Stores accept fewer log entries of a height than replicas write.
pub(crate) static SMALL_STORE: Mutation = Mutation::new("small-store", Rule::Halts);

/// The limits of a store, as in `ehb-store`: heights above the head, log entries of one height, bodies of all
/// of them, and bytes between two syncs.
const LOG_HEIGHTS_MAX: u64 = 4;
const LOG_ENTRIES_MAX: usize = 1 << 20;
const SMALL_LOG_ENTRIES_MAX: usize = 12;
const BODIES_MAX: usize = 4_096;
const UNSYNCED_BYTES_MAX: usize = 256 << 20;

/// A node's disk: durable data, and data that a power loss would lose.
///
/// Writes are one sequence, as in a write-ahead log. A crash keeps any prefix of the unsynced writes, without
/// the torn record at its end.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    durable: Image,
    buffered: Vec<Record>,
    unsynced_bytes: usize,
}

/// One write.
#[derive(Clone, Debug)]
pub(crate) enum Record {
    /// An entry of a height's consensus log.
    Entry { height: u64, bytes: Vec<u8> },
    /// The body of a proposed block.
    Body(SharedBlock),
    /// The body of a proposed block is deleted.
    Forget { height: u64, block: Hash },
    /// The last-signed record.
    Signed(Vec<u8>),
    /// A decided block with all its changes, in one atomic step.
    Commit(Arc<Commit>),
}

impl Record {
    fn bytes(&self) -> usize {
        match self {
            Self::Entry { bytes, .. } | Self::Signed(bytes) => bytes.len(),
            Self::Body(block) => block.encoded().len(),
            Self::Commit(commit) => commit.block.encoded().len(),
            Self::Forget { .. } => 0,
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Image {
    /// Index 0 is height 1.
    chain: Vec<Arc<Commit>>,
    log: BTreeMap<u64, Vec<Vec<u8>>>,
    bodies: BTreeMap<(u64, Hash), SharedBlock>,
    signed: Option<Vec<u8>>,
    /// Whether the record was written in another directory.
    copied: bool,
}

/// The records that a node finds at its start, besides its chain.
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
        Self { durable: Image { signed, ..Image::default() }, ..Self::default() }
    }

    /// Writes without syncing, if the store accepts it. `is_small` for [`SMALL_STORE`].
    pub(crate) fn write(&mut self, record: Record, is_small: bool) -> Result<(), String> {
        let head = self.height();
        let is_near = |height: u64| (head + 1..=head + LOG_HEIGHTS_MAX).contains(&height);
        let bytes = self.unsynced_bytes + record.bytes();
        let refusal = match &record {
            _ if bytes > UNSYNCED_BYTES_MAX => Some(format!("{bytes} bytes between two syncs")),
            Record::Entry { height, .. } if !is_near(*height) => {
                Some(format!("a log entry of height {height} above head {head}"))
            }
            Record::Entry { height, .. } => {
                let max = if is_small { SMALL_LOG_ENTRIES_MAX } else { LOG_ENTRIES_MAX };
                let entries = self.log_entries(*height);
                (entries >= max).then(|| format!("more than {max} log entries of height {height}"))
            }
            Record::Body(block) if !is_near(block.header.height) => {
                let height = block.header.height;
                Some(format!("a body of height {height} above head {head}"))
            }
            Record::Body(_) if self.bodies() >= BODIES_MAX => {
                Some(format!("more than {BODIES_MAX} undecided bodies"))
            }
            _ => None,
        };
        if let Some(what) = refusal {
            return Err(format!("the store refuses {what}"));
        }
        self.unsynced_bytes = bytes;
        self.buffered.push(record);
        Ok(())
    }

    /// Loses everything that is not durable.
    pub(crate) fn forget_unsynced(&mut self) {
        self.buffered.clear();
        self.unsynced_bytes = 0;
    }

    /// The number of log entries of a height.
    fn log_entries(&self, height: u64) -> usize {
        let is_of = |it: &&Record| matches!(it, Record::Entry { height: of, .. } if *of == height);
        let buffered = self.buffered.iter().filter(is_of).count();
        self.durable.log.get(&height).map_or(0, Vec::len) + buffered
    }

    /// The encoded size of all log entries and undecided bodies that are durable.
    pub(crate) fn undecided_bytes(&self) -> usize {
        let log = self.durable.log.values().flatten().map(Vec::len);
        let bodies = self.durable.bodies.values().map(|block| block.encoded().len());
        log.chain(bodies).sum()
    }

    /// Makes everything written durable.
    pub(crate) fn sync(&mut self) {
        self.unsynced_bytes = 0;
        for record in self.buffered.drain(..) {
            self.durable.apply(record);
        }
    }

    /// Power is lost, or an fsync failed: only a prefix of the unsynced writes remains.
    pub(crate) fn lose(&mut self, dice: &mut Dice) {
        self.unsynced_bytes = 0;
        let torn = dice.chance(500);
        let kept = if torn { dice.index(self.buffered.len() + 1) } else { 0 };
        for record in self.buffered.drain(..).take(kept) {
            self.durable.apply(record);
        }
    }

    /// Everything is lost, including the record that the key was new.
    pub(crate) fn wipe(&mut self) {
        *self = Self::default();
    }

    /// The contents of a backup of the disk.
    pub(crate) fn copy(&self) -> Self {
        Self { durable: self.durable.clone(), ..Self::default() }
    }

    /// The last height in which the key signed, or that is committed, according to durable data.
    pub(crate) fn known(&self) -> u64 {
        let signed = self.durable.signed.as_deref().and_then(|it| decode::<LastSigned>(it).ok());
        signed.map_or(0, |it| it.height).max(self.durable.chain.len() as u64)
    }

    /// Marks the files as copies, which a node detects when it starts.
    pub(crate) fn mark_copied(&mut self) {
        self.durable.copied = true;
    }

    /// The number of stored undecided blocks.
    pub(crate) fn bodies(&self) -> usize {
        self.durable.bodies.len()
    }

    /// The newest height that a reader sees.
    pub(crate) fn height(&self) -> u64 {
        (self.durable.chain.len() + self.unsynced().count()) as u64
    }

    /// The blocks that would survive a power loss now, from height 1.
    pub(crate) fn durable_chain(&self) -> &[Arc<Commit>] {
        &self.durable.chain
    }

    /// The committed block of a height that a reader sees.
    pub(crate) fn block(&self, height: u64) -> Option<&Arc<Commit>> {
        let index = usize::try_from(height.checked_sub(1)?).ok()?;
        let durable = self.durable.chain.get(index);
        durable.or_else(|| self.unsynced().nth(index.checked_sub(self.durable.chain.len())?))
    }

    /// The decided blocks of some heights, without a gap.
    pub(crate) fn blocks(&self, from: u64, count: u16) -> Vec<CertifiedBlock> {
        let heights = from.max(1)..from.saturating_add(count.into());
        let found = heights.map_while(|height| self.block(height));
        found
            .map(|commit| CertifiedBlock {
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

    /// The data for a node that starts. A log that cannot be decoded is an error.
    pub(crate) fn found(
        &self,
        own: &PublicKey,
        mutation: Option<&'static Mutation>,
    ) -> Result<Found, String> {
        let image = &self.durable;
        let next = image.chain.len() as u64 + 1;
        let entries = image.log.get(&next).map(Vec::as_slice).unwrap_or_default();
        let log: Result<Vec<LogEntry>, _> = entries.iter().map(|entry| decode(entry)).collect();
        let mut log = log.map_err(|error| error.to_string())?;
        let mut signed = image.signed.clone();
        let is = |other: &'static Mutation| mutation.is_some_and(|it| std::ptr::eq(it, other));
        if is(&NO_REPLAY) {
            log.clear();
            signed = signed.map(|_| encode(&LastSigned::below(next)));
        } else if is(&LOST_LOG) {
            log.clear();
        } else if is(&NO_LOCK) {
            log.retain(|entry| !is_reason_to_lock(entry, own));
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

/// Whether an entry contains prevotes of others.
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
