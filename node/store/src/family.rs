/// The column families: what is kept, each under keys of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// Genesis, head and last-signed record, by name. RocksDB's own default family.
    Meta,
    /// State entries by key.
    State,
    /// Pages of the state tree by id.
    Tree,
    /// Block bodies by height and hash, decided or not yet.
    Bodies,
    /// Hash, header and certificate of decided blocks by height.
    Chain,
    /// Heights of decided blocks by hash.
    Heights,
    /// A block's receipts by height.
    Receipts,
    /// Height and index of transactions by the beginning of their id.
    Transactions,
    /// The consensus log of the heights above the head.
    Log,
    /// What blocks replaced in the state, by key and height.
    EntryHistory,
    /// What blocks replaced in the state tree, by page and height.
    PageHistory,
    /// Validator sets by the first height that they decide.
    Validators,
    /// What modules were installed when, and what their code offers, see [`crate::modules`].
    Modules,
}

impl Family {
    /// All of them.
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
        Self::EntryHistory,
        Self::PageHistory,
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
            Self::EntryHistory => "entry-history",
            Self::PageHistory => "page-history",
            Self::Validators => "validators",
            Self::Modules => "modules",
        }
    }
}
