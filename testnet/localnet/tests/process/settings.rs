//! Wrong settings and genesis files: each is reported, and nothing is started.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::damage::snapshot;
use crate::net::{Net, configure, node_command, set};
use crate::program::{Ran, node_start, program, run};
use crate::unlock::unlock;

const CONFIG: &str = "code: CONFIG_INVALID";
const GENESIS: &str = "code: GENESIS_INVALID";
const KEYS: &str = "code: KEYS_INVALID";

#[test]
fn wrong_settings_are_reported() {
    let net = Net::created(1);
    let data_dir = net.node(1).data_dir;
    let path = data_dir.join("config.toml");
    let good = fs::read_to_string(&path).unwrap();
    let cases: [(&str, &str, toml::Value, &[&str]); 17] = [
        (
            "p2p",
            "listne",
            "127.0.0.1:1".into(),
            &["config.toml is not valid", "unknown field `listne`"],
        ),
        ("p2p", "listen", "here".into(), &["config.toml is not valid", "invalid socket address"]),
        ("p2p", "listen", 7_400.into(), &["config.toml is not valid", "listen"]),
        (
            "p2p",
            "peers",
            vec!["127.0.0.1:1"].into(),
            &["\"127.0.0.1:1\" is no peer", "KEY@HOST:PORT"],
        ),
        (
            "mempool",
            "transactions_max",
            1.into(),
            &["mempool.transactions_max is 1", "between 100 and"],
        ),
        ("mempool", "size_max_mib", (-1).into(), &["config.toml is not valid", "-1"]),
        ("store", "cache_mib", 0.into(), &["store.cache_mib is 0", "between 8 and"]),
        ("store", "write_buffer_mib", 4_096.into(), &["store.write_buffer_mib is 4096"]),
        (
            "store",
            "disk_reserve_mib",
            (1_i64 << 60).into(),
            &["store.disk_reserve_mib is 1152921504606846976", "between 0 and 1099511627776"],
        ),
        ("store", "disk_reserve_mib", i64::MAX.into(), &["store.disk_reserve_mib is 92233720"]),
        ("rpc", "hots", vec!["a"].into(), &["unknown field `hots`"]),
        ("metrics", "listne", "127.0.0.1:1".into(), &["unknown field `listne`"]),
        ("mempool", "transaction_max", 100.into(), &["unknown field `transaction_max`"]),
        ("store", "cache_mb", 64.into(), &["unknown field `cache_mb`"]),
        ("log", "level", "info".into(), &["unknown field `level`"]),
        ("log", "filter", "a=b=c".into(), &["log.filter \"a=b=c\" is not valid"]),
        ("log", "format", "xml".into(), &["config.toml is not valid", "unknown variant `xml`"]),
    ];
    for (section, key, value, parts) in cases {
        configure(&data_dir, |settings| set(settings, section, key, value));
        node_start(&data_dir).refused(&[parts, &[CONFIG]].concat());
        fs::write(&path, &good).unwrap();
    }
    fs::write(&path, format!("{good}\n[strore]\ncache_mib = 64\n")).unwrap();
    node_start(&data_dir).refused(&["config.toml is not valid", "unknown field `strore`", CONFIG]);
    fs::write(&path, "[p2p").unwrap();
    node_start(&data_dir).refused(&["config.toml is not valid", "line 1", CONFIG]);
    fs::remove_file(&path).unwrap();
    node_start(&data_dir).refused(&["ehb-node init", CONFIG]);
    assert!(!data_dir.join("db").exists(), "nothing was begun");
    fs::write(&path, good).unwrap();
    net.start_all();
}

#[test]
fn wrong_values_of_the_environment_are_reported() {
    let net = Net::created(1);
    let mut command = node_command(&net.node(1).data_dir);
    command.env("EHB_NODE_RPC_LISTEN", "everywhere");
    let ran = run(command);
    assert_eq!(ran.exit, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("'everywhere' for '--rpc-listen"), "{}", ran.stderr);
}

#[test]
fn an_address_that_is_in_use_is_reported() {
    let net = Net::created(1);
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = held.local_addr().unwrap().to_string();
    for flag in ["--p2p-listen", "--rpc-listen", "--metrics-listen"] {
        let mut command = node_command(&net.node(1).data_dir);
        command.args([flag, &address]);
        run(command).refused(&["cannot listen", &address, "code: CANNOT_LISTEN"]);
    }
    drop(held);
    net.start_all();
}

