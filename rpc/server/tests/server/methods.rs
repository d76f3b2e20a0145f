//! Every method, over HTTP and over a WebSocket: the same answers.

use ehb_rpc_api::{
    AccountClient, At, Base64, ChainClient, Detail, ErrorData, FateView, GENESIS_PART_BYTES_MAX,
    METHODS, Method, StateKey, SubmitResult, TransactionClient, module_key,
};
use ehb_rpc_server::{Fate, Refusal};
use ehb_types::{Code, Genesis, Hash, ValidatorSet, encode};
use expect_test::expect_file;
use jsonrpsee::core::ClientError;
use jsonrpsee::core::client::ClientT;
use jsonrpsee::http_client::{HttpClient, HttpClientBuilder};
use jsonrpsee::rpc_params;
use jsonrpsee::types::error::METHOD_NOT_FOUND_CODE;
use jsonrpsee::ws_client::WsClientBuilder;
use serde_json::{Value, json};

use crate::fake::{ALICE, BOB, FakeNode, NOBODY, address, name, text, transaction, transfer};
use crate::raw::{Running, start, start_node};

/// A server whose chain holds a transfer that worked, one that did not, and one that waits.
async fn with_history() -> (Running, [Hash; 3]) {
    let server = start().await;
    let transfers = [
        transfer(ALICE, BOB, 9_007_199_254_740_992, 0),
        transfer(ALICE, BOB, 7, 1),
        transfer(BOB, ALICE, 5, 0),
    ];
    let ids = [transfers[0].id(), transfers[1].id(), transfers[2].id()];
    let [first, second, third] = transfers;
    drop(ehb_rpc_server::Backend::submit(&*server.node, vec![first, second]));
    server.node.decide();
    server.node.decide();
    drop(ehb_rpc_server::Backend::submit(&*server.node, vec![third]));
    assert_eq!(server.node.waiting(), ids[2..]);
    (server, ids)
}

/// Calls by position over HTTP and, if that changes nothing, by name over a WebSocket. Both must be answered with what `answers/` has under the
/// case's name; the OpenRPC document has these cases as its examples.
async fn check(server: &Running, case: &str, method: &str, params: &[(&str, Value)]) {
    let by_position: Vec<&Value> = params.iter().map(|(_, value)| value).collect();
    let by_name: serde_json::Map<String, Value> =
        params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let request = json!({"jsonrpc": "2.0", "method": method, "params": by_position, "id": 1});
    let response = server.post(request.to_string()).await;
    let mut answer: Value = serde_json::from_str(&response.body).unwrap();
    let url = format!("ws://{}", server.address);
    let client = WsClientBuilder::default().build(url).await.unwrap();
    let mut params = jsonrpsee::core::params::ObjectParams::new();
    for (name, value) in &by_name {
        params.insert(name, value).unwrap();
    }
    if Method::find(method).unwrap().is_read() {
        let over_socket: Result<Value, _> = client.request(method, params).await;
        match over_socket {
            Ok(result) => assert_eq!(answer["result"], result, "{method}"),
            Err(_) => assert!(answer.get("error").is_some(), "{method}"),
        }
    }
    let mut shown = json!({"method": method, "params": by_name});
    match answer.get_mut("result").map(Value::take) {
        Some(result) => shown["result"] = result,
        None => shown["error"] = answer["error"]["data"].take(),
    }
    expect_file![format!("answers/{case}.json")]
        .assert_eq(&(serde_json::to_string_pretty(&shown).unwrap() + "\n"));
}

#[tokio::test]
async fn chain() {
    let (server, _) = with_history().await;
    check(&server, "status", "chain_status", &[]).await;
    check(&server, "header", "chain_getHeader", &[("at", json!(1))]).await;
    let ids = [("at", json!(1)), ("detail", json!("ids"))];
    check(&server, "block_ids", "chain_getBlock", &ids).await;
    check(&server, "block_full", "chain_getBlock", &[("at", json!(1))]).await;
    check(&server, "block_absent", "chain_getBlock", &[("at", json!(9))]).await;
    let range = [("from", json!(1)), ("count", json!(1)), ("detail", json!("canonical"))];
    check(&server, "blocks", "chain_getBlocks", &range).await;
    check(&server, "parameters", "chain_getParameters", &[("at", json!(1))]).await;
    check(&server, "genesis", "chain_getGenesis", &[("offset", json!(0))]).await;
}

