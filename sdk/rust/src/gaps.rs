//! Closes gaps in a lane: sequences whose transactions expired or were refused, for which later transactions wait.
//!
//! A gap is closed by a transaction that only reads, never by a payment that is built again: a payment after the gap can
//! still take effect, so a second one for the same purpose could take effect in addition. The sequence of a gap is used
//! only if every transaction that is known to have it can never be in a block.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ehb_rpc_api::{Base64, Decimal, FateView, TransactionClient};
use ehb_types::{Address, Call, Code, Hash, Transaction, encode};

use crate::client::name;
use crate::upgrade::KERNEL;
use crate::{Client, Draft, Error, Signer};

/// The transactions that this program knows by their sequence, as long as none with it is known to be in a block.
#[derive(Debug, Default)]
pub(crate) struct Known(Mutex<BTreeMap<(Address, u32, u64), Holders>>);

/// The transactions with one sequence.
#[derive(Clone, Copy, Debug)]
struct Holders {
    /// One of them.
    id: Hash,
    /// Whether it is the only one that can act.
    is_only: bool,
    /// The latest end of their validity, milliseconds since 1970; 0 if none can act.
    until_ms: u64,
}

/// The maximum number of remembered sequences, about 16 MB; above it, those of the lowest addresses are forgotten, and a
/// gap of theirs is not closed.
const SEQUENCES_MAX: usize = 100_000;

/// The maximum number of gaps that are closed before the outcome is queried again.
const GAPS_MAX: usize = 1_000;

/// The call of a transaction that changes nothing. There is no proposal with the number 0.
const NOTHING: (&str, &str, u64) = (KERNEL, "get-proposal", 0);

impl Known {
    /// Adds a transaction.
    pub(crate) fn add(&self, transaction: &Transaction) {
        let Transaction { sender, lane, sequence, valid_until_ms: until_ms, .. } = *transaction;
        let id = transaction.id();
        let mut known = self.lock();
        if known.len() >= SEQUENCES_MAX {
            known.pop_first();
        }
        let new = Holders { id, is_only: true, until_ms };
        let holders = known.entry((sender, lane, sequence)).or_insert(new);
        *holders = match *holders {
            Holders { until_ms: 0, .. } => new,
            old => Holders {
                id,
                is_only: old.is_only && old.id == id,
                until_ms: old.until_ms.max(until_ms),
            },
        };
    }

    /// Notes that a node refused a transaction that nobody else has: it can never act. If the node refused it because
    /// another one has its sequence, that one can act for a time that is not known.
    pub(crate) fn refused(&self, transaction: &Transaction, is_taken: bool) {
        let Transaction { sender, lane, sequence, .. } = *transaction;
        if let Some(holders) = self.lock().get_mut(&(sender, lane, sequence))
            && holders.is_only
            && holders.id == transaction.id()
        {
            holders.until_ms = if is_taken { u64::MAX } else { 0 };
        }
    }

    /// Removes a transaction that is in a block, and all of its lane before it.
    pub(crate) fn remove_used(&self, transaction: &Transaction) {
        let Transaction { sender, lane, sequence, .. } = *transaction;
        let mut known = self.lock();
        while let Some((key, _)) = known.range((sender, lane, 0)..=(sender, lane, sequence)).next()
        {
            let key = *key;
            known.remove(&key);
        }
    }

    /// The block time after which no known transaction with this sequence can be in a block; none if no transaction with
    /// it is known.
    fn valid_until_ms(&self, sender: Address, lane: u32, sequence: u64) -> Option<u64> {
        self.lock().get(&(sender, lane, sequence)).map(|holders| holders.until_ms)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(Address, u32, u64), Holders>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Client {
    /// Remembers a transaction that was signed elsewhere or earlier. If it expires, [`Client::settle_as`] can use its
    /// sequence for another transaction. Those that this client builds or submits are remembered anyway.
    pub fn remember(&self, transaction: &Transaction) {
        self.known().add(transaction);
    }

    /// Whether it is certain that no transaction that this client knows with a sequence, of which it knows at least one,
    /// can be in a block any more. `transaction` is one of the lane, and no block contains the sequence.
    pub(crate) async fn is_gap(
        &self,
        transaction: &Transaction,
        sequence: u64,
    ) -> Result<bool, Error> {
        let Transaction { sender, lane, .. } = *transaction;
        match self.known().valid_until_ms(sender, lane, sequence) {
            // Each later block has a later time than the head.
            Some(until_ms) => Ok(until_ms <= self.status().await?.timestamp_ms),
            None => Ok(false),
        }
    }

    /// Closes the gaps of the lane before a pending transaction of the signer's account.
    pub(crate) async fn close_gaps(
        &self,
        signer: &Signer,
        id: &Hash,
        transaction: &Transaction,
    ) -> Result<(), Error> {
        // Of several that wait for the same gap, one closes it.
        let _turn = self.closing().lock().await;
        for _ in 0..GAPS_MAX {
            let status = self.fate(id, None).await?;
            let FateView::Pending { missing_sequence: Some(Decimal(missing)), .. } = status else {
                break;
            };
            if !self.is_gap(transaction, missing).await? {
                break;
            }
            self.fill_sequence(signer, transaction.lane, missing).await?;
        }
        Ok(())
    }

    /// Uses a sequence of the signer's account for a transaction that changes nothing, so that those after it can run.
    /// Returns its id, without waiting until it is final. It is no error if another transaction with the sequence is
    /// pending or final.
    ///
    /// At most one transaction with a sequence takes effect: this never makes anything happen twice, but another
    /// transaction with the sequence that was not final yet can be superseded.
    pub async fn fill_sequence(
        &self,
        signer: &Signer,
        lane: u32,
        sequence: u64,
    ) -> Result<Hash, Error> {
        let (module, function, argument) = NOTHING;
        let call = Call {
            module: name(module, Code::UnknownModule)?,
            function: name(function, Code::UnknownFunction)?,
            arguments: encode(&argument),
        };
        let draft = Draft::new(call)
            .memo(format!("uses sequence {sequence} of lane {lane}, whose transaction expired"))
            .lane(lane)
            .sequence(sequence);
        let filler = signer.sign(self.complete(&signer.address(), draft, Some(signer)).await?);
        let submitted = self.answer(self.rpc().submit(Base64(encode(&filler)))).await;
        match submitted {
            Ok(id) => Ok(id),
            Err(error) if error.is_sequence_taken() || error.is(Code::AlreadyKnown) => {
                Ok(filler.id())
            }
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests;