#[test]
fn keys_that_others_may_read_are_refused() {
    let net = Net::created(1);
    let data_dir = net.node(1).data_dir;
    let keys = data_dir.join("keys.json");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o644)).unwrap();
    node_start(&data_dir).refused(&["keys.json can be read by others", "chmod 600", KEYS]);
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o600)).unwrap();
    let text = fs::read_to_string(&keys).unwrap();
    fs::write(&keys, &text[..text.len() / 2]).unwrap();
    let ran = node_start(&data_dir);
    ran.refused(&["keys.json is not valid, line", KEYS]);
    let file: Value = serde_json::from_str(&text).unwrap();
    let secret = &file["consensus_seed"].as_str().unwrap()[..16];
    assert!(!ran.stderr.contains(secret), "a secret is repeated");
}

#[test]
fn a_wrong_genesis_is_reported() {
    let net = Net::created(1);
    let data_dir = net.node(1).data_dir;
    let path = data_dir.join("genesis.json");
    let good = fs::read_to_string(&path).unwrap();
    let whole: Value = serde_json::from_str(&good).unwrap();
    let other_address = whole["accounts"][1]["address"].clone();
    let cases: [(&str, Value, &[&str]); 22] = [
        ("/surprise", json!(1), &["unknown field `surprise`"]),
        ("/validators/0/surprise", json!(1), &["unknown field `surprise`"]),
        ("/accounts/0/surprise", json!(1), &["unknown field `surprise`"]),
        ("/accounts/0/policy/surprise", json!(1), &["the genesis file is not valid", "line 1"]),
        ("/accounts/0/status", json!("gone"), &["unknown variant `gone`", "`frozen`"]),
        ("/modules/0/surprise", json!(1), &["unknown field `surprise`"]),
        ("/calls/0/surprise", json!(1), &["unknown field `surprise`"]),
        ("/calls/0/arguments", json!([]), &["the arguments of a call are an object"]),
        ("/parameters/gas/surprise", json!(1), &["unknown field `surprise`"]),
        ("/parameters/consensus/surprise", json!(1), &["unknown field `surprise`"]),
        ("/parameters/block_bytes", json!(1), &["unknown field `block_bytes`"]),
        ("/parameters/block_bytes_max", json!(1), &["block_bytes_max is 1", "between 65536 and"]),
        ("/parameters/consensus/heartbeat_ms", json!(0), &["consensus.heartbeat_ms is 0"]),
        ("/parameters/block_gas_max", json!(-1), &["genesis.json", "-1"]),
        ("/chain_id", json!("no spaces, please"), &["genesis.json"]),
        ("/network", json!("nowhere"), &["unknown variant `nowhere`"]),
        ("/timestamp_ms", json!(u64::MAX), &["must be before the year 3000"]),
        ("/validators", json!([]), &["genesis.json", "validator"]),
        ("/validators/0/power", json!(0), &["genesis.json", "power"]),
        ("/accounts/0/address", other_address, &["genesis"]),
        ("/modules/0/code", json!("00".repeat(32)), &["wallet", &"00".repeat(32)]),
        ("/calls/0/function", json!("steal-asset"), &["steal-asset"]),
    ];
    for (pointer, value, parts) in cases {
        let mut genesis = whole.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        match genesis.pointer_mut(parent).unwrap() {
            Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
            parent => parent[key] = value,
        }
        fs::write(&path, genesis.to_string()).unwrap();
        node_start(&data_dir).refused(&[parts, &[GENESIS]].concat());
    }
    let deep = format!("\"arguments\": {{ \"deep\": {}", "[".repeat(100_000));
    let texts: [(&str, &str, &str); 4] = [
        (
            "\"arguments\": {",
            "\"arguments\": { \"again\": 1, \"again\": 1,",
            "\"again\" is used twice",
        ),
        ("\"chain_id\":", "\"chain_id\": \"one\", \"chain_id\":", "duplicate field `chain_id`"),
        ("\"arguments\": {", &deep, "recursion limit exceeded"),
        ("{", "[", "the genesis file is not valid"),
    ];
    for (from, to, reason) in texts {
        assert!(good.contains(from), "{from}");
        fs::write(&path, good.replacen(from, to, 1)).unwrap();
        node_start(&data_dir).refused(&["the genesis file is not valid", "line", reason, GENESIS]);
    }
    fs::write(&path, &good[..good.len() / 2]).unwrap();
    node_start(&data_dir).refused(&["the genesis file is not valid", "line", GENESIS]);
    fs::remove_file(&path).unwrap();
    node_start(&data_dir).refused(&["cannot read the genesis at", GENESIS]);

    // A rejected file leaves nothing that blocks the right one.
    fs::write(&path, good).unwrap();
    net.start_all();
    net.pay(1, 0);
}

