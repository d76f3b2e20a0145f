//! The examples of the documentation of the methods: what a chain of the modules that ship answers. `examples.json`, from which
//! `rpc/api` generates `docs/rpc.md` and the OpenRPC document, is written here (`UPDATE_EXPECT=1` updates it).
//!
//! Each method's own example is called, and a few more. In an example `@` begins the name of a value of this chain, such as
//! the address of an account or the id of a transaction.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use ehb_devnet::DevNet;
use ehb_sdk::Client;
use ehb_sdk::api::{Base64, Bytes, Cost, METHODS};
use ehb_types::{Call, SecretKey, SignedTransaction, Transaction, encode};
use expect_test::expect_file;
use serde_json::{Map, Value, json};

/// The time of genesis; that of block 1 is the same and a millisecond.
const GENESIS_MS: u64 = 1_790_000_000_000;
/// Texts above this length are cut.
const TEXT_CHARS_MAX: usize = 1_600;
/// Of a list of objects, no more are shown.
const OBJECTS_MAX: usize = 4;

/// A network with accounts whose addresses are always the same.
fn network() -> DevNet {
    let (alice, bob) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
    let builder = DevNet::builder()
        .chain_id("example-1")
        .genesis_ms(GENESIS_MS)
        .modules(&["wallet"])
        .account("alice", alice, "acme", &["treasurer"])
        .account("bob", bob, "bolt", &[])
        .asset("EUR", "Euro", 2);
    builder.funds("alice", "EUR", 100_000).funds("bob", "EUR", 100_000).start().unwrap()
}

/// A payment in lane 0, signed.
async fn payment(
    net: &DevNet,
    client: &Client,
    (from, to): (&str, &str),
    (sequence, units, valid_ms): (u64, u64, u64),
) -> SignedTransaction {
    let (from, to) = (net.account(from).unwrap(), net.account(to).unwrap().text());
    let arguments = json!({"to": to, "asset": "EUR", "amount": units.to_string()});
    let Call { module, function, arguments } =
        client.call("wallet", "transfer", &arguments).await.unwrap();
    let transaction = Transaction {
        version: Transaction::VERSION,
        chain: net.genesis().hash(),
        sender: from.address(),
        lane: 0,
        sequence,
        valid_until_ms: GENESIS_MS + valid_ms,
        gas_limit: 2_000_000,
        calls: vec![Call { module, function, arguments }],
        memo: "invoice 42".to_owned(),
    };
    transaction.sign(&[&from.key])
}

fn text(signed: &SignedTransaction) -> Value {
    json!(Base64(encode(signed)))
}

/// The answer to a call as it comes over HTTP: its result, or its error.
fn post(net: &DevNet, method: &str, params: &Value) -> Map<String, Value> {
    let request =
        json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
    let address = net.url().strip_prefix("http://").unwrap();
    let mut line = TcpStream::connect(address).unwrap();
    line.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        request.len()
    );
    line.write_all((head + &request).as_bytes()).unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(!head.contains("chunked"), "{head}");
    let Ok(Value::Object(answer)) = serde_json::from_str(body) else { panic!("{method}: {body}") };
    answer.into_iter().filter(|(name, _)| ["result", "error"].contains(&name.as_str())).collect()
}

/// Parameters with the values that they name.
fn resolved(value: &Value, known: &BTreeMap<&str, Value>) -> Value {
    match value {
        Value::String(name) => match name.strip_prefix('@') {
            Some(name) => known.get(name).unwrap_or_else(|| panic!("no value {name}")).clone(),
            None => value.clone(),
        },
        Value::Array(all) => all.iter().map(|it| resolved(it, known)).collect(),
        Value::Object(all) => {
            all.iter().map(|(name, it)| (name.clone(), resolved(it, known))).collect()
        }
        _ => value.clone(),
    }
}

/// An answer with its long texts and lists cut, which has the same type.
fn cut(value: Value) -> Value {
    match value {
        Value::String(text) if text.chars().count() > TEXT_CHARS_MAX && text.contains(' ') => {
            json!(text.chars().take(TEXT_CHARS_MAX).collect::<String>() + " ...")
        }
        Value::Array(all) => {
            let is_cut = all.len() > OBJECTS_MAX && all.iter().all(Value::is_object);
            let shown = if is_cut { OBJECTS_MAX } else { all.len() };
            all.into_iter().take(shown).map(cut).collect()
        }
        Value::Object(all) => all.into_iter().map(|(name, it)| (name, cut(it))).collect(),
        _ => value,
    }
}