#[tokio::test]
async fn transactions() {
    let (server, [succeeded, failed, pending]) = with_history().await;
    check(&server, "receipt_success", "tx_getReceipt", &[("id", json!(succeeded))]).await;
    let wait = [("id", json!(failed)), ("timeoutMs", json!(0))];
    check(&server, "wait_failure", "tx_wait", &wait).await;
    let wait = [("id", json!(pending)), ("timeoutMs", json!(0))];
    check(&server, "wait_timeout", "tx_wait", &wait).await;
    check(&server, "transaction_pending", "tx_get", &[("id", json!(pending))]).await;
    check(&server, "transaction_final", "tx_get", &[("id", json!(succeeded))]).await;
    check(&server, "transaction_unknown", "tx_get", &[("id", json!(Hash::ZERO))]).await;
    check(&server, "receipt_absent", "tx_getReceipt", &[("id", json!(pending))]).await;
    check(&server, "proof", "tx_getProof", &[("id", json!(failed))]).await;
    let submitted = Base64(encode(&transfer(BOB, ALICE, 6, 1)));
    check(&server, "submitted", "tx_submit", &[("transaction", json!(submitted))]).await;
    let batch = [submitted, Base64(encode(&transfer(BOB, ALICE, 7, 9)))];
    check(&server, "submitted_batch", "tx_submitBatch", &[("transactions", json!(batch))]).await;
    // The one before it expires.
    server.node.lose(pending, Fate::Expired { height: 2, timestamp_ms: 1_700_000_300_000 });
    let waiting = [("id", json!(transfer(BOB, ALICE, 6, 1).id()))];
    check(&server, "transaction_waiting", "tx_get", &waiting).await;
}

#[tokio::test]
async fn modules_and_accounts() {
    let (server, _) = with_history().await;
    check(&server, "modules", "module_list", &[]).await;
    check(&server, "module", "module_describe", &[("module", json!("wallet"))]).await;
    check(&server, "module_history", "module_history", &[("module", json!("wallet"))]).await;
    let call = |function: &str, arguments: Value| {
        [("module", json!("wallet")), ("function", json!(function)), ("arguments", arguments)]
    };
    let balance = call("balance", json!({"account": text(BOB)}));
    check(&server, "call", "module_call", &balance).await;
    let transfer = call("transfer", json!([text(BOB), "1"]));
    check(&server, "call_that_writes", "module_call", &transfer).await;
    check(&server, "account", "account_get", &[("address", json!(text(ALICE)))]).await;
    check(&server, "account_absent", "account_get", &[("address", json!(text(NOBODY)))]).await;
    let next = [("address", json!(text(ALICE))), ("lane", json!(0))];
    check(&server, "sequence", "account_nextSequence", &next).await;
    let key = json!({"module": "wallet", "key": ehb_rpc_api::Bytes(address(BOB).0.to_vec())});
    check(&server, "state", "state_getProof", &[("key", key), ("at", json!(1))]).await;
}

#[tokio::test]
async fn simulation_shows_the_typed_error() {
    let (server, _) = with_history().await;
    let transaction = transaction(BOB, ALICE, u64::MAX, 0);
    let bytes = json!(Base64(encode(&transaction)));
    check(&server, "simulated", "tx_simulate", &[("transaction", bytes)]).await;
}

/// Subscriptions begin and end over one WebSocket.
#[tokio::test]
async fn subscriptions() {
    let (server, _) = with_history().await;
    let blocks = json!({"fromHeight": 1, "detail": "ids"});
    let receipts = json!({"filter": {"module": "wallet"}, "from": {"height": 0, "index": 0}});
    for (namespace, name, params) in [("chain", "Blocks", blocks), ("tx", "Receipts", receipts)] {
        let mut socket = server.socket().await;
        let begun = format!("{namespace}_subscribe{name}");
        let id = exchange(&mut socket, &begun, params).await;
        exchange(
            &mut socket,
            &format!("{namespace}_unsubscribe{name}"),
            json!({"subscription": id}),
        )
        .await;
    }
}

