//! Proofs are written into files, and checked with no node at hand.

use std::fs;

use serde_json::{Value, json};

use crate::node::{Fate, Node, address};
use crate::{Ran, SEED, User, run};

/// A user with proofs of all kinds, of a chain on which alice paid 12.50 in block 1, and the node.
fn with_proofs() -> (User, Node, String) {
    let user = User::new();
    user.import("alice", SEED);
    let node = Node::start(Fate::Final);
    user.write("genesis.json", &node.genesis_text());
    let bob = address(8);
    let pay = ["wallet", "transfer", "--from", "alice", "--to", &bob, "--asset", "EUR", "--amount"];
    let ran = ehb(&user, &node, &[&pay[..], &["12.50", "--yes"]].concat());
    assert_eq!(ran.exit, 0, "{ran:?}");
    let id = ran.stdout.split('\t').next().unwrap().to_owned();
    node.produce_block();
    for arguments in [
        &["balance", "alice", "--asset", "EUR", "--at", "1", "--out", "balance.json"][..],
        &["balance", &address(9), "--asset", "EUR", "--at", "1", "--out", "absent.json"],
        &["entry", "0x61455552", "--module", "wallet", "--at", "1", "--out", "entry.json"],
        &["receipt", &id, "--out", "receipt.json"],
        &["header", "--at", "2", "--out", "header.json", "--genesis", "genesis.json"],
    ] {
        let ran = ehb(&user, &node, &[&["proof", "get"], arguments].concat());
        assert_eq!(ran.exit, 0, "{arguments:?}: {ran:?}");
        // It shows what it wrote.
        let file = arguments[arguments.iter().position(|it| *it == "--out").unwrap() + 1];
        assert_eq!(ran.stdout, verify(&user, file, &[]).stdout);
        assert!(ran.stderr.contains(&format!("written to {file}")), "{ran:?}");
    }
    (user, node, id)
}

fn ehb(user: &User, node: &Node, arguments: &[&str]) -> Ran {
    let mut command = user.command(arguments);
    command.env("EHB_PASSPHRASE_FILE", user.path("passphrase")).env("EHB_NODE", &node.url);
    run(command, "")
}

/// Checks a file with the address of a node that does not exist.
fn verify(user: &User, file: &str, options: &[&str]) -> Ran {
    let verify =
        ["proof", "verify", file, "--genesis", "genesis.json", "--node", "http://127.0.0.1:1"];
    user.ehb(&[&verify[..], options].concat())
}

#[test]
fn proofs_say_what_they_prove_without_a_network() {
    let (user, node, id) = with_proofs();
    drop(node);
    let (alice, nobody) = (address(7), address(9));
    for (file, line) in [
        (
            "balance.json",
            format!(
                "\nstate after block\t1\nbalance\t{alice}\tEUR\t987.50\t0.05\nasset\tEUR\t2 decimals\n"
            ),
        ),
        ("absent.json", format!("\nbalance\t{nobody}\tEUR\t0.00\t0.00\n")),
        ("entry.json", "\nasset\tEUR\t2 decimals\n".to_owned()),
        ("receipt.json", format!("\nreceipt\t{id}\t1\t0\tsuccess\n")),
        ("header.json", "\nheader\t2\t".to_owned()),
    ] {
        let ran = verify(&user, file, &[]);
        assert_eq!(ran.exit, 0, "{file}: {ran:?}");
        assert!(
            ran.stdout.starts_with("chain\ttest-1\t") && ran.stdout.contains(&line),
            "{file}: {ran:?}"
        );
    }
    let shown = verify(&user, "balance.json", &["--json"]).json();
    assert_eq!(
        shown["entries"][0]["meaning"],
        json!({
            "balance": "EUR", "account": alice, "available": "987.50", "held": "0.05",
            "availableUnits": "98750", "heldUnits": "5",
        })
    );
    let shown = verify(&user, "receipt.json", &["--json"]).json();
    assert_eq!(shown["receipts"][0]["transaction"], json!(id));
    assert_eq!(shown["receipts"][0]["outcome"]["status"], "success");
    assert_eq!((&shown["height"], &shown["header"]["height"]), (&json!(1), &json!(2)));
}

