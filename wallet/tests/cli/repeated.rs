//! The same command given again while the outcome of the first is not known.

use std::fs;
use std::process::Stdio;

use ehb_sdk::Hash;
use serde_json::{Value, json};

use crate::node::{Fate, Node};
use crate::{Ran, SEED, User, run};

const KEYS: &str = ".config/ehb/keys";

/// A user who has the key alice, and a node.
fn at_home(fate: Fate) -> (User, Node) {
    let user = User::new();
    user.import("alice", SEED);
    (user, Node::start(fate))
}

fn ehb(user: &User, node: &Node, arguments: &[&str]) -> Ran {
    let mut command = user.command(arguments);
    command.env("EHB_PASSPHRASE_FILE", user.path("passphrase")).env("EHB_NODE", &node.url);
    command.arg("--json");
    run(command, "")
}

fn pay(user: &User, node: &Node, amount: &str, options: &[&str]) -> Ran {
    let transfer = ["wallet", "transfer", "--from", "alice", "--to", "alice", "--asset", "EUR"];
    let one = ["--amount", amount, "--yes", "--timeout", "1"];
    ehb(user, node, &[&transfer[..], &one, options].concat())
}

/// The ids of what was submitted, in their order, each once.
fn ids(node: &Node) -> Vec<Hash> {
    let mut ids: Vec<Hash> = Vec::new();
    for signed in node.submitted() {
        if !ids.contains(&signed.id()) {
            ids.push(signed.id());
        }
    }
    ids
}

fn pending(user: &User, node: &Node) -> Vec<Value> {
    ehb(user, node, &["tx", "pending"]).json()["pending"].as_array().unwrap().clone()
}