/// Calls over a WebSocket; the result must be that of `answers/`, where each subscription has the id 1, because these are
/// random.
async fn exchange(socket: &mut crate::raw::Socket, method: &str, params: Value) -> Value {
    let call = json!({"jsonrpc": "2.0", "method": method, "params": params, "id": 1});
    socket.send(&call.to_string()).await;
    let result = loop {
        let mut message = socket.next().await.unwrap();
        if message["id"] == 1 {
            break message["result"].take();
        }
    };
    let mut shown = json!({"method": method, "params": params, "result": result});
    for path in ["/result", "/params/subscription"] {
        if let Some(id) = shown.pointer_mut(path).filter(|it| it.is_u64()) {
            *id = json!(1);
        }
    }
    expect_file![format!("answers/{method}.json")]
        .assert_eq(&(serde_json::to_string_pretty(&shown).unwrap() + "\n"));
    result
}

/// The genesis, put together from this many parts.
async fn genesis_in_parts(client: &HttpClient, parts: usize) -> Genesis {
    let mut text = Vec::new();
    for _ in 0..parts {
        let part = client.genesis(Some(text.len() as u64)).await.unwrap();
        assert_eq!(part.offset, text.len() as u64);
        assert!((1..=GENESIS_PART_BYTES_MAX).contains(&part.data.0.len()));
        text.extend(part.data.0);
        assert!(text.len() as u64 <= part.bytes);
    }
    for beyond in [text.len() as u64, u64::MAX] {
        let refused = client.genesis(Some(beyond)).await.unwrap_err().to_string();
        assert!(refused.contains(&format!("offset is {beyond}")), "{refused}");
    }
    Genesis::from_json(&String::from_utf8(text).unwrap()).unwrap()
}

#[tokio::test]
async fn a_genesis_that_is_longer_than_an_answer_comes_in_parts() {
    let node = FakeNode::with_accounts(8_000);
    let server = start_node(node.clone(), |_| {}).await;
    let client = HttpClientBuilder::default().build(format!("http://{}", server.address)).unwrap();
    let genesis = genesis_in_parts(&client, 3).await;
    assert_eq!(&genesis, &*ehb_rpc_server::Backend::genesis(&*node));
    assert_eq!(genesis.hash(), client.status().await.unwrap().genesis_hash);
}

/// The bytes of a signed transaction act as its sender once the signature is valid; unsigned ones as anybody, but
/// for the kernel.
#[tokio::test]
async fn who_simulates_what() {
    let (server, _) = with_history().await;
    let client = HttpClientBuilder::default().build(format!("http://{}", server.address)).unwrap();
    let simulate = async |bytes| match TransactionClient::simulate(&client, Base64(bytes)).await {
        Ok(_) => "simulated".to_owned(),
        Err(ClientError::Call(error)) => {
            let data: ErrorData = serde_json::from_str(error.data().unwrap().get()).unwrap();
            data.code
        }
        Err(error) => panic!("{error}"),
    };
    let unsigned = transaction(ALICE, BOB, 1, 0);
    let signed = unsigned.clone().sign(&[&crate::fake::key(ALICE)]);
    let mut forged = signed.clone();
    forged.transaction.memo = "changed".to_owned();
    let mut kernel = unsigned.clone();
    kernel.calls[0].module = name("kernel");
    let signed_kernel = kernel.clone().sign(&[&crate::fake::key(ALICE)]);
    let mut longer = encode(&signed);
    longer.push(0);
    let rows = [
        (encode(&unsigned), "simulated"),
        (encode(&signed), "simulated"),
        (encode(&forged), "BAD_SIGNATURE"),
        (encode(&kernel), "SIMULATION_UNSIGNED"),
        (encode(&signed_kernel), "simulated"),
        (longer, "MALFORMED_TRANSACTION"),
        (vec![1], "MALFORMED_TRANSACTION"),
    ];
    for (index, (bytes, expected)) in rows.into_iter().enumerate() {
        assert_eq!(simulate(bytes).await, expected, "row {index}");
    }
}

