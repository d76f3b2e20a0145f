//! The rules that must hold in every run, one file each.

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
pub(crate) mod validators;

use std::fmt;

/// A rule that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Two honest nodes differ in a block, a state root or a receipt.
    Agreement,
    /// A block names an honest node that did not build it.
    Authors,
    /// Others made an honest node remember more than its limits.
    Bounds,
    /// Value was created or lost in the books of a module.
    Conservation,
    /// Something final is lost.
    Durability,
    /// An item stays open forever in the books of a module.
    Exits,
    /// An accepted transaction was forgotten, or expired although it could run.
    Fates,
    /// An honest node stopped for good.
    Halts,
    /// The chain makes no progress after the faults.
    Liveness,
    /// A mempool had no room for a transaction that can run, although it contains one that cannot.
    Room,
    /// An honest node equivocated.
    Signing,
    /// A block is ahead of the time although clocks are right.
    Time,
    /// A transaction was accepted that must be rejected, or took effect twice.
    Transactions,
    /// A block was decided by others than the validators of its height, or one counts that has not joined.
    Validators,
    /// Two nodes with the same keys did not detect it.
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
            Self::Validators => "validators",
            Self::Twins => "twins",
            Self::Blame => "blame",
            Self::Panic => "panic",
        })
    }
}

/// A violation of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule that was broken.
    pub rule: Rule,
    /// The virtual time since the start of the run, milliseconds.
    pub at_ms: u64,
    /// A description of the violation.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {} ms: {}", self.rule, self.at_ms, self.what)
    }
}

/// The rules with their state in a run.
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
    pub(crate) validators: validators::Validators,
    pub(crate) violations: Vec<Violation>,
}
