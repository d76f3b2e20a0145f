//! The library against a whole chain in this process.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod clocks;
mod fates;
mod fixtures;
mod lines;
mod long_blocks;
mod proofs;
mod proxy;
mod sign_in;
mod statuses;
mod tls;
mod unique;
mod vectors;
mod withholding;

use std::sync::Arc;
use std::time::Duration;

use ehb_abi::Function;
use ehb_devnet::{DevNet, Endpoint};
use ehb_rpc_server::Fate;
use ehb_sdk::api::{
    At, BlockNotice, Bytes, ChainClient, Decimal, Detail, OutcomeView, Position, ReceiptFilter,
    ReceiptNotice, StateKey,
};
use ehb_sdk::{
    Blocks, Call, Client, Code, Draft, Error, Hash, ProofError, Receipts, Signer, Transaction,
    Trust, encode,
};
use ehb_types::{Account, Policy, SharedTransaction, Status};
use expect_test::expect;
use serde_json::json;
use tokio::net::TcpListener;

use crate::fixtures::{ALICE, BOB, NOBODY, address, key, text};
use crate::withholding::Withholding;

/// The deadline: anything slower hangs.
const DEADLINE: Duration = Duration::from_secs(120);
/// More than a JSON number can hold.
const ALICE_BEGINS_WITH: u64 = 9_007_199_254_740_993;
/// For how long transactions are valid whose time nothing depends on, milliseconds.
const VALID_MS: u64 = 3_600_000;

/// A chain on which alice has euros, and a client of a node of it.
struct Running {
    net: DevNet,
    node: Arc<Withholding>,
    endpoint: Endpoint,
    client: Client,
    url: String,
    /// Alice pays one cent to bob.
    payment: Call,
}

fn chain() -> DevNet {
    chain_at(None)
}

/// The chain with a time of genesis, milliseconds since 1970; by default that of the machine.
fn chain_at(genesis_ms: Option<u64>) -> DevNet {
    let builder = match genesis_ms {
        Some(time_ms) => DevNet::builder().genesis_ms(time_ms),
        None => DevNet::builder(),
    };
    builder
        .modules(&["wallet"])
        .account("alice", key(ALICE), "acme", &["issuer"])
        .account("bob", key(BOB), "acme", &["issuer"])
        .asset("EUR", "Euro", 2)
        .funds("alice", "EUR", ALICE_BEGINS_WITH)
        .start()
        .unwrap()
}

async fn start() -> Running {
    let net = chain();
    let node = Withholding::before(net.backend());
    let endpoint = net.serve(([127, 0, 0, 1], 0).into(), node.clone()).unwrap();
    let url = endpoint.url().to_owned();
    let client = Client::connect(&url).await.unwrap();
    let arguments = json!({"to": text(BOB), "asset": "EUR", "amount": "1"});
    let payment = client.call("wallet", "transfer", &arguments).await.unwrap();
    Running { net, node, endpoint, client, url, payment }
}

impl Running {
    /// A payment of alice's with a sequence, which nobody has sent.
    fn transfer(&self, sequence: u64) -> SharedTransaction {
        let transaction = Transaction {
            version: Transaction::VERSION,
            chain: self.net.genesis().hash(),
            sender: address(ALICE),
            lane: 0,
            sequence,
            valid_until_ms: self.net.now_ms() + VALID_MS,
            gas_limit: GAS_LIMIT,
            calls: vec![self.payment.clone()],
            memo: String::new(),
        };
        transaction.sign(&[&key(ALICE)]).into()
    }

    /// Lets the chain take transactions, whatever the node does with those that it gets.
    async fn submit(&self, transactions: Vec<SharedTransaction>) {
        let taken = self.net.backend().submit(transactions).await;
        assert!(taken.iter().all(Result::is_ok), "{taken:?}");
    }

    /// A block with one transfer; blocks must be held.
    async fn decide(&self, sequence: u64) {
        self.submit(vec![self.transfer(sequence)]).await;
        self.net.produce_block().unwrap();
    }

    /// What bob has.
    async fn balance(&self) -> String {
        let arguments = json!({"account": text(BOB), "asset": "EUR"});
        let balance = self.client.read("wallet", "get-balance", &arguments).await.unwrap();
        balance.value["available"].as_str().unwrap().to_owned()
    }
}

/// Enough for a transfer, and little enough for 400 of them in a block.
const GAS_LIMIT: u64 = 200_000;

fn alice() -> Signer {
    Signer::of_key(key(ALICE))
}

async fn transfer(client: &Client, amount: &str) -> Draft {
    let arguments = json!({"to": text(BOB), "asset": "EUR", "amount": amount});
    Draft::new(client.call("wallet", "transfer", &arguments).await.unwrap())
}