#[tokio::test]
async fn the_rest_is_as_the_client_reads_it() {
    let (server, [succeeded, ..]) = with_history().await;
    let client = HttpClientBuilder::default().build(format!("http://{}", server.address)).unwrap();
    let genesis = genesis_in_parts(&client, 1).await;
    assert_eq!(genesis.hash(), client.status().await.unwrap().genesis_hash);
    let parameters = client.parameters(None).await.unwrap();
    assert_eq!((parameters.height, parameters.parameters), (2, genesis.parameters.clone()));

    let described: Value = client.request("module_describe", rpc_params!["wallet"]).await.unwrap();
    assert_eq!(described["interface"]["functions"][0]["name"], "balance");

    let header = ChainClient::header(&client, Some(At::Height(2))).await.unwrap();
    let proof = TransactionClient::proof(&client, succeeded).await.unwrap();
    assert!(proof.proof.verify(&header.header.receipts_root, 2, &proof.receipt.0));
    assert_eq!(
        header.header.validators,
        genesis.validator_set().map(|it| ValidatorSet::hash(&it)).unwrap()
    );

    let key =
        StateKey { module: Some(name("wallet")), key: ehb_rpc_api::Bytes(address(BOB).0.to_vec()) };
    let entry = ehb_rpc_api::StateClient::proof(&client, key, Some(At::Height(1))).await.unwrap();
    let full = module_key(&name("wallet"), &address(BOB).0);
    let value = entry.value.as_ref().map(|value| value.0.as_slice());
    assert_eq!(value, Some(&9_007_199_254_740_992u64.to_le_bytes()[..]));
    assert!(entry.proof.verify(&header.header.state_root, &full, value));

    // The same block by its hash, its transactions byte for byte.
    let by_hash = client.block(Some(At::Hash(header.header.parent)), Some(Detail::Full), None);
    let block = by_hash.await.unwrap();
    let views = block.transactions.unwrap();
    let canonical = views.into_iter().map(|view| view.to_signed(genesis.network).unwrap().into());
    let root = ehb_types::Block::transactions_root(&canonical.collect::<Vec<_>>());
    assert_eq!(root, block.header.transactions_root);
}

/// A block whose JSON would be longer than an answer can be.
#[tokio::test]
async fn a_large_block_is_read_in_parts() {
    const TRANSACTIONS: usize = 800;
    let server = start().await;
    let many_calls = |sequence| {
        let mut transaction = transaction(ALICE, BOB, 1, sequence);
        transaction.calls = vec![transaction.calls[0].clone(); 64];
        ehb_types::SharedTransaction::from(transaction.sign(&[&crate::fake::key(ALICE)]))
    };
    let sent: Vec<_> = (0..TRANSACTIONS as u64).map(many_calls).collect();
    drop(ehb_rpc_server::Backend::submit(&*server.node, sent.clone()));
    server.node.decide();
    let client = HttpClientBuilder::default()
        .max_response_size(32 << 20)
        .build(format!("http://{}", server.address))
        .unwrap();
    let (mut ids, mut receipts, mut parts, mut from) = (Vec::new(), Vec::new(), 0, Some(0));
    while let Some(index) = from {
        let at = Some(At::Height(1));
        let part = client.block(at, Some(Detail::Full), Some(index)).await.unwrap();
        let (signed, results) = (part.transactions.unwrap(), part.receipts.unwrap());
        assert_eq!(part.evidence.is_some(), index == 0);
        assert_eq!((part.receipt_count, part.transaction_count), (800, 800));
        ids.extend(signed.iter().map(|it| it.id));
        receipts.extend(results.iter().map(|it| it.transaction));
        parts += 1;
        from = part.next_index;
    }
    let expected: Vec<Hash> = sent.iter().map(|it| it.id()).collect();
    assert!(parts > 2, "{parts} parts");
    assert!(ids == expected && receipts == expected);

    let beyond = client.block(Some(At::Height(1)), None, Some(800)).await.unwrap_err();
    assert!(beyond.to_string().contains("fromIndex is 800; block 1 has 800 receipts"), "{beyond}");
}

