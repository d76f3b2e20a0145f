//! All domains and their tags, which keep hashes and signatures of different purposes apart.

/// The purpose of a hash or signature. Its tag, preceded by its length, is prepended to the bytes.
///
/// A tag never changes its meaning: a new format needs a new tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Content of a transaction; the hash is its id, which is signed.
    Transaction,
    /// A key's consent to govern an account.
    PolicyConsent,
    /// A node key's consent to be permitted on a chain.
    NodeConsent,
    /// The consent of a validator's keys to join a chain.
    ValidatorConsent,
    /// The card of a validator of a chain that is not formed yet; the hash is its id.
    Card,
    /// What an account signs to sign in at a server that reads the chain.
    SignIn,
    /// A block's header; the hash is the block's id.
    Header,
    /// A consensus vote.
    Vote,
    /// A consensus proposal.
    Proposal,
    /// The position of a receipt without a transaction; the hash is its id.
    Receipt,
    /// The genesis file's content.
    Genesis,
    /// An account address, from its first key.
    AccountAddress,
    /// The address of a module, from its name.
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
    /// A value in a leaf of the state tree.
    StateValue,
    /// Hashes requested by modules.
    ModuleData,
    /// The last-signed record of a validator, as stored by its node.
    SignedRecord,
    /// A batch of transactions between nodes; the hash identifies duplicates.
    Gossip,
    /// Compiled code of a module in a node's cache.
    CompiledCode,
}

impl Domain {
    /// The tag, at most 40 bytes: with its length it fits one block of SHA-256.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Transaction => "ehb/transaction/v1",
            Self::PolicyConsent => "ehb/policy-consent/v1",
            Self::NodeConsent => "ehb/node-consent/v1",
            Self::ValidatorConsent => "ehb/validator-consent/v1",
            Self::Card => "ehb/card/v1",
            Self::SignIn => "ehb/sign-in/v1",
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

    /// The tag's length as one byte; with it in front, no tag is a prefix of another.
    pub(crate) fn length(self) -> u8 {
        u8::try_from(self.tag().len()).unwrap_or(u8::MAX)
    }
}
