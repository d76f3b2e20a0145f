//! Transactions, signed and not, and receipts.

use ehb_crypto::Domain;
use ehb_sdk::api::TransactionView;
use ehb_sdk::{Call, Code, Hash, SecretKey, Signer, Transaction, decode, encode};
use ehb_types::{Event, Failure, Outcome, Receipt, SignedTransaction, TypedError};
use serde_json::{Value, json};

use super::{NETWORK, hex};
use crate::fixtures::{address, key, name};

pub(super) fn vectors() -> Value {
    json!({
        "transactions": transactions(),
        "cosigned": cosigned(),
        "refused": refused(),
        "receipts": receipts().iter().map(receipt).collect::<Vec<_>>(),
        "receiptsRefused": receipts_refused(),
        "withoutTransaction": without_transaction(),
    })
}

fn call(module: &str, function: &str, arguments: Vec<u8>) -> Call {
    Call { module: name(module), function: name(function), arguments }
}

fn plain() -> Transaction {
    Transaction {
        version: Transaction::VERSION,
        chain: Hash([0xc4; 32]),
        sender: address(1),
        lane: 0,
        sequence: 0,
        valid_until_ms: 1_795_960_000_000,
        gas_limit: 65_770,
        calls: vec![call("wallet", "transfer", vec![1, 2, 3])],
        memo: String::new(),
    }
}

fn large() -> Transaction {
    Transaction {
        lane: u32::MAX,
        sequence: u64::MAX,
        valid_until_ms: (1 << 53) - 1,
        gas_limit: u64::MAX,
        calls: vec![call("a", "b-1", Vec::new()); Transaction::CALLS_MAX],
        memo: "é€😀\u{202e}\0 x".repeat(16),
        ..plain()
    }
}

fn transactions() -> Vec<Value> {
    let of = |(transaction, seeds): (Transaction, Vec<u8>)| {
        let keys: Vec<SecretKey> = seeds.iter().map(|seed| key(*seed)).collect();
        let signed = transaction.clone().sign(&keys.iter().collect::<Vec<_>>());
        let id = transaction.id();
        json!({
            "seeds": seeds.iter().map(|it| hex([*it; 32])).collect::<Vec<_>>(),
            "view": TransactionView::new(&signed, NETWORK),
            "content": hex(encode(&transaction)),
            "signingBytes": hex(signing_bytes(&transaction)),
            "id": id,
            "signed": hex(encode(&signed)),
        })
    };
    let all = [(plain(), vec![1]), (large(), (1..=16).collect()), (plain(), vec![3, 1, 3, 2])];
    all.into_iter().map(of).collect()
}

/// The domain's tag after its length, the chain, the id; signatures over it verify.
fn signing_bytes(transaction: &Transaction) -> Vec<u8> {
    let tag = Domain::Transaction.tag().as_bytes();
    let id = transaction.id();
    [&[tag.len() as u8][..], tag, &transaction.chain.0, id.as_bytes()].concat()
}

/// A transaction that one signer signed and another one after it.
fn cosigned() -> Value {
    let first = Signer::new(address(1), vec![key(1)]).unwrap().sign(plain());
    let both = Signer::new(address(1), vec![key(2)]).unwrap().cosign(first.clone());
    json!({"first": hex(encode(&first)), "seed": hex([2; 32]), "both": hex(encode(&both))})
}

/// Bytes that are no signed transaction.
fn refused() -> Vec<String> {
    let good = encode(&plain().sign(&[&key(1)]));
    let mut all: Vec<Vec<u8>> = (0..good.len()).step_by(7).map(|it| good[..it].to_vec()).collect();
    all.push([&good[..], &[0]].concat());
    let mut version = good.clone();
    version[0] = Transaction::VERSION + 1;
    all.push(version);
    let mut upper = good.clone();
    let at = good.windows(6).position(|it| it == b"wallet").unwrap();
    upper[at] = b'W';
    all.push(upper);
    let mut count = good.clone();
    count[at - 8..at - 4].copy_from_slice(&u32::MAX.to_le_bytes());
    all.push(count);
    let mut memo = encode(&Transaction { memo: "xx".into(), ..plain() }.sign(&[&key(1)]));
    let at = memo.windows(6).rposition(|it| it == [2, 0, 0, 0, b'x', b'x']).unwrap();
    memo[at + 4] = 0xff;
    all.push(memo);
    assert!(all.iter().all(|it| SignedTransaction::from_bytes(it).is_err()));
    all.iter().map(hex).collect()
}

fn receipts() -> Vec<Receipt> {
    let event = |call, data: &[u8]| Event { call, module: name("wallet"), data: data.to_vec() };
    let receipt =
        |outcome, events| Receipt { transaction: Hash([5; 32]), outcome, gas_used: 50_591, events };
    let failure = Failure {
        error: Some(TypedError {
            module: name("wallet"),
            function: name("transfer"),
            data: vec![9],
        }),
        ..Failure::new(Some(63), Code::ModuleError, "not enough: é")
    };
    vec![
        receipt(Outcome::Success(vec![]), vec![]),
        receipt(
            Outcome::Success(vec![vec![], vec![1, 2]]),
            vec![event(0, &[]), event(63, &[0xff; 40])],
        ),
        receipt(Outcome::Failure(failure), vec![]),
        receipt(Outcome::Failure(Failure::new(None, Code::OutOfGas, "")), vec![]),
    ]
}

fn receipt(receipt: &Receipt) -> Value {
    let outcome = match &receipt.outcome {
        Outcome::Success(results) => {
            json!({"status": "success", "results": results.iter().map(hex).collect::<Vec<_>>()})
        }
        Outcome::Failure(Failure { call, code, message, error }) => {
            let error = error.as_ref().map(
                |it| json!({"module": it.module, "function": it.function, "data": hex(&it.data)}),
            );
            let code = code.as_str();
            json!({"status": "failure", "call": call, "code": code, "message": message, "error": error})
        }
    };
    let event = |it: &Event| json!({"call": it.call, "module": it.module, "data": hex(&it.data)});
    json!({
        "encoded": hex(encode(receipt)),
        "receipt": {
            "transaction": receipt.transaction,
            "outcome": outcome,
            "gasUsed": receipt.gas_used.to_string(),
            "events": receipt.events.iter().map(event).collect::<Vec<_>>(),
        },
    })
}

/// Ids of receipts that belong to no transaction.
fn without_transaction() -> Vec<Value> {
    let of = |(height, index): (u64, u32)| {
        let id = Receipt::id_without_transaction(&Hash([0xc4; 32]), height, index);
        json!({"height": height, "index": index, "id": id})
    };
    [(0, 0), (1, 7), (1 << 40, u32::MAX)].into_iter().map(of).collect()
}

fn receipts_refused() -> Vec<String> {
    let good = encode(&receipts()[1]);
    let mut all: Vec<Vec<u8>> = (0..good.len()).step_by(5).map(|it| good[..it].to_vec()).collect();
    all.push([&good[..], &[0]].concat());
    let mut case = good.clone();
    case[32] = 2;
    all.push(case);
    assert!(all.iter().all(|it| decode::<Receipt>(it).is_err()));
    all.iter().map(hex).collect()
}
