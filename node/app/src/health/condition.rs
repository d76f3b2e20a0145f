//! The conditions that keep a node from doing its work, how serious each is, and whether the node is ready with it.

/// Something that an operator must act on, or wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Condition {
    /// The replica stopped to protect the chain.
    Halted,
    /// The database could not be read: it is damaged, or the disk fails.
    Damaged,
    /// The replica is kept from taking steps, or the disk from finishing a write.
    Stuck,
    /// The disk is full: nothing is signed or written until there is room.
    DiskFull,
    /// The node has just started and does not know yet what others have decided, and whether they vote.
    Starting,
    /// No peer is connected and says anything, and this node alone decides nothing.
    NoPeers,
    /// The validators that this one knows to vote, with itself, are no quorum.
    NoQuorum,
    /// Too few validators vote because some lost their records of what they signed.
    Stalled,
    /// Others have decided blocks that the node lacks.
    CatchingUp,
    /// No block came for longer than the heartbeat and the patience of the settings, or than this patience
    /// although transactions wait.
    HeadOld,
    /// The mempool is nearly full: submissions may be refused.
    MempoolFull,
    /// This validator does not vote yet, because it does not know what its key signed.
    NotVoting,
    /// Another node uses this node's keys.
    KeyUsedElsewhere,
    /// This node's clock, or that of other validators, is far from the median.
    ClockWrong,
    /// Some validators are not heard from or do not vote, and the others are a quorum: for how much longer?
    ValidatorsAway,
}

/// How serious a condition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    /// What the node accepts may never become final, or what it answers may be old.
    Unready,
    /// The node serves, but an operator should look.
    Degraded,
}

impl Condition {
    /// All conditions, the most serious first.
    pub(crate) const ALL: [Self; 15] = [
        Self::Halted,
        Self::Damaged,
        Self::Stuck,
        Self::DiskFull,
        Self::Starting,
        Self::NoPeers,
        Self::NoQuorum,
        Self::Stalled,
        Self::CatchingUp,
        Self::HeadOld,
        Self::MempoolFull,
        Self::NotVoting,
        Self::KeyUsedElsewhere,
        Self::ClockWrong,
        Self::ValidatorsAway,
    ];

    /// The stable code for programs.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Halted => "HALTED",
            Self::Damaged => "DAMAGED",
            Self::Stuck => "STUCK",
            Self::DiskFull => "DISK_FULL",
            Self::Starting => "STARTING",
            Self::NoPeers => "NO_PEERS",
            Self::NoQuorum => "NO_QUORUM",
            Self::Stalled => "STALLED",
            Self::CatchingUp => "CATCHING_UP",
            Self::HeadOld => "HEAD_OLD",
            Self::MempoolFull => "MEMPOOL_FULL",
            Self::NotVoting => "NOT_VOTING",
            Self::KeyUsedElsewhere => "KEY_USED_ELSEWHERE",
            Self::ClockWrong => "CLOCK_WRONG",
            Self::ValidatorsAway => "VALIDATORS_AWAY",
        }
    }

    /// How long it holds before it is logged, milliseconds. Shorter ones are those of any start, or of a
    /// connection that is made again; a stalled chain does not go on by itself, and damage does not pass.
    pub(super) fn logged_after_ms(self) -> u64 {
        match self {
            Self::Damaged | Self::Stalled => 0,
            _ => 3_000,
        }
    }

    /// How serious it is.
    pub(crate) fn severity(self) -> Severity {
        match self {
            Self::MempoolFull
            | Self::NotVoting
            | Self::KeyUsedElsewhere
            | Self::ClockWrong
            | Self::ValidatorsAway => Severity::Degraded,
            _ => Severity::Unready,
        }
    }
}
