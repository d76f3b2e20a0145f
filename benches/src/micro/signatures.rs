//! The benchmark of verifying signatures and coding transactions; it also rates the processor's speed.

use anyhow::ensure;
use ehb_crypto::{Batch, Domain, Hash, SecretKey};
use ehb_types::{SignedTransaction, decode, encode};

use super::best_us;
use super::execution::{Ledger, transfer};
use crate::table::Line;

const BATCH: usize = 256;

/// The time of [`ehb_crypto::PublicKey::verify`] on the processor that the budget was measured on,
/// microseconds: tight arithmetic in registers, which distinguishes the speeds of two processors.
const VERIFY_AT_BUDGET_SPEED_US: f64 = 29.0;

/// The lines, and the speed of this processor relative to that of the budget.
pub(super) fn run() -> anyhow::Result<(Vec<Line>, f64)> {
    let key = SecretKey::from_seed(&[1; 32]);
    let signature = key.sign(Domain::Transaction, &Hash::ZERO, b"payload");
    let public = key.public_key();
    let single = best_us(200, || {
        for _ in 0..200 {
            public.verify(Domain::Transaction, &Hash::ZERO, b"payload", &signature)?;
        }
        Ok(())
    })?;
    let ledger = Ledger::new(2)?;
    let signed = transfer(&ledger, 0, 1, 0)?;
    let bytes = encode(&signed);
    let coded = best_us(10_000, || {
        for _ in 0..10_000 {
            let decoded: SignedTransaction = decode(&bytes)?;
            ensure!(decoded.transaction.sequence == 0, "decoding went wrong");
        }
        Ok(())
    })?;
    let encoded = best_us(10_000, || {
        for _ in 0..10_000 {
            ensure!(encode(&signed).len() == bytes.len(), "encoding went wrong");
        }
        Ok(())
    })?;
    let lines = vec![
        Line::at_most("verify one signature", "us", 33.0, single),
        Line::at_most("verify in batches of 256, distinct keys", "us", 15.0, batch(BATCH)?),
        Line::at_most("verify in batches of 256, 8 keys", "us", 12.0, batch(8)?),
        Line::at_most("decode a transaction", "us", 0.5, coded),
        Line::at_most("encode a transaction", "us", 0.2, encoded),
    ];
    Ok((lines, VERIFY_AT_BUDGET_SPEED_US / single))
}

fn batch(keys: usize) -> anyhow::Result<f64> {
    let keys: Vec<SecretKey> = (0..keys)
        .map(|index| {
            let mut seed = [7; 32];
            seed[..8].copy_from_slice(&(index as u64).to_le_bytes());
            SecretKey::from_seed(&seed)
        })
        .collect();
    let signed: Vec<_> = (0..BATCH)
        .map(|index| {
            let key = &keys[index % keys.len()];
            let payload = (index as u64).to_le_bytes();
            (key.public_key(), payload, key.sign(Domain::Transaction, &Hash::ZERO, &payload))
        })
        .collect();
    best_us(BATCH, || {
        let mut batch = Batch::new();
        for (key, payload, signature) in &signed {
            batch.push(Domain::Transaction, &Hash::ZERO, payload, key, signature);
        }
        ensure!(batch.verify().into_iter().all(|valid| valid), "a signature does not verify");
        Ok(())
    })
}
