//! Ed25519 keys and signatures: which keys are accepted, and which bytes are signed.

use borsh::{BorshDeserialize, BorshSerialize};
use ed25519_dalek::Signer;
use zeroize::Zeroizing;

use crate::{Domain, Hash};

/// An Ed25519 public key in its 32-byte encoding; shown as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct PublicKey(pub [u8; 32]);

/// An Ed25519 signature; shown as 128 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Signature(pub [u8; 64]);

crate::text::hex_text!(PublicKey, 32, "public key");
crate::text::hex_text!(Signature, 64, "signature");

/// The signature is not valid for this key, domain, chain and payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not verify for this key, chain and content")]
pub struct SignatureError;

/// Bytes that must not be registered as a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The bytes encode no point of the curve.
    #[error("{0} is not an Ed25519 public key")]
    NoPoint(PublicKey),
    /// A non-canonical encoding of a point, which RFC 8032, section 5.1.3, forbids.
    #[error("{0} is not an Ed25519 public key: its encoding is not canonical")]
    NotCanonical(PublicKey),
    /// A point of order 1, 2, 4 or 8, for which signatures can be forged.
    #[error("{0} is a point of small order, for which anybody can sign; use a generated key")]
    SmallOrder(PublicKey),
}

/// The prime 2^255 - 19 of the curve's field, little-endian.
const FIELD_PRIME: [u8; 32] = {
    let mut prime = [0xff; 32];
    prime[0] = 0xed;
    prime[31] = 0x7f;
    prime
};

impl PublicKey {
    /// Checks that the bytes may be registered as a key: the canonical encoding of a point of the
    /// curve that has no small order.
    ///
    /// Signatures are verified under ZIP-215, which accepts other encodings too; so this is checked wherever
    /// a key is written to the state, and never for a signature.
    pub fn check(&self) -> Result<(), KeyError> {
        let point = ed25519_dalek::VerifyingKey::from_bytes(&self.0);
        let point = point.map_err(|_| KeyError::NoPoint(*self))?;
        if point.is_weak() {
            return Err(KeyError::SmallOrder(*self));
        }
        // The highest bit is the sign of x; only points of small order have two signs for one x.
        let mut y = self.0;
        y[31] &= 0x7f;
        if y.iter().rev().cmp(FIELD_PRIME.iter().rev()).is_lt() {
            return Ok(());
        }
        Err(KeyError::NotCanonical(*self))
    }

    /// Verifies one signature under ZIP-215, for the chain with this genesis hash. Cost: about 29 µs; see [`crate::Batch`] for many.
    pub fn verify(
        &self,
        domain: Domain,
        chain: &Hash,
        payload: &[u8],
        signature: &Signature,
    ) -> Result<(), SignatureError> {
        let key = ed25519_zebra::VerificationKey::try_from(self.0).map_err(|_| SignatureError)?;
        let message = signed_message(domain, chain, payload);
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

    /// Signs `payload` under a domain, for the chain with this genesis hash.
    pub fn sign(&self, domain: Domain, chain: &Hash, payload: &[u8]) -> Signature {
        Signature(self.key.sign(&signed_message(domain, chain, payload)).to_bytes())
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SecretKey(of {})", self.public_key())
    }
}

/// The signed bytes: the tag after its length in one byte, the chain's genesis hash, the payload.
pub(crate) fn signed_message(domain: Domain, chain: &Hash, payload: &[u8]) -> Vec<u8> {
    let tag = domain.tag();
    let mut message = Vec::with_capacity(1 + tag.len() + chain.0.len() + payload.len());
    message.push(domain.length());
    message.extend_from_slice(tag.as_bytes());
    message.extend_from_slice(&chain.0);
    message.extend_from_slice(payload);
    message
}
