//! Earlier states and followed blocks of the chain in memory.

use std::time::Duration;

use ehb_sdk::api::{At, BlockNotice, ChainClient, Detail, ModuleClient, Strict};
use ehb_sdk::{Code, Trust};
use serde_json::json;

use crate::{payment, signer, start};

#[tokio::test]
async fn earlier_states_are_read_and_proven() {
    let (net, client) = start().await;
    let alice = signer(&net, "alice");
    let mut done = Vec::new();
    for units in [1, 2, 3] {
        let draft = payment(&net, &client, "bob", units).await;
        done.push(client.execute(&alice, draft).await.unwrap());
    }
    net.produce_block().unwrap();
    let account = net.account("bob").unwrap().text();
    for (height, expected) in [(0, "100000"), (1, "100001"), (2, "100003"), (3, "100006")] {
        let arguments = Strict(json!({"account": account, "asset": "EUR"}));
        let (module, function) = ("wallet".parse().unwrap(), "get-balance".parse().unwrap());
        let at = Some(At::Height(height));
        let read = ModuleClient::call(client.rpc(), module, function, arguments, None, at).await;
        assert_eq!(read.unwrap().value["available"], expected, "{height}");
    }
    let above = ChainClient::parameters(client.rpc(), Some(At::Height(5))).await.unwrap_err();
    assert!(client.error(above).is(Code::NotFound));

    let trust = Trust::of_genesis(&client.genesis().await.unwrap()).unwrap();
    for it in &done {
        let id = it.receipt.transaction;
        let receipt = client.proven_receipt(&trust, &id, Duration::from_secs(60)).await.unwrap();
        assert_eq!(receipt.transaction, id);
    }
}

/// Genesis is block 0, and a follower gets each block once.
#[tokio::test]
async fn blocks_are_followed_from_genesis() {
    let (net, client) = start().await;
    let mut blocks = client.blocks(Some(0), Detail::Full);
    for height in 0..3 {
        let BlockNotice::Block { block } = blocks.next().await.unwrap() else { panic!("a gap") };
        assert_eq!(block.header.height, height);
        let receipts = block.receipts.unwrap();
        // Genesis creates an asset and mints twice.
        assert_eq!(receipts.len() > 3, height == 0);
        let draft = payment(&net, &client, "bob", 1).await;
        client.execute(&signer(&net, "alice"), draft).await.unwrap();
    }
}
