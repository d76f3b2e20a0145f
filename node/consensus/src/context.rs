//! The types of the Malachite core, implemented with this chain's types.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use arc_malachitebft_core_types as malachite;
use ehb_types::{Hash, PublicKey, SecretKey, Signature, ValidatorSet};
use malachite::{LinearTimeouts, NilOrVal, Round, SignedExtension, VoteType};

/// The core's type family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chain;

/// A validator's consensus key. An observer has all zeros and never signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Address(pub(crate) PublicKey);

/// A block height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Height(pub(crate) u64);

/// The value to agree on: a block hash. The body is sent separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Value(pub(crate) Hash);

/// A validator as the core sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    address: Address,
    power: u64,
}

/// The validators of a height and the order of proposers. Cheap to clone, because the core does so often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Roster(Arc<RosterContent>);

#[derive(Debug, PartialEq, Eq)]
struct RosterContent {
    set: Arc<ValidatorSet>,
    members: Vec<Member>,
    passed_over: BTreeSet<PublicKey>,
    power: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Vote {
    pub(crate) kind: VoteType,
    pub(crate) height: Height,
    pub(crate) round: u32,
    pub(crate) value: NilOrVal<Hash>,
    pub(crate) validator: Address,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proposal {
    pub(crate) height: Height,
    pub(crate) round: u32,
    pub(crate) value: Value,
    pub(crate) valid_round: Round,
    pub(crate) proposer: Address,
}

/// The core does not handle parts of proposals here: no value of this type exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoPart {}

/// The Ed25519 implementation of `ehb_crypto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ed25519;

/// The bytes are not a key or signature of the expected length.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("wrong length")]
pub(crate) struct LengthError;

impl Roster {
    pub(crate) fn new(set: Arc<ValidatorSet>, passed_over: BTreeSet<PublicKey>) -> Self {
        let member = |validator: &ehb_types::Validator| Member {
            address: Address(validator.consensus_key),
            power: validator.power,
        };
        let members = set.validators().iter().map(member).collect();
        let power = set.total_power();
        Self(Arc::new(RosterContent { set, members, passed_over, power }))
    }

    pub(crate) fn set(&self) -> &Arc<ValidatorSet> {
        &self.0.set
    }

    pub(crate) fn proposer(&self, height: u64, round: u32) -> &ehb_types::Validator {
        self.0.set.proposer(&self.0.passed_over, height, round)
    }

    pub(crate) fn member(&self, key: &PublicKey) -> Option<&Member> {
        self.0.members.get(self.0.set.index_of(key)?)
    }
}

impl Member {
    pub(crate) fn power(&self) -> u64 {
        self.power
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Height {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl malachite::Address for Address {}

impl malachite::Height for Height {
    const ZERO: Self = Self(0);
    const INITIAL: Self = Self(1);

    fn increment_by(&self, n: u64) -> Self {
        Self(self.0.saturating_add(n))
    }

    fn decrement_by(&self, n: u64) -> Option<Self> {
        self.0.checked_sub(n).map(Self)
    }

    fn as_u64(&self) -> u64 {
        self.0
    }
}

impl malachite::Value for Value {
    type Id = Hash;

    fn id(&self) -> Hash {
        self.0
    }
}

impl malachite::Validator<Chain> for Member {
    fn address(&self) -> &Address {
        &self.address
    }

    fn public_key(&self) -> &PublicKey {
        &self.address.0
    }

    fn voting_power(&self) -> u64 {
        self.power
    }
}

impl malachite::ValidatorSet<Chain> for Roster {
    fn count(&self) -> usize {
        self.0.members.len()
    }

    fn total_voting_power(&self) -> u64 {
        self.0.power
    }

    fn get_by_address(&self, address: &Address) -> Option<&Member> {
        self.member(&address.0)
    }

    fn get_by_index(&self, index: usize) -> Option<&Member> {
        self.0.members.get(index)
    }
}

impl malachite::Vote<Chain> for Vote {
    fn height(&self) -> Height {
        self.height
    }

    fn round(&self) -> Round {
        Round::new(self.round)
    }

    fn value(&self) -> &NilOrVal<Hash> {
        &self.value
    }

    fn take_value(self) -> NilOrVal<Hash> {
        self.value
    }

    fn vote_type(&self) -> VoteType {
        self.kind
    }

    fn validator_address(&self) -> &Address {
        &self.validator
    }

    fn extension(&self) -> Option<&SignedExtension<Chain>> {
        None
    }

    fn take_extension(&mut self) -> Option<SignedExtension<Chain>> {
        None
    }

    fn extend(self, _: SignedExtension<Chain>) -> Self {
        self
    }
}

impl malachite::Proposal<Chain> for Proposal {
    fn height(&self) -> Height {
        self.height
    }

    fn round(&self) -> Round {
        Round::new(self.round)
    }

    fn value(&self) -> &Value {
        &self.value
    }

    fn take_value(self) -> Value {
        self.value
    }

    fn pol_round(&self) -> Round {
        self.valid_round
    }

    fn validator_address(&self) -> &Address {
        &self.proposer
    }
}

impl malachite::ProposalPart<Chain> for NoPart {
    fn is_first(&self) -> bool {
        match *self {}
    }

    fn is_last(&self) -> bool {
        match *self {}
    }
}

impl malachite::SigningScheme for Ed25519 {
    type DecodingError = LengthError;
    type Signature = Signature;
    type PublicKey = PublicKey;
    type PrivateKey = SecretKey;

    fn decode_signature(bytes: &[u8]) -> Result<Signature, LengthError> {
        bytes.try_into().map(Signature).map_err(|_| LengthError)
    }

    fn encode_signature(signature: &Signature) -> Vec<u8> {
        signature.0.to_vec()
    }

    fn decode_public_key(bytes: &[u8]) -> Result<PublicKey, LengthError> {
        bytes.try_into().map(PublicKey).map_err(|_| LengthError)
    }

    fn encode_public_key(key: &PublicKey) -> Vec<u8> {
        key.0.to_vec()
    }
}

/// The number of a round. The core votes and proposes only inside rounds, and messages from outside always
/// have a number, so the core's "no round yet" never gets here.
pub(crate) fn number(round: Round) -> u32 {
    round.as_u32().unwrap_or_default()
}

impl malachite::Context for Chain {
    type Address = Address;
    type Height = Height;
    type ProposalPart = NoPart;
    type Proposal = Proposal;
    type Validator = Member;
    type ValidatorSet = Roster;
    type Timeouts = LinearTimeouts;
    type Value = Value;
    type Vote = Vote;
    type Extension = ();
    type SigningScheme = Ed25519;

    fn select_proposer<'a>(&self, roster: &'a Roster, height: Height, round: Round) -> &'a Member {
        let proposer = roster.proposer(height.0, number(round)).consensus_key;
        roster.member(&proposer).unwrap_or_else(|| unreachable!("the proposer is of the set"))
    }

    fn new_proposal(
        &self,
        height: Height,
        round: Round,
        value: Value,
        valid_round: Round,
        proposer: Address,
    ) -> Proposal {
        Proposal { height, round: number(round), value, valid_round, proposer }
    }

    fn new_prevote(
        &self,
        height: Height,
        round: Round,
        value: NilOrVal<Hash>,
        validator: Address,
    ) -> Vote {
        Vote { kind: VoteType::Prevote, height, round: number(round), value, validator }
    }

    fn new_precommit(
        &self,
        height: Height,
        round: Round,
        value: NilOrVal<Hash>,
        validator: Address,
    ) -> Vote {
        Vote { kind: VoteType::Precommit, height, round: number(round), value, validator }
    }
}
