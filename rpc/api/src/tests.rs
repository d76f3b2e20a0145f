//! JSON views, and parsing of parameters.

use ehb_types::{
    Call, Code, CommitCertificate, CommitSignature, Hash, Header, Name, Network, Policy, PublicKey,
    SecretKey, Signature, Transaction, Validator, ValidatorSet,
};
use expect_test::{expect, expect_file};
use serde_json::{Value, from_value, json};

use crate::{
    At, Base64, Bytes, CertificateView, Decimal, Detail, ErrorData, HeaderView, LocatedReceipt,
    METHODS, Method, Parameter, Position, ReceiptFilter, StateKey, TransactionView, ValidatorView,
    code_of, error, module_key, rpc_number,
};

mod openrpc;
mod page;

#[test]
fn decimals_are_strings_and_never_lose_digits() {
    for number in [0, 1, (1 << 53) + 1, u64::MAX] {
        let text = Value::String(number.to_string());
        assert_eq!(json!(Decimal(number)), text);
        assert_eq!(from_value::<Decimal>(text).unwrap(), Decimal(number));
        assert_eq!(from_value::<Decimal>(json!(number)).unwrap(), Decimal(number));
    }
    let refused = [
        json!(""),
        json!("-1"),
        json!("+1"),
        json!("01"),
        json!(" 1"),
        json!("1.0"),
        json!("1e3"),
        json!("18446744073709551616"),
        json!(-1),
        json!(1.0),
        json!(null),
        json!([1]),
    ];
    for value in refused {
        assert!(from_value::<Decimal>(value.clone()).is_err(), "{value}");
    }
}

#[test]
fn bytes_have_one_text() {
    assert_eq!(json!(Bytes(vec![0, 255])), "0x00ff");
    assert_eq!(json!(Base64(vec![0, 255])), "AP8=");
    for text in ["0x0", "0xzz", "0x00FF", "0X00ff", "00ff", "AP8=", "*"] {
        assert!(from_value::<Bytes>(json!(text)).is_err(), "{text}");
    }
    for text in ["0x00ff0", "AP8", "AP9=", "A P8=", "_-8=", "*"] {
        assert!(from_value::<Base64>(json!(text)).is_err(), "{text}");
    }
    // The base64 of these begins as hex does.
    for bytes in [vec![0xd3, 0x16, 0x9b], vec![0xd3, 0x1f, 0xff], vec![0xd3, 0x10, 0]] {
        let (hex, base64) = (Bytes(bytes.clone()), Base64(bytes));
        assert!(json!(base64).as_str().unwrap().starts_with("0x"));
        assert_eq!(from_value::<Base64>(json!(base64)).unwrap(), base64);
        assert_eq!(from_value::<Bytes>(json!(hex)).unwrap(), hex);
    }
}

#[test]
fn blocks_are_named_by_number_or_hash() {
    let hash = Hash([0xab; 32]);
    assert_eq!(from_value::<At>(json!(7)).unwrap(), At::Height(7));
    assert_eq!(from_value::<At>(json!(hash)).unwrap(), At::Hash(hash));
    assert_eq!(json!(At::Hash(hash)), json!(hash));
    for value in [json!(-1), json!("7"), json!(1.5), json!("ab"), json!({})] {
        assert!(from_value::<At>(value.clone()).is_err(), "{value}");
    }
}

#[test]
fn filters_refuse_unknown_keys() {
    let filter: ReceiptFilter = from_value(json!({"sender": "ehbt1x"})).unwrap();
    assert_eq!(json!(filter), json!({"sender": "ehbt1x", "withoutEvents": false}));
    assert!(from_value::<ReceiptFilter>(json!({"senders": []})).is_err());
}

#[test]
fn module_keys_are_distinct() {
    let key = module_key(&"wallet".parse().unwrap(), b"\x00k");
    assert_eq!(key, b"m/wallet/\x00k");
}

/// A header whose fields all differ.
fn header() -> Header {
    let hash = |byte| Hash([byte; 32]);
    Header {
        version: 1,
        chain: hash(9),
        height: (1 << 53) - 1,
        timestamp_ms: 1_700_000_000_000,
        parent: hash(1),
        round: 13,
        proposer: PublicKey([2; 32]),
        transactions_count: 11,
        transactions_root: hash(3),
        state_root: hash(4),
        receipts_count: 12,
        receipts_root: hash(5),
        validators: hash(6),
        next_validators: hash(10),
        certificate: hash(7),
        evidence: hash(8),
    }
}

