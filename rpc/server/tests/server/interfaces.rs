//! Values in old blocks are shown by the interface that the module had when they were made.

use ehb_rpc_api::{At, ChainClient, ModuleClient, Position, ReceiptFilter, TransactionClient};
use ehb_rpc_server::Backend;
use ehb_types::Hash;
use jsonrpsee::core::ClientError;
use jsonrpsee::http_client::HttpClientBuilder;
use jsonrpsee::ws_client::WsClientBuilder;
use serde_json::{Value, json};

use crate::fake::{ALICE, BOB, name, text, transfer};
use crate::raw::{Running, error_text, start};

/// A chain whose wallet is replaced within block 2, after its first transaction: the new version has no
/// transfer any more, and calls its event by another name.
async fn upgraded() -> Running {
    let server = start().await;
    drop(server.node.submit(vec![transfer(ALICE, BOB, 1, 0)]));
    server.node.decide();
    let replaced = Position { height: 2, index: 1 };
    server.node.upgrade(replaced, |wallet| {
        wallet.code_hash = Hash([0xcd; 32]);
        wallet.wit = "package ehb:wallet@2.0.0;".to_owned();
        let mut interface = json!(wallet.interface);
        interface["functions"].as_array_mut().unwrap().retain(|it| it["name"] != "transfer");
        interface["event"]["variant"][0]["name"] = json!("moved");
        wallet.interface = serde_json::from_value(interface).unwrap();
    });
    drop(server.node.submit(vec![transfer(ALICE, BOB, 2, 1), transfer(ALICE, BOB, 3, 2)]));
    server.node.decide();
    server
}

/// What is shown of a transaction: its amount, and the name of its event.
fn shown(transaction: &Value, receipt: &Value) -> String {
    let event = receipt["events"][0]["value"].as_object().unwrap().keys().next().unwrap().clone();
    format!("{} {event}", transaction["calls"][0]["arguments"]["amount"])
}

#[tokio::test]
async fn old_blocks_are_shown_by_the_interface_of_their_height() {
    let server = upgraded().await;
    let client = HttpClientBuilder::default().build(format!("http://{}", server.address)).unwrap();
    let expected = ["\"1\" transferred", "\"2\" transferred", "null moved"];
    let blocks = json!(client.blocks(1, None, None).await.unwrap().blocks);
    let blocks = blocks.as_array().unwrap().iter();
    let of_block = |block: &Value| {
        let transactions = block["transactions"].as_array().unwrap().clone();
        let receipts = block["receipts"].as_array().unwrap().clone();
        let both = transactions.into_iter().zip(receipts);
        both.map(|(transaction, receipt)| shown(&transaction, &receipt)).collect::<Vec<_>>()
    };
    assert_eq!(blocks.flat_map(of_block).collect::<Vec<_>>(), expected);

    // One by one, and over a subscription.
    let url = format!("ws://{}", server.address);
    let socket = WsClientBuilder::default().build(url).await.unwrap();
    let begin = Some(Position { height: 0, index: 0 });
    let wanted = Some(ReceiptFilter { sender: Some(text(ALICE)), ..Default::default() });
    let mut followed = socket.subscribe_receipts(wanted, begin).await.unwrap();
    let mut events = Vec::new();
    while events.len() < 3 {
        let notice = json!(followed.next().await.unwrap().unwrap());
        for located in notice["receipts"].as_array().unwrap() {
            let receipt = &located["receipt"];
            let id = serde_json::from_value(receipt["transaction"].clone()).unwrap();
            let status = json!(TransactionClient::get(&client, id, None).await.unwrap());
            events.push(shown(&status["transaction"], &status["receipt"]));
            let alone = json!(TransactionClient::receipt(&client, id).await.unwrap());
            assert_eq!(alone, *located);
            assert_eq!(status["receipt"], alone["receipt"]);
        }
    }
    assert_eq!(events, expected);
}

#[tokio::test]
async fn all_versions_of_a_module_are_known_for_good() {
    let server = upgraded().await;
    let client = HttpClientBuilder::default().build(format!("http://{}", server.address)).unwrap();
    let versions = json!(client.history(None).await.unwrap());
    let (first, second) = (Hash([0xab; 32]), Hash([0xcd; 32]));
    let position = |height: u64, index: u32| json!({"height": height, "index": index});
    assert_eq!(
        versions,
        json!([
            {"name": "wallet", "codeHash": first, "from": position(0, 0), "until": position(2, 1)},
            {"name": "wallet", "codeHash": second, "from": position(2, 1), "until": null},
        ])
    );
    assert_eq!(json!(client.history(Some(name("wallet"))).await.unwrap()), versions);
    let described = async |at: Option<u64>| {
        let at = at.map(At::Height);
        client.describe(name("wallet"), at).await.map(|it| (it.code_hash, it.wit))
    };
    let wit = |version: u8| format!("package ehb:wallet@{version}.0.0;");
    for (at, expected) in [
        (Some(0), (first, wit(1))),
        (Some(1), (first, wit(1))),
        (Some(2), (second, wit(2))),
        (None, (second, wit(2))),
    ] {
        assert_eq!(described(at).await.unwrap(), expected, "{at:?}");
    }
    for (at, expected) in [(Some(0), first), (Some(1), first), (Some(2), second), (None, second)] {
        let listed = client.list(at.map(At::Height)).await.unwrap();
        let listed: Vec<_> = listed.into_iter().map(|it| (it.name, it.code_hash)).collect();
        assert_eq!(listed, [(name("wallet"), expected)], "{at:?}");
    }
    let above = client.list(Some(At::Height(3))).await.unwrap_err();
    assert!(above.to_string().contains("-32060"), "{above}");
    let refused = described(Some(3)).await.unwrap_err();
    let ClientError::Call(error) = refused else { panic!("{refused}") };
    assert!(error.data().unwrap().get().contains("NOT_FOUND"), "{error}");
    for call in [
        r#"{"jsonrpc":"2.0","method":"module_history","params":["bank"],"id":1}"#,
        r#"{"jsonrpc":"2.0","method":"module_describe","params":["bank",1],"id":1}"#,
    ] {
        let answer: Value = serde_json::from_str(&server.post(call).await.body).unwrap();
        assert_eq!(error_text(&answer), "-32030 UNKNOWN_MODULE", "{call}");
    }
}

/// The wallet is removed within block 3, which also pays with it.
#[tokio::test]
async fn a_removed_module_is_known_up_to_the_block_that_removes_it() {
    let server = upgraded().await;
    drop(server.node.submit(vec![transfer(ALICE, BOB, 4, 3)]));
    let removed = Position { height: 3, index: 1 };
    server.node.remove_module(removed);
    server.node.decide();
    server.node.decide();
    let client = HttpClientBuilder::default().build(format!("http://{}", server.address)).unwrap();
    let versions = client.history(Some(name("wallet"))).await.unwrap();
    let until: Vec<_> = versions.iter().map(|it| it.until).collect();
    assert_eq!(until, [Some(Position { height: 2, index: 1 }), Some(removed)]);
    for (at, is_there) in [(Some(2), true), (Some(3), false), (Some(4), false), (None, false)] {
        let at = at.map(At::Height);
        assert_eq!(client.describe(name("wallet"), at).await.is_ok(), is_there, "{at:?}");
        assert_eq!(client.list(at).await.unwrap().is_empty(), !is_there, "{at:?}");
    }
    // Values in its last block are read as before.
    let block = json!(client.blocks(3, Some(1), None).await.unwrap().blocks[0]);
    assert!(!block["receipts"][0]["events"][0]["value"]["moved"].is_null(), "{block}");
}
