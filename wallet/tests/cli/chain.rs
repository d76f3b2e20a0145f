//! Commands against a whole chain: transfers, repetition and dry runs.

use std::net::TcpListener;
use std::time::Duration;

use ehb_types::Code;
use expect_test::expect;
use serde_json::{Value, json};

use crate::node::{Fate, Node, address, joint_address};
use crate::{Ran, SEED, User, run};

const BOB_SEED: &str = "0808080808080808080808080808080808080808080808080808080808080808";

/// Where alice's key is.
const ALICE_KEY: &str = ".config/ehb/keys/alice.json";
const DAMAGED: &str = "KEY_FILE_DAMAGED";

/// A user who has the keys alice and bob, and a node.
fn at_home(fate: Fate) -> (User, Node) {
    let user = User::new();
    user.import("alice", SEED);
    user.import("bob", BOB_SEED);
    (user, Node::start(fate))
}

fn ehb(user: &User, node: &Node, arguments: &[&str]) -> Ran {
    let mut command = user.command(arguments);
    command.env("EHB_PASSPHRASE_FILE", user.path("passphrase")).env("EHB_NODE", &node.url);
    run(command, "")
}

fn pay(user: &User, node: &Node, options: &[&str]) -> Ran {
    let to_bob =
        ["wallet", "transfer", "--from", "alice", "--to", "bob", "--asset", "EUR", "--amount"];
    ehb(user, node, &[&to_bob, options].concat())
}

