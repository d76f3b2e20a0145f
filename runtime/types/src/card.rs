//! The card of a validator: what its organisation publishes, signed by each key in it, so that several organisations can
//! make the same genesis.

use std::collections::BTreeSet;

use borsh::BorshSerialize;
use ehb_crypto::{Domain, Hash, KeyError, PublicKey, SecretKey, hash};
use serde::{Deserialize, Serialize};

use crate::{
    ADMINISTRATOR, Address, ChainId, Name, Network, NodeAddress, Policy, PolicyError, ROLES_MAX,
    TransactionSignature, encode,
};

/// What an organisation says of one of its validators before there is a chain.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// The format of this content; [`Card::VERSION`].
    pub version: u8,
    /// The id of the chain that it is for.
    pub chain_id: ChainId,
    /// The class of network that it is for.
    pub network: Network,
    /// The organisation that operates the validator.
    pub organisation: Name,
    /// The validator's name, which no other validator of the chain has.
    pub name: Name,
    /// The key that signs its votes.
    pub consensus_key: PublicKey,
    /// The key that identifies its node among peers.
    pub node_key: PublicKey,
    /// Where other nodes reach its node.
    pub address: NodeAddress,
    /// The organisation's administrators, at most [`Card::ADMINISTRATORS_MAX`]. Of several validators of an organisation, one
    /// card has them.
    pub administrators: Vec<CardAdministrator>,
}

/// An account with the role `administrator`.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardAdministrator {
    /// The policy that defines whose signatures authorise its transactions.
    pub policy: Policy,
    /// Its roles besides `administrator`.
    #[serde(default)]
    pub roles: BTreeSet<Name>,
}

/// A card, and the signatures of its keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedCard {
    /// The signed content.
    pub card: Card,
    /// Signatures over the content, strictly ascending by key: of each key in it, once the card is complete.
    pub signatures: Vec<TransactionSignature>,
}

/// Why a card is rejected.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// The file is longer than [`SignedCard::BYTES_MAX`].
    #[error("a card has at most {max} bytes; this file has {0}", max = SignedCard::BYTES_MAX)]
    TooLong(usize),
    /// The file is not JSON of this format.
    #[error("it is not a card: {0}")]
    Json(serde_json::Error),
    /// A format of another release.
    #[error("the card has format version {0}; this release reads version {known}", known = Card::VERSION)]
    Version(u8),
    /// A key is invalid.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// One key for two purposes.
    #[error(
        "the key {0} is used for two purposes: consensus, node and administrators need keys of their own"
    )]
    SharedKey(PublicKey),
    /// Too many administrators.
    #[error("a card has at most {max} administrators; this one has {0}", max = Card::ADMINISTRATORS_MAX)]
    Administrators(usize),
    /// The policy of an administrator is invalid.
    #[error("the administrator {index}: {error}")]
    Policy {
        /// The administrator's position, from 1.
        index: usize,
        /// The reason.
        error: PolicyError,
    },
    /// Two administrators have one policy, and so one address.
    #[error("the administrators {0} and {1} have the same policy")]
    PolicyTwice(usize, usize),
    /// The role is implied.
    #[error("each administrator has the role {ADMINISTRATOR}: leave it out of its other roles")]
    Implied,
    /// Too many roles.
    #[error("the administrator {index} has {count} roles; the maximum is {ROLES_MAX}")]
    Roles {
        /// The administrator's position, from 1.
        index: usize,
        /// The number of roles, with `administrator`.
        count: usize,
    },
    /// A key has not signed.
    #[error("the key {key} ({owner}) has not signed the card{hint}")]
    Unsigned {
        /// The key.
        key: PublicKey,
        /// What the key is in the card.
        owner: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// A signature by a key that is not in the card.
    #[error("the card is signed by {0}, which is not a key in it")]
    Foreign(PublicKey),
    /// Signatures in the wrong order.
    #[error("the signatures are not ascending by key, each key once")]
    Order,
    /// A signature does not verify: the content was changed after signing, or its maker does not have the key.
    #[error(
        "the signature of the key {0} does not verify: the card was changed after it was signed, or its maker does not have the key"
    )]
    Signature(PublicKey),
}

/// Has no source in the chain of causes, because the text already contains it.
impl From<serde_json::Error> for CardError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

impl Card {
    /// The version that this code reads and writes.
    pub const VERSION: u8 = 1;
    /// The maximum number of administrators in a card.
    pub const ADMINISTRATORS_MAX: usize = 16;

    /// The id that people compare, under [`Domain::Card`]. Signatures do not change it.
    pub fn id(&self) -> Hash {
        hash(Domain::Card, &encode(self))
    }

