//! States in which a node can't do its work: readiness, status, metrics and log report the same.

use ehb_sdk::api::{Base64, TransactionClient};
use ehb_sdk::{Draft, encode};
use serde_json::{Value, json};

use crate::impostor::keys;
use crate::net::{Net, configure, ehb, log, name, node_command, set};
use crate::program::{Running, eventually, program, run};
use crate::readiness::{await_ready, page};

/// Waits until a node reports a condition everywhere.
pub(crate) fn await_reported(net: &Net, number: usize, code: &str, is_unready: bool) {
    let data_dir = net.node(number).data_dir;
    eventually(&format!("validator-{number} reports {code} everywhere"), || {
        let conditions = net.status(number)?.conditions;
        let found = conditions.iter().find(|it| it.code == code)?;
        assert_eq!(found.unready, is_unready, "{found:?}");
        let ready = page(net, number, "/readyz")?;
        let is_named = ready.0 == 503 && ready.1.contains(&format!("{code}: "));
        let metric = format!("ehb_node_condition{{condition=\"{code}\"}} 1");
        let is_measured = page(net, number, "/metrics")?.1.contains(&metric);
        let is_logged =
            log(&data_dir).contains(&format!("condition=\"{code}\" ready={}", !is_unready));
        (is_measured && is_logged && (is_named || !is_unready)).then_some(())
    });
}

/// Waits until a node reports no longer that a condition holds, and has logged its end.
fn await_over(net: &Net, number: usize, code: &str) {
    let data_dir = net.node(number).data_dir;
    eventually(&format!("validator-{number} reports the end of {code}"), || {
        let holds = net.status(number)?.conditions.iter().any(|it| it.code == code);
        let metric = format!("ehb_node_condition{{condition=\"{code}\"}} 0");
        let is_measured = page(net, number, "/metrics")?.1.contains(&metric);
        let end = |line: &str| line.contains(code) && line.contains("this is over");
        let is_logged = log(&data_dir).lines().any(end);
        (!holds && is_measured && is_logged).then_some(())
    });
}

/// Submits more transactions than this node's mempool holds; the last ones are refused.
fn fill_mempool(net: &Net, number: usize) {
    let client = net.client(number);
    let bob = net.manifest().accounts.into_iter().find(|it| it.name.as_str() == "bob").unwrap();
    let transfer = json!({ "to": bob.address, "asset": "EUR", "amount": "1" });
    net.runtime().block_on(async {
        let call = client.call("wallet", "transfer", &transfer).await.unwrap();
        for payer in 0..4 {
            let signer = net.load_signer(payer);
            let mut signed = Vec::new();
            for _ in 0..30 {
                let draft = Draft::new(call.clone()).lane(9).gas_limit(200_000);
                let built = client.build(&signer.address(), draft).await.unwrap();
                signed.push(Base64(encode(&signer.sign(built))));
            }
            client.rpc().submit_batch(signed).await.unwrap();
        }
    });
}

#[test]
fn what_a_node_lacks_is_reported_everywhere_and_its_end_too() {
    let net = Net::up(4);
    configure(&net.node(1).data_dir, |settings| set(settings, "mempool", "transactions_max", 100));
    net.testnet(&["restart", "--node", &name(1)]).started();
    net.pay(1, 0);
    await_ready(&net, 1);

    net.kill(&[4]);
    await_reported(&net, 1, "VALIDATORS_AWAY", false);
    await_ready(&net, 1);
    net.kill(&[3]);
    await_reported(&net, 1, "NO_QUORUM", true);
    let rpc = net.node(1).rpc;
    let said = ehb(&net, &["--node", &rpc, "wallet", "balance", "bob"]).said();
    assert!(said.contains("is not ready") && said.contains("NO_QUORUM: "), "{said}");
    let ran = ehb(&net, &["--node", &rpc, "--json", "wallet", "balance", "bob"]);
    let warning: Value = serde_json::from_str(&ran.stderr).unwrap();
    let text = warning["warning"].as_str().unwrap_or_default();
    assert!(text.contains("is not ready") && text.contains("NO_QUORUM: "), "{warning}");
    fill_mempool(&net, 1);
    await_reported(&net, 1, "MEMPOOL_FULL", false);
    await_reported(&net, 1, "HEAD_OLD", true);

    net.start_all();
    await_ready(&net, 1);
    for code in ["VALIDATORS_AWAY", "NO_QUORUM", "MEMPOOL_FULL", "HEAD_OLD"] {
        await_over(&net, 1, code);
    }
    net.pay(1, 1);
    net.audit();
}

/// An operator begins before the network permits the node: the node says which key must be permitted.
#[test]
fn a_node_that_the_chain_does_not_permit_names_its_key() {
    let net = Net::up(1);
    let dir = tempfile::tempdir().unwrap();
    let data_dir = dir.path().join("node");
    let [_, peer] = keys(&net, 1);
    let peer = format!("{}@{}", peer.public_key(), net.node(1).p2p);
    let mut init = program("ehb-node");
    init.args(["init", "--json", "--peer", &peer, "--data-dir"]).arg(&data_dir);
    init.arg("--genesis").arg(net.dir().join("genesis.json"));
    for address in ["--p2p-listen", "--rpc-listen", "--metrics-listen"] {
        init.args([address, "127.0.0.1:0"]);
    }
    let made: Value = serde_json::from_str(&run(init).ok()).unwrap();
    let key = made["nodeKey"].as_str().unwrap();
    let node = Running::start(node_command(&data_dir));
    let hint = format!("at height 0 the chain does not permit this node's key {key}");
    eventually("the node names its key", || node.said().contains(&hint).then_some(()));
}
