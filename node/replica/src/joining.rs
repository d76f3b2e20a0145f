//! Lets the node of a validator that is to join show on the chain that it has the blocks.

use ehb_kernel::accounts;
use ehb_types::{Address, Call, Name, Policy, SecretKey, SharedTransaction, Transaction, encode};

use crate::verification::Source;
use crate::{Replica, clocks};

/// How long a transaction is valid with which this node wants to join, milliseconds.
const VALID_MS: u64 = 20_000;
/// The minimum interval between two of them, milliseconds.
const RETRY_MS: u64 = 5_000;
/// The most gas of such a transaction. The kernel reads and writes few entries.
const GAS_MAX: u64 = 20_000_000;

/// The last transaction with which this node wanted to join.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Joining {
    /// Its sequence, and the latest time of a block with it.
    last: Option<(u64, u64)>,
    /// When the next one can be made, milliseconds.
    from_ms: u64,
}

/// A proposal makes a validator a candidate. It counts once its node has called the kernel with the hash of a recent block,
/// in a transaction that the consensus key signs. The node does so when it has all blocks, and when it could vote at once: it
/// knows what its key signed, and no other node uses it.
impl Replica {
    /// Whether this node's key is that of a candidate.
    fn is_candidate(&self) -> bool {
        let own = self.public_key;
        self.rules.candidates.iter().any(|it| Some(it.consensus_key) == own)
    }

    /// Joins the validators, if this node is to join and has caught up.
    pub(crate) fn join_if_ready(&mut self) {
        let next = self.head.next_height();
        if !self.is_candidate()
            || self.now_ms < self.joining.from_ms
            || self.catch_up.is_under_way()
            || self.announced_height() > next
            || !self.may_sign(next.saturating_add(1))
        {
            return;
        }
        let Some(key) = self.key.clone() else { return };
        let sender = Address::of_account(&Policy::Key(key.public_key()));
        let sequence = accounts::next_sequence(&self.head.overlay(), &sender, 0);
        let Some(sequence) = self.or_halt(sequence) else { return };
        let is_pending = |(last, until_ms): (u64, u64)| {
            last == sequence && self.head.header.timestamp_ms <= until_ms
        };
        if self.joining.last.is_some_and(is_pending) {
            return;
        }
        let Some(transaction) = self.join_transaction(&key, sender, sequence) else { return };
        self.joining = Joining {
            last: Some((sequence, transaction.transaction.valid_until_ms)),
            from_ms: self.now_ms.saturating_add(RETRY_MS),
        };
        match self.admit(transaction, Source::Own) {
            Ok(()) => {
                tracing::info!(height = self.head.header.height, "this node joins the validators");
            }
            Err(rejection) => {
                tracing::warn!(%rejection, "this node cannot join the validators yet")
            }
        }
        self.verify_next();
    }

    fn join_transaction(
        &self,
        key: &SecretKey,
        sender: Address,
        sequence: u64,
    ) -> Option<SharedTransaction> {
        let (module, function) = (Name::new("kernel").ok()?, Name::new("join-validators").ok()?);
        let header = &self.head.header;
        let parameters = &self.rules.parameters;
        let now_ms = clocks::block_time(self.clock_ms, header.timestamp_ms);
        let transaction = Transaction {
            version: Transaction::VERSION,
            chain: self.chain,
            sender,
            lane: 0,
            sequence,
            valid_until_ms: now_ms.saturating_add(VALID_MS.min(parameters.validity_ms_max)),
            gas_limit: GAS_MAX.min(parameters.transaction_gas_max),
            calls: vec![Call {
                module,
                function,
                arguments: encode(&(header.height, header.hash())),
            }],
            memo: String::new(),
        };
        Some(transaction.sign(&[key]).into())
    }
}