fn init(data_dir: &Path, arguments: &[&str]) -> Ran {
    let mut command = program("ehb-node");
    command.arg("init").arg("--data-dir").arg(data_dir).args(arguments);
    run(command)
}

#[test]
fn init_and_unlock_refuse_with_their_code() {
    let net = Net::created(1);
    let data_dir = net.node(1).data_dir;
    let file = |name: &str| data_dir.join(name);
    let [good_config, good_genesis] =
        ["config.toml", "genesis.json"].map(|name| fs::read_to_string(file(name)).unwrap());
    let mut other: Value = serde_json::from_str(&good_genesis).unwrap();
    other["timestamp_ms"] = 1_700_000_000_000_u64.into();
    let other_genesis = net.dir().join("other.json");
    fs::write(&other_genesis, other.to_string()).unwrap();
    let other_genesis = other_genesis.to_str().unwrap();
    let broken = net.dir().join("broken.json");
    fs::write(&broken, "{").unwrap();
    let broken = broken.to_str().unwrap();
    let inside = file("signed");
    let inside = inside.to_str().unwrap();

    let refused = |ran: &dyn Fn() -> Ran, parts: &[&str]| {
        let before = snapshot(&data_dir);
        ran().refused(parts);
        assert!(snapshot(&data_dir) == before, "{parts:?}: a file has changed");
    };
    let init_refused = |arguments: &[&str], parts: &[&str]| {
        refused(&|| init(&data_dir, arguments), parts);
    };
    init_refused(&["--rpc-listen", "127.0.0.1:1"], &["already exists: change it by hand", CONFIG]);
    init_refused(&["--signer-state", inside], &["already exists", CONFIG]);
    init_refused(
        &["--genesis", "nowhere.json"],
        &["cannot read the genesis at nowhere.json", GENESIS],
    );
    init_refused(&["--genesis", broken], &["the genesis file is not valid", GENESIS]);
    let holds_another = ["contains another genesis: a data directory", "code: OTHER_GENESIS"];
    init_refused(&["--genesis", other_genesis], &holds_another);

    // Both read the settings that are there.
    let unlock_refused = |parts: &[&str]| refused(&|| unlock(&data_dir, "1"), parts);
    let low = good_config.replace("cache_mib = 64", "cache_mib = 1");
    for (text, reason) in [("[p2p", "config.toml is not valid"), (&low, "store.cache_mib is 1")] {
        fs::write(file("config.toml"), text).unwrap();
        init_refused(&[], &[reason, CONFIG]);
        unlock_refused(&[reason, CONFIG]);
    }
    fs::remove_file(file("config.toml")).unwrap();
    unlock_refused(&["no configuration at", "ehb-node init", CONFIG]);
    fs::write(file("config.toml"), &good_config).unwrap();

    fs::write(file("genesis.json"), "{").unwrap();
    unlock_refused(&["the genesis file is not valid", GENESIS]);
    fs::remove_file(file("genesis.json")).unwrap();
    unlock_refused(&["cannot read the genesis at", GENESIS]);
    fs::write(file("genesis.json"), &good_genesis).unwrap();

    fs::set_permissions(file("keys.json"), fs::Permissions::from_mode(0o644)).unwrap();
    init_refused(&[], &["can be read by others", KEYS]);
    fs::set_permissions(file("keys.json"), fs::Permissions::from_mode(0o600)).unwrap();

    // A directory that is not there yet is not begun.
    let fresh = net.dir().join("fresh");
    let inside = fresh.join("signed");
    let refusals: [(&[&str], &[&str]); 2] = [
        (&["--signer-state", inside.to_str().unwrap()], &["is in the data directory", CONFIG]),
        (&["--genesis", broken], &["the genesis file is not valid", GENESIS]),
    ];
    for (arguments, parts) in refusals {
        init(&fresh, arguments).refused(parts);
        assert!(!fresh.exists(), "{parts:?}");
    }
    let in_a_file = net.dir().join("other.json/data");
    init(&in_a_file, &[]).refused(&["cannot make", "code: DISK"]);

    init(&data_dir, &[]).ok();
    net.start_all();
    net.pay(1, 0);
}

#[test]
fn the_help_lists_the_codes() {
    let mut command = program("ehb-node");
    command.arg("--help");
    let help = run(command).ok();
    for part in ["ehb-node start --data-dir", "DIRECTORY_DAMAGED ", "UNLOCK_REFUSED "] {
        assert!(help.contains(part), "{part:?} is not in {help}");
    }
}
