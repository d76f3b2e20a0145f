//! Validators and their sets: quorum, and the rotation of proposers.

use std::collections::BTreeSet;

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_crypto::{Domain, Hash, KeyError, PublicKey, hash};

use crate::{Name, encode};

/// A validator in consensus.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Validator {
    /// Its name.
    pub name: Name,
    /// The key that signs its votes and proposals.
    pub consensus_key: PublicKey,
    /// The key that identifies its node among peers.
    pub node_key: PublicKey,
    /// Its voting power, at least 1.
    pub power: u64,
}

/// The validators that decide a height, ascending by consensus key.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct ValidatorSet {
    validators: Vec<Validator>,
}

/// Why validators do not form a set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValidatorSetError {
    /// The set is empty, or larger than [`ValidatorSet::VALIDATORS_MAX`].
    #[error("a validator set has 1 to {max} validators; this one has {0}", max = ValidatorSet::VALIDATORS_MAX)]
    Count(usize),
    /// Two validators share a key.
    #[error("two validators share the consensus or node key {0}")]
    KeyTwice(PublicKey),
    /// Two validators share a name.
    #[error("two validators are called {0}")]
    NameTwice(Name),
    /// A validator without power.
    #[error("the validator {0} has no voting power")]
    ZeroPower(Name),
    /// The sum of the powers is too large for the quorum's arithmetic.
    #[error("the voting powers add up to more than {max}", max = ValidatorSet::POWER_MAX)]
    PowerOverflow,
    /// Not a key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl ValidatorSet {
    /// The maximum number of validators in a set.
    pub const VALIDATORS_MAX: usize = 256;
    /// The maximum sum of all powers: three times this sum still fits into 64 bits.
    pub const POWER_MAX: u64 = u64::MAX / 4;
    /// The maximum number of heights in one rotation of the proposers, except for rounding.
    const ROTATION_TURNS_MAX: u64 = 1024;

    /// Checks the validators and sorts them.
    pub fn new(mut validators: Vec<Validator>) -> Result<Self, ValidatorSetError> {
        if validators.is_empty() || validators.len() > Self::VALIDATORS_MAX {
            return Err(ValidatorSetError::Count(validators.len()));
        }
        validators.sort_by_key(|validator| validator.consensus_key);
        let mut power = 0u64;
        let mut keys = BTreeSet::new();
        let mut names = BTreeSet::new();
        for validator in &validators {
            for key in [validator.consensus_key, validator.node_key] {
                key.check()?;
                if !keys.insert(key) {
                    return Err(ValidatorSetError::KeyTwice(key));
                }
            }
            if !names.insert(&validator.name) {
                return Err(ValidatorSetError::NameTwice(validator.name.clone()));
            }
            if validator.power == 0 {
                return Err(ValidatorSetError::ZeroPower(validator.name.clone()));
            }
            power = power
                .checked_add(validator.power)
                .filter(|power| *power <= Self::POWER_MAX)
                .ok_or(ValidatorSetError::PowerOverflow)?;
        }
        Ok(Self { validators })
    }

    /// The validators, ascending by consensus key; the position is a validator's index.
    pub fn validators(&self) -> &[Validator] {
        &self.validators
    }

    /// The validator at an index.
    pub fn get(&self, index: usize) -> Option<&Validator> {
        self.validators.get(index)
    }

    /// The index of the validator with this consensus key.
    pub fn index_of(&self, key: &PublicKey) -> Option<usize> {
        self.validators.binary_search_by_key(key, |validator| validator.consensus_key).ok()
    }

    /// The sum of all powers.
    pub fn total_power(&self) -> u64 {
        self.validators.iter().map(|validator| validator.power).sum()
    }

    /// Whether this power is more than two thirds of the whole.
    pub fn is_quorum(&self, power: u64) -> bool {
        u128::from(power) * 3 > u128::from(self.total_power()) * 2
    }

    /// The proposer of a height and round: heights rotate over the validators by power, and each further
    /// round goes to the next validator. Skipped validators come after all others, but they do have turns: in
    /// a height that needs many rounds, one of them may be the only one that can propose the block on which
    /// it is locked.
    pub fn proposer(
        &self,
        passed_over: &BTreeSet<PublicKey>,
        height: u64,
        round: u32,
    ) -> &Validator {
        let mut candidates: Vec<&Validator> =
            self.validators.iter().filter(|v| !passed_over.contains(&v.consensus_key)).collect();
        if candidates.is_empty() {
            candidates = self.validators.iter().collect();
        }
        let turns: Vec<u64> = candidates.iter().map(|v| self.turns(v.power)).collect();
        let mut turn = height % turns.iter().sum::<u64>();
        let mut first = 0;
        while turn >= turns[first] {
            turn -= turns[first];
            first += 1;
        }
        let place = round as usize % self.validators.len();
        if place < candidates.len() {
            return candidates[(first + place) % candidates.len()];
        }
        let mut last = self.validators.iter().filter(|v| passed_over.contains(&v.consensus_key));
        last.nth(place - candidates.len()).unwrap_or(candidates[first])
    }

    /// The number of turns of each validator in one rotation: powers in lowest terms, at least 1 turn each,
    /// and about [`Self::ROTATION_TURNS_MAX`] in total.
    fn turns(&self, power: u64) -> u64 {
        let divisor = self.validators.iter().fold(0, |divisor, v| gcd(divisor, v.power));
        let total = self.total_power() / divisor;
        let scale = total.div_ceil(Self::ROTATION_TURNS_MAX);
        (power / divisor / scale).max(1)
    }

    /// The hash in headers.
    pub fn hash(&self) -> Hash {
        hash(Domain::ValidatorSet, &encode(self))
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl BorshDeserialize for ValidatorSet {
    fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
        let validators = Vec::<Validator>::deserialize_reader(reader)?;
        let given = validators.clone();
        let set = Self::new(validators)
            .map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidData, error))?;
        if set.validators != given {
            return Err(std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                "the validators are not sorted by consensus key",
            ));
        }
        Ok(set)
    }
}
