//! Subscriptions over WebSocket: order, resuming, gaps, bounds.

use std::sync::atomic::Ordering;

use ehb_rpc_api::{
    BlockNotice, ChainClient, Detail, LocatedReceipt, Position, ReceiptFilter, ReceiptNotice,
    TransactionClient,
};
use ehb_rpc_server::Backend;
use ehb_types::{Code, Failure, Hash, Outcome, Receipt};
use jsonrpsee::core::ClientError;
use jsonrpsee::core::client::{ClientT, Subscription, SubscriptionKind};
use jsonrpsee::core::params::{ArrayParams, ObjectParams};
use jsonrpsee::ws_client::{WsClient, WsClientBuilder};

use serde_json::json;

use crate::fake::{ALICE, BOB, NOBODY, text, transfer};
use crate::raw::{Running, error_text, start};

async fn connect(server: &Running) -> WsClient {
    WsClientBuilder::default().build(format!("ws://{}", server.address)).await.unwrap()
}

async fn next_block(blocks: &mut Subscription<BlockNotice>) -> String {
    match blocks.next().await.unwrap().unwrap() {
        BlockNotice::Block { block } => {
            format!("block {} with {:?} ids", block.header.height, block.ids.map(|ids| ids.len()))
        }
        BlockNotice::Gap { from_height, to_height, reason } => {
            format!("gap {from_height}-{to_height}: {reason:?}")
        }
    }
}

async fn next_receipts(
    receipts: &mut Subscription<ReceiptNotice>,
) -> (Position, Vec<LocatedReceipt>) {
    match receipts.next().await.unwrap().unwrap() {
        ReceiptNotice::Receipts { next, receipts } => (next, receipts),
        ReceiptNotice::Gap { .. } => panic!("a gap"),
    }
}

/// The next message with receipts: on a slow machine some of the position alone come before.
async fn next_matching(
    receipts: &mut Subscription<ReceiptNotice>,
) -> (Position, Vec<LocatedReceipt>) {
    loop {
        let (next, matching) = next_receipts(receipts).await;
        if !matching.is_empty() {
            return (next, matching);
        }
    }
}

#[tokio::test]
async fn blocks_are_sent_from_the_next_or_any_height() {
    let server = start().await;
    let client = connect(&server).await;
    server.node.decide();
    let mut fresh = client.subscribe_blocks(None, None).await.unwrap();
    let mut old = client.subscribe_blocks(Some(0), Some(Detail::Ids)).await.unwrap();
    let mut ahead = client.subscribe_blocks(Some(3), None).await.unwrap();
    drop(server.node.submit(vec![transfer(ALICE, BOB, 1, 0)]));
    server.node.decide();
    server.node.decide();
    assert_eq!(next_block(&mut fresh).await, "block 2 with None ids");
    assert_eq!(next_block(&mut fresh).await, "block 3 with None ids");
    assert_eq!(next_block(&mut ahead).await, "block 3 with None ids");
    for (height, ids) in [(0, 0), (1, 0), (2, 1), (3, 0)] {
        let block = next_block(&mut old).await;
        assert_eq!(block, format!("block {height} with Some({ids}) ids"));
    }
}

