//! The consent of keys to govern an account, signed before the account gets them.

use borsh::BorshSerialize;
use ehb_crypto::{Domain, Hash, PublicKey, SecretKey};

use crate::{Address, Name, Policy, PolicyError, TransactionSignature, encode};

/// What every key of a policy signs before an account gets the policy: so each key exists, its holder wants it to be
/// used there, and nobody registers the key of another.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct PolicyConsent {
    /// The organisation of the account.
    pub organisation: Name,
    /// The account: for a new one, the address of this policy.
    pub account: Address,
    /// The policy.
    pub policy: Policy,
}

/// Why a consent is rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConsentError {
    /// The policy itself is not valid.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// Not one signature for each key.
    #[error(
        "each key of the policy signs once, ascending by key: {expected} keys, {got} signatures"
    )]
    Keys {
        /// The number of keys of the policy.
        expected: usize,
        /// The number of signatures.
        got: usize,
    },
    /// A signature that does not verify.
    #[error(
        "the signature of the key {0} does not verify for this chain, organisation, account and policy"
    )]
    Signature(PublicKey),
}

impl PolicyConsent {
    /// The consent for a new account.
    pub fn of_new_account(organisation: Name, policy: Policy) -> Self {
        Self { organisation, account: Address::of_account(&policy), policy }
    }

    /// Signs for the chain with this genesis hash. Each key of the policy must sign; the result is ascending by key.
    pub fn sign(&self, chain: &Hash, keys: &[&SecretKey]) -> Vec<TransactionSignature> {
        let payload = encode(self);
        let signature = |key: &&SecretKey| TransactionSignature {
            key: key.public_key(),
            signature: key.sign(Domain::PolicyConsent, chain, &payload),
        };
        let mut signatures: Vec<_> = keys.iter().map(signature).collect();
        signatures.sort_by_key(|it| it.key);
        signatures
    }

    /// Checks the policy, and that each of its keys signed.
    pub fn verify(
        &self,
        chain: &Hash,
        signatures: &[TransactionSignature],
    ) -> Result<(), ConsentError> {
        self.policy.check()?;
        let keys = self.policy.keys();
        if !keys.iter().eq(signatures.iter().map(|it| &it.key)) {
            return Err(ConsentError::Keys { expected: keys.len(), got: signatures.len() });
        }
        let payload = encode(self);
        signatures.iter().try_for_each(|TransactionSignature { key, signature }| {
            let verified = key.verify(Domain::PolicyConsent, chain, &payload, signature);
            verified.map_err(|_| ConsentError::Signature(*key))
        })
    }
}
