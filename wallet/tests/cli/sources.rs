//! Where keys, passphrases and nodes come from, and that none leaks to where it does not belong.

use std::fs;
use std::path::Path;

use ehb_wallet::keystore::{Keystore, Passphrase};
use serde_json::json;

use crate::node::{Fate, Node, address, joint_address};
use crate::{PASSPHRASE, Ran, SEED, User, run};

const NET_PASSPHRASE: &str = "passphrase of the test network";

/// A user with a test network in the folder `net`, whose account alice has the known seed.
fn with_testnet() -> (User, Node) {
    let user = User::new();
    let node = Node::start(Fate::Final);
    fs::create_dir(user.path("net")).unwrap();
    user.write("net/passphrase", NET_PASSPHRASE);
    user.write("seed", SEED);
    let mut import = user.command(&["key", "import", "alice", "--keystore", "net/keys"]);
    import.args(["--seed-file", "seed", "--passphrase-file", "net/passphrase"]);
    assert_eq!(run(import, "").exit, 0);
    let manifest = json!({
        "chain_id": "test-1",
        "genesis": node.genesis(),
        "nodes": [{"name": "validator-0", "rpc": node.url, "pid": 1}],
        "accounts": [{"name": "alice", "address": address(7), "keystore": "keys/alice.json"}],
        "passphrase_file": "passphrase",
    });
    user.write("net/manifest.json", &manifest.to_string());
    (user, node)
}

/// Runs with `EHB_TESTNET_DIR` exported, as the README advises, and without a passphrase file.
fn in_testnet(user: &User, arguments: &[&str]) -> Ran {
    let mut command = user.command(arguments);
    command.env("EHB_TESTNET_DIR", "net");
    run(command, "")
}

fn opens(user: &User, folder: &str, key: &str, passphrase: &str) -> bool {
    let key = Keystore::at(user.path(folder)).read(&key.parse().unwrap()).unwrap();
    key.open(&Passphrase::new(passphrase).unwrap()).is_ok()
}

/// The passphrase of a network that is thrown away never seals a key that is kept elsewhere, nor one
/// that holds value.
#[test]
fn a_key_elsewhere_is_never_sealed_with_the_test_network_s_passphrase() {
    let (user, _node) = with_testnet();
    for network in ["main", "test"] {
        let new = ["--keystore", "own", "key", "new", "savings", "--network", network, "--json"];
        let ran = in_testnet(&user, &new);
        assert_eq!((ran.exit, &ran.error()["code"]), (5, &json!("NO_TERMINAL")), "{network}");
        // Not even when it is named: it would be lost with the network.
        let ran = in_testnet(&user, &[&new[..], &["--passphrase-file", "net/passphrase"]].concat());
        assert_eq!((ran.exit, &ran.error()["code"]), (5, &json!("BAD_PASSPHRASE")), "{network}");
        // Not even when the environment names the file and no network.
        let mut command = user.command(&new);
        command.env("EHB_PASSPHRASE_FILE", "net/passphrase");
        let ran = run(command, "");
        assert_eq!((ran.exit, &ran.error()["code"]), (5, &json!("BAD_PASSPHRASE")), "{network}");
        assert!(!user.path("own").exists());
    }
    // In the network's own folder, a key that holds value is not sealed with it either.
    let new = ["--keystore", "net/keys", "key", "new", "bob", "--json"];
    let ran = in_testnet(&user, &[&new[..], &["--network", "main"]].concat());
    assert_eq!((ran.exit, &ran.error()["code"]), (5, &json!("NO_TERMINAL")));
    assert_eq!(in_testnet(&user, &new).exit, 0);
    assert!(opens(&user, "net/keys", "bob", NET_PASSPHRASE));

    let new = ["--keystore", "own", "key", "new", "savings", "--network", "main"];
    let ran = in_testnet(&user, &[&new[..], &["--passphrase-file", "passphrase"]].concat());
    assert_eq!(ran.exit, 0, "{ran:?}");
    assert!(ran.stderr.contains("its passphrase is the one in passphrase\n"), "{ran:?}");
    assert!(opens(&user, "own", "savings", PASSPHRASE));
    assert!(!opens(&user, "own", "savings", NET_PASSPHRASE));
}

/// A link into the network's folder is the network's folder, and one out of it is not.
#[test]
fn links_do_not_hide_where_a_keystore_is() {
    let (user, _node) = with_testnet();
    fs::create_dir(user.path("own")).unwrap();
    std::os::unix::fs::symlink(user.path("own"), user.path("net/elsewhere")).unwrap();
    let new = ["--keystore", "net/elsewhere", "key", "new", "savings", "--json"];
    let ran = in_testnet(&user, &new);
    assert_eq!((ran.exit, &ran.error()["code"]), (5, &json!("NO_TERMINAL")));
    fs::copy(user.path("net/passphrase"), user.path("copy")).unwrap();
    std::os::unix::fs::symlink(user.path("net/passphrase"), user.path("link")).unwrap();
    let ran = in_testnet(&user, &[&new[..], &["--passphrase-file", "link"]].concat());
    assert_eq!((ran.exit, &ran.error()["code"]), (5, &json!("BAD_PASSPHRASE")));
}