/// An example without what depends on the code of the modules: hashes, signatures, encoded content, and gas. So another
/// build of a module needs no new examples.
fn masked(value: &Value) -> Value {
    let is_base64 = |text: &str| {
        let is_other = text.starts_with("ehbt1") || text.starts_with("0x");
        !is_other && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"+/=".contains(&it))
    };
    let is_hex = |text: &str| text.bytes().all(|it| it.is_ascii_hexdigit());
    match value {
        Value::String(text) if [64, 128].contains(&text.len()) && is_hex(text) => json!("hash"),
        Value::String(text) if text.ends_with(" ...") => json!("cut"),
        Value::String(text) if text.len() > 60 && is_base64(text) => json!("bytes"),
        Value::Array(all) => all.iter().map(masked).collect(),
        Value::Object(all) => {
            let shown = |(name, it): (&String, &Value)| match name.as_str() {
                "gasUsed" => (name.clone(), json!("gas")),
                // As many as the tree is deep.
                "siblings" => (name.clone(), json!("hashes")),
                _ => (name.clone(), masked(it)),
            };
            all.iter().map(shown).collect()
        }
        _ => value.clone(),
    }
}

/// The calls of the examples in their order: what is submitted comes last, while blocks are held.
fn calls() -> Vec<(&'static str, &'static str, Value)> {
    let own =
        METHODS.iter().filter(|it| it.cost != Cost::Subscription && it.name != "rpc.discover");
    let own = own.filter(|it| !it.name.contains("unsubscribe"));
    let own = own.map(|it| (it.name, it.name, serde_json::from_str(it.example).unwrap()));
    let mut all: Vec<_> = own.collect();
    all.extend([
        ("a block with ids", "chain_getBlock", json!({"at": 2, "detail": "ids"})),
        (
            "the last header up to a time",
            "chain_getHeader",
            json!({"at": {"timestampMs": GENESIS_MS + 1}}),
        ),
        (
            "an absent entry",
            "state_getProof",
            json!({"key": {"module": "wallet", "key": "0x00ff"}, "at": 1}),
        ),
        ("a failed payment", "tx_get", json!({"id": "@failed"})),
        ("an unknown transaction", "tx_get", json!({"id": "@unknown"})),
    ]);
    all.sort_by_key(|(_, method, _)| method.starts_with("tx_submit"));
    all
}

#[tokio::test]
async fn the_examples_of_the_documentation_are_the_answers_of_a_chain() {
    let net = network();
    let client = Client::connect(net.url()).await.unwrap();
    let day_ms = 24 * 3_600_000;
    let paid = payment(&net, &client, ("alice", "bob"), (0, 1_250, day_ms)).await;
    let failed = payment(&net, &client, ("bob", "alice"), (0, 900_000, day_ms)).await;
    for signed in [&paid, &failed] {
        client.submit(signed).await.unwrap();
        client.wait(&signed.id(), Duration::from_secs(120)).await.unwrap();
    }
    // The headers with the roots after them.
    net.produce_block().unwrap();
    let alice = net.account("alice").unwrap();
    let balance = [&b"b"[..], &alice.address().0, b"EUR"].concat();
    let first = payment(&net, &client, ("alice", "bob"), (1, 100, day_ms)).await;
    let second = payment(&net, &client, ("alice", "bob"), (2, 200, day_ms)).await;
    let expired = payment(&net, &client, ("bob", "alice"), (1, 300, 0)).await;
    let known = BTreeMap::from([
        ("alice", json!(alice.text())),
        ("balance", json!(Bytes(balance))),
        ("payment", json!(paid.id())),
        ("failed", json!(failed.id())),
        ("unknown", json!(first.id())),
        ("first", text(&first)),
        ("second", text(&second)),
        ("expired", text(&expired)),
    ]);
    net.hold_blocks().unwrap();
    let examples: Vec<Value> = calls()
        .into_iter()
        .map(|(case, method, params)| {
            let params = resolved(&params, &known);
            let mut example = post(&net, method, &params);
            assert!(example.contains_key("result"), "{method}({params}): {example:?}");
            example = example.into_iter().map(|(name, it)| (name, cut(it))).collect();
            example.insert("case".to_owned(), json!(case));
            example.insert("method".to_owned(), json!(method));
            example.insert("params".to_owned(), params);
            Value::Object(example)
        })
        .collect();
    let examples = json!(examples);
    let stored: Value = serde_json::from_str(include_str!("examples.json")).unwrap();
    if std::env::var_os("UPDATE_EXPECT").is_none() && masked(&stored) == masked(&examples) {
        return;
    }
    let text = serde_json::to_string_pretty(&examples).unwrap() + "\n";
    expect_file!["examples.json"].assert_eq(&text);
}
