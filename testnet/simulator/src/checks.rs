//! What must hold in every run, each rule in a file of its own.

pub(crate) mod agreement;
pub(crate) mod authors;
pub(crate) mod bounds;
pub(crate) mod conservation;
pub(crate) mod durability;
pub(crate) mod exits;
pub(crate) mod fates;
pub(crate) mod liveness;
pub(crate) mod signing;
pub(crate) mod time;
pub(crate) mod transactions;

use std::fmt;

/// A rule that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Two honest nodes differ in a block, a state root or a receipt.
    Agreement,
    /// A block names an honest node that did not build it.
    Authors,
    /// An honest node remembers more than it may because of others.
    Bounds,
    /// Value came to be, or is gone, in the books of some module.
    Conservation,
    /// Something final is lost.
    Durability,
    /// Something stays open for ever in the books of some module.
    Exits,
    /// An accepted transaction was forgotten, or expired although it could run.
    Fates,
    /// An honest node stopped for good.
    Halts,
    /// The chain does not go on after the faults.
    Liveness,
    /// A mempool had no room for what can run, although something waits in it that cannot.
    Room,
    /// An honest node signed two things where one is allowed.
    Signing,
    /// A block is ahead of the time although clocks are right.
    Time,
    /// A transaction was taken that must be refused, or took effect twice.
    Transactions,
    /// Two nodes with the same keys did not notice it.
    Twins,
    /// An honest node blamed an honest node.
    Blame,
    /// The program panicked.
    Panic,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Agreement => "agreement",
            Self::Authors => "authors",
            Self::Bounds => "bounds",
            Self::Conservation => "conservation",
            Self::Durability => "durability",
            Self::Exits => "exits",
            Self::Fates => "fates",
            Self::Halts => "halts",
            Self::Liveness => "liveness",
            Self::Room => "room",
            Self::Signing => "signing",
            Self::Time => "time",
            Self::Transactions => "transactions",
            Self::Twins => "twins",
            Self::Blame => "blame",
            Self::Panic => "panic",
        })
    }
}

/// A rule that was broken, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which rule.
    pub rule: Rule,
    /// When, in virtual time from the run's beginning, milliseconds.
    pub at_ms: u64,
    /// What was seen.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {} ms: {}", self.rule, self.at_ms, self.what)
    }
}

/// The rules with what they remember of a run.
#[derive(Default)]
pub(crate) struct Checks {
    pub(crate) agreement: agreement::Agreement,
    pub(crate) authors: authors::Authors,
    pub(crate) conservation: conservation::Conservation,
    pub(crate) durability: durability::Durability,
    pub(crate) fates: fates::Fates,
    pub(crate) liveness: liveness::Liveness,
    pub(crate) signing: signing::Signing,
    pub(crate) transactions: transactions::Transactions,
    pub(crate) violations: Vec<Violation>,
}