/// Every method that takes `at` reads the state of that height, and refuses what is none.
#[tokio::test]
async fn states_of_earlier_heights_are_read_by_height_hash_and_time() {
    let (server, _) = with_history().await;
    let client = HttpClientBuilder::default().build(format!("http://{}", server.address)).unwrap();
    let header = client.header(Some(At::Height(1))).await.unwrap();
    let genesis_ms = ehb_rpc_server::Backend::genesis(&*server.node).timestamp_ms;
    let height_of = async |at: Value| {
        let key = json!({ "module": "wallet", "key": "0x00" });
        let mut params = jsonrpsee::core::params::ObjectParams::new();
        params.insert("key", key).unwrap();
        params.insert("at", at).unwrap();
        let answer: Result<Value, _> = client.request("state_getProof", params).await;
        answer.map(|entry| entry["height"].as_u64().unwrap()).map_err(|error| error.to_string())
    };
    let header_ms = header.header.timestamp_ms;
    assert_eq!(height_of(json!(1)).await, Ok(1));
    assert_eq!(height_of(json!(header.hash)).await, Ok(1));
    assert_eq!(height_of(json!({ "timestampMs": header_ms })).await, Ok(1));
    assert_eq!(height_of(json!({ "timestampMs": genesis_ms })).await, Ok(0));
    assert_eq!(height_of(json!({ "timestampMs": u64::MAX })).await, Ok(2));
    assert_eq!(height_of(Value::Null).await, Ok(2));

    let rows = [
        (json!(3), "no block is decided at height 3; the head is 2"),
        (json!(Hash([9; 32])), "no decided block"),
        (json!({ "timestampMs": genesis_ms - 1 }), "is before genesis"),
        (json!({ "timestampMs": 1, "height": 1 }), "at must be a height as a number"),
        (json!({ "time": 1 }), "at must be a height as a number"),
        (json!({}), "at must be a height as a number"),
        (json!("yesterday"), "a height as a number, a block's hash as 64 hex digits"),
        (json!(-1), "a height as a number"),
    ];
    for (at, expected) in rows {
        let error = height_of(at.clone()).await.unwrap_err();
        assert!(error.contains(expected), "{at}: {error}");
    }

    // The others read `at` in the same way.
    server.node.earliest.store(2, std::sync::atomic::Ordering::Relaxed);
    let at = |height| Some(At::Height(height));
    let alice = text(ALICE);
    AccountClient::get(&client, alice.clone(), at(2)).await.unwrap();
    client.parameters(at(2)).await.unwrap();
    let errors = [
        AccountClient::get(&client, alice.clone(), at(1)).await.unwrap_err(),
        client.parameters(at(1)).await.unwrap_err(),
        ehb_rpc_api::ModuleClient::call(
            &client,
            name("wallet"),
            name("balance"),
            ehb_rpc_api::Strict(json!({ "account": alice })),
            None,
            at(1),
        )
        .await
        .unwrap_err(),
    ];
    for error in errors {
        assert!(error.to_string().contains("height 1 is not kept"), "{error}");
    }
}

/// While a client is answered, a block is decided and only its state is kept.
#[tokio::test]
async fn a_state_that_is_pruned_under_the_read_is_refused_unless_its_time_has_another_state() {
    let server = start().await;
    let client = HttpClientBuilder::default().build(format!("http://{}", server.address)).unwrap();
    let node = &server.node;
    let head_alone = |node: &FakeNode| {
        node.earliest.store(node.decide(), std::sync::atomic::Ordering::Relaxed);
    };
    let read = async |at: At| {
        *node.before_read.lock().unwrap() = Some(Box::new(head_alone));
        let key = StateKey { module: Some(name("wallet")), key: ehb_rpc_api::Bytes(vec![0]) };
        let entry = ehb_rpc_api::StateClient::proof(&client, key, Some(at)).await;
        assert!(node.before_read.lock().unwrap().is_none(), "nothing was read");
        entry.map(|entry| entry.height).map_err(|error| error.to_string())
    };
    let head = ehb_rpc_server::Backend::height(&**node);
    let hash = client.header(Some(At::Height(head))).await.unwrap().hash;
    // The newest state at that time is now another one.
    assert_eq!(read(At::Time(u64::MAX)).await, Ok(head + 1));
    let earlier = client.header(Some(At::Height(head + 1))).await.unwrap().header;
    let rows = [
        (At::Height(head + 1), head + 1, head + 2),
        (At::Hash(hash), head, head + 3),
        (At::Time(earlier.timestamp_ms), head + 1, head + 4),
    ];
    for (at, height, from) in rows {
        let refused = read(at).await.unwrap_err();
        let text = format!("the state of height {height} is not kept; it is from {from} on");
        assert!(refused.contains(&text), "{at:?}: {refused}");
    }
}

