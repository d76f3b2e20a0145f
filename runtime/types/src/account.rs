//! Accounts, and the policies that decide which signatures authorise a transaction.

use std::collections::BTreeSet;

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_crypto::{KeyError, PublicKey};
use serde::{Deserialize, Serialize};

use crate::{Name, Roles};

/// The maximum number of keys in a policy, and of signatures in a transaction.
pub const KEYS_MAX: usize = 16;

/// A registered account. It is stored under its address.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Account {
    /// The policy that defines whose signatures authorise its transactions.
    pub policy: Policy,
    /// The organisation that registered it.
    pub organisation: Name,
    /// Its roles: permissions beyond those of every account.
    pub roles: Roles,
    /// Whether it can send transactions.
    pub status: Status,
}

/// Whether an account can send transactions.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It can send transactions.
    #[default]
    Active,
    /// The network froze it: its transactions are rejected until it is active again.
    Frozen,
    /// Its organisation suspended it: its transactions are rejected until the organisation lifts that.
    Suspended,
    /// Its organisation closed it: its transactions are rejected for good.
    Closed,
}

impl Status {
    pub(crate) fn is_active(&self) -> bool {
        *self == Self::Active
    }

    /// The name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Frozen => "frozen",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
        }
    }
}

/// Whose signatures authorise a transaction of an account.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Policy {
    /// One key.
    Key(PublicKey),
    /// Several keys; the weights of those that sign must reach the threshold.
    Weighted {
        /// The keys, 1 to [`KEYS_MAX`], no key twice.
        keys: Vec<WeightedKey>,
        /// The sum of weights that authorises: at least 1, at most the sum of all.
        threshold: u32,
    },
}

/// A key of a weighted policy.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightedKey {
    /// The key.
    pub key: PublicKey,
    /// The weight of its signature, at least 1.
    pub weight: u16,
}

/// Why a policy is rejected, or a set of signers does not satisfy it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The policy has no key or too many.
    #[error("a policy has 1 to {KEYS_MAX} keys; this one has {0}")]
    KeyCount(usize),
    /// A key is in the policy twice.
    #[error("the key {0} is in the policy twice")]
    KeyTwice(PublicKey),
    /// A key with weight 0.
    #[error("the key {0} has weight 0")]
    ZeroWeight(PublicKey),
    /// The threshold is 0, or more than all keys reach.
    #[error("the threshold {threshold} is not between 1 and {total}, the sum of the weights")]
    Threshold {
        /// The threshold of the policy.
        threshold: u32,
        /// The sum of all weights.
        total: u32,
    },
    /// Not a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A signature by a key that is not in the policy.
    #[error("{0} is not a key of the account")]
    ForeignKey(PublicKey),
    /// The signers' weights do not reach the threshold.
    #[error("the signatures have the weight {weight}, the account requires {threshold}")]
    Weight {
        /// The weight of the signers.
        weight: u32,
        /// The required weight.
        threshold: u32,
    },
}

impl Policy {
    /// Checks that the policy can be satisfied and its keys are valid.
    pub fn check(&self) -> Result<(), PolicyError> {
        let (keys, threshold) = match self {
            Self::Key(key) => return Ok(key.check()?),
            Self::Weighted { keys, threshold } => (keys, *threshold),
        };
        if keys.is_empty() || keys.len() > KEYS_MAX {
            return Err(PolicyError::KeyCount(keys.len()));
        }
        let mut seen = BTreeSet::new();
        let mut total = 0u32;
        for WeightedKey { key, weight } in keys {
            key.check()?;
            if !seen.insert(*key) {
                return Err(PolicyError::KeyTwice(*key));
            }
            if *weight == 0 {
                return Err(PolicyError::ZeroWeight(*key));
            }
            total += u32::from(*weight);
        }
        if threshold == 0 || threshold > total {
            return Err(PolicyError::Threshold { threshold, total });
        }
        Ok(())
    }

    /// The keys, ascending.
    pub fn keys(&self) -> BTreeSet<PublicKey> {
        match self {
            Self::Key(key) => BTreeSet::from([*key]),
            Self::Weighted { keys, .. } => keys.iter().map(|it| it.key).collect(),
        }
    }

    /// Checks that these signers, each listed once, satisfy the policy.
    pub fn authorise(&self, signers: &[PublicKey]) -> Result<(), PolicyError> {
        let weight_of = |signer: &PublicKey| match self {
            Self::Key(key) => (key == signer).then_some(1),
            Self::Weighted { keys, .. } => {
                keys.iter().find(|k| k.key == *signer).map(|k| u32::from(k.weight))
            }
        };
        let threshold = match self {
            Self::Key(_) => 1,
            Self::Weighted { threshold, .. } => *threshold,
        };
        let mut weight = 0u32;
        for signer in signers {
            weight += weight_of(signer).ok_or(PolicyError::ForeignKey(*signer))?;
        }
        if weight < threshold {
            return Err(PolicyError::Weight { weight, threshold });
        }
        Ok(())
    }
}
