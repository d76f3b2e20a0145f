//! Modules get new versions while their network runs.

use std::fs;

use ehb_sdk::api::{At, ChainClient, ModuleClient, OutcomeView, StateClient, StateKey, Strict};
use ehb_sdk::{Client, Draft, Error, Genesis, Name, code_hash};
use ehb_types::GenesisModule;
use serde_json::{Value, json};

use crate::indexer::{await_indexed, sql};
use crate::net::{Net, ehb, name};
use crate::program::eventually;

/// A module that adds numbers up: version 1 stores four bytes, version 2 eight, and has one function more.
const TALLY_1: &str = include_str!("../../../../runtime/executor/src/tests/tally/version-1.wat");
const TALLY_2: &str = include_str!("../../../../runtime/executor/src/tests/tally/version-2.wat");

/// A network of four validators whose genesis has the tally too.
fn with_tally() -> Net {
    let net = Net::created(4);
    let code = wat::parse_str(TALLY_1).unwrap();
    let path = net.dir().join("genesis.json");
    let mut genesis = Genesis::from_json(&fs::read_to_string(&path).unwrap()).unwrap();
    genesis
        .modules
        .push(GenesisModule { name: Name::new("tally").unwrap(), code: code_hash(&code) });
    let text = genesis.to_json().unwrap();
    fs::write(&path, &text).unwrap();
    for node in net.manifest().nodes {
        fs::write(node.data_dir.join("genesis.json"), &text).unwrap();
        let modules = node.data_dir.join("modules");
        fs::create_dir(&modules).unwrap();
        fs::write(modules.join("tally.wasm"), &code).unwrap();
    }
    net.note_genesis(genesis.hash());
    net.start_all();
    net
}

/// Adds to the tally, in a transaction of a load account's.
fn add(net: &Net, number: usize, n: u32) -> Value {
    let signer = net.load_signer(0);
    let client = net.client(number);
    let located = net.runtime().block_on(async {
        let call = client.call("tally", "add", &json!({ "n": n })).await?;
        client.execute(&signer, Draft::new(call)).await
    });
    match located.unwrap().receipt.outcome {
        OutcomeView::Success { results } => results[0].value.clone(),
        failure @ OutcomeView::Failure { .. } => panic!("{failure:?}"),
    }
}

fn read(net: &Net, number: usize, function: &str) -> Result<Value, Error> {
    let client = net.client(number);
    let read = net.runtime().block_on(client.read("tally", function, &json!({})));
    read.map(|read| read.value)
}

/// Places a hold of a load account's.
fn hold(net: &Net) {
    let signer = net.load_signer(0);
    let client = net.client(1);
    let payee = &net.manifest().accounts[0].address;
    let arguments = json!({
        "asset": "EUR", "amount": "1", "payee": payee, "controller": null,
        "expires-ms": (net.status(1).unwrap().timestamp_ms + 3_600_000).to_string(), "reference": "audit",
    });
    let placed = net.runtime().block_on(async {
        let call = client.call("wallet", "place-hold", &arguments).await?;
        client.execute(&signer, Draft::new(call)).await
    });
    placed.unwrap();
}

/// The code hashes of the modules according to a node.
fn installed(net: &Net, number: usize) -> Value {
    let client: Client = net.client(number);
    let listed = net.runtime().block_on(ModuleClient::list(client.rpc(), None)).unwrap();
    listed.into_iter().map(|it| (it.name.to_string(), json!(it.code_hash))).collect()
}

/// Upgrades a module by the command line.
fn upgrade(net: &Net, module: &str, code: &[u8]) -> Value {
    let file = net.dir().join(format!("{module}-new.wasm"));
    fs::write(&file, code).unwrap();
    let version = format!("{module}={}", file.display());
    let ran = ehb(net, &upgrade_arguments(&version, "treasury"));
    serde_json::from_str(&ran.ok()).unwrap()
}

fn upgrade_arguments<'a>(version: &'a str, from: &'a str) -> [&'a str; 7] {
    ["module", "upgrade", version, "--from", from, "--yes", "--json"]
}

