//! Signs transactions with all keys of an account that this program has, or adds them to other signatures.

use ehb_types::{
    Address, CardError, Hash, KEYS_MAX, Policy, PolicyConsent, PolicyError, PublicKey, SecretKey,
    SignedCard, SignedTransaction, Transaction, TransactionSignature,
};

use crate::SignIn;

/// An account with keys that sign for it.
#[derive(Clone, Debug)]
pub struct Signer {
    address: Address,
    keys: Vec<SecretKey>,
}

impl Signer {
    /// The account that was created with this one key.
    pub fn of_key(key: SecretKey) -> Self {
        let address = Address::of_account(&Policy::Key(key.public_key()));
        Self { address, keys: vec![key] }
    }

    /// An account at an address, with several or rotated keys; 1 to [`KEYS_MAX`] keys.
    pub fn new(address: Address, keys: Vec<SecretKey>) -> Result<Self, PolicyError> {
        if keys.is_empty() || keys.len() > KEYS_MAX {
            return Err(PolicyError::KeyCount(keys.len()));
        }
        Ok(Self { address, keys })
    }

    /// The account's address.
    pub fn address(&self) -> Address {
        self.address
    }

    /// The number of signing keys.
    pub fn keys(&self) -> usize {
        self.keys.len()
    }

    /// The public keys of the signing keys.
    pub fn public_keys(&self) -> impl Iterator<Item = PublicKey> {
        self.keys.iter().map(SecretKey::public_key)
    }

    /// Signs, with all keys, the consent to govern an account of the chain with this genesis hash.
    pub fn consent(&self, chain: &Hash, content: &PolicyConsent) -> Vec<TransactionSignature> {
        content.sign(chain, &self.keys.iter().collect::<Vec<_>>())
    }

    /// Adds the signatures of all keys to the card of a validator. Errors: a key is not in the card.
    pub fn sign_card(&self, card: &mut SignedCard) -> Result<(), CardError> {
        self.keys.iter().try_for_each(|key| card.add(key))
    }

    /// Signs in with all keys. Check [`SignIn::host`] first: it must be the server that asked.
    pub fn sign_in(&self, challenge: &SignIn) -> Vec<TransactionSignature> {
        challenge.sign(&self.keys.iter().collect::<Vec<_>>())
    }

    /// Signs with all keys.
    pub fn sign(&self, transaction: Transaction) -> SignedTransaction {
        let keys: Vec<&SecretKey> = self.keys.iter().collect();
        transaction.sign(&keys)
    }

    /// Adds signatures with all keys to a transaction that others signed before, until the account's
    /// threshold is reached. To pass it between machines, encode it with [`crate::encode`].
    pub fn cosign(&self, signed: SignedTransaction) -> SignedTransaction {
        let SignedTransaction { transaction, signatures: others } = signed;
        let mut signed = self.sign(transaction);
        signed.signatures.extend(others);
        // The sort is stable: of two signatures with one key, this signer's own stays.
        signed.signatures.sort_by_key(|signature| signature.key);
        signed.signatures.dedup_by_key(|signature| signature.key);
        signed
    }
}
