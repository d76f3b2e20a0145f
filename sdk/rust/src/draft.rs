use ehb_types::Call;

/// A transaction to be: its calls, and what is to differ from the defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub(crate) calls: Vec<Call>,
    pub(crate) memo: String,
    pub(crate) lane: u32,
    pub(crate) sequence: Option<u64>,
    pub(crate) expiry: Expiry,
    pub(crate) gas_limit: Option<u64>,
}

/// Until when a transaction can be put into a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expiry {
    /// So many heights from the head.
    Heights(u64),
    /// This height.
    Until(u64),
}

impl Draft {
    /// How many heights a transaction stays valid when nothing else is said.
    pub const VALID_FOR_HEIGHTS: u64 = 1_000;

    /// A transaction of one call, which [`crate::Client::call`] encodes.
    pub fn new(call: Call) -> Self {
        Self {
            calls: vec![call],
            memo: String::new(),
            lane: 0,
            sequence: None,
            expiry: Expiry::Heights(Self::VALID_FOR_HEIGHTS),
            gas_limit: None,
        }
    }

    /// Adds a call: all of them happen, in order, or none does.
    #[must_use]
    pub fn and(mut self, call: Call) -> Self {
        self.calls.push(call);
        self
    }

    /// Adds a note for people, at most [`ehb_types::Transaction::MEMO_BYTES_MAX`] bytes.
    #[must_use]
    pub fn memo(mut self, memo: impl Into<String>) -> Self {
        self.memo = memo.into();
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

    /// Lets it expire so many heights after the head of the moment.
    #[must_use]
    pub fn valid_for_heights(mut self, heights: u64) -> Self {
        self.expiry = Expiry::Heights(heights);
        self
    }

    /// Lets it expire after a height, which spares asking for the head.
    #[must_use]
    pub fn valid_until_height(mut self, height: u64) -> Self {
        self.expiry = Expiry::Until(height);
        self
    }

    /// Sets the gas limit, which otherwise is found by simulating.
    #[must_use]
    pub fn gas_limit(mut self, gas_limit: u64) -> Self {
        self.gas_limit = Some(gas_limit);
        self
    }
}