#[test]
fn views_contain_the_whole_canonical_value() {
    let header = header();
    let view: HeaderView = from_value(json!(HeaderView::from(&header))).unwrap();
    assert_eq!(Header::from(view), header);

    let signatures = vec![CommitSignature { validator: 3, signature: Signature([9; 64]) }];
    let certificate = CommitCertificate { height: 5, round: 2, block: header.hash(), signatures };
    let view: CertificateView = from_value(json!(CertificateView::from(&certificate))).unwrap();
    assert_eq!(CommitCertificate::from(view), certificate);

    let key = |seed: u8| SecretKey::from_seed(&[seed; 32]).public_key();
    let validator = |seed: u8| Validator {
        name: format!("validator-{seed}").parse().unwrap(),
        consensus_key: key(seed),
        node_key: key(seed + 100),
        power: u64::MAX / 16,
    };
    let set = ValidatorSet::new(vec![validator(1), validator(2)]).unwrap();
    let views: Vec<ValidatorView> = from_value(json!(ValidatorView::all(&set))).unwrap();
    assert_eq!(ValidatorView::to_set(views).unwrap(), set);

    let secret = SecretKey::from_seed(&[1; 32]);
    let signed = Transaction {
        version: 1,
        chain: Hash([9; 32]),
        sender: ehb_types::Address::of_account(&Policy::Key(secret.public_key())),
        lane: 3,
        sequence: u64::MAX,
        valid_until_ms: 12,
        gas_limit: u64::MAX - 1,
        calls: vec![Call {
            module: "wallet".parse().unwrap(),
            function: "transfer".parse().unwrap(),
            arguments: vec![1, 2, 3],
        }],
        memo: "\u{0}\"<script>\u{202e}".into(),
    }
    .sign(&[&secret]);
    let view = TransactionView::new(&signed, Network::Test);
    let view: TransactionView = from_value(json!(view)).unwrap();
    assert_eq!(view.clone().to_signed(Network::Test).unwrap(), signed);
    assert!(view.to_signed(Network::Main).is_err());
}

#[test]
fn a_receipt_decodes_results_and_event_fields() {
    let event = |module: &str, value: Value| json!({"call": 0, "module": module, "data": "0x", "value": value});
    let receipt = |outcome: Value| -> LocatedReceipt {
        let events = [
            event("wallet", json!({"hold-placed": {"id": "3"}})),
            event("marketplace", json!({"settings-changed": {}})),
            event("marketplace", json!({"order-placed": {"order": {"id": "7"}}})),
            event("marketplace", json!({"order-placed": {"order": {"id": "8"}}})),
        ];
        let transaction = Hash([1; 32]);
        from_value(json!({
            "height": 1, "index": 0, "timestampMs": 5, "sender": "ehbt1", "receipt": {
                "transaction": transaction, "outcome": outcome, "gasUsed": "9", "events": events,
            },
        }))
        .unwrap()
    };
    let result = json!({"data": "0x", "value": "7"});
    let done = receipt(json!({"status": "success", "results": [result]}));
    assert_eq!(done.result(0), Some(&json!("7")));
    assert_eq!(done.result(1), None);
    assert_eq!(done.event("marketplace", "/order-placed/order/id"), Some(&json!("7")));
    assert_eq!(done.event("wallet", "/order-placed/order/id"), None);
    assert_eq!(done.event("wallet", "/hold-placed/id"), Some(&json!("3")));
    let failed = receipt(json!({
        "status": "failure", "call": 0, "code": "X", "message": "", "hint": "", "retryable": false,
        "error": null,
    }));
    assert_eq!(failed.result(0), None);
}

#[test]
fn error_numbers_are_distinct_and_in_the_server_range() {
    let mut numbers: Vec<i32> = Code::ALL.iter().map(|code| rpc_number(*code)).collect();
    let count = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), count);
    assert!(numbers.iter().all(|number| {
        (-32_099..=-32_000).contains(number) || [-32_602, -32_603].contains(number)
    }));
    assert!(Code::ALL.iter().all(|code| code_of(code.as_str()) == Some(*code)));
}

