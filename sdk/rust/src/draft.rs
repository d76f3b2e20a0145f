use std::time::Duration;

use ehb_types::{Call, Code, Transaction};

use crate::Error;

/// A transaction to be: its calls, and what is to differ from the defaults.
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

/// What tells a transaction from one that is equal to it otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tag {
    /// Something new each time.
    Random,
    /// What the caller says.
    Key(String),
}

/// How many random bytes are in a tag.
const TAG_BYTES: usize = 8;

/// Until when a transaction can be put into a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Validity {
    /// This long after it is built.
    For(Duration),
    /// Until this block time, milliseconds since 1970.
    UntilMs(u64),
}

impl Draft {
    /// How long a transaction stays valid when nothing else is said: 5 minutes.
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

    /// Adds a call: all of them happen, in order, or none does.
    #[must_use]
    pub fn and(mut self, call: Call) -> Self {
        self.calls.push(call);
        self
    }

    /// The calls.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// Adds a note for people. With a space and the tag that tells the transaction from equal ones,
    /// ` #` and 16 digits where no key is given, it has at most [`Transaction::MEMO_BYTES_MAX`] bytes.
    #[must_use]
    pub fn memo(mut self, memo: impl Into<String>) -> Self {
        self.memo = memo.into();
        self
    }

    /// Names the transaction, instead of by a random tag at the end of its memo.
    ///
    /// The chain knows a transaction by its content. Two equal payments that two programs build at
    /// the same moment, for the same account, lane and sequence, would be one without such a tag, and
    /// be carried out once. With a key of the caller's that is what happens, on purpose: whoever
    /// repeats a draft with the same key, sequence, end of validity and gas limit gets the same transaction,
    /// however often it is submitted. The key can be read by everybody on the chain.
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

    /// Sets the sequence, which otherwise is the lane's next.
    #[must_use]
    pub fn sequence(mut self, sequence: u64) -> Self {
        self.sequence = Some(sequence);
        self
    }

    /// Sets how long after it is built a block can hold it. It counts from the clock of this machine, or
    /// from the time of the head where that is later. The chain's parameter `validity_ms_max` is the
    /// longest that a node accepts, 7 days unless the chain says otherwise.
    #[must_use]
    pub fn valid_for(mut self, duration: Duration) -> Self {
        self.validity = Validity::For(duration);
        self
    }

    /// Sets the last block time at which a block can hold it, milliseconds since 1970 (UTC). The node is
    /// not asked for the time of the head then, so that a transaction can be built offline.
    #[must_use]
    pub fn valid_until_ms(mut self, block_time_ms: u64) -> Self {
        self.validity = Validity::UntilMs(block_time_ms);
        self
    }

    /// Sets the gas limit, which otherwise is found by simulating.
    #[must_use]
    pub fn gas_limit(mut self, gas_limit: u64) -> Self {
        self.gas_limit = Some(gas_limit);
        self
    }

    /// Says how many keys will sign, since each signature costs gas. [`crate::Client::execute`] does it
    /// by itself.
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