/// Each key is opened with the passphrase of its own keystore.
#[test]
fn a_passphrase_opens_the_keystore_that_it_belongs_to() {
    let (user, node) = with_testnet();
    user.import("bob", &"08".repeat(32));
    let own = ".config/ehb/keys";
    let pay = |from: &str, options: &[&str], passphrase: Option<&Path>| {
        let mut command = user.command(&["wallet", "transfer", "--from", from, "--json", "--yes"]);
        command.args(["--to", &joint_address(), "--asset", "EUR", "--amount", "1"]).args(options);
        command.env("EHB_TESTNET_DIR", "net");
        command.envs(passphrase.map(|file| ("EHB_PASSPHRASE_FILE", file)));
        run(command, "")
    };
    // The network's key, whatever the user's own passphrase is.
    let file = user.path("passphrase");
    assert_eq!(pay("alice", &[], None).exit, 0);
    assert_eq!(pay("alice", &[], Some(&file)).exit, 0);
    assert_eq!(pay("alice", &["--keystore", own], Some(&file)).exit, 0);
    // The user's own key, which the network's passphrase is not even tried on.
    let ran = pay("bob", &["--keystore", own], None);
    assert_eq!((ran.exit, &ran.error()["code"]), (5, &json!("NO_TERMINAL")));
    assert_eq!(pay("bob", &["--keystore", own], Some(&file)).exit, 0);
    assert_eq!(node.submitted().len(), 4);
}

/// The node that the environment knows does not replace that of a network which is asked for by name.
#[test]
fn a_test_network_on_the_command_line_brings_its_own_node() {
    let (user, node) = with_testnet();
    let mut command = user.command(&["account", "show", "alice", "--testnet", "net"]);
    command.env("EHB_NODE", "http://127.0.0.1:1");
    assert_eq!(run(command, "").exit, 0);
    let mut command = user.command(&["account", "show", "alice"]);
    command.env("EHB_NODE", "http://127.0.0.1:1").env("EHB_TESTNET_DIR", "net");
    assert_eq!(run(command, "").exit, 3);
    drop(node);
}

/// Names and keys of a test network mean nothing on another chain.
#[test]
fn a_test_network_is_not_used_on_another_chain() {
    let (user, node) = with_testnet();
    let manifest = fs::read_to_string(user.path("net/manifest.json")).unwrap();
    user.write("net/manifest.json", &manifest.replace(&node.genesis(), &"02".repeat(32)));
    let node_url = node.url.clone();
    let transfer = [
        "wallet", "transfer", "--from", "alice", "--to", "alice", "--asset", "EUR", "--amount", "1",
    ];
    for arguments in [&["account", "show", "alice"][..], &["wallet", "balance", "alice"], &transfer]
    {
        let ran = in_testnet(&user, &[arguments, &["--node", &node_url, "--json"]].concat());
        assert_eq!((ran.exit, &ran.error()["code"]), (2, &json!("OTHER_CHAIN")), "{arguments:?}");
    }
    assert!(node.submitted().is_empty());
}

/// Where there is no home folder, only what needs a key fails.
#[test]
fn commands_that_need_no_key_work_without_a_home_folder() {
    let (user, node) = with_testnet();
    let homeless = |arguments: &[&str]| {
        let mut command = user.command(arguments);
        command.env_remove("HOME").args(["--node", &node.url, "--json"]);
        run(command, "")
    };
    let pay = ["wallet", "transfer", "--from", "alice", "--to", "bob", "--asset", "EUR"];
    let id = "0".repeat(64);
    for (arguments, exit) in [
        (&["module", "list"][..], 0),
        (&["account", "show", &address(7)], 0),
        (&["wallet", "balance", &address(7)], 0),
        (&["tx", "show", &id], 6),
        (&["tx", "wait", &id, "--timeout", "1"], 6),
        (&["account", "show", &address(9)], 4),
    ] {
        let ran = homeless(arguments);
        assert_eq!(ran.exit, exit, "{arguments:?}: {ran:?}");
    }
    for arguments in [
        &["key", "list"][..],
        &["key", "new", "alice"],
        &["tx", "pending"],
        &["account", "show", "alice"],
        &[&pay[..], &["--amount", "1", "--yes"]].concat(),
    ] {
        let ran = homeless(arguments);
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{arguments:?}: {ran:?}");
        assert_eq!(ran.error()["code"], "NO_HOME", "{arguments:?}");
    }
    // A variable that is empty is not set.
    let mut command = user.command(&["module", "list"]);
    for variable in ["EHB_KEYSTORE", "EHB_TESTNET_DIR", "EHB_PASSPHRASE_FILE", "EHB_NETWORK"] {
        command.env(variable, "");
    }
    command.env("EHB_NODE", &node.url);
    assert_eq!(run(command, "").exit, 0);
    // A keystore that is named needs no home.
    assert_eq!(homeless(&["key", "list", "--keystore", "net/keys"]).exit, 0);
}