#[test]
fn a_running_network_is_upgraded_from_version_1_to_2() {
    let net = with_tally();
    assert_eq!(add(&net, 1, 7), 7);
    let before = installed(&net, 1);
    let old_height = net.runtime().block_on(net.client(1).status()).unwrap().height;
    let tally = wat::parse_str(TALLY_2).unwrap();

    // An account without the role.
    let file = net.dir().join("tally-2.wasm");
    fs::write(&file, &tally).unwrap();
    let version = format!("tally={}", file.display());
    let ran = ehb(&net, &upgrade_arguments(&version, "alice"));
    assert_eq!(ran.exit, Some(4), "{ran:?}");
    let error: Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(error["error"]["code"], "PERMISSION_DENIED");
    assert_eq!(error["error"]["moduleError"], json!({ "missing-role": "upgrader" }));

    // A wrong path publishes no file.
    let height = net.height(1);
    let secret = format!("tally={}", net.manifest().accounts[0].keystore.display());
    let ran = ehb(&net, &upgrade_arguments(&secret, "treasury"));
    assert!(ran.exit == Some(2) && ran.stderr.contains("no WebAssembly component"), "{ran:?}");
    assert_eq!(net.height(1), height);

    // One validator misses both upgrades: the tally's, which migrates, and that of the wallet, whose code
    // takes several transactions.
    net.kill(&[4]);
    let upgraded = upgrade(&net, "tally", &tally);
    assert_eq!(
        (&upgraded["status"], &upgraded["modules"]),
        (
            &json!("final"),
            &json!([{ "module": "tally", "before": before["tally"], "after": code_hash(&tally) }])
        )
    );
    let event = &upgraded["receipt"]["receipt"]["events"][0];
    assert_eq!(event["module"], "kernel", "{event}");
    assert_eq!(event["value"]["module-upgraded"]["after"], json!(code_hash(&tally)), "{event}");
    let wallet = ehb_catalog::get("wallet").unwrap().code;
    let wallet = [wallet, b"\0\x09\x04note, 2."].concat();
    upgrade(&net, "wallet", &wallet);
    assert_eq!(add(&net, 2, 1), 8);
    assert_eq!(read(&net, 3, "wide-total").unwrap(), "8", "what was stored is migrated");
    net.pay(1, 1);
    let ran = ehb(&net, &upgrade_arguments(&version, "treasury"));
    assert_eq!(ran.exit, Some(4), "{ran:?}");
    assert!(ran.stderr.contains("SAME_CODE"), "{ran:?}");

    // It catches up; another one is started again.
    net.start(4);
    net.testnet(&["restart", "--node", &name(2)]).started();
    eventually("the validators vote again", || {
        [2, 4]
            .into_iter()
            .all(|number| net.status(number).is_some_and(|it| !it.syncing))
            .then_some(())
    });
    net.pay(4, 2);
    assert_eq!(add(&net, 2, 2), 10);
    let chain = net.audit();
    assert!(chain.transactions >= 8, "{chain:?}");
    let after = installed(&net, 1);
    assert_eq!(after["tally"], json!(code_hash(&tally)));
    assert_eq!(after["wallet"], json!(code_hash(&wallet)));
    assert_eq!(after["jobs"], before["jobs"]);
    for number in 1..=4 {
        assert_eq!(installed(&net, number), after, "node {number}");
        assert_eq!(read(&net, number, "wide-total").unwrap(), "10", "node {number}");
    }
    let listed = ehb(&net, &["module", "list"]).ok();
    assert!(listed.contains(&code_hash(&wallet).to_string()), "{listed}");
    look_back(&net, old_height);

    // Events of a hold gain a field; the audit reads each by the interface of its height.
    hold(&net);
    let next = ehb_releases::next().iter().map(|it| {
        let file = net.dir().join(format!("{}-next.wasm", it.name));
        fs::write(&file, it.code).unwrap();
        format!("{}={}", it.name, file.display())
    });
    let versions: Vec<String> = next.collect();
    let mut arguments = vec!["module", "upgrade", "--from", "treasury", "--yes", "--json"];
    arguments.extend(versions.iter().map(String::as_str));
    ehb(&net, &arguments).ok();
    hold(&net);
    net.audit();

    // An index that begins now decodes the calls of both versions.
    net.testnet(&["up", "--indexer", "--detach"]).ok();
    await_indexed(&net, net.pay(1, 2));
    let calls = "select arguments ->> 'n' as n, result from chain.call
        where module = 'tally' and function = 'add' order by height";
    let rows = sql(&net.manifest().indexer.unwrap(), calls);
    let expected = [("7", 7), ("1", 8), ("2", 10)];
    assert_eq!(rows, expected.map(|(n, result)| json!({ "n": n, "result": result })));
    net.testnet(&["down"]).ok();
}

/// Reads what was true before the upgrades, from a node that was there and from one that was started again.
fn look_back(net: &Net, height: u64) {
    for number in [1, 2] {
        let client = net.client(number);
        let rpc = client.rpc();
        let (tally, at) = (Name::new("tally").unwrap(), Some(At::Height(height)));
        let call = |function: &str| {
            let (function, arguments) = (Name::new(function).unwrap(), Strict(json!({})));
            let asked = ModuleClient::call(rpc, tally.clone(), function, arguments, None, at);
            net.runtime().block_on(asked)
        };
        // The module that was installed then, with its functions.
        let total = call("total").unwrap();
        assert_eq!((total.value, total.height), (json!(7), height), "node {number}");
        let unknown = call("wide-total").unwrap_err().to_string();
        assert!(unknown.contains("has no function wide-total"), "{unknown}");

        let key = StateKey { module: None, key: ehb_sdk::api::Bytes(b"k/modules".to_vec()) };
        net.runtime().block_on(async {
            let proven = StateClient::proof(rpc, key, at).await.unwrap();
            let value = proven.value.as_ref().map(|value| value.0.as_slice());
            let next = rpc.header(Some(At::Height(height + 1))).await.unwrap();
            assert!(proven.proof.verify(&next.header.state_root, b"k/modules", value));
            let now = rpc.header(None).await.unwrap();
            assert!(!proven.proof.verify(&now.header.state_root, b"k/modules", value));

            let genesis = rpc.block(Some(At::Height(0)), None, None).await.unwrap();
            let first = rpc.header(Some(At::Height(1))).await.unwrap();
            assert_eq!(genesis.receipt_count, first.header.receipts_count);
            let receipts = genesis.receipts.unwrap();
            assert_eq!(receipts.len(), genesis.receipt_count as usize);
            let started = &receipts[0].events[0];
            assert_eq!(started.module.as_str(), "kernel");
            assert!(started.value.value.get("chain-started").is_some(), "{started:?}");
        });
    }
}
