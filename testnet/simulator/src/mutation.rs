use std::fmt;
use std::str::FromStr;

/// A rule that a run breaks on purpose, to prove that the checks notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// A node that starts again begins its height anew: it replays no log, and does not look what it
    /// signed last.
    NoReplay,
    /// A node that starts again finds an empty log, and the last-signed record as it was.
    LostLog,
    /// A node that starts again finds its log without the prevotes of others: it knows what it signed,
    /// but not why, and so has forgotten which block it is locked on. This breaks the lock rule of
    /// Tendermint (lines 28 and 36 of the paper) and nothing else: it still signs nothing twice.
    NoLock,
    /// The fsync comes after the messages that it must come before.
    LateSync,
    /// When the chain goes on after the faults, a node forgets all that is pending.
    LostPool,
    /// Nodes do not offer again what is pending: what gossip lost stays with one node.
    NoOffers,
    /// Replicas remember whatever they are sent.
    NoBounds,
    /// A validator signs after a start without asking others what they saw of its key.
    NoAsking,
    /// In some blocks the wallet writes something else than it should, on all nodes alike.
    WrongWrite,
}

impl Mutation {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::NoReplay,
        Self::LostLog,
        Self::NoLock,
        Self::LateSync,
        Self::LostPool,
        Self::NoOffers,
        Self::NoBounds,
        Self::NoAsking,
        Self::WrongWrite,
    ];

    /// Whether validators ask nobody what was seen of their keys: where that is the mutation, or would
    /// make up for it.
    pub(crate) fn asks_nobody(self) -> bool {
        matches!(self, Self::NoAsking | Self::NoReplay | Self::LostLog | Self::LateSync)
    }

    /// Whether nodes start from old copies of their disks, as they do without a mutation.
    pub(crate) fn bears_old_copies(self) -> bool {
        self == Self::NoAsking || !self.asks_nobody()
    }

    fn name(self) -> &'static str {
        match self {
            Self::NoReplay => "no-replay",
            Self::LostLog => "lost-log",
            Self::NoLock => "no-lock",
            Self::LateSync => "late-sync",
            Self::LostPool => "lost-pool",
            Self::NoOffers => "no-offers",
            Self::NoBounds => "no-bounds",
            Self::NoAsking => "no-asking",
            Self::WrongWrite => "wrong-write",
        }
    }
}

impl fmt::Display for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Mutation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = Self::ALL.map(Self::name).join(", ");
        let found = Self::ALL.into_iter().find(|it| it.name() == text);
        found.ok_or_else(|| format!("there is no mutation {text}; there are: {names}"))
    }
}