#[tokio::test]
async fn a_transfer_from_end_to_end() {
    let running = start().await;
    let client = &running.client;
    for (index, amount) in ["9007199254740992", "1"].into_iter().enumerate() {
        let draft = transfer(client, amount).await.memo("rent");
        let done = client.execute(&alice(), draft).await.unwrap();
        assert_eq!(done.position.height, 1 + index as u64);
        assert_eq!(done.receipt.events[0].value.value["transferred"]["amount"], amount);
    }
    let balance = client.read("wallet", "get-balance", &json!([text(BOB), "EUR"])).await.unwrap();
    assert_eq!(balance.value["available"], "9007199254740993");
    assert!(balance.gas_used > Decimal(0));
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
    let wrong = json!({"to": text(BOB), "asset": "EUR", "amount": "-1"});
    row("argument", client.call("wallet", "transfer", &wrong).await.unwrap_err());
    row("function", client.call("wallet", "steal", &json!({})).await.unwrap_err());
    row("module", client.call("bank", "mint", &json!({})).await.unwrap_err());
    row("name", client.call("No Module", "mint", &json!({})).await.unwrap_err());
    row("read", client.read("wallet", "get-balance", &json!(["x", "EUR"])).await.unwrap_err());

    let draft = transfer(client, "18446744073709551615").await;
    row("simulated", client.execute(&alice(), draft.clone()).await.unwrap_err());
    row("final", client.execute(&alice(), draft.gas_limit(GAS_LIMIT)).await.unwrap_err());
    let draft = transfer(client, "1").await.gas_limit(GAS_LIMIT);
    let nobody = Signer::of_key(key(NOBODY));
    row("sender", client.execute(&nobody, draft.clone().sequence(0)).await.unwrap_err());
    row("gap", client.execute(&alice(), draft.sequence(10_002)).await.unwrap_err());
    let unknown = client.wait(&Hash::ZERO, Duration::from_millis(1)).await.unwrap_err();
    assert!(matches!(unknown, Error::OutcomeUnknown { .. }));
    row("wait", unknown);
    expect![[r#"
        argument: BAD_ARGUMENTS again=false BAD_ARGUMENTS: amount: expected an integer from 0 to 18446744073709551615 as decimal text, got "-1" (read the function's parameters in the module's interface) 
        function: UNKNOWN_FUNCTION again=false UNKNOWN_FUNCTION: the module wallet has no function steal (read the module's interface and check the name) 
        module: UNKNOWN_MODULE again=false UNKNOWN_MODULE: no module is installed under the name bank (list the installed modules and check the name) 
        name: UNKNOWN_MODULE again=false UNKNOWN_MODULE: "No Module" is not a name: 1 to 64 of a-z, 0-9 and -, starting with a letter (list the installed modules and check the name) 
        read: BAD_ARGUMENTS again=false BAD_ARGUMENTS: account: "x" is not an address: a letter or the checksum is wrong; check it for typing errors (read the function's parameters in the module's interface) 
        simulated: MODULE_ERROR again=false MODULE_ERROR: wallet.transfer: insufficient-balance (a rule of the module rejects the call: the error value has the details, and module_describe documents what the function requires) {"insufficient-balance":{"asset":"EUR","available":"9007199254740993","needed":"18446744073709551615"}}
        final: MODULE_ERROR again=false the transaction ID failed: MODULE_ERROR: wallet.transfer: insufficient-balance (a rule of the module rejects the call: the error value has the details, and module_describe documents what the function requires) {"insufficient-balance":{"asset":"EUR","available":"9007199254740993","needed":"18446744073709551615"}}
        sender: UNKNOWN_SENDER again=false UNKNOWN_SENDER: no account is registered at the sender's address (let an organisation on the chain register the account first) 
        gap: SEQUENCE_GAP again=true SEQUENCE_GAP: sequence 10002 is too far ahead: the lane's next one is 1, and at most 10000 can wait (send the missing sequences of the lane first) 
        wait: TIMEOUT again=false the outcome of the transaction ID is unknown: the node does not have it (it may still act: ask for it, or send the same transaction again, not another one) 
    "#]].assert_eq(&without_ids(&table));
    assert_eq!(client.account(&address(NOBODY), None).await.unwrap(), None);
}

/// The text with `ID` in the place of each hash: they differ from run to run.
fn without_ids(text: &str) -> String {
    let is_id = |word: &str| word.len() == 64 && word.bytes().all(|it| it.is_ascii_hexdigit());
    let words = text.split(' ').map(|word| if is_id(word) { "ID" } else { word });
    words.collect::<Vec<_>>().join(" ")
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
        let draft = transfer(client, "1").await.gas_limit(GAS_LIMIT);
        client.build(&address(ALICE), draft).await.unwrap()
    };
    let transactions = [build().await, build().await, build().await];
    assert_eq!(transactions.each_ref().map(|it| it.sequence), [0, 1, 2]);
    let [first, second, _third] = transactions;
    let first = alice().sign(first);
    client.submit(&first).await.unwrap();
    // A transaction that the node already has is no error.
    client.submit(&first).await.unwrap();
    client.wait(&first.id(), DEADLINE).await.unwrap();
    // Somebody else with alice's key takes the next one.
    let other = running.transfer(1);
    running.submit(vec![other.clone()]).await;
    client.wait(&other.id(), DEADLINE).await.unwrap();
    let refused = client.submit(&alice().sign(second)).await.unwrap_err();
    assert!(refused.is(Code::SequenceUsed), "{refused}");
    assert_eq!(build().await.sequence, 2);
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

    let mut running = start().await;
    let draft = transfer(&running.client, "1").await.gas_limit(GAS_LIMIT);
    let signed = alice().sign(running.client.build(&address(ALICE), draft).await.unwrap());
    let address = running.endpoint.address();
    running.endpoint.close().await;
    // Instead of the server, one that closes each connection after reading from it.
    let listener = loop {
        match TcpListener::bind(address).await {
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
    let address = running.endpoint.address();
    running.net.hold_blocks().unwrap();
    let mut blocks = running.client.blocks(Some(1), Detail::Ids);
    let begin = Some(Position::first_of(1));
    let mut receipts = running.client.receipts(ReceiptFilter::default(), begin);
    let mut height = 0;
    for round in 0..3 {
        running.decide(2 * round).await;
        running.net.produce_block().unwrap();
        expect_pair(&mut blocks, &mut receipts, &mut height).await;

        running.endpoint.close().await;
        running.endpoint = {
            running.submit(vec![running.transfer(2 * round + 1)]).await;
            running.net.produce_block().unwrap();
            running.net.produce_block().unwrap();
            running.net.serve(address, running.node.clone()).unwrap()
        };
        expect_pair(&mut blocks, &mut receipts, &mut height).await;
    }
}

/// From the first position of all, nothing of genesis is missing.
#[tokio::test]
async fn receipts_are_followed_from_the_first_of_genesis_on() {
    let running = start().await;
    let genesis = running.client.rpc().block(Some(At::Height(0)), None, None).await.unwrap();
    let from = Some(Position::first_of(0));
    let mut receipts = running.client.receipts(ReceiptFilter::default(), from);
    let mut found = Vec::new();
    while found.len() < genesis.receipt_count as usize {
        match receipts.next().await.unwrap() {
            ReceiptNotice::Receipts { receipts, .. } => {
                found.extend(receipts.into_iter().filter(|it| it.position.height == 0));
            }
            ReceiptNotice::Gap { .. } => panic!("a gap"),
        }
    }
    let positions: Vec<u32> = found.iter().map(|it| it.position.index).collect();
    assert_eq!(positions, (0..genesis.receipt_count).collect::<Vec<_>>());
    let ids: Vec<_> = found.iter().map(|it| it.receipt.transaction).collect();
    let expected = genesis.receipts.unwrap();
    assert_eq!(ids, expected.iter().map(|it| it.transaction).collect::<Vec<_>>());
    assert!(!ids.is_empty());
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
        let head = running.net.height();
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
    let arguments = json!({"to": text(BOB), "asset": "EUR", "amount": "1"});
    client.call("wallet", "transfer", &arguments).await.unwrap();
    assert!(client.call("wallet", "move", &arguments).await.is_err());
    running.node.describe_wallet(|wallet| {
        let transfer = wallet.interface.function("transfer").unwrap().clone();
        let functions = &mut wallet.interface.functions;
        // They are sorted by name.
        let at = functions.partition_point(|it| it.name.as_str() < "move");
        functions.insert(at, Function { name: "move".to_owned(), ..transfer });
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
    let ReceiptNotice::Receipts { next, receipts } = receipts.next().await.unwrap() else {
        panic!("a gap")
    };
    assert_eq!((next, receipts.len()), (Position::first_of(*height), 1));
    assert!(matches!(receipts[0].receipt.outcome, OutcomeView::Success { .. }));
}

/// An account in the state, and what an entry of it is there.
fn entry(seed: u8) -> (StateKey, Vec<u8>) {
    let key = [b"k/account/".as_slice(), &address(seed).0].concat();
    let account = Account {
        policy: Policy::Key(fixtures::key(seed).public_key()),
        organisation: fixtures::name("acme"),
        roles: [fixtures::name("issuer")].into(),
        status: Status::Active,
    };
    (StateKey { module: None, key: Bytes(key) }, encode(&account))
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
    running.net.produce_block().unwrap();
    let receipt = client.proven_receipt(&trust, &id, second).await.unwrap();
    assert_eq!(receipt.transaction, id);

    running.net.produce_block().unwrap();
    let ask = async |seed| {
        let (key, at) = (entry(seed).0, Some(At::Height(1)));
        let proof = ehb_sdk::api::StateClient::proof(client.rpc(), key, at).await;
        (proof.unwrap(), client.header(2, second).await.unwrap())
    };
    let (proof, next) = ask(BOB).await;
    let (bob, account) = entry(BOB);
    let value = trust.entry(&bob.full(), &proof, next.clone()).unwrap();
    assert_eq!(value.unwrap(), account);
    let (absent, _) = ask(NOBODY).await;
    assert_eq!(trust.entry(&entry(NOBODY).0.full(), &absent, next.clone()).unwrap(), None);

    let mut forged = proof.clone();
    forged.value = Some(Bytes(entry(ALICE).1));
    let key = bob.full();
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