#[test]
fn a_transfer_is_reported_when_signed_and_when_final() {
    let (user, node) = at_home(Fate::Final);
    let ran = pay(&user, &node, &["12.50", "--yes", "--reference", "invoice 42"]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    let signed = &node.submitted()[0];
    let id = signed.id().to_string();
    assert_eq!(ran.stdout, format!("{id}\t1\n"));
    let shown = ran.stderr.replace(&id, "ID");
    let shown = shown.replace(&address(7), "ALICE").replace(&address(8), "BOB");
    expect![[r#"
        alice (ALICE) pays 12.50 EUR (Euro) to bob (BOB), for "invoice 42", on the chain test-1
        sending the transaction ID
        final at height 1
    "#]]
    .assert_eq(&shown);
    let transaction = &signed.transaction;
    assert_eq!(transaction.calls[0].function.as_str(), "transfer-with-reference");
    assert_eq!(transaction.sequence, 0);

    let shown = ehb(&user, &node, &["tx", "show", &id, "--json"]).json();
    assert_eq!(
        shown["transaction"]["calls"][0]["arguments"],
        json!({"to": address(8), "asset": "EUR", "amount": "1250", "reference": "invoice 42"})
    );
}

/// The transaction expires by the chain's time, and the user learns that the clock of the machine is wrong, in words.
#[test]
fn a_wrong_clock_of_the_machine_is_shown_and_changes_no_validity() {
    let (user, node) = at_home(Fate::Final);
    // 2 h 30 min, less the time that passes until the command runs.
    node.advance(Duration::from_secs(9_000));
    let ran = pay(&user, &node, &["1", "--yes"]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    let words = "warning: the clock of this machine is 2 h ";
    assert!(ran.stderr.contains(words), "{ran:?}");
    assert!(ran.stderr.contains(" min behind the chain. "), "{ran:?}");
    let valid_ms = node.submitted()[0].transaction.valid_until_ms - node.now_ms();
    // The chain's time is later than its head, by 1 ms at least.
    assert!(valid_ms <= 300_001 && valid_ms > 299_000, "{valid_ms}");

    // The result stays the one document on stdout.
    let ran = pay(&user, &node, &["2", "--yes", "--json"]);
    assert_eq!(ran.json()["status"], "final");
    let warning: Value = serde_json::from_str(&ran.stderr).unwrap();
    assert!(warning["warning"].as_str().unwrap().contains("behind the chain"), "{ran:?}");
}

/// What the command prints can be typed.
#[test]
fn an_amount_is_taken_as_it_is_printed() {
    let (user, node) = at_home(Fate::Final);
    let ran = pay(&user, &node, &["1 000.00", "--yes"]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    assert!(ran.stderr.contains(" pays 1 000.00 EUR "), "{ran:?}");
}

#[test]
fn a_transfer_as_json_has_the_same_facts() {
    let (user, node) = at_home(Fate::Final);
    let bob = address(8);
    let arguments =
        ["wallet", "transfer", "--from", &address(7), "--to", &bob, "--asset", "JPY", "--amount"];
    let ran = ehb(&user, &node, &[&arguments[..], &["30", "--yes", "--json"]].concat());
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{ran:?}");
    let mut result = ran.json();
    assert_eq!(result["receipt"]["receipt"]["outcome"]["status"], "success");
    assert_eq!(result["id"], node.submitted()[0].id().to_string());
    result.as_object_mut().unwrap().retain(|key, _| key != "receipt" && key != "id");
    let gas_limit = node.submitted()[0].transaction.gas_limit.to_string();
    let expected = json!({
        "from": address(7), "to": bob, "asset": "JPY", "amount": "30", "amountUnits": "30",
        "reference": null, "repeated": false, "gasLimit": gas_limit, "status": "final", "height": 1,
    });
    assert_eq!(result, expected);
}

#[test]
fn equal_payments_are_never_taken_for_one() {
    let (user, node) = at_home(Fate::Final);
    for _ in 0..2 {
        assert_eq!(pay(&user, &node, &["1", "--yes"]).exit, 0);
    }
    let mut submitted = node.submitted();
    // Sent at the same moment, both would have been given the same sequence.
    submitted[1].transaction.sequence = submitted[0].transaction.sequence;
    assert_ne!(submitted[0].id(), submitted[1].id());
}

#[test]
fn a_sequence_that_others_took_is_replaced_but_not_for_ever() {
    let (user, node) = at_home(Fate::TakenTimes(3));
    let ran = pay(&user, &node, &["1", "--yes"]);
    assert_eq!((ran.exit, node.submitted().len()), (0, 1), "{ran:?}");
    let (user, node) = at_home(Fate::TakenTimes(usize::MAX));
    let ran = pay(&user, &node, &["1", "--yes", "--json"]);
    assert_eq!((ran.exit, &ran.error()["code"]), (4, &json!("SEQUENCE_PENDING")));
    assert!(node.submitted().is_empty());
}

#[test]
fn a_dry_run_pays_nothing_and_asks_for_no_passphrase() {
    let (user, node) = at_home(Fate::Final);
    std::fs::remove_file(user.path("passphrase")).unwrap();
    let ran = pay(&user, &node, &["12.50", "--dry-run", "--json"]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    assert_eq!(ran.json()["status"], "tried");
    assert!(node.submitted().is_empty());
}

#[test]
fn without_waiting_the_id_is_the_result() {
    let (user, node) = at_home(Fate::NeverDecided);
    let ran = pay(&user, &node, &["1", "--yes", "--no-wait"]);
    let id = node.submitted()[0].id().to_string();
    assert_eq!((ran.exit, ran.stdout), (0, format!("{id}\n")));
    let shown = ehb(&user, &node, &["tx", "show", &id]);
    assert!(shown.exit == 0 && shown.stdout.starts_with("status\tpending\n"), "{shown:?}");
}

/// One row a transfer that is refused before anything is sent: exit and code.
#[test]
fn what_cannot_be_paid_is_refused_before_anything_is_sent() {
    let (user, node) = at_home(Fate::Final);
    let transfer = |from: &str, to: &str, asset: &str, amount: &str| {
        let arguments = [
            ["wallet", "transfer", "--yes", "--json"].as_slice(),
            &["--from", from, "--to", to, "--asset", asset, "--amount", amount],
        ];
        ehb(&user, &node, &arguments.concat())
    };
    let elsewhere = address(8).replace("ehbt1", "ehb1");
    let typo = address(8).replace("ehbt1", "ehbt1q");
    for (from, to, asset, amount, exit, code) in [
        ("alice", "bob", "EUR", "12.505", 2, "BAD_AMOUNT"),
        ("alice", "bob", "JPY", "0.5", 2, "BAD_AMOUNT"),
        ("alice", "bob", "EUR", "0.00", 2, "BAD_AMOUNT"),
        ("alice", "bob", "EUR", "-5", 2, "BAD_AMOUNT"),
        ("alice", "bob", "EUR", "1,5", 2, "BAD_AMOUNT"),
        ("alice", "bob", "EUR", "1 00.00", 2, "BAD_AMOUNT"),
        ("alice", "bob", "EUR", "99999999999999999999", 2, "BAD_AMOUNT"),
        ("alice", "bob", "EUR", "1000.01", 4, "MODULE_ERROR"),
        ("alice", "bob", "XYZ", "1", 4, "MODULE_ERROR"),
        ("alice", "nobody", "EUR", "1", 2, "UNKNOWN_ACCOUNT"),
        ("alice", &elsewhere, "EUR", "1", 2, "BAD_ADDRESS"),
        ("alice", &typo, "EUR", "1", 2, "BAD_ADDRESS"),
        ("carol", "bob", "EUR", "1", 2, "UNKNOWN_ACCOUNT"),
        (&address(9), "bob", "EUR", "1", 5, "KEY_NOT_FOUND"),
    ] {
        let ran = transfer(from, to, asset, amount);
        assert_eq!((ran.exit, ran.stdout.as_str()), (exit, ""), "{from} {to} {asset} {amount}");
        assert_eq!(ran.error()["code"], code, "{from} {to} {asset} {amount}");
    }
    let key = user.path(ALICE_KEY);
    let before = std::fs::read(&key).unwrap();
    user.write("passphrase", "not the right one");
    let ran = transfer("alice", "bob", "EUR", "1");
    assert_eq!((ran.exit, &ran.error()["code"]), (5, &json!("WRONG_PASSPHRASE")));
    assert!(node.submitted().is_empty());
    assert_eq!(std::fs::read(&key).unwrap(), before, "the key's file is as it was");
}

/// One row what became of the payer's key file: the code, and a part of what is said.
#[test]
fn a_damaged_key_pays_nothing() {
    type Damage = Box<dyn Fn(&str) -> String>;
    let edited = |field: &str, change: fn(&str) -> Value| {
        let field = field.to_owned();
        move |text: &str| {
            let mut file: Value = serde_json::from_str(text).unwrap();
            let value = file.pointer_mut(&field).unwrap();
            *value = change(value.as_str().unwrap_or_default());
            file.to_string()
        }
    };
    let flipped = |text: &str| {
        let first = if text.starts_with('0') { "1" } else { "0" };
        json!(format!("{first}{}", &text[1..]))
    };
    let rows: Vec<(&str, Damage, &str, &str)> = vec![
        ("cut in half", Box::new(|text| text[..text.len() / 2].to_owned()), DAMAGED, "no key file"),
        ("emptied", Box::new(|_| String::new()), DAMAGED, "no key file"),
        ("garbage", Box::new(|_| "what is this?".to_owned()), DAMAGED, "no key file"),
        (
            "a key that no file has",
            Box::new(|text| text.replacen('{', r#"{"owner": "mallory","#, 1)),
            DAMAGED,
            "unknown field `owner`",
        ),
        ("version 9", Box::new(edited("/version", |_| json!(9))), DAMAGED, "version 9"),
        (
            "an edited ciphertext",
            Box::new(edited("/crypto/cipher/ciphertext", flipped)),
            "WRONG_PASSPHRASE",
            "or the key file was edited",
        ),
        (
            "an edited salt",
            Box::new(edited("/crypto/kdf/params/salt", flipped)),
            "WRONG_PASSPHRASE",
            "or the key file was edited",
        ),
        ("100,000 brackets", Box::new(|_| "[".repeat(100_000)), DAMAGED, "no key file"),
        ("deep brackets", Box::new(|_| "[".repeat(10_000)), DAMAGED, "no key file"),
    ];
    let (user, node) = at_home(Fate::Final);
    let path = user.path(ALICE_KEY);
    let good = std::fs::read_to_string(&path).unwrap();
    let refused = |what: &str, code: &str, part: &str| {
        let ran = pay(&user, &node, &["1", "--yes", "--json"]);
        assert_eq!((ran.exit, ran.stdout.as_str()), (5, ""), "{what}: {ran:?}");
        let error = ran.error();
        assert_eq!(error["code"], code, "{what}: {error}");
        let said = format!("{} {}", error["message"], error["causes"]);
        assert!(said.contains(part), "{what}: {part:?} is not in: {said}");
        assert!(!error["hint"].as_str().unwrap().is_empty(), "{what}");
        assert!(node.submitted().is_empty(), "{what}");
    };
    for (what, damage, code, part) in rows {
        let damaged = damage(&good);
        user.write(ALICE_KEY, &damaged);
        refused(what, code, part);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), damaged, "{what}");
    }
    user.write(ALICE_KEY, &good);
    crate::set_mode(&path, 0o644);
    refused("open to others", "KEY_FILE_OPEN", "is open to others (mode 0644)");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), good);

    std::fs::rename(&path, user.path("kept")).unwrap();
    std::fs::create_dir(&path).unwrap();
    refused("a folder", DAMAGED, "is not a regular file");

    // With its file back, the account pays.
    std::fs::remove_dir(&path).unwrap();
    user.write(ALICE_KEY, &good);
    assert_eq!(pay(&user, &node, &["1", "--yes"]).exit, 0);
}

#[test]
fn a_shortfall_is_shown_in_the_units_of_the_asset() {
    let (user, node) = at_home(Fate::Final);
    let ran = pay(&user, &node, &["1000.01", "--yes"]);
    expect![[r#"
        error: the payer can spend 1000.00 EUR, and the payment needs 1000.01
          hint: pay less, or wait for incoming payments
    "#]]
    .assert_eq(&ran.stderr);
    let ran = pay(&user, &node, &["1000.01", "--yes", "--json"]);
    assert_eq!((&ran.error()["retryable"], ran.error()["exit"].as_u64()), (&false.into(), Some(4)));
}

#[test]
fn nothing_is_paid_unasked() {
    let (user, node) = at_home(Fate::Final);
    let ran = pay(&user, &node, &["1"]);
    assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""));
    expect![[r#"
        error: cannot ask whether to pay: stdin is not a terminal
          hint: use --yes to pay without confirmation, or --dry-run to simulate it
    "#]]
    .assert_eq(&ran.stderr);
    assert!(node.submitted().is_empty());
}

#[test]
fn a_transaction_that_fails_has_its_own_exit_code() {
    let (user, node) = at_home(Fate::Fails);
    let ran = pay(&user, &node, &["1", "--yes", "--json"]);
    assert_eq!((ran.exit, ran.stdout.as_str()), (4, ""));
    let id = node.submitted()[0].id().to_string();
    let error = ran.error();
    assert_eq!((&error["code"], &error["transaction"]), (&json!("MODULE_ERROR"), &json!(id)));
    assert!(error["receipt"]["height"].as_u64().is_some_and(|height| height > 0), "{error}");
    let waited = ehb(&user, &node, &["tx", "wait", &id]);
    assert_eq!(waited.exit, 4);
    // Showing it works well: that it failed is what it shows.
    let shown = ehb(&user, &node, &["tx", "show", &id]);
    assert_eq!(shown.exit, 0);
    assert!(shown.stdout.contains("outcome\tfailure MODULE_ERROR: "), "{shown:?}");
    assert!(shown.stdout.contains("\ntime\t20"), "{shown:?}");
}

#[test]
fn an_unknown_outcome_has_its_own_exit_code_and_still_prints_the_id() {
    let (user, node) = at_home(Fate::NeverDecided);
    let ran = pay(&user, &node, &["1", "--yes", "--timeout", "1"]);
    let id = node.submitted()[0].id().to_string();
    assert_eq!((ran.exit, ran.stdout), (6, format!("{id}\n")));
    let ran = ehb(&user, &node, &["tx", "wait", &id, "--timeout", "1", "--json"]);
    assert_eq!((ran.exit, ran.json()), (6, json!({"id": id, "status": "unknown"})));
    assert_eq!(ran.error()["code"], "OUTCOME_UNKNOWN");
    let ran = ehb(&user, &node, &["tx", "show", &"0".repeat(64)]);
    assert_eq!((ran.exit, ran.stdout.as_str()), (6, ""));
}

#[test]
fn an_interrupt_while_waiting_still_prints_the_id() {
    let (user, node) = at_home(Fate::NeverDecided);
    let mut command = user.command(&["wallet", "transfer", "--from", "alice", "--to", "bob"]);
    command.args(["--asset", "EUR", "--amount", "1", "--yes", "--passphrase-file", "passphrase"]);
    command.args(["--node", &node.url]).stdout(std::process::Stdio::piped());
    command.stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    // The transaction is followed, and Ctrl-C watched for, from before it is submitted.
    while node.submitted.lock().unwrap().is_empty() {
        std::thread::yield_now();
    }
    let process = nix::unistd::Pid::from_raw(child.id() as i32);
    nix::sys::signal::kill(process, nix::sys::signal::Signal::SIGINT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let id = node.submitted()[0].id().to_string();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{id}\n"));
}

#[test]
fn refusals_of_the_node_keep_their_code() {
    for (code, exit) in [
        (Code::UnknownSender, 4),
        (Code::InactiveSender, 4),
        (Code::NotAuthorised, 5),
        (Code::NotReady, 3),
    ] {
        let (user, node) = at_home(Fate::Refused(code));
        let ran = pay(&user, &node, &["1", "--yes", "--json"]);
        assert_eq!((ran.exit, ran.stdout.as_str()), (exit, ""), "{code}");
        let error = ran.error();
        assert_eq!((&error["code"], &error["hint"]), (&json!(code.as_str()), &json!(code.hint())));
        assert_eq!(error["retryable"], code.retryable());
    }
}

#[test]
fn a_node_that_cannot_be_reached_has_its_own_exit_code() {
    let user = User::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (url, exit) in [(format!("http://{free}"), 3), ("ftp://example".to_owned(), 2)] {
        let ran = user.ehb(&["account", "show", &address(7), "--node", &url, "--json"]);
        assert_eq!((ran.exit, ran.stdout.as_str()), (exit, ""), "{ran:?}");
        assert_eq!(ran.error()["exit"], exit);
    }
}

#[test]
fn balances_are_shown_in_the_asset_s_units() {
    let (user, node) = at_home(Fate::Final);
    let ran = ehb(&user, &node, &["wallet", "balance", "alice"]);
    assert_eq!((ran.exit, ran.stdout.as_str()), (0, "EUR\t1000.00\t0.05\nJPY\t100000\t5\n"));
    let ran = ehb(&user, &node, &["wallet", "balance", &address(7), "--asset", "EUR", "--json"]);
    let expected = json!({
        "account": address(7),
        "height": 0,
        "balances": [{
            "asset": "EUR", "name": "Euro", "decimals": 2, "available": "1000.00", "held": "0.05",
            "availableUnits": "100000", "heldUnits": "5",
        }],
    });
    assert_eq!(ran.json(), expected);
    let ran = ehb(&user, &node, &["wallet", "balance", &joint_address()]);
    assert_eq!((ran.exit, ran.stdout.as_str()), (0, ""));
}

/// More than fit into one page of the list.
#[test]
fn all_balances_are_shown_however_many_there_are() {
    let user = User::new();
    let node = Node::with_assets(120);
    let ran = ehb(&user, &node, &["wallet", "balance", &address(7)]);
    let assets: Vec<&str> = ran.stdout.lines().filter_map(|line| line.split('\t').next()).collect();
    assert_eq!((ran.exit, assets.len()), (0, 122), "{ran:?}");
    assert!(assets.is_sorted_by(|a, b| a < b), "{assets:?}");
}

#[test]
fn accounts_are_shown_with_their_policy() {
    let (user, node) = at_home(Fate::Final);
    let ran = ehb(&user, &node, &["account", "show", "alice"]);
    expect![[r#"
        address	ehbt13p4vgjakalfghrna0uehem8skxpgpjgfwj4t98z0vm7gv7vj7vjsgytcg6
        organisation	acme
        roles	auditor, issuer
        status	active
        key	ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c
    "#]]
    .assert_eq(&ran.stdout);
    let ran = ehb(&user, &node, &["account", "show", &joint_address()]);
    assert!(ran.stdout.contains("\nthreshold\t2\n"), "{ran:?}");
    let ran = ehb(&user, &node, &["account", "show", "alice", "--json"]);
    let roles = ["auditor", "issuer"].map(|role| json!({ "role": role, "untilMs": null }));
    assert_eq!(ran.json()["roles"], json!(roles));
    let ran = ehb(&user, &node, &["account", "show", &address(9), "--json"]);
    assert_eq!((ran.exit, &ran.error()["code"]), (4, &json!("NOT_FOUND")));
}

#[test]
fn a_module_is_shown_with_its_functions() {
    let (user, node) = at_home(Fate::Final);
    let ran = ehb(&user, &node, &["module", "show", "wallet"]);
    let mut lines = ran.stdout.lines();
    let transfer = lines.find_map(|line| line.strip_prefix("transfer(to, asset, amount)\t"));
    // The first sentence of what the WIT says.
    assert!(ran.exit == 0 && transfer.is_some_and(|docs| docs.ends_with('.')), "{ran:?}");
    let ran = ehb(&user, &node, &["module", "show", "wallet", "--wit"]);
    assert!(ran.stdout.contains("\npackage ehb:wallet@1.0.0;\n"), "{ran:?}");
    let ran = ehb(&user, &node, &["module", "show", "wallet", "--json"]).json();
    let functions = ran["interface"]["functions"].as_array().unwrap();
    assert!(functions.iter().any(|it| it["name"] == "transfer"), "{ran}");
}

#[test]
fn a_test_network_provides_node_names_keys_and_passphrase() {
    let (user, node) = at_home(Fate::Final);
    std::fs::create_dir(user.path("net")).unwrap();
    std::fs::rename(user.path(".config/ehb/keys"), user.path("net/keys")).unwrap();
    std::fs::rename(user.path("passphrase"), user.path("net/passphrase")).unwrap();
    let account = |name: &str, seed: u8| json!({"name": name, "address": address(seed), "keystore": format!("keys/{name}.json")});
    let manifest = json!({
        "chain_id": "test-1",
        "genesis": node.genesis(),
        "nodes": [{"name": "validator-0", "rpc": node.url, "pid": 1}],
        "accounts": [account("alice", 7), account("bob", 8)],
        "passphrase_file": "passphrase",
    });
    user.write("net/manifest.json", &manifest.to_string());
    let ehb = |arguments: &[&str]| {
        let mut command = user.command(arguments);
        command.args(["--testnet", "net"]);
        run(command, "")
    };
    let arguments = ["--from", "alice", "--to", "bob", "--asset", "EUR", "--amount", "1", "--yes"];
    let ran = ehb(&[&["wallet", "transfer"][..], &arguments].concat());
    assert_eq!(ran.exit, 0, "{ran:?}");
    assert_eq!(node.submitted().len(), 1);
    let expected = format!("alice\t{}\nbob\t{}\n", address(7), address(8));
    assert_eq!(ehb(&["key", "list"]).stdout, expected);
    assert_eq!(ehb(&["key", "new", "carol"]).exit, 2);

    // With a keystore beside it, a name that means two accounts is nobody's.
    user.write("passphrase", crate::PASSPHRASE);
    user.import("alice", BOB_SEED);
    let own = ".config/ehb/keys";
    let ran = ehb(&["wallet", "balance", "alice", "--keystore", own, "--json"]);
    assert_eq!((ran.exit, &ran.error()["code"]), (2, &json!("AMBIGUOUS_ACCOUNT")));

    user.write("net/manifest.json", "{");
    let ran = ehb(&["wallet", "balance", "alice", "--json"]);
    assert_eq!((ran.exit, &ran.error()["code"]), (2, &json!("NO_TESTNET")));
}

#[test]
fn a_key_signs_only_on_networks_of_its_class() {
    let (user, node) = at_home(Fate::Final);
    user.write("seed", SEED);
    let ran = user.ehb(&["key", "import", "main", "--seed-file", "seed", "--network", "main"]);
    assert_eq!(ran.exit, 0);
    let arguments = ["--from", "main", "--to", "bob", "--asset", "EUR", "--amount", "1", "--yes"];
    let ran = ehb(&user, &node, &[&["wallet", "transfer", "--json"][..], &arguments].concat());
    assert_eq!((ran.exit, &ran.error()["code"]), (5, &json!("KEY_OF_OTHER_NETWORK")));
    assert!(node.submitted().is_empty());
}