#[tokio::test]
async fn pruned_blocks_are_reported_as_a_gap() {
    let server = start().await;
    for _ in 0..9 {
        server.node.decide();
    }
    server.node.earliest.store(6, Ordering::Relaxed);
    let client = connect(&server).await;
    let mut blocks = client.subscribe_blocks(Some(2), None).await.unwrap();
    assert_eq!(next_block(&mut blocks).await, "gap 2-5: Pruned");
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

/// What the kernel does by itself has no sender, and its place is after all transactions.
#[tokio::test]
async fn receipts_without_a_transaction_are_notified() {
    let server = start().await;
    let client = connect(&server).await;
    drop(server.node.submit(vec![transfer(ALICE, BOB, 1, 0)]));
    let own = Receipt {
        transaction: Receipt::id_without_transaction(&Hash([1; 32]), 1, 1),
        outcome: Outcome::Success(Vec::new()),
        gas_used: 0,
        events: Vec::new(),
    };
    server.node.decide_with(vec![own.clone()]);
    let from = Some(Position::first_of(1));
    let mut all = client.subscribe_receipts(None, from).await.unwrap();
    let (next, receipts) = next_matching(&mut all).await;
    assert_eq!(next, Position::first_of(2));
    let found: Vec<_> = receipts.iter().map(|it| (it.position.index, it.sender.clone())).collect();
    assert_eq!(found, [(0, Some(text(ALICE))), (1, None)]);
    assert_eq!(receipts[1].receipt.transaction, own.transaction);
    // Filters by sender pass it over, and the same id is found.
    let ids = ReceiptFilter { ids: Some(vec![own.transaction]), ..ReceiptFilter::default() };
    let mut by_id = client.subscribe_receipts(Some(ids), from).await.unwrap();
    assert_eq!(next_matching(&mut by_id).await.1, receipts[1..]);
    let sender = ReceiptFilter { sender: Some(text(ALICE)), ..ReceiptFilter::default() };
    let mut of_alice = client.subscribe_receipts(Some(sender), from).await.unwrap();
    assert_eq!(next_matching(&mut of_alice).await.1, receipts[..1]);
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

    let (next, receipts) = next_matching(&mut alice).await;
    assert_eq!((next, receipts.len()), (Position { height: 1, index: 500 }, 500));
    let (next, receipts) = next_matching(&mut alice).await;
    assert_eq!((next, receipts.len()), (Position::first_of(2), 100));
    assert_eq!(next_matching(&mut all).await.1.len(), 500);
    assert_eq!(next_matching(&mut all).await.1.len(), 101);

    let from = Some(Position { height: 1, index: 598 });
    let mut resumed = client.subscribe_receipts(Some(of_alice), from).await.unwrap();
    let (next, receipts) = next_matching(&mut resumed).await;
    assert_eq!((next, receipts.len()), (Position::first_of(2), 2));

    let wanted = ReceiptFilter { ids: Some(ids), without_events: true, ..Default::default() };
    let mut two = client.subscribe_receipts(Some(wanted), begin).await.unwrap();
    let (_, receipts) = next_matching(&mut two).await;
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

/// The id of a subscription is given by name or by position, like any parameter.
#[tokio::test]
async fn a_subscription_is_ended_by_name_or_position() {
    let server = start().await;
    let client = connect(&server).await;
    for is_named in [true, false] {
        let blocks = client.subscribe_blocks(None, None).await.unwrap();
        let SubscriptionKind::Subscription(id) = blocks.kind().clone() else { panic!("no id") };
        let mut named = ObjectParams::new();
        named.insert("subscription", &id).unwrap();
        let mut positional = ArrayParams::new();
        positional.insert(&id).unwrap();
        let ended: bool = match is_named {
            true => client.request("chain_unsubscribeBlocks", named).await.unwrap(),
            false => client.request("chain_unsubscribeBlocks", positional).await.unwrap(),
        };
        assert!(ended, "named: {is_named}");
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

#[tokio::test]
async fn blocks_are_followed_in_every_detail() {
    let server = start().await;
    let client = connect(&server).await;
    drop(server.node.submit((0..3).map(|n| transfer(ALICE, BOB, 1, n)).collect()));
    server.node.decide();
    for detail in [Detail::Header, Detail::Ids, Detail::Full, Detail::Canonical] {
        let mut blocks = client.subscribe_blocks(Some(1), Some(detail)).await.unwrap();
        let notice = blocks.next().await.unwrap().unwrap();
        let read = client.blocks(1, None, Some(detail)).await.unwrap().blocks.remove(0);
        assert_eq!(notice, BlockNotice::Block { block: Box::new(read) }, "{detail:?}");
    }
}

/// A block that is longer than what was set aside for the last one, and all after it.
#[tokio::test]
async fn long_and_short_blocks_are_followed_whole() {
    let server = start().await;
    let client = connect(&server).await;
    let mut blocks = client.subscribe_blocks(Some(1), Some(Detail::Full)).await.unwrap();
    let counts = [1, 3_000, 0, 1];
    let mut sequence = 0;
    for count in counts {
        let transfers = (sequence..sequence + count).map(|n| transfer(ALICE, BOB, 1, n));
        drop(server.node.submit(transfers.collect()));
        sequence += count;
        server.node.decide();
    }
    for (height, count) in (1..).zip(counts) {
        let notice = blocks.next().await.unwrap().unwrap();
        let BlockNotice::Block { block } = notice else { panic!("a gap") };
        assert_eq!((block.header.height, block.receipts.unwrap().len() as u64), (height, count));
    }
}

/// A block that is too long for a message is found to be that when it is built for the first time, and then known.
#[tokio::test]
async fn a_block_that_is_too_long_is_built_once() {
    let server = start().await;
    let client = connect(&server).await;
    let long = |index| Receipt {
        transaction: Receipt::id_without_transaction(&Hash([1; 32]), 1, index),
        outcome: Outcome::Failure(Failure {
            message: "\u{1}".repeat(1 << 20),
            ..Failure::new(None, Code::Trap, "")
        }),
        gas_used: 0,
        events: Vec::new(),
    };
    // 7 MiB, and as JSON six times as much, which nothing shows before it is built.
    server.node.decide_with((0..7).map(long).collect());
    server.node.decide();
    let built = || server.node.views_begun.load(Ordering::Relaxed);
    for _ in 0..2 {
        let before = built();
        let mut blocks = client.subscribe_blocks(Some(1), Some(Detail::Full)).await.unwrap();
        assert_eq!(next_block(&mut blocks).await, "gap 1-1: TooLong");
        assert_eq!(next_block(&mut blocks).await, "block 2 with None ids");
        blocks.unsubscribe().await.unwrap();
        // Block 2 is built for the second one too.
        assert!(built() - before <= 2 && built() <= 3, "built {} times", built());
    }
    let refused = client.blocks(1, None, Some(Detail::Full)).await.err().unwrap();
    let ClientError::Call(error) = refused else { panic!("{refused}") };
    assert!(error.data().unwrap().get().contains("LIMIT_EXCEEDED"), "{error}");
    assert_eq!(built(), 3);
    // With less detail it is sent.
    let mut blocks = client.subscribe_blocks(Some(1), Some(Detail::Ids)).await.unwrap();
    assert_eq!(next_block(&mut blocks).await, "block 1 with Some(0) ids");
}

#[tokio::test]
async fn receipts_are_filtered_by_module_event_and_account() {
    let server = start().await;
    let client = connect(&server).await;
    // What does not succeed has an address of Bob's in its arguments alone.
    let transfers = vec![
        transfer(ALICE, BOB, 1, 0),
        transfer(ALICE, NOBODY, 1, 1),
        transfer(BOB, ALICE, 99, 0),
    ];
    drop(server.node.submit(transfers));
    server.node.decide();
    let begin = Some(Position { height: 0, index: 0 });
    let found = async |filter: serde_json::Value| {
        let filter: ReceiptFilter = serde_json::from_value(filter).unwrap();
        let mut receipts = client.subscribe_receipts(Some(filter), begin).await.unwrap();
        let mut indexes = Vec::<u32>::new();
        // Where nothing of the block matches, its end is sent.
        loop {
            let (next, matching) = next_receipts(&mut receipts).await;
            indexes.extend(matching.iter().map(|it| it.position.index));
            if next >= Position::first_of(2) {
                return indexes;
            }
        }
    };
    assert_eq!(found(json!({"module": "wallet"})).await, [0, 1, 2]);
    assert_eq!(found(json!({"module": "wallet", "event": "transferred"})).await, [0, 1]);
    assert_eq!(found(json!({"account": text(NOBODY)})).await, [1]);
    assert_eq!(found(json!({"account": text(BOB)})).await, [0, 2]);
    assert_eq!(found(json!({"account": text(ALICE)})).await, [0, 1, 2]);
    assert_eq!(found(json!({"account": text(BOB), "sender": text(ALICE)})).await, [0]);
    // Of what never matches, only the position is sent.
    assert_eq!(found(json!({"module": "wallet", "event": "closed"})).await, [0; 0]);
}

/// A position that moves while nothing matches is sent, and going on from there loses nothing.
#[tokio::test]
async fn the_position_moves_without_matches() {
    let server = start().await;
    let client = connect(&server).await;
    let of_bob = ReceiptFilter { sender: Some(text(BOB)), ..ReceiptFilter::default() };
    let mut receipts = client.subscribe_receipts(Some(of_bob.clone()), None).await.unwrap();
    drop(server.node.submit(vec![transfer(ALICE, BOB, 5, 0)]));
    server.node.decide();
    server.node.decide();
    let mut reached = Position::first_of(0);
    while reached != Position::first_of(3) {
        let (next, receipts) = next_receipts(&mut receipts).await;
        assert!(receipts.is_empty() && next > reached, "{next:?}");
        reached = next;
    }
    drop(receipts);
    drop(server.node.submit(vec![transfer(BOB, ALICE, 5, 0)]));
    server.node.decide();
    let mut resumed = client.subscribe_receipts(Some(of_bob), Some(reached)).await.unwrap();
    let (next, receipts) = next_matching(&mut resumed).await;
    assert_eq!((next, receipts.len()), (Position::first_of(4), 1));
    assert_eq!(receipts[0].position, Position::first_of(3));
}

/// A position in a block that is yet to come cannot be checked before: the subscription ends once it is seen that no such
/// position exists, and does not continue in silence after the block.
#[tokio::test]
async fn a_position_that_a_later_block_does_not_have_ends_the_subscription() {
    let server = start().await;
    let from = |index: u32| {
        let params = json!({"from": {"height": 1, "index": index}});
        json!({"jsonrpc": "2.0", "method": "tx_subscribeReceipts", "params": params, "id": 1})
    };
    let (mut wrong, mut right) = (server.socket().await, server.socket().await);
    for (socket, index) in [(&mut wrong, 4), (&mut right, 2)] {
        let answer = socket.ask(&from(index).to_string()).await.unwrap();
        assert!(answer["result"].is_u64(), "{answer}");
    }
    drop(server.node.submit((0..3).map(|n| transfer(ALICE, BOB, 1, n)).collect()));
    server.node.decide();
    let ended = wrong.next().await.unwrap().to_string();
    assert!(ended.contains("no position 4 in block 1, which has 3 receipts"), "{ended}");
    let found = right.next().await.unwrap()["params"]["result"].clone();
    assert_eq!(found["receipts"][0]["index"], 2, "{found}");
    assert_eq!(found["next"], json!({"height": 2, "index": 0}), "{found}");
}

#[tokio::test]
async fn subscriptions_that_cannot_be_are_refused() {
    let server = start().await;
    drop(server.node.submit((0..3).map(|n| transfer(ALICE, BOB, 1, n)).collect()));
    server.node.decide();
    server.node.decide();
    let mut socket = server.socket().await;
    let position = |height: u64, index: u32| json!({"from": {"height": height, "index": index}});
    let filter = |filter: serde_json::Value| json!({"filter": filter});
    let receipts = [
        (position(1, 4), "-32602 INVALID_REQUEST", "no position 4 in block 1, which has 3"),
        (position(2, 1), "-32602 INVALID_REQUEST", "no position 1 in block 2, which has 0"),
        (position(1 << 53, 0), "-32602 INVALID_REQUEST", "above the head, 2"),
        (position(u64::MAX, u32::MAX), "-32602 INVALID_REQUEST", "above the head, 2"),
        (filter(json!({"module": "bank"})), "-32030 UNKNOWN_MODULE", "the name bank"),
        (
            filter(json!({"module": "wallet", "event": "lost"})),
            "-32602 INVALID_REQUEST",
            "its events are: transferred, closed",
        ),
        (filter(json!({"event": "closed"})), "-32602 INVALID_REQUEST", "must name the module"),
        (filter(json!({"account": "ehbt1x"})), "-32602 INVALID_REQUEST", "address"),
    ];
    let blocks = [(json!({"fromHeight": 1u64 << 53}), "-32602 INVALID_REQUEST", "above the head")];
    let rows = receipts.into_iter().map(|row| ("tx_subscribeReceipts", row));
    for (method, (params, expected, part)) in
        rows.chain(blocks.into_iter().map(|row| ("chain_subscribeBlocks", row)))
    {
        let call = json!({"jsonrpc": "2.0", "method": method, "params": params, "id": 1});
        let answer = socket.ask(&call.to_string()).await.unwrap();
        assert_eq!(error_text(&answer), expected, "{params}");
        assert!(answer.to_string().contains(part), "{params}: {answer}");
    }
    // The last position of a block, its end, and one that is yet to come are none of these.
    for from in [position(1, 2), position(1, 3), position(9, 0)] {
        let (method, mut socket) = ("tx_subscribeReceipts", server.socket().await);
        let call = json!({"jsonrpc": "2.0", "method": method, "params": from, "id": 1});
        let answer = socket.ask(&call.to_string()).await.unwrap();
        assert!(answer["result"].is_string() || answer["result"].is_number(), "{answer}");
    }
}