#[tokio::test]
async fn submissions_are_refused_one_by_one() {
    let server = start().await;
    let client = HttpClientBuilder::default().build(format!("http://{}", server.address)).unwrap();
    let good = transfer(ALICE, BOB, 1, 0);
    let mut wrong_chain = transaction(ALICE, BOB, 1, 1);
    wrong_chain.chain = Hash([1; 32]);
    let mut forged = transfer(ALICE, BOB, 1, 1).signed().clone();
    forged.transaction.memo = "changed".into();
    let trailing = [encode(&good), vec![0]].concat();
    let unsupported = [vec![2], encode(&good)].concat();
    let batch = vec![
        Base64(encode(&good)),
        Base64(encode(&wrong_chain.sign(&[&crate::fake::key(ALICE)]))),
        Base64(trailing),
        Base64(unsupported),
        Base64(Vec::new()),
        Base64(encode(&forged)),
        Base64(encode(&transfer(NOBODY, BOB, 1, 0))),
        Base64(encode(&good)),
        Base64(encode(&transfer(ALICE, BOB, 2, 0))),
        Base64(encode(&transfer(ALICE, BOB, 1, 9))),
        Base64(encode(&transfer(ALICE, BOB, 1, 1))),
    ];
    let results = client.submit_batch(batch).await.unwrap();
    let codes: Vec<String> = results
        .iter()
        .map(|result| match result {
            SubmitResult::Id(_) => "ok".to_owned(),
            SubmitResult::Error(data) => data.code.clone(),
        })
        .collect();
    assert_eq!(
        codes,
        [
            "ok",
            "WRONG_CHAIN",
            "MALFORMED_TRANSACTION",
            "UNSUPPORTED_VERSION",
            "MALFORMED_TRANSACTION",
            "BAD_SIGNATURE",
            "UNKNOWN_SENDER",
            "ALREADY_KNOWN",
            "SEQUENCE_USED",
            "SEQUENCE_GAP",
            "ok",
        ]
    );
    let too_many = client.submit_batch(vec![Base64(Vec::new()); 1_001]).await.unwrap_err();
    let ClientError::Call(error) = too_many else { panic!("{too_many}") };
    let data: ErrorData = serde_json::from_str(error.data().unwrap().get()).unwrap();
    assert_eq!(data.code, "LIMIT_EXCEEDED");
    assert_eq!(data.message, "a batch holds at most 1000 transactions");
    assert_eq!(client.next_sequence(text(ALICE), 0).await.unwrap().0, 2);
}

#[tokio::test]
async fn waiting_ends_when_the_block_is_decided() {
    let server = start().await;
    let url = format!("http://{}", server.address);
    let client = HttpClientBuilder::default().build(&url).unwrap();
    let signed = transfer(ALICE, BOB, 1, 0);
    let id = client.submit(Base64(encode(&signed))).await.unwrap();
    let waiting = tokio::spawn({
        let client = client.clone();
        async move { client.wait(id, Some(60_000), None).await }
    });
    // The block may be decided before or after the wait has begun: both must end it.
    server.node.decide();
    let status = waiting.await.unwrap().unwrap();
    let FateView::Final { receipt: located, .. } = status else { panic!("{status:?}") };
    assert_eq!((located.position.height, located.position.index), (1, 0));
    assert_eq!(located.receipt.transaction, id);
}