#[test]
fn the_same_payment_again_is_the_same_transaction_until_its_fate_is_certain() {
    let (user, node) = at_home(Fate::NeverDecided);
    for _ in 0..2 {
        let ran = pay(&user, &node, "1", &[]);
        assert_eq!(ran.exit, 6, "{ran:?}");
        let error = ran.error();
        assert_eq!(
            (&error["code"], &error["retryable"]),
            (&json!("OUTCOME_UNKNOWN"), &json!(false))
        );
        assert_eq!(ran.json()["id"], json!(ids(&node)[0]));
    }
    let [id] = ids(&node)[..] else { panic!("two transactions were sent") };
    let listed = pending(&user, &node);
    assert_eq!(listed.len(), 1);
    assert_eq!((&listed[0]["id"], &listed[0]["status"]), (&json!(id), &json!("pending")));
    assert!(listed[0]["summary"].as_str().unwrap().contains(" pays 1.00 EUR "), "{listed:?}");

    // Nothing is signed, so nobody is asked for a passphrase.
    fs::rename(user.path("passphrase"), user.path("kept")).unwrap();
    node.decide(id, Fate::Final);
    let ran = pay(&user, &node, "1", &[]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    let paid = ran.json();
    assert_eq!((&paid["id"], &paid["status"]), (&json!(id), &json!("final")));
    assert_eq!(paid["repeated"], true);
    assert!(pending(&user, &node).is_empty());

    fs::rename(user.path("kept"), user.path("passphrase")).unwrap();
    let ran = pay(&user, &node, "1", &[]);
    assert_eq!((ran.exit, ids(&node).len()), (6, 2), "it was certain, so this is another payment");
}

/// One row a fate of the first payment that cannot act any more: the second is another one.
#[test]
fn a_payment_that_can_never_act_is_made_again() {
    for (fate, word) in
        [(Fate::Superseded, "superseded"), (Fate::Expired, "expired"), (Fate::Fails, "failed")]
    {
        let (user, node) = at_home(Fate::NeverDecided);
        assert_eq!(pay(&user, &node, "1", &[]).exit, 6);
        let id = ids(&node)[0];
        node.decide(id, fate);
        let status = ehb(&user, &node, &["tx", "status", &id.to_string()]).json();
        assert_eq!(status["status"], word);
        assert_eq!(pay(&user, &node, "1", &[]).exit, 6);
        assert_eq!(ids(&node).len(), 2, "{word}");
        assert_eq!(pending(&user, &node).len(), 1, "{word}");
    }
    // The same when the payment itself is what finds it out.
    let (user, node) = at_home(Fate::NeverDecided);
    assert_eq!(pay(&user, &node, "1", &[]).exit, 6);
    node.decide(ids(&node)[0], Fate::Expired);
    assert_eq!(pay(&user, &node, "1", &[]).exit, 6);
    assert_eq!((ids(&node).len(), pending(&user, &node).len()), (2, 1));
}

/// Programs on lanes of their own have sequences of their own.
#[test]
fn a_payment_goes_by_the_lane_that_is_named() {
    let (user, node) = at_home(Fate::Final);
    assert_eq!(pay(&user, &node, "1", &["--lane", "7"]).exit, 0);
    assert_eq!(node.submitted()[0].transaction.lane, 7);
}

#[test]
fn another_payment_is_made_when_it_is_asked_for() {
    let (user, node) = at_home(Fate::NeverDecided);
    assert_eq!(pay(&user, &node, "1", &[]).exit, 6);
    assert_eq!(pay(&user, &node, "1", &["--again"]).exit, 6);
    assert_eq!(ids(&node).len(), 2);
    // Other amounts and references are other payments.
    assert_eq!(pay(&user, &node, "2", &[]).exit, 6);
    assert_eq!(pay(&user, &node, "1", &["--reference", "invoice 42"]).exit, 6);
    assert_eq!((ids(&node).len(), pending(&user, &node).len()), (4, 4));
}

/// A command that ended well is another wish when it is given again, and never taken for the first.
#[test]
fn what_was_accepted_is_neither_repeated_nor_doubled_unasked() {
    let (user, node) = at_home(Fate::NeverDecided);
    let ran = pay(&user, &node, "1", &["--no-wait"]);
    assert_eq!((ran.exit, &ran.json()["status"]), (0, &json!("pending")));
    let ran = pay(&user, &node, "1", &["--no-wait"]);
    assert_eq!((ran.exit, ran.stdout.as_str()), (6, ""));
    assert_eq!(ran.error()["code"], "EQUAL_PENDING");
    assert_eq!(ids(&node).len(), 1);
    assert_eq!(pay(&user, &node, "1", &["--no-wait", "--again"]).exit, 0);
    for id in ids(&node) {
        node.decide(id, Fate::Final);
    }
    let ran = pay(&user, &node, "1", &["--no-wait"]);
    assert_eq!((ran.exit, ran.json()["repeated"].clone(), ids(&node).len()), (0, json!(false), 3));
}

/// Killed while it waits, or right after it has sent: the next command finds what was signed.
#[test]
fn a_command_that_is_killed_pays_once_all_the_same() {
    let (user, node) = at_home(Fate::NeverDecided);
    let mut command = user.command(&["wallet", "transfer", "--from", "alice", "--to", "alice"]);
    command.args(["--asset", "EUR", "--amount", "1", "--yes", "--passphrase-file", "passphrase"]);
    command.args(["--node", &node.url]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    while node.submitted.lock().unwrap().is_empty() {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let id = ids(&node)[0];
    node.decide(id, Fate::Final);
    let ran = pay(&user, &node, "1", &[]);
    assert_eq!((ran.exit, ran.json()["id"].clone()), (0, json!(id)), "{ran:?}");
    assert_eq!(ids(&node), [id]);
}

/// The node takes it and its answer is lost; then it is gone.
#[test]
fn a_node_that_never_answers_leaves_the_outcome_open() {
    let (user, node) = at_home(Fate::Swallows);
    let ran = pay(&user, &node, "1", &[]);
    assert_eq!((ran.exit, &ran.error()["retryable"]), (6, &json!(false)), "{ran:?}");
    let id = ids(&node)[0];
    drop(node);
    let node = Node::start(Fate::Final);
    let ran = pay(&user, &node, "1", &[]);
    assert_eq!((ran.exit, ran.json()["id"].clone()), (0, json!(id)), "{ran:?}");
    assert_eq!(ids(&node), [id], "the other node got the same");
}

/// What cannot be kept is not sent, and what cannot be read may still act.
#[test]
fn nothing_is_sent_without_a_journal() {
    let (user, node) = at_home(Fate::NeverDecided);
    user.write(&format!("{KEYS}/pending"), "in the way");
    let ran = pay(&user, &node, "1", &[]);
    assert_eq!((ran.exit, &ran.error()["code"]), (5, &json!("JOURNAL_ACCESS")), "{ran:?}");
    assert!(ids(&node).is_empty());
    fs::remove_file(user.path(&format!("{KEYS}/pending"))).unwrap();

    assert_eq!(pay(&user, &node, "1", &[]).exit, 6);
    let mut path = user.path(&format!("{KEYS}/pending"));
    for _ in 0..3 {
        let entries = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path());
        path = entries.max().unwrap();
    }
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, &text[..text.len() / 2]).unwrap();
    let ran = pay(&user, &node, "1", &[]);
    assert_eq!((ran.exit, &ran.error()["code"]), (5, &json!("PENDING_DAMAGED")), "{ran:?}");
    assert_eq!(ids(&node).len(), 1);
    let listed = ehb(&user, &node, &["tx", "pending"]).json();
    assert_eq!(listed["refused"].as_array().unwrap().len(), 1);
}

#[test]
fn the_same_bytes_are_sent_once_more_when_it_is_asked_for() {
    let (user, node) = at_home(Fate::NeverDecided);
    assert_eq!(pay(&user, &node, "1", &[]).exit, 6);
    let id = ids(&node)[0];
    let text = id.to_string();
    let ran = ehb(&user, &node, &["tx", "resubmit", &text, "--timeout", "1"]);
    assert_eq!((ran.exit, ids(&node).len()), (6, 1), "{ran:?}");
    node.decide(id, Fate::Final);
    let ran = ehb(&user, &node, &["tx", "resubmit", &text, "--timeout", "9"]);
    assert_eq!((ran.exit, &ran.json()["status"]), (0, &json!("final")), "{ran:?}");
    // Its fate is certain, and it is forgotten.
    let ran = ehb(&user, &node, &["tx", "resubmit", &text]);
    assert_eq!((ran.exit, &ran.error()["code"]), (2, &json!("NOT_PENDING")));
    let status = ehb(&user, &node, &["tx", "status", &"0".repeat(64)]);
    assert_eq!((status.exit, &status.json()["status"]), (0, &json!("unknown")));
}