#[test]
fn an_error_carries_the_catalogue() {
    let error = error(Code::SequenceGap, "the next sequence is 4");
    let shown = serde_json::to_string_pretty(&error).unwrap();
    expect![[r#"
        {
          "code": -32016,
          "message": "the next sequence is 4",
          "data": {"code":"SEQUENCE_GAP","message":"the next sequence is 4","hint":"send the missing sequences of the lane first","retryable":true}
        }"#]]
    .assert_eq(&shown);
    let data: ErrorData = serde_json::from_str(error.data().unwrap().get()).unwrap();
    assert_eq!(data.known_code(), Some(Code::SequenceGap));
}

/// A change of this table is a change for every client.
#[test]
fn the_catalogue() {
    let lines = Code::ALL.iter().map(|code| {
        let again = if code.retryable() { ", again" } else { "" };
        format!("{} {}{again}: {}\n", rpc_number(*code), code.as_str(), code.hint())
    });
    expect_file!["catalogue.txt"].assert_eq(&lines.collect::<String>());
}

/// What [`Method::check`] accepts is what the types of the traits read, so that the library has nothing to refuse.
#[test]
fn the_described_kinds_are_what_the_types_read() {
    fn reads<T: serde::de::DeserializeOwned>(json: &str) -> bool {
        serde_json::from_str::<T>(json).is_ok()
    }
    type Reads = fn(&str) -> bool;
    let kinds: [(&str, Reads); 13] = [
        ("At", reads::<At>),
        ("Base64", reads::<Base64>),
        ("At", reads::<At>),
        ("Detail", reads::<Detail>),
        ("Hash", reads::<Hash>),
        ("Name", reads::<Name>),
        ("Position", reads::<Position>),
        ("ReceiptFilter", reads::<ReceiptFilter>),
        ("StateKey", reads::<StateKey>),
        ("String", reads::<String>),
        ("Vec<Base64>", reads::<Vec<Base64>>),
        ("u32", reads::<u32>),
        ("u64", reads::<u64>),
    ];
    let hash = json!("ab".repeat(32)).to_string();
    let mut texts: Vec<String> = [
        "null",
        "true",
        "0",
        "1",
        "-1",
        "1.5",
        "4294967295",
        "4294967296",
        "18446744073709551615",
        "18446744073709551616",
        "\"\"",
        "\"x\"",
        "\"wallet\"",
        "\"a-\"",
        "\"ids\"",
        "\"AQID\"",
        "\"AQI\"",
        "[]",
        "[\"AQID\"]",
        "[1]",
        "{}",
        "{\"timestampMs\":1}",
        "{\"timestampMs\":null}",
        "{\"height\":1,\"index\":2}",
        "{\"height\":1}",
        "{\"height\":1,\"index\":-2}",
        "{\"height\":1,\"index\":2,\"height\":1}",
        "{\"key\":\"0x00\"}",
        "{\"key\":\"0x0\"}",
        "{\"key\":\"0x00\",\"module\":null}",
        "{\"key\":\"0x00\",\"module\":\"wallet\"}",
        "{\"key\":\"0x00\",\"module\":7}",
        "{\"module\":\"wallet\"}",
        "{\"sender\":\"x\",\"event\":null}",
        "{\"ids\":[]}",
        "{\"ids\":[1]}",
        "{\"ids\":null,\"account\":\"x\"}",
        "{\"account\":1}",
        "{\"withoutEvents\":true}",
        "{\"withoutEvents\":null}",
        "{\"withoutEvents\":1}",
        "{\"modul\":\"x\"}",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.push(format!("{{\"ids\":[{hash}]}}"));
    texts.push(hash);
    let used = METHODS.iter().flat_map(|method| method.parameters);
    for Parameter { kind, .. } in used.clone() {
        assert!(*kind == "Strict" || kinds.iter().any(|(name, _)| name == kind), "{kind}");
    }
    for (kind, reads) in kinds {
        assert!(used.clone().any(|it| it.kind == kind && it.is_described()), "{kind}");
        let parameter = Parameter { name: "it", kind, is_required: true };
        let mut accepted = 0;
        for text in &texts {
            let is_right = parameter.check(text).is_ok();
            // The library also reads the members of an object from an array, which is no documented form.
            let is_read = reads(text) && (kind.starts_with("Vec<") || !text.starts_with('['));
            assert_eq!(is_right, is_read, "{kind} {text}");
            accepted += usize::from(is_right);
        }
        assert!((1..texts.len() - 10).contains(&accepted), "{kind}: {accepted}");
    }
}

/// Hex instead of base64, and more entries than are read.
#[test]
fn wrong_parameters_are_described() {
    let submit = Method::find("tx_submit").unwrap();
    for hex in ["0xab", "0Xab", "0xabc="] {
        let problem = submit.check(&format!("[\"{hex}\"]")).unwrap_err();
        let expected = "transaction must be a transaction in padded base64 (RFC 4648), not in hex";
        assert!(problem.starts_with(expected), "{problem}");
    }
    let many: String = (0..100).map(|at| format!("\"k{at}\":1,")).collect();
    let problem = submit.check(&format!("{{{many}\"transaction\":\"AQID\"}}")).unwrap_err();
    assert_eq!(problem, "tx_submit(transaction) has no parameter \"k0\"");
    let batch = Method::find("tx_submitBatch").unwrap();
    let problem = batch.check("[[\"AQID\",5,\"x\"]]").unwrap_err();
    assert!(problem.starts_with("transactions[1] must be a transaction"), "{problem}");
    let problem = batch.check("{\"transactions\":[],\"transactions\":[]}").unwrap_err();
    let expected = "tx_submitBatch(transactions) has the parameter \"transactions\" twice";
    assert_eq!(problem, expected);
}
