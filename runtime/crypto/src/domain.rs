/// The purpose of a hash or signature. Its tag goes in front of the bytes, after its length.
///
/// A tag never changes its meaning: a new format takes a new tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Content of a transaction; the hash is its id, and what is signed.
    Transaction,
    /// A block's header; the hash is the block's id.
    Header,
    /// A consensus vote.
    Vote,
    /// A consensus proposal.
    Proposal,
    /// Where a receipt without a transaction is; the hash is its id.
    Receipt,
    /// The genesis file's content.
    Genesis,
    /// An account address, from its first key.
    AccountAddress,
    /// The address under which a module acts, from its name.
    ModuleAddress,
    /// The code of a module.
    ModuleCode,
    /// The validator set of a height.
    ValidatorSet,
    /// A commit certificate.
    Certificate,
    /// Evidence of equivocation.
    Evidence,
    /// A key of the state tree.
    StateKey,
    /// A leaf of the state tree.
    StateLeaf,
    /// An inner node of the state tree.
    StateNode,
    /// A value, as a leaf of the state tree binds it.
    StateValue,
    /// Hashes asked for by modules.
    ModuleData,
    /// The record of what a validator signed last, as its node keeps it.
    SignedRecord,
    /// A batch of transactions on its way between nodes; the hash tells copies of it.
    Gossip,
    /// Compiled code of a module, as a node keeps it for its next start.
    CompiledCode,
}

impl Domain {
    /// The tag, at most 40 bytes: with its length it fits one block of SHA-256.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Transaction => "ehb/transaction/v1",
            Self::Header => "ehb/header/v1",
            Self::Vote => "ehb/vote/v1",
            Self::Proposal => "ehb/proposal/v1",
            Self::Receipt => "ehb/receipt/v1",
            Self::Genesis => "ehb/genesis/v1",
            Self::AccountAddress => "ehb/address/account/v1",
            Self::ModuleAddress => "ehb/address/module/v1",
            Self::ModuleCode => "ehb/module/v1",
            Self::ValidatorSet => "ehb/validators/v1",
            Self::Certificate => "ehb/certificate/v1",
            Self::Evidence => "ehb/evidence/v1",
            Self::StateKey => "ehb/state/key/v1",
            Self::StateLeaf => "ehb/state/leaf/v1",
            Self::StateNode => "ehb/state/node/v1",
            Self::StateValue => "ehb/state/value/v1",
            Self::ModuleData => "ehb/module/data/v1",
            Self::SignedRecord => "ehb/signed-record/v1",
            Self::Gossip => "ehb/gossip/v1",
            Self::CompiledCode => "ehb/module/compiled/v1",
        }
    }

    /// The tag's length as one byte: no tag is another's prefix once this stands in front.
    pub(crate) fn length(self) -> u8 {
        u8::try_from(self.tag().len()).unwrap_or(u8::MAX)
    }
}
