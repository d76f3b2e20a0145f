//! The consent of a node's key to be permitted on a chain, signed before its organisation registers it.

use borsh::BorshSerialize;
use ehb_crypto::{Domain, Hash, KeyError, PublicKey, SecretKey, Signature, SignatureError};
use serde::{Deserialize, Serialize};

use crate::{Name, encode};

/// What the key of a node signs before the node is permitted: so the key exists, and its holder wants it to be used there.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct NodeConsent {
    /// The organisation that runs the node.
    pub organisation: Name,
    /// The name of the node.
    pub name: Name,
}

/// A consent with its signature, as a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedNodeConsent {
    /// The genesis hash of the chain.
    pub chain: Hash,
    /// The organisation that runs the node.
    pub organisation: Name,
    /// The name of the node.
    pub name: Name,
    /// The key that identifies the node among peers.
    pub node_key: PublicKey,
    /// The signature by this key.
    pub signature: Signature,
}

/// Why the consent of a node's key is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NodeConsentError {
    /// The bytes must not be registered as a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The signature does not verify.
    #[error("the signature of the node key does not verify for this chain, organisation and name")]
    Signature(#[from] SignatureError),
}

impl NodeConsent {
    /// Signs with the key of the node, for the chain with this genesis hash.
    pub fn sign(&self, chain: &Hash, key: &SecretKey) -> Signature {
        key.sign(Domain::NodeConsent, chain, &encode(self))
    }

    /// Checks the key, and that it signed.
    pub fn verify(
        &self,
        chain: &Hash,
        key: &PublicKey,
        signature: &Signature,
    ) -> Result<(), NodeConsentError> {
        key.check()?;
        Ok(key.verify(Domain::NodeConsent, chain, &encode(self), signature)?)
    }
}

impl SignedNodeConsent {
    /// The maximum size of a file, bytes.
    pub const BYTES_MAX: u64 = 4 << 10;

    /// Signs with the key of the node, for the chain with this genesis hash.
    pub fn new(chain: Hash, consent: NodeConsent, key: &SecretKey) -> Self {
        let signature = consent.sign(&chain, key);
        let NodeConsent { organisation, name } = consent;
        Self { chain, organisation, name, node_key: key.public_key(), signature }
    }

    /// Checks the key, and that it signed.
    pub fn verify(&self) -> Result<(), NodeConsentError> {
        let (organisation, name) = (self.organisation.clone(), self.name.clone());
        NodeConsent { organisation, name }.verify(&self.chain, &self.node_key, &self.signature)
    }
}