    /// Checks everything but signatures and what depends on the parameters of the chain.
    pub fn check(&self) -> Result<(), CardError> {
        if self.version != Self::VERSION {
            return Err(CardError::Version(self.version));
        }
        self.consensus_key.check()?;
        self.node_key.check()?;
        if self.consensus_key == self.node_key {
            return Err(CardError::SharedKey(self.node_key));
        }
        if self.administrators.len() > Self::ADMINISTRATORS_MAX {
            return Err(CardError::Administrators(self.administrators.len()));
        }
        for (place, CardAdministrator { policy, roles }) in self.administrators.iter().enumerate() {
            let index = place + 1;
            policy.check().map_err(|error| CardError::Policy { index, error })?;
            let shared = policy.keys().into_iter().find(|it| self.validator_keys().contains(it));
            if let Some(key) = shared {
                return Err(CardError::SharedKey(key));
            }
            let earlier = self.administrators.iter().position(|it| it.policy == *policy);
            if let Some(earlier) = earlier.filter(|it| *it < place) {
                return Err(CardError::PolicyTwice(earlier + 1, index));
            }
            if roles.contains(ADMINISTRATOR) {
                return Err(CardError::Implied);
            }
            if roles.len() >= ROLES_MAX {
                return Err(CardError::Roles { index, count: roles.len() + 1 });
            }
        }
        Ok(())
    }

    /// The keys of the validator: consensus key and node key.
    pub fn validator_keys(&self) -> [PublicKey; 2] {
        [self.consensus_key, self.node_key]
    }

    /// The keys of the administrators' policies.
    pub fn administrator_keys(&self) -> BTreeSet<PublicKey> {
        self.administrators.iter().flat_map(|it| it.policy.keys()).collect()
    }

    /// The keys that sign the card: all keys in it.
    pub fn keys(&self) -> BTreeSet<PublicKey> {
        self.validator_keys().into_iter().chain(self.administrator_keys()).collect()
    }

    /// Signs with a key. There is no chain yet, so the signature binds chain id and network through the content, and
    /// zeros take the place of the genesis hash.
    pub(crate) fn sign(&self, key: &SecretKey) -> TransactionSignature {
        let signature = key.sign(Domain::Card, &Hash::ZERO, &encode(self));
        TransactionSignature { key: key.public_key(), signature }
    }
}

impl CardAdministrator {
    /// The address of the account.
    pub fn address(&self) -> Address {
        Address::of_account(&self.policy)
    }
}

impl SignedCard {
    /// The maximum size of a card's file, bytes: 16 administrators with 16 keys each fit.
    pub const BYTES_MAX: usize = 256 << 10;

    /// Signs a card with the keys of its validator; the administrators sign after that.
    pub fn new(card: Card, consensus: &SecretKey, node: &SecretKey) -> Result<Self, CardError> {
        card.check()?;
        let mut signed = Self { card, signatures: Vec::new() };
        signed.add(consensus)?;
        signed.add(node)?;
        Ok(signed)
    }

    /// Adds the signature of a key in the card, or replaces it.
    pub fn add(&mut self, key: &SecretKey) -> Result<(), CardError> {
        let public = key.public_key();
        if !self.card.keys().contains(&public) {
            return Err(CardError::Foreign(public));
        }
        self.signatures.retain(|it| it.key != public);
        self.signatures.push(self.card.sign(key));
        self.signatures.sort_by_key(|it| it.key);
        Ok(())
    }

    /// Parses the text of a card's file. See [`Self::check`].
    pub fn from_json(text: &str) -> Result<Self, CardError> {
        if text.len() > Self::BYTES_MAX {
            return Err(CardError::TooLong(text.len()));
        }
        Ok(serde_json::from_str(text)?)
    }

    /// The text of a card's file.
    pub fn to_json(&self) -> Result<String, CardError> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// The keys that have not signed yet.
    pub fn missing(&self) -> BTreeSet<PublicKey> {
        let mut keys = self.card.keys();
        self.signatures.iter().for_each(|it| {
            keys.remove(&it.key);
        });
        keys
    }

    /// Checks the content and all signatures that are there, and that both keys of the validator signed: what an
    /// administrator relies on before signing.
    pub fn check(&self) -> Result<(), CardError> {
        self.card.check()?;
        if !self.signatures.is_sorted_by(|a, b| a.key < b.key) {
            return Err(CardError::Order);
        }
        let (keys, payload) = (self.card.keys(), encode(&self.card));
        for TransactionSignature { key, signature } in &self.signatures {
            if !keys.contains(key) {
                return Err(CardError::Foreign(*key));
            }
            let verified = key.verify(Domain::Card, &Hash::ZERO, &payload, signature);
            verified.map_err(|_| CardError::Signature(*key))?;
        }
        let missing = self.missing();
        for (key, owner) in
            [(self.card.consensus_key, "consensus key"), (self.card.node_key, "node key")]
        {
            if missing.contains(&key) {
                let hint = ": make it again with 'ehb-node card'";
                return Err(CardError::Unsigned { key, owner, hint });
            }
        }
        Ok(())
    }

    /// Checks that the card is complete: [`Self::check`], and all administrators' keys signed.
    pub fn verify(&self) -> Result<(), CardError> {
        self.check()?;
        match self.missing().pop_first() {
            None => Ok(()),
            Some(key) => {
                let owner = "key of an administrator";
                let hint = ": its holder signs with 'ehb account sign-card'";
                Err(CardError::Unsigned { key, owner, hint })
            }
        }
    }
}