/// One character of each value of a file is changed.
#[test]
fn a_changed_file_is_not_believed() {
    let (user, _node, _) = with_proofs();
    for file in ["balance.json", "receipt.json"] {
        let good: Value =
            serde_json::from_str(&fs::read_to_string(user.path(file)).unwrap()).unwrap();
        let mut places = Vec::new();
        leaves(&good, "", &mut places);
        assert!(places.len() > 20, "{file}: {places:?}");
        for place in places {
            let mut other = good.clone();
            let value = other.pointer_mut(&place).unwrap();
            *value = match &*value {
                Value::String(text) if text.ends_with('0') => {
                    json!(format!("{}1", &text[..text.len() - 1]))
                }
                Value::String(text) if text.is_empty() => json!("0"),
                Value::String(text) => json!(format!("{}0", &text[..text.len() - 1])),
                Value::Number(number) => json!(number.as_u64().unwrap() + 1),
                _ => json!("0x00"),
            };
            fs::write(user.path("other.json"), other.to_string()).unwrap();
            let ran = verify(&user, "other.json", &["--json"]);
            assert!([2, 4].contains(&ran.exit) && ran.stdout.is_empty(), "{file} {place}: {ran:?}");
            let code = ran.error()["code"].clone();
            assert!(code == "NOT_PROVEN" || code == "BAD_FILE", "{file} {place}: {ran:?}");
        }
    }
}

/// The JSON pointers of all values without parts. The key of an absent entry is left out: the place where it would be is
/// that of other keys too, and the absence of another one is what the file then proves.
fn leaves(value: &Value, place: &str, places: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let is_absent = members.get("value").is_some_and(Value::is_null);
            for (name, member) in members.iter().filter(|(name, _)| !(is_absent && *name == "key"))
            {
                leaves(member, &format!("{place}/{name}"), places);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, &format!("{place}/{index}"), places);
            }
        }
        _ => places.push(place.to_owned()),
    }
}

#[test]
fn what_is_no_proof_of_the_chain_has_a_reason() {
    let (user, node, _) = with_proofs();
    let other = Node::with_assets(1);
    user.write("other-genesis.json", &other.genesis_text());
    user.write("empty.json", "");
    let long = ["proof", "verify", "balance.json", "--genesis", "other-genesis.json", "--json"];
    let cases: [(&[&str], i32, &str); 4] = [
        (&long, 4, "NOT_PROVEN"),
        (&["proof", "verify", "empty.json", "--genesis", "genesis.json", "--json"], 2, "BAD_FILE"),
        (
            &["proof", "verify", "nowhere.json", "--genesis", "genesis.json", "--json"],
            2,
            "BAD_FILE",
        ),
        (
            &["proof", "verify", "balance.json", "--genesis", "balance.json", "--json"],
            2,
            "BAD_FILE",
        ),
    ];
    for (arguments, exit, code) in cases {
        let ran = user.ehb(arguments);
        assert_eq!(
            (ran.exit, &ran.error()["code"]),
            (exit, &json!(code)),
            "{arguments:?}: {ran:?}"
        );
    }
    // Nothing is written over, and nothing is written of what cannot be proven.
    let absent = "ab".repeat(32);
    let cases: [(&[&str], i32, &str); 5] = [
        (&["balance", "alice", "--asset", "EUR", "--out", "balance.json"], 2, "FILE_EXISTS"),
        (
            &["balance", "alice", "--asset", "NONE", "--at", "1", "--out", "new.json"],
            4,
            "NOT_FOUND",
        ),
        (&["receipt", &absent, "--out", "new.json"], 4, "NOT_FOUND"),
        (&["header", "--at", "0", "--out", "new.json"], 4, "INVALID_REQUEST"),
        (
            &["header", "--at", "1", "--out", "new.json", "--genesis", "other-genesis.json"],
            4,
            "NOT_PROVEN",
        ),
    ];
    for (arguments, exit, code) in cases {
        let ran = ehb(&user, &node, &[&["proof", "get"], arguments, &["--json"]].concat());
        assert_eq!(
            (ran.exit, &ran.error()["code"]),
            (exit, &json!(code)),
            "{arguments:?}: {ran:?}"
        );
        assert!(!user.path("new.json").exists());
    }
    let ran = user.ehb(&["proof", "get", "entry", "61", "--out", "new.json"]);
    assert_eq!(ran.exit, 2, "{ran:?}");
}
