//! Subscriptions over WebSocket: order, resuming, gaps, bounds.

use std::sync::atomic::Ordering;

use ehb_rpc_api::{
    BlockNotice, ChainClient, LocatedReceipt, Position, ReceiptFilter, ReceiptNotice,
    TransactionClient,
};
use ehb_rpc_server::Backend;
use jsonrpsee::core::ClientError;
use jsonrpsee::core::client::Subscription;
use jsonrpsee::ws_client::{WsClient, WsClientBuilder};

use crate::fake::{ALICE, BOB, text, transfer};
use crate::raw::{Running, start};

async fn connect(server: &Running) -> WsClient {
    WsClientBuilder::default().build(format!("ws://{}", server.address)).await.unwrap()
}

async fn next_block(blocks: &mut Subscription<BlockNotice>) -> String {
    match blocks.next().await.unwrap().unwrap() {
        BlockNotice::Block { block } => {
            format!("block {} with {:?} ids", block.header.height, block.ids.map(|ids| ids.len()))
        }
        BlockNotice::Gap { from_height, to_height } => format!("gap {from_height}-{to_height}"),
    }
}

async fn next_receipts(
    receipts: &mut Subscription<ReceiptNotice>,
) -> (Position, Vec<LocatedReceipt>) {
    match receipts.next().await.unwrap().unwrap() {
        ReceiptNotice::Receipts { position, receipts } => (position, receipts),
        ReceiptNotice::Gap { .. } => panic!("a gap"),
    }
}

#[tokio::test]
async fn blocks_are_told_from_the_next_one_or_from_any() {
    let server = start().await;
    let client = connect(&server).await;
    server.node.decide();
    let mut fresh = client.subscribe_blocks(None, None).await.unwrap();
    let mut old = client.subscribe_blocks(Some(0), Some(true)).await.unwrap();
    let mut ahead = client.subscribe_blocks(Some(3), None).await.unwrap();
    drop(server.node.submit(vec![transfer(ALICE, BOB, 1, 0)]));
    server.node.decide();
    server.node.decide();
    assert_eq!(next_block(&mut fresh).await, "block 2 with None ids");
    assert_eq!(next_block(&mut fresh).await, "block 3 with None ids");
    assert_eq!(next_block(&mut ahead).await, "block 3 with None ids");
    for (height, ids) in [(0, 0), (1, 0), (2, 1), (3, 0)] {
        let told = next_block(&mut old).await;
        assert_eq!(told, format!("block {height} with Some({ids}) ids"));
    }
}

#[tokio::test]
async fn what_is_pruned_is_told_as_a_gap() {
    let server = start().await;
    for _ in 0..9 {
        server.node.decide();
    }
    server.node.earliest.store(6, Ordering::Relaxed);
    let client = connect(&server).await;
    let mut blocks = client.subscribe_blocks(Some(2), None).await.unwrap();
    assert_eq!(next_block(&mut blocks).await, "gap 2-5");
    assert_eq!(next_block(&mut blocks).await, "block 6 with None ids");

    let after = Some(Position { height: 1, index: 0 });
    let mut receipts = client.subscribe_receipts(None, after).await.unwrap();
    let notice = receipts.next().await.unwrap().unwrap();
    assert_eq!(notice, ReceiptNotice::Gap { from_height: 1, to_height: 5 });
}

#[tokio::test]
async fn a_slow_subscriber_gets_every_block() {
    let server = start().await;
    let client = connect(&server).await;
    let mut blocks = client.subscribe_blocks(Some(1), None).await.unwrap();
    for _ in 0..500 {
        server.node.decide();
    }
    for height in 1..=500 {
        assert_eq!(next_block(&mut blocks).await, format!("block {height} with None ids"));
    }
}

#[tokio::test]
async fn receipts_are_filtered_split_and_resumed() {
    let server = start().await;
    let client = connect(&server).await;
    let of_alice = ReceiptFilter { sender: Some(text(ALICE)), ..ReceiptFilter::default() };
    let begin = Some(Position { height: 0, index: 0 });
    let mut alice = client.subscribe_receipts(Some(of_alice.clone()), begin).await.unwrap();
    let mut all = client.subscribe_receipts(None, begin).await.unwrap();
    let transfers: Vec<_> = (0..600).map(|n| transfer(ALICE, BOB, 1, n)).collect();
    let ids = vec![transfers[3].id(), transfers[5].id()];
    drop(server.node.submit([transfers, vec![transfer(BOB, ALICE, 1, 0)]].concat()));
    server.node.decide();

    let (position, receipts) = next_receipts(&mut alice).await;
    assert_eq!((position.height, position.index, receipts.len()), (1, 499, 500));
    let (position, receipts) = next_receipts(&mut alice).await;
    assert_eq!((position.index, receipts.len()), (599, 100));
    assert_eq!(next_receipts(&mut all).await.1.len(), 500);
    assert_eq!(next_receipts(&mut all).await.1.len(), 101);

    let after = Some(Position { height: 1, index: 597 });
    let mut resumed = client.subscribe_receipts(Some(of_alice), after).await.unwrap();
    let (position, receipts) = next_receipts(&mut resumed).await;
    assert_eq!((position.index, receipts.len()), (599, 2));

    let wanted = ReceiptFilter { ids: Some(ids), without_events: true, ..Default::default() };
    let mut two = client.subscribe_receipts(Some(wanted), begin).await.unwrap();
    let (_, receipts) = next_receipts(&mut two).await;
    let indexes: Vec<u32> = receipts.iter().map(|it| it.position.index).collect();
    assert_eq!(indexes, [3, 5]);
    assert!(receipts.iter().all(|it| it.receipt.events.is_empty()));
}

#[tokio::test]
async fn subscriptions_are_bounded_and_freed() {
    let server = start().await;
    let client = connect(&server).await;
    let mut held = Vec::new();
    for _ in 0..32 {
        held.push(client.subscribe_blocks(None, None).await.unwrap());
    }
    let refused = client.subscribe_blocks(None, None).await.err().unwrap();
    let ClientError::Call(error) = refused else { panic!("{refused}") };
    assert_eq!(error.code(), -32065);
    held.pop().unwrap().unsubscribe().await.unwrap();
    // The place is free as soon as the server has let go of the subscription.
    while client.subscribe_blocks(None, None).await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn bad_filters_are_refused_with_a_code() {
    let server = start().await;
    let client = connect(&server).await;
    let filter = ReceiptFilter { sender: Some("ehbt1x".into()), ..ReceiptFilter::default() };
    let refused = client.subscribe_receipts(Some(filter), None).await.err().unwrap();
    let ClientError::Call(error) = refused else { panic!("{refused}") };
    assert_eq!(error.code(), -32602);
    assert!(error.data().unwrap().get().contains("INVALID_REQUEST"));
    // The connection goes on.
    assert_eq!(client.status().await.unwrap().height, 0);
}

#[tokio::test]
async fn subscriptions_need_a_websocket() {
    let server = start().await;
    let call = r#"{"jsonrpc":"2.0","method":"chain_subscribeBlocks","id":1}"#;
    assert_eq!(server.post_error(call).await, "-32602 INVALID_REQUEST");
}
