//! Writes the vectors in `sdk/vectors`, which other languages must reproduce byte for byte. A test fails if a
//! file is outdated; `UPDATE_EXPECT=1` updates it. The TypeScript SDK tests itself against the same files.

mod chain;
mod keys;
mod transactions;
mod values;

use ehb_types::Network;
use expect_test::expect_file;
use serde_json::Value;

const NETWORK: Network = Network::Test;

fn hex(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(bytes)
}

/// A file of vectors, one member of its object for each list.
fn text(vectors: &Value) -> String {
    let mut text = serde_json::to_string_pretty(vectors).unwrap();
    text.push('\n');
    text
}

#[test]
fn hashes_keys_and_addresses_are_shared() {
    expect_file!["../../../vectors/keys.json"].assert_eq(&text(&keys::vectors()));
}

#[test]
fn transactions_and_receipts_are_shared() {
    expect_file!["../../../vectors/transactions.json"].assert_eq(&text(&transactions::vectors()));
}

#[test]
fn values_of_wit_types_are_shared() {
    expect_file!["../../../vectors/values.json"].assert_eq(&text(&values::vectors()));
}

#[test]
fn headers_certificates_and_proofs_are_shared() {
    expect_file!["../../../vectors/chain.json"].assert_eq(&text(&chain::vectors()));
}
