//! What a proof proves, for people and for programs.

use ehb_sdk::api::{Bytes, Decimal};
use ehb_sdk::{Genesis, ProofFile, Proven, ProvenEntry, ProvenReceipt, StoredEntry};
use ehb_types::Outcome;
use ehb_wallet::amount::format_amount;
use serde_json::{Value, json};

use crate::clock::utc;
use crate::failure::Failure;
use crate::output::Output;

/// The maximum number of decimals of an asset.
const DECIMALS_MAX: u8 = 12;

/// Prints what was proven.
pub(super) fn show(
    genesis: &Genesis,
    proof: &ProofFile,
    proven: &Proven,
    output: &Output,
) -> Result<(), Failure> {
    let header = &proven.header;
    let row = |cells: &[&str]| cells.iter().map(|it| (*it).to_owned()).collect::<Vec<String>>();
    let (hash, time) = (header.hash(), utc(header.timestamp_ms));
    let mut rows = vec![
        row(&["chain", genesis.chain_id.as_str(), &proof.genesis_hash.to_string()]),
        row(&["header", &header.height.to_string(), &hash.to_string(), &time]),
    ];
    if !proof.changes.is_empty() {
        rows.push(row(&["changes of validators", &proof.changes.len().to_string()]));
    }
    let height = proven.height().to_string();
    if !proven.entries.is_empty() {
        rows.push(row(&["state after block", &height]));
    }
    let meanings: Vec<Option<StoredEntry>> = proven.entries.iter().map(meaning).collect();
    let mut entries = Vec::new();
    for (entry, meaning) in proven.entries.iter().zip(&meanings) {
        let (cells, view) = described(genesis, entry, meaning.as_ref(), &meanings);
        rows.push(cells);
        let value = entry.value.clone().map(Bytes);
        entries.push(json!({ "key": Bytes(entry.key.clone()), "value": value, "meaning": view }));
    }
    for it in &proven.receipts {
        let id = it.receipt.transaction.to_string();
        rows.push(row(&["receipt", &id, &height, &it.index.to_string(), &outcome(it)]));
    }
    let receipts: Vec<Value> = proven.receipts.iter().map(|it| receipt(proven, it)).collect();
    let document = json!({
        "chain": genesis.chain_id,
        "genesisHash": proof.genesis_hash,
        "changes": proof.changes.len(),
        "header": { "height": header.height, "hash": hash, "timestampMs": header.timestamp_ms },
        "height": proven.height(),
        "entries": entries,
        "receipts": receipts,
    });
    output.result(&rows, &document)
}

fn meaning(entry: &ProvenEntry) -> Option<StoredEntry> {
    StoredEntry::read(&entry.key, entry.value.as_deref())
}

/// An entry as a row and as JSON, `null` for one of no known meaning.
fn described(
    genesis: &Genesis,
    entry: &ProvenEntry,
    meaning: Option<&StoredEntry>,
    all: &[Option<StoredEntry>],
) -> (Vec<String>, Value) {
    match meaning {
        Some(StoredEntry::Balance { account, asset, available, held }) => {
            let account = account.to_text(genesis.network);
            let mut view = json!({
                "balance": asset, "account": account,
                "availableUnits": Decimal(*available), "heldUnits": Decimal(*held),
            });
            let amounts = match decimals(asset, all) {
                Some(decimals) => {
                    let shown = [available, held].map(|units| format_amount(*units, decimals));
                    (view["available"], view["held"]) = (json!(shown[0]), json!(shown[1]));
                    shown
                }
                None => [available, held].map(|units| format!("{units} units")),
            };
            let [available, held] = amounts;
            (vec!["balance".to_owned(), account, asset.clone(), available, held], view)
        }
        Some(StoredEntry::Asset { asset, decimals }) => {
            let shown = decimals.map_or("none".to_owned(), |it| format!("{it} decimals"));
            let view = json!({ "asset": asset, "decimals": decimals });
            (vec!["asset".to_owned(), asset.clone(), shown], view)
        }
        None => {
            let value = entry.value.clone().map_or("none".to_owned(), |it| Bytes(it).to_string());
            (vec!["entry".to_owned(), Bytes(entry.key.clone()).to_string(), value], Value::Null)
        }
    }
}

/// The decimals of an asset that the same file proves.
fn decimals(id: &str, all: &[Option<StoredEntry>]) -> Option<u8> {
    all.iter().find_map(|it| match it {
        Some(StoredEntry::Asset { asset, decimals: Some(decimals) }) if asset == id => {
            Some(*decimals).filter(|it| *it <= DECIMALS_MAX)
        }
        _ => None,
    })
}

fn outcome(it: &ProvenReceipt) -> String {
    match &it.receipt.outcome {
        Outcome::Success(_) => "success".to_owned(),
        Outcome::Failure(failure) => format!("failure {}: {}", failure.code, failure.message),
    }
}

fn receipt(proven: &Proven, ProvenReceipt { index, receipt }: &ProvenReceipt) -> Value {
    let outcome = match &receipt.outcome {
        Outcome::Success(results) => {
            let results: Vec<Bytes> = results.iter().cloned().map(Bytes).collect();
            json!({ "status": "success", "results": results })
        }
        Outcome::Failure(failure) => {
            json!({ "status": "failure", "code": failure.code.as_str(), "message": failure.message })
        }
    };
    let events = receipt
        .events
        .iter()
        .map(|it| json!({ "call": it.call, "module": it.module, "data": Bytes(it.data.clone()) }));
    json!({
        "transaction": receipt.transaction,
        "height": proven.height(),
        "index": index,
        "outcome": outcome,
        "gasUsed": Decimal(receipt.gas_used),
        "events": events.collect::<Vec<_>>(),
    })
}
