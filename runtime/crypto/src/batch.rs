//! Batch verification of signatures, which finds invalid ones by halving the batch.

use ed25519_zebra::batch::{Item, Verifier};
use rand_chacha::ChaCha20Rng;
use rand_core::{SeedableRng, UnwrapErr};

use crate::key::signed_message;
use crate::{Domain, Hash, PublicKey, Signature};

/// Verifies many signatures together, at a fraction of the cost of one by one.
///
/// The result equals that of [`PublicKey::verify`] for each (ZIP-215); only the cost differs.
#[derive(Default)]
pub struct Batch {
    items: Vec<Item>,
}

impl Batch {
    /// An empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one signature.
    pub fn push(
        &mut self,
        domain: Domain,
        chain: &Hash,
        payload: &[u8],
        key: &PublicKey,
        signature: &Signature,
    ) {
        let message = signed_message(domain, chain, payload);
        self.items.push(Item::from((key.0.into(), signature.0.into(), message.as_slice())));
    }

    /// The number of added signatures.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether no signature was added.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Returns for each signature, in the order of addition, whether it is valid.
    ///
    /// If the whole batch does not verify, its halves are tried, so that a few bad signatures among many stay
    /// cheap.
    pub fn verify(self) -> Vec<bool> {
        let mut valid = vec![false; self.items.len()];
        // One request to the operating system for each batch: the equation needs 16 random bytes a signature.
        let mut random = ChaCha20Rng::from_rng(&mut UnwrapErr(getrandom::SysRng));
        verify_halves(&self.items, &mut valid, &mut random);
        valid
    }
}

/// With fewer signatures, single verification is as cheap as a batch.
const BATCH_MIN: usize = 4;

fn verify_halves(items: &[Item], valid: &mut [bool], random: &mut ChaCha20Rng) {
    if items.len() < BATCH_MIN {
        for (item, valid) in items.iter().zip(valid) {
            *valid = item.clone().verify_single().is_ok();
        }
        return;
    }
    let mut verifier = Verifier::new();
    for item in items {
        verifier.queue(item.clone());
    }
    if verifier.verify(&mut *random).is_ok() {
        valid.fill(true);
        return;
    }
    let middle = items.len() / 2;
    let (left, right) = valid.split_at_mut(middle);
    verify_halves(&items[..middle], left, random);
    verify_halves(&items[middle..], right, random);
}
