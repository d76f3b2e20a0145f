//! The consent of a validator's keys to join a chain, which proves that its operator has them.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_crypto::{Domain, Hash, PublicKey, SecretKey, Signature};
use serde::{Deserialize, Serialize};

use crate::{Name, encode};

/// What the consensus key and the node key of a validator sign before the network votes on it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct ValidatorConsent {
    /// The organisation that operates it.
    pub organisation: Name,
    /// The validator's name.
    pub name: Name,
    /// The key that signs its votes.
    pub consensus_key: PublicKey,
    /// The key that identifies its node among peers.
    pub node_key: PublicKey,
}

/// The signatures of a validator's two keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ValidatorSignatures {
    /// That of the consensus key.
    pub consensus: Signature,
    /// That of the node key.
    pub node: Signature,
}

/// Why the consent of a validator's keys is rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValidatorConsentError {
    /// One key for two purposes.
    #[error("the consensus key and the node key are the same key")]
    SharedKey,
    /// The signature of the consensus key does not verify.
    #[error(
        "the signature of the consensus key does not verify for this chain, organisation, name and keys"
    )]
    Consensus,
    /// The signature of the node key does not verify.
    #[error(
        "the signature of the node key does not verify for this chain, organisation, name and keys"
    )]
    Node,
}

impl ValidatorConsent {
    /// Signs for the chain with this genesis hash.
    pub fn sign(
        &self,
        chain: &Hash,
        consensus: &SecretKey,
        node: &SecretKey,
    ) -> ValidatorSignatures {
        let payload = encode(self);
        let sign = |key: &SecretKey| key.sign(Domain::ValidatorConsent, chain, &payload);
        ValidatorSignatures { consensus: sign(consensus), node: sign(node) }
    }

    /// Checks that both keys signed.
    pub fn verify(
        &self,
        chain: &Hash,
        signatures: &ValidatorSignatures,
    ) -> Result<(), ValidatorConsentError> {
        let payload = encode(self);
        let verifies = |key: &PublicKey, signature: &Signature| {
            key.verify(Domain::ValidatorConsent, chain, &payload, signature).is_ok()
        };
        if self.consensus_key == self.node_key {
            Err(ValidatorConsentError::SharedKey)
        } else if !verifies(&self.consensus_key, &signatures.consensus) {
            Err(ValidatorConsentError::Consensus)
        } else if !verifies(&self.node_key, &signatures.node) {
            Err(ValidatorConsentError::Node)
        } else {
            Ok(())
        }
    }
}

/// The file with which the operator of a node asks to join a chain as a validator. It is not secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ValidatorRequest {
    /// The genesis hash of the chain.
    pub chain: Hash,
    /// The organisation that operates it.
    pub organisation: Name,
    /// The validator's name.
    pub name: Name,
    /// The key that signs its votes.
    pub consensus_key: PublicKey,
    /// The key that identifies its node among peers.
    pub node_key: PublicKey,
    /// The signature of the consensus key.
    pub consensus_signature: Signature,
    /// The signature of the node key.
    pub node_signature: Signature,
}

/// Why such a file is rejected.
#[derive(Debug, thiserror::Error)]
pub enum ValidatorRequestError {
    /// The file is not JSON of this format.
    #[error("it is not the request of a validator: {0}")]
    Json(serde_json::Error),
    /// It is for another chain.
    #[error("it is for the chain with the genesis {got}, and this one has {expected}")]
    Chain {
        /// The genesis hash in the file.
        got: Hash,
        /// That of the chain.
        expected: Hash,
    },
    /// A key did not sign it.
    #[error(transparent)]
    Consent(#[from] ValidatorConsentError),
}

impl ValidatorRequest {
    /// The maximum size of a file, bytes.
    pub const BYTES_MAX: usize = 4 << 10;

    /// Signs a request with both keys.
    pub fn new(
        chain: Hash,
        (organisation, name): (Name, Name),
        consensus: &SecretKey,
        node: &SecretKey,
    ) -> Self {
        let (consensus_key, node_key) = (consensus.public_key(), node.public_key());
        let consent = ValidatorConsent { organisation, name, consensus_key, node_key };
        let signatures = consent.sign(&chain, consensus, node);
        let ValidatorConsent { organisation, name, .. } = consent;
        Self {
            chain,
            organisation,
            name,
            consensus_key,
            node_key,
            consensus_signature: signatures.consensus,
            node_signature: signatures.node,
        }
    }

    /// Reads the text of a file.
    pub fn from_json(text: &str) -> Result<Self, ValidatorRequestError> {
        serde_json::from_str(text).map_err(ValidatorRequestError::Json)
    }

    /// The text of a file.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Checks that it is for the chain with this genesis hash, and that both keys signed it.
    pub fn verify(&self, chain: &Hash) -> Result<(), ValidatorRequestError> {
        if self.chain != *chain {
            return Err(ValidatorRequestError::Chain { got: self.chain, expected: *chain });
        }
        let consent = ValidatorConsent {
            organisation: self.organisation.clone(),
            name: self.name.clone(),
            consensus_key: self.consensus_key,
            node_key: self.node_key,
        };
        let signatures =
            ValidatorSignatures { consensus: self.consensus_signature, node: self.node_signature };
        Ok(consent.verify(chain, &signatures)?)
    }
}
