//! Lists what the database stores, one column family for each kind of data, with its name on disk.

/// The column families, each with its own kind of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// Genesis, head and last-signed record, by name. RocksDB's own default family.
    Meta,
    /// State entries by key.
    State,
    /// Pages of the state tree by id.
    Tree,
    /// Block bodies by height and hash, decided or undecided.
    Bodies,
    /// Hash, header and certificate of decided blocks by height.
    Chain,
    /// Heights of decided blocks by hash.
    Heights,
    /// A block's receipts by height.
    Receipts,
    /// Height and index of transactions by a prefix of their id.
    Transactions,
    /// The consensus log of the heights above the head.
    Log,
    /// The values of state and tree that the newest blocks replaced, by height.
    History,
    /// The values that earlier blocks replaced, by run, key and height, see [`crate::history`].
    HistoryRuns,
    /// Validator sets by the first height that they decide.
    Validators,
    /// Installations of modules and descriptions of their code, see [`crate::modules`].
    Modules,
}

impl Family {
    pub(crate) const ALL: [Self; 13] = [
        Self::Meta,
        Self::State,
        Self::Tree,
        Self::Bodies,
        Self::Chain,
        Self::Heights,
        Self::Receipts,
        Self::Transactions,
        Self::Log,
        Self::History,
        Self::HistoryRuns,
        Self::Validators,
        Self::Modules,
    ];

    /// The name in the database; it never changes without a new format.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Meta => "default",
            Self::State => "state",
            Self::Tree => "tree",
            Self::Bodies => "bodies",
            Self::Chain => "chain",
            Self::Heights => "heights",
            Self::Receipts => "receipts",
            Self::Transactions => "transactions",
            Self::Log => "log",
            Self::History => "history",
            Self::HistoryRuns => "history-runs",
            Self::Validators => "validators",
            Self::Modules => "modules",
        }
    }
}
