//! The library against a real server over a node in memory.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

#[path = "../../../../rpc/server/tests/server/fake.rs"]
mod fake;
mod fates;
mod lines;
mod proofs;
mod proxy;
mod tls;
mod unique;
mod vectors;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ehb_rpc_server::{Fate, Server, ServerConfig};
use ehb_sdk::api::{
    BlockNotice, Bytes, Decimal, Detail, OutcomeView, Position, ReceiptFilter, ReceiptNotice,
    StateKey,
};
use ehb_sdk::{Blocks, Client, Code, Draft, Error, Hash, ProofError, Receipts, Signer, Trust};
use expect_test::expect;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::fake::{ALICE, BOB, FakeNode, NOBODY, address, key, name, text};

struct Running {
    node: Arc<FakeNode>,
    client: Client,
    url: String,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(node: Arc<FakeNode>, port: u16) -> (u16, JoinHandle<()>) {
    let config = ServerConfig::at(([127, 0, 0, 1], port).into());
    let server = Server::bind(config, node).await.unwrap();
    (server.address().port(), tokio::spawn(server.run(std::future::pending())))
}

async fn start() -> Running {
    let node = FakeNode::new();
    node.decides_at_once.store(true, Ordering::Relaxed);
    let (port, task) = serve(node.clone(), 0).await;
    let url = format!("http://127.0.0.1:{port}");
    let client = Client::connect(&url).await.unwrap();
    Running { node, client, url, task }
}

fn alice() -> Signer {
    Signer::of_key(key(ALICE))
}

async fn transfer(client: &Client, amount: &str) -> Draft {
    let arguments = json!({"to": text(BOB), "amount": amount});
    Draft::new(client.call("wallet", "transfer", &arguments).await.unwrap())
}

#[tokio::test]
async fn a_transfer_from_end_to_end() {
    let running = start().await;
    let client = &running.client;
    for (index, amount) in ["9007199254740992", "1"].into_iter().enumerate() {
        let draft = transfer(client, amount).await.memo("rent");
        let done = client.execute(&alice(), draft).await.unwrap();
        assert_eq!(done.position.height, 1 + 2 * index as u64);
        assert_eq!(done.receipt.events[0].value.value["transferred"]["amount"], amount);
    }
    let balance = client.read("wallet", "balance", &json!([text(BOB)])).await.unwrap();
    assert_eq!(balance.value, "9007199254740993");
    assert_eq!(balance.gas_used, Decimal(7_000));
}

#[tokio::test]
async fn refusals_keep_code_hint_and_typed_error() {
    let running = start().await;
    let client = &running.client;
    let mut table = String::new();
    let mut row = |what: &str, error: Error| {
        let typed = error.module_error().map(|it| it.value.value.to_string()).unwrap_or_default();
        table.push_str(&format!(
            "{what}: {} again={} {error} ({}) {typed}\n",
            error.code().unwrap_or("-"),
            error.retryable(),
            error.hint()
        ));
    };
    let wrong = json!({"to": text(BOB), "amount": "-1"});
    row("argument", client.call("wallet", "transfer", &wrong).await.unwrap_err());
    row("function", client.call("wallet", "mint", &json!({})).await.unwrap_err());
    row("module", client.call("bank", "mint", &json!({})).await.unwrap_err());
    row("name", client.call("No Module", "mint", &json!({})).await.unwrap_err());
    row("read", client.read("wallet", "balance", &json!(["x"])).await.unwrap_err());

    let draft = transfer(client, "18446744073709551615").await;
    row("simulated", client.execute(&alice(), draft.clone()).await.unwrap_err());
    let draft = draft.gas_limit(100_000).valid_until_ms(1_700_000_300_000);
    let draft = draft.idempotency_key("the same id in each run");
    row("final", client.execute(&alice(), draft).await.unwrap_err());
    let draft = transfer(client, "1").await.gas_limit(1);
    let nobody = Signer::of_key(key(NOBODY));
    row("sender", client.execute(&nobody, draft.clone().sequence(0)).await.unwrap_err());
    row("gap", client.execute(&alice(), draft.sequence(77)).await.unwrap_err());
    let unknown = client.wait(&Hash::ZERO, Duration::from_millis(1)).await.unwrap_err();
    assert!(matches!(unknown, Error::OutcomeUnknown { .. }));
    row("wait", unknown);
    expect![[r#"
        argument: BAD_ARGUMENTS again=false BAD_ARGUMENTS: amount: expected an integer from 0 to 18446744073709551615 as decimal text, got "-1" (read the function's parameters in the module's interface) 
        function: UNKNOWN_FUNCTION again=false UNKNOWN_FUNCTION: the module wallet has no function mint (read the module's interface and check the name) 
        module: UNKNOWN_MODULE again=false UNKNOWN_MODULE: no module is installed under the name bank (list the installed modules and check the name) 
        name: UNKNOWN_MODULE again=false UNKNOWN_MODULE: "No Module" is not a name: 1 to 64 of a-z, 0-9 and -, starting with a letter (list the installed modules and check the name) 
        read: BAD_ARGUMENTS again=false BAD_ARGUMENTS: account: "x" is not an address: a letter or the checksum is wrong; check it for typing errors (read the function's parameters in the module's interface) 
        simulated: MODULE_ERROR again=false MODULE_ERROR: insufficient balance (a rule of the module rejects the call: the error value has the details, and module_describe documents what the function requires) {"insufficient":{"available":"9007199254740993","needed":"18446744073709551615"}}
        final: MODULE_ERROR again=false the transaction bdcd6f47af29d1956caaeefede13dbdd79276b9a73513ff2f7dfb320c0ad9fd5 failed: MODULE_ERROR: insufficient balance (a rule of the module rejects the call: the error value has the details, and module_describe documents what the function requires) {"insufficient":{"available":"9007199254740993","needed":"18446744073709551615"}}
        sender: UNKNOWN_SENDER again=false UNKNOWN_SENDER: the sender is not registered (let an organisation on the chain register the account first) 
        gap: SEQUENCE_GAP again=true SEQUENCE_GAP: the next sequence is 1 (send the missing sequences of the lane first) 
        wait: TIMEOUT again=false the outcome of the transaction 0000000000000000000000000000000000000000000000000000000000000000 is unknown: the node does not have it (it may still act: ask for it, or send the same transaction again, not another one) 
    "#]].assert_eq(&table);
    assert_eq!(client.account(&address(NOBODY)).await.unwrap(), None);
}

/// The wait ends when it is certain that the transaction never becomes final, not at its timeout.
#[tokio::test]
async fn waiting_ends_when_the_outcome_is_certain() {
    let running = start().await;
    let fates = [
        (Fate::Superseded { by: Some(Hash::ZERO), height: 3 }, Code::SequenceUsed),
        (Fate::Expired { height: 3, timestamp_ms: 9 }, Code::Expired),
    ];
    for (number, (fate, code)) in (1u8..).zip(fates) {
        let id = Hash([number; 32]);
        running.node.lose(id, fate);
        let error = running.client.wait(&id, Duration::from_secs(600)).await.unwrap_err();
        // Certain: it can be built again.
        assert!(error.is(code) && error.retryable(), "{error}");
    }
}

#[tokio::test]
async fn sequences_are_counted_locally_and_queried_after_a_rejection() {
    let running = start().await;
    let client = &running.client;
    let build = async || {
        let draft =
            transfer(client, "1").await.gas_limit(100_000).valid_until_ms(1_700_000_300_000);
        client.build(&address(ALICE), draft).await.unwrap()
    };
    let transactions = [build().await, build().await, build().await];
    assert_eq!(transactions.each_ref().map(|it| it.sequence), [0, 1, 2]);
    let [first, _lost, third] = transactions;
    client.submit(&alice().sign(first.clone())).await.unwrap();
    // A transaction that the node already has is no error.
    client.submit(&alice().sign(first)).await.unwrap();
    let refused = client.submit(&alice().sign(third)).await.unwrap_err();
    assert!(refused.is(Code::SequenceGap));
    assert_eq!(build().await.sequence, 1);
    let other_lane = transfer(client, "1").await.lane(7);
    assert_eq!(client.build(&address(ALICE), other_lane).await.unwrap().sequence, 0);
}

#[tokio::test]
async fn unreachable_nodes_are_distinguished_from_unknown_outcomes() {
    for url in ["127.0.0.1:1", "ftp://127.0.0.1", "http://"] {
        assert!(matches!(Client::connect(url).await, Err(Error::Url(_))), "{url}");
    }
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let absent = Client::connect(&format!("http://{free}")).await.err().unwrap();
    assert!(matches!(absent, Error::Unreachable { .. }), "{absent}");

    let running = start().await;
    let draft = transfer(&running.client, "1").await.gas_limit(100_000);
    let signed = alice().sign(running.client.build(&address(ALICE), draft).await.unwrap());
    running.task.abort();
    let port: u16 = running.url.rsplit(':').next().unwrap().parse().unwrap();
    // Instead of the server, one that closes each connection after reading from it.
    let listener = loop {
        match TcpListener::bind(("127.0.0.1", port)).await {
            Ok(listener) => break listener,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    let breaker = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.readable().await.unwrap();
        }
    });
    let error = running.client.submit(&signed).await.unwrap_err();
    let Error::OutcomeUnknown { id, .. } = error else { panic!("{error}") };
    assert_eq!(id, signed.id());
    breaker.abort();
    while !breaker.is_finished() {
        tokio::task::yield_now().await;
    }
    let refused = running.client.submit(&signed).await.unwrap_err();
    assert!(matches!(refused, Error::Unreachable { .. }), "{refused}");
}

#[tokio::test]
async fn subscriptions_continue_after_the_server_was_down() {
    let mut running = start().await;
    let port: u16 = running.url.rsplit(':').next().unwrap().parse().unwrap();
    let mut blocks = running.client.blocks(Some(1), Detail::Ids);
    let begin = Some(Position { height: 0, index: 0 });
    let mut receipts = running.client.receipts(ReceiptFilter::default(), begin);
    let mut height = 0;
    for round in 0..3 {
        let draft = transfer(&running.client, "10").await;
        running.client.execute(&alice(), draft).await.unwrap();
        expect_pair(&mut blocks, &mut receipts, &mut height).await;

        running.task.abort();
        while !running.task.is_finished() {
            tokio::task::yield_now().await;
        }
        let missed = fake::transfer(BOB, ALICE, 1, round);
        drop(ehb_rpc_server::Backend::submit(&*running.node, vec![missed]));
        (_, running.task) = serve(running.node.clone(), port).await;
        expect_pair(&mut blocks, &mut receipts, &mut height).await;
    }
}

/// Whole blocks arrive at the pace of the consumer, none is missing, and they decode.
#[tokio::test]
async fn whole_blocks_are_followed_from_any_height() {
    let running = start().await;
    for detail in [Detail::Full, Detail::Canonical] {
        let mut blocks = running.client.blocks(Some(1), detail);
        for _ in 0..3 {
            let draft = transfer(&running.client, "1").await;
            running.client.execute(&alice(), draft).await.unwrap();
        }
        let head = ehb_rpc_server::Backend::height(&*running.node);
        for height in 1..=head {
            let notice = blocks.next().await.unwrap();
            let BlockNotice::Block { block } = notice else { panic!("a gap") };
            assert_eq!(block.header.height, height);
            let count = match (block.receipts, block.canonical) {
                (Some(receipts), None) => receipts.len(),
                (None, Some(canonical)) => {
                    let (decoded, receipts, certificate) = canonical.decode().unwrap();
                    assert_eq!((decoded.hash(), certificate.unwrap().height), (block.hash, height));
                    receipts.len()
                }
                other => panic!("{other:?}"),
            };
            assert_eq!(count, block.transaction_count as usize);
        }
    }
}

/// A function that only a new version of a module has is called without a new connection.
#[tokio::test]
async fn functions_of_a_new_module_version_are_found() {
    let running = start().await;
    let client = &running.client;
    let arguments = json!({"to": text(BOB), "amount": "1"});
    client.call("wallet", "transfer", &arguments).await.unwrap();
    assert!(client.call("wallet", "move", &arguments).await.is_err());
    running.node.upgrade(Position { height: 1, index: 0 }, |wallet| {
        let mut functions = wallet.interface.functions.clone();
        functions[1].name = "move".to_owned();
        wallet.interface.functions.insert(1, functions.remove(1));
    });
    client.call("wallet", "move", &arguments).await.unwrap();
    client.call("wallet", "transfer", &arguments).await.unwrap();
}

/// Both subscriptions return the next two blocks, of which the first contains one transaction.
async fn expect_pair(blocks: &mut Blocks, receipts: &mut Receipts, height: &mut u64) {
    for ids in [1, 0] {
        *height += 1;
        let BlockNotice::Block { block } = blocks.next().await.unwrap() else { panic!("a gap") };
        assert_eq!((block.header.height, block.ids.unwrap().len()), (*height, ids));
    }
    let ReceiptNotice::Receipts { position, receipts } = receipts.next().await.unwrap() else {
        panic!("a gap")
    };
    assert_eq!((position.height, receipts.len()), (*height - 1, 1));
    assert!(matches!(receipts[0].receipt.outcome, OutcomeView::Success { .. }));
}

#[tokio::test]
async fn answers_are_proven_or_rejected() {
    let running = start().await;
    let client = &running.client;
    let genesis = client.genesis().await.unwrap();
    let trust = Trust::of_genesis(&genesis).unwrap();
    let done = client.execute(&alice(), transfer(client, "5").await).await.unwrap();
    let id = done.receipt.transaction;
    let second = Duration::from_secs(1);
    let receipt = client.proven_receipt(&trust, &id, second).await.unwrap();
    assert_eq!(receipt.transaction, id);

    let entry =
        |seed: u8| StateKey { module: Some(name("wallet")), key: Bytes(address(seed).0.to_vec()) };
    running.node.decide();
    let ask = async |seed| {
        let proof = ehb_sdk::api::StateClient::proof(
            client.rpc(),
            entry(seed),
            Some(ehb_sdk::api::At::Height(1)),
        )
        .await;
        (proof.unwrap(), client.header(2, second).await.unwrap())
    };
    let (proof, next) = ask(BOB).await;
    let value = trust.entry(&entry(BOB).full(), &proof, next.clone()).unwrap();
    assert_eq!(value.unwrap(), 5u64.to_le_bytes());
    let (absent, _) = ask(NOBODY).await;
    assert_eq!(trust.entry(&entry(NOBODY).full(), &absent, next.clone()).unwrap(), None);

    let mut forged = proof.clone();
    forged.value = Some(Bytes(6u64.to_le_bytes().to_vec()));
    let key = entry(BOB).full();
    assert_eq!(trust.entry(&key, &forged, next.clone()), Err(ProofError::Entry));
    assert_eq!(trust.entry(b"other", &proof, next.clone()), Err(ProofError::OtherKey));
    let early = client.header(1, second).await.unwrap();
    assert_eq!(trust.entry(&key, &proof, early), Err(ProofError::Height { needed: 2, given: 1 }));

    let mut header = next.clone();
    header.header.state_root = Hash::ZERO;
    assert!(matches!(trust.header(header), Err(ProofError::HeaderHash { .. })));
    let mut header = next.clone();
    header.certificate.as_mut().unwrap().signatures.pop();
    assert!(matches!(trust.header(header), Err(ProofError::Certificate(_))));
    let mut header = next.clone();
    header.certificate = None;
    assert_eq!(trust.header(header), Err(ProofError::NoCertificate));
    let mut header = next.clone();
    header.certificate = client.header(1, second).await.unwrap().certificate;
    assert_eq!(trust.header(header), Err(ProofError::OtherBlock));
    let mut header = next;
    header.validators.pop();
    assert_eq!(trust.header(header), Err(ProofError::Validators));
}
