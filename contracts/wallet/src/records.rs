//! Entries of the state that are not types of the WIT.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::{Address, Hash, Pack};

use crate::bindings::ehb::wallet::types::{Policy, PolicyChange};

/// The minted and burned amounts of an asset, in base units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pack)]
pub struct Minted {
    /// All that was ever minted.
    pub minted: u64,
    /// All that was ever burned; at most `minted`.
    pub burned: u64,
}

/// A balance, in base units. All balances of an asset together are what is in circulation, so their
/// sums fit.
///
/// Everything that a payment has to know is here, so that it reads nothing else: whether anything binds
/// the balance, and the month's books.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pack)]
pub struct Parts {
    /// The amount that the account can spend.
    pub available: u64,
    /// The sum of its open holds and pending payments.
    pub held: u64,
    /// [`FROZEN`], [`LIMITED`] and [`TRANSACTION_LIMITED`]: where one is set, another entry says more.
    pub flags: u8,
    /// The month in which something was credited or debited last, YYYYMM; 0 before the first time.
    pub month: u32,
    /// The books of that month, whose closing balance is what the account owns now.
    pub opening: u64,
    /// How many credits and debits there were in that month.
    pub entries: u64,
}

/// The flag of a balance that the issuer froze; the freeze can be over.
pub const FROZEN: u8 = 1;

/// The flag of a balance that a policy binds.
pub const LIMITED: u8 = 2;

/// The flag of a balance whose owner limits what a transaction takes of it, which can be over.
pub const TRANSACTION_LIMITED: u8 = 4;

/// The limit of a transaction for a balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pack)]
pub struct TransactionLimit {
    /// The transaction; in others the limit is void.
    pub transaction: Hash,
    /// The most that it may take.
    pub amount_max: u64,
    /// The amount that it took since.
    pub taken: u64,
}

/// The allowances on which a transaction draws. There is one entry in the state, which the next transaction that
/// draws overwrites.
#[derive(Clone, Debug, PartialEq, Eq, Pack)]
pub struct Draws {
    /// The transaction; in others nothing is drawn.
    pub transaction: Hash,
    /// Its sender, who is the allowances' spender.
    pub spender: Address,
    /// One allowance for each asset, at most four.
    pub limits: Vec<DrawLimit>,
}

/// The limit of a transaction for an allowance.
#[derive(Clone, Debug, PartialEq, Eq, Pack)]
pub struct DrawLimit {
    /// The allowance.
    pub allowance: u64,
    /// Its asset.
    pub asset: String,
    /// The most that it may take.
    pub amount_max: u64,
    /// The amount that it took so far.
    pub taken: u64,
}

impl Parts {
    /// All that the account owns. It is at most what circulates.
    pub fn owned(&self) -> u64 {
        self.available.saturating_add(self.held)
    }
}

/// The books of a month that is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pack)]
pub struct Books {
    /// The account's balance when the month began.
    pub opening: u64,
    /// Its balance when the month ended.
    pub closing: u64,
    /// How many credits and debits there were.
    pub entries: u64,
}

/// An account's policies for an asset, and what they counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Pack)]
pub struct Rulebook {
    /// The policy in force; none when it was lifted.
    pub policy: Option<Policy>,
    /// How many there were, with those that lifted one.
    pub version: u64,
    /// The change that waits; one whose time has come is perhaps not entered yet.
    pub next: Option<PolicyChange>,
    /// The day of which `spent` and `requested` count, days since 1970.
    pub day: u64,
    /// The amount that left on that day.
    pub spent: u64,
    /// The amount for which approvers were asked on that day.
    pub requested: u64,
}

impl Rulebook {
    /// Enters the change that waited, where its time has come, and begins the day's count.
    pub fn turn(&mut self, now_ms: u64) {
        if let Some(next) = self.next.take_if(|next| next.effective_ms <= now_ms) {
            self.policy = next.policy;
            self.version += 1;
        }
        let day = ehb_contract::calendar::day(now_ms);
        if self.day != day {
            (self.day, self.spent, self.requested) = (day, 0, 0);
        }
    }
}
