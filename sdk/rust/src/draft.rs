//! Describes a transaction to build: its calls, its memo with a unique tag, its lane, validity and gas limit.

use std::time::Duration;

use ehb_types::{Call, Code, Transaction};

use crate::Error;

/// A draft of a transaction: its calls, and deviations from the defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub(crate) calls: Vec<Call>,
    memo: String,
    tag: Tag,
    pub(crate) lane: u32,
    pub(crate) sequence: Option<u64>,
    pub(crate) validity: Validity,
    pub(crate) gas_limit: Option<u64>,
    pub(crate) signatures: usize,
}

/// The tag that distinguishes a transaction from otherwise equal ones.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tag {
    /// A new random tag each time.
    Random,
    /// The caller's key.
    Key(String),
}

/// The number of random bytes in a tag.
const TAG_BYTES: usize = 8;

/// The end of a transaction's validity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Validity {
    /// This long after it is built.
    For(Duration),
    /// Until this block time, milliseconds since 1970.
    UntilMs(u64),
}

impl Draft {
    /// The default validity of a transaction: 5 minutes.
    pub const VALID_FOR: Duration = Duration::from_secs(5 * 60);

    /// A transaction of one call, which [`crate::Client::call`] encodes.
    pub fn new(call: Call) -> Self {
        Self {
            calls: vec![call],
            memo: String::new(),
            tag: Tag::Random,
            lane: 0,
            sequence: None,
            validity: Validity::For(Self::VALID_FOR),
            gas_limit: None,
            signatures: 1,
        }
    }

    /// Adds a call. Calls are executed in order, all or none.
    #[must_use]
    pub fn and(mut self, call: Call) -> Self {
        self.calls.push(call);
        self
    }

    /// The calls in the order in which they will run.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// Adds a note for people. Together with a space and the tag, ` #` and 16 digits if no key is given, it
    /// has at most [`Transaction::MEMO_BYTES_MAX`] bytes.
    #[must_use]
    pub fn memo(mut self, memo: impl Into<String>) -> Self {
        self.memo = memo.into();
        self
    }

    /// Identifies the transaction by this key, instead of by a random tag at the end of its memo.
    ///
    /// The chain knows a transaction by its content. Two equal payments that two programs build at the same
    /// moment, for the same account, lane and sequence, would be one transaction without such a tag, and be
    /// executed once. With the caller's own key this is intended: a repeated draft with the same key,
    /// sequence, end of validity and gas limit is the same transaction, however often it is submitted. The
    /// key is public on the chain.
    #[must_use]
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.tag = Tag::Key(key.into());
        self
    }

    /// Uses another lane than 0. Lanes do not wait for each other.
    #[must_use]
    pub fn lane(mut self, lane: u32) -> Self {
        self.lane = lane;
        self
    }

    /// Sets the sequence; the default is the lane's next.
    #[must_use]
    pub fn sequence(mut self, sequence: u64) -> Self {
        self.sequence = Some(sequence);
        self
    }

    /// Sets how long after it is built a block can contain it. It counts from the chain's time that the node
    /// reports (`chainTimeMs` of its status), not from the clock of this machine. The maximum is the chain's
    /// parameter `validity_ms_max`, by default 7 days.
    #[must_use]
    pub fn valid_for(mut self, duration: Duration) -> Self {
        self.validity = Validity::For(duration);
        self
    }

    /// Sets the latest time of a block that can contain it, milliseconds since 1970 (UTC). Then the node is not queried
    /// for the chain's time, so that a transaction can be built offline. The result is only as right as the clock from
    /// which the time was computed: a clock that is ahead makes the transaction valid longer.
    #[must_use]
    pub fn valid_until_ms(mut self, block_time_ms: u64) -> Self {
        self.validity = Validity::UntilMs(block_time_ms);
        self
    }

    /// Sets the gas limit; by default it is determined by simulation.
    #[must_use]
    pub fn gas_limit(mut self, gas_limit: u64) -> Self {
        self.gas_limit = Some(gas_limit);
        self
    }

    /// Sets the number of keys that will sign, because each signature costs gas. [`crate::Client::execute`]
    /// sets it by itself.
    #[must_use]
    pub fn signatures(mut self, count: usize) -> Self {
        self.signatures = count;
        self
    }

    /// The memo with the tag.
    pub(crate) fn tagged_memo(&self) -> Result<String, Error> {
        let tag = match &self.tag {
            Tag::Key(key) => key.clone(),
            Tag::Random => {
                let mut random = [0; TAG_BYTES];
                getrandom::fill(&mut random).map_err(|error| Error::Random(error.to_string()))?;
                hex::encode(random)
            }
        };
        let space = if self.memo.is_empty() { "" } else { " " };
        let memo = format!("{}{space}#{tag}", self.memo);
        if memo.len() > Transaction::MEMO_BYTES_MAX {
            let (got, max) = (memo.len(), Transaction::MEMO_BYTES_MAX);
            let text = format!("the memo and its tag have {got} bytes; at most {max} are allowed");
            return Err(Error::refused(Code::MalformedTransaction, text));
        }
        Ok(memo)
    }
}
