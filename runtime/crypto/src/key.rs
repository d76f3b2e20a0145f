use borsh::{BorshDeserialize, BorshSerialize};
use ed25519_dalek::Signer;
use zeroize::Zeroizing;

use crate::Domain;

/// An Ed25519 public key in its 32-byte encoding; shown as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct PublicKey(pub [u8; 32]);

/// An Ed25519 signature; shown as 128 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Signature(pub [u8; 64]);

crate::text::hex_text!(PublicKey, 32, "public key");
crate::text::hex_text!(Signature, 64, "signature");

/// A signature that the key did not make for this domain, chain and payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not verify for this key, chain and content")]
pub struct SignatureError;

/// Bytes that are no Ed25519 public key under ZIP-215.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not an Ed25519 public key")]
pub struct KeyError(PublicKey);

impl PublicKey {
    /// Checks that the bytes are a point of the curve.
    pub fn check(&self) -> Result<(), KeyError> {
        match ed25519_zebra::VerificationKey::try_from(self.0) {
            Ok(_) => Ok(()),
            Err(_) => Err(KeyError(*self)),
        }
    }

    /// Verifies one signature under ZIP-215. Cost: about 29 µs; see [`crate::Batch`] for many.
    pub fn verify(
        &self,
        domain: Domain,
        chain_id: &str,
        payload: &[u8],
        signature: &Signature,
    ) -> Result<(), SignatureError> {
        let key = ed25519_zebra::VerificationKey::try_from(self.0).map_err(|_| SignatureError)?;
        let message = signed_message(domain, chain_id, payload);
        key.verify(&signature.0.into(), &message).map_err(|_| SignatureError)
    }
}

/// An Ed25519 secret key (RFC 8032 seed). Wiped from memory when dropped; never shown.
#[derive(Clone)]
pub struct SecretKey {
    key: ed25519_dalek::SigningKey,
}

impl SecretKey {
    /// A key from the operating system's randomness.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut())?;
        Ok(Self::from_seed(&seed))
    }

    /// The key of a 32-byte seed.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self { key: ed25519_dalek::SigningKey::from_bytes(seed) }
    }

    /// The seed, for storing it encrypted.
    pub fn to_seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes())
    }

    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.key.verifying_key().to_bytes())
    }

    /// Signs `payload` under a domain, for one chain.
    pub fn sign(&self, domain: Domain, chain_id: &str, payload: &[u8]) -> Signature {
        Signature(self.key.sign(&signed_message(domain, chain_id, payload)).to_bytes())
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretKey(of {})", self.public_key())
    }
}

/// What is signed: tag and chain id, each after its length in one byte, then the payload.
///
/// Chain ids are at most 32 bytes by their own type.
pub(crate) fn signed_message(domain: Domain, chain_id: &str, payload: &[u8]) -> Vec<u8> {
    let tag = domain.tag();
    let mut message = Vec::with_capacity(2 + tag.len() + chain_id.len() + payload.len());
    message.push(domain.length());
    message.extend_from_slice(tag.as_bytes());
    message.push(u8::try_from(chain_id.len()).unwrap_or(u8::MAX));
    message.extend_from_slice(chain_id.as_bytes());
    message.extend_from_slice(payload);
    message
}