/// The status of a transaction that this node never had is derived from its content, if that is given.
#[tokio::test]
async fn fates_follow_from_the_content() {
    let (server, [succeeded, ..]) = with_history().await;
    let other = transfer(ALICE, BOB, 1, 0);
    let content = json!(Base64(encode(&other)));
    let asked = |id: Hash| [("id", json!(id)), ("transaction", content.clone())];
    check(&server, "transaction_superseded", "tx_get", &asked(other.id())).await;
    check(&server, "content_of_another", "tx_get", &asked(succeeded)).await;
    let client = HttpClientBuilder::default().build(format!("http://{}", server.address)).unwrap();
    let bytes = || Some(Base64(encode(&other)));
    let superseded = FateView::Superseded { by: None, height: 2 };
    assert_eq!(client.wait(other.id(), Some(60_000), bytes()).await.unwrap(), superseded);
    let unknown = FateView::Unknown { dropped: None };
    assert_eq!(TransactionClient::get(&client, other.id(), None).await.unwrap(), unknown);
    assert_eq!(client.wait(other.id(), Some(0), None).await.unwrap(), unknown);
    let trailing = Some(Base64([encode(&other), vec![0]].concat()));
    let refused = TransactionClient::get(&client, other.id(), trailing).await.unwrap_err();
    assert!(format!("{refused:?}").contains("MALFORMED_TRANSACTION"), "{refused:?}");
}

/// A call that waits ends when the transaction is superseded, expired or dropped, and neither with the next
/// block nor at its time-out.
#[tokio::test]
async fn waiting_ends_when_the_transaction_is_lost() {
    let server = start().await;
    let client = HttpClientBuilder::default().build(format!("http://{}", server.address)).unwrap();
    let by = Some(Hash([7; 32]));
    let dropped = Refusal::new(Code::MempoolFull, "it gave way");
    let fates = [
        Fate::Superseded { by, height: 3 },
        Fate::Expired { height: 3, timestamp_ms: 9 },
        Fate::Unknown { dropped: Some(dropped) },
    ];
    // One that expired leaves its sequence to another one.
    for ((sequence, amount), fate) in [(0, 1), (1, 2), (1, 3)].into_iter().zip(fates) {
        let signed = transfer(ALICE, BOB, amount, sequence);
        let id = client.submit(Base64(encode(&signed))).await.unwrap();
        let waiting = tokio::spawn({
            let client = client.clone();
            async move { client.wait(id, Some(60_000), None).await }
        });
        // It may be lost before or after the wait has begun: both must end it.
        server.node.lose(id, fate.clone());
        let status = waiting.await.unwrap().unwrap();
        let expected = match fate {
            Fate::Superseded { by, height } => FateView::Superseded { by, height },
            Fate::Expired { height, timestamp_ms } => FateView::Expired { height, timestamp_ms },
            _ => {
                let mut dropped = ErrorData::new(Code::MempoolFull, "it gave way");
                dropped.error = None;
                FateView::Unknown { dropped: Some(dropped) }
            }
        };
        assert_eq!(status, expected);
    }
}

/// The parameters of a method's example: with the values of the chain that answered it, where it names some.
pub(crate) fn example(method: &Method) -> Value {
    let answered = include_str!("../../../../testnet/devnet/tests/devnet/examples.json");
    let answered: Vec<Value> = serde_json::from_str(answered).unwrap();
    let own = answered.into_iter().find(|it| it["case"] == method.name);
    own.map_or_else(
        || serde_json::from_str(method.example).unwrap(),
        |mut own| own["params"].take(),
    )
}

/// The examples of the documentation are understood: the methods are there, and their parameters right.
#[tokio::test]
async fn every_example_is_understood() {
    let (server, _) = with_history().await;
    let mut socket = server.socket().await;
    for method in METHODS {
        let params = example(method);
        let call =
            json!({"jsonrpc": "2.0", "method": method.name, "params": params, "id": "asked"});
        socket.send(&call.to_string()).await;
        let answer = loop {
            // Subscriptions notify meanwhile.
            let message = socket.next().await.unwrap();
            if message["id"] == "asked" {
                break message;
            }
        };
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(!message.starts_with("the parameters are wrong"), "{}: {message}", method.name);
        assert_ne!(answer["error"]["code"], METHOD_NOT_FOUND_CODE, "{}", method.name);
    }
}
