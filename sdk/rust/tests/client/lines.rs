//! Followers over connections that fail in each way and at each point.

use std::sync::Arc;
use std::time::Duration;

use ehb_sdk::api::{BlockNotice, Detail, Position, ReceiptFilter, ReceiptNotice};
use ehb_sdk::{Blocks, Client, Error, Patience, Receipts};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::fake::{ALICE, BOB, FakeNode, transfer};
use crate::proxy::{Fault, Proxy};
use crate::{Running, serve, start};

/// The step between the moments at which a line fails, in bytes from the node.
const STEP_BYTES: usize = 131;

fn patience() -> Patience {
    Patience {
        silence: Duration::from_millis(400),
        pause_first: Duration::from_millis(10),
        pause_max: Duration::from_millis(50),
    }
}

/// The deadline: anything slower hangs.
const DEADLINE: Duration = Duration::from_secs(120);

/// Blocks up to a height, in order and each once.
async fn expect_blocks(blocks: &mut Blocks, heights: std::ops::RangeInclusive<u64>) {
    for height in heights {
        let notice = timeout(DEADLINE, blocks.next()).await.expect("the follower hangs");
        let BlockNotice::Block { block } = notice.unwrap() else { panic!("a gap") };
        assert_eq!(block.header.height, height);
    }
}

/// The receipts of one transfer a block, in order and each once.
async fn expect_receipts(receipts: &mut Receipts, heights: std::ops::RangeInclusive<u64>) {
    for height in heights {
        let notice = timeout(DEADLINE, receipts.next()).await.expect("the follower hangs");
        let ReceiptNotice::Receipts { position, receipts } = notice.unwrap() else {
            panic!("a gap")
        };
        assert_eq!((position.height, receipts.len()), (height, 1));
    }
}

/// A block with one transfer.
fn decide(node: &FakeNode, sequence: u64) {
    let payment = transfer(ALICE, BOB, 1, sequence);
    drop(ehb_rpc_server::Backend::submit(node, vec![payment]));
    node.decide();
}

/// A node with five blocks, which decides on demand.
async fn with_blocks() -> Running {
    let running = start().await;
    running.node.decides_at_once.store(false, std::sync::atomic::Ordering::Relaxed);
    for sequence in 0..5 {
        decide(&running.node, sequence);
    }
    running
}

/// Stops a node and returns its port.
async fn stop(running: &Running) -> u16 {
    running.task.abort();
    while !running.task.is_finished() {
        tokio::task::yield_now().await;
    }
    running.url.rsplit(':').next().unwrap().parse().unwrap()
}

/// Connections that fail in one way: the first one fails after each number of bytes, and the follower still
/// returns the same blocks and receipts.
async fn misses_nothing(fault: Fault) {
    let running = with_blocks().await;
    let mut followers = JoinSet::new();
    // A whole session up to the seventh block has some 12,000 bytes.
    for after_bytes in (0..14_000).step_by(STEP_BYTES) {
        let url = running.url.clone();
        followers.spawn(async move {
            let proxy = Proxy::to(&url).await;
            let client = Client::connect_any(&[&proxy.url], patience()).await.unwrap();
            proxy.fail_next(after_bytes, fault);
            let follows_blocks = after_bytes % 2 == 0;
            let mut blocks = client.blocks(Some(1), Detail::Ids);
            let begin = Position { height: 0, index: 0 };
            let mut receipts = client.receipts(ReceiptFilter::default(), Some(begin));
            if follows_blocks {
                expect_blocks(&mut blocks, 1..=5).await;
            } else {
                expect_receipts(&mut receipts, 1..=5).await;
            }
            (proxy, follows_blocks, blocks, receipts)
        });
    }
    let followers = followers.join_all().await;
    // Blocks decided while the connection is idle arrive too, however it failed then.
    decide(&running.node, 5);
    decide(&running.node, 6);
    let mut waiting = JoinSet::new();
    for (proxy, follows_blocks, mut blocks, mut receipts) in followers {
        waiting.spawn(async move {
            if follows_blocks {
                expect_blocks(&mut blocks, 6..=7).await;
            } else {
                expect_receipts(&mut receipts, 6..=7).await;
            }
            drop(proxy);
        });
    }
    waiting.join_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_connection_misses_nothing() {
    misses_nothing(Fault::Cut).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_connection_misses_nothing() {
    misses_nothing(Fault::Silent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_open_connection_misses_nothing() {
    misses_nothing(Fault::HalfOpen).await;
}

/// A message that takes longer than the silence timeout arrives eventually.
#[tokio::test]
async fn a_slow_connection_is_not_considered_dead() {
    let running = start().await;
    running.node.decides_at_once.store(false, std::sync::atomic::Ordering::Relaxed);
    let payments = (0..400).map(|sequence| transfer(ALICE, BOB, 1, sequence)).collect();
    drop(ehb_rpc_server::Backend::submit(&*running.node, payments));
    running.node.decide();
    let proxy = Proxy::to(&running.url).await;
    let client = Client::connect_any(&[&proxy.url], patience()).await.unwrap();
    // The block's 27,000 bytes take 1.1 seconds.
    for _ in 0..16 {
        proxy.fail_next(0, Fault::Slow(500));
    }
    let mut blocks = client.blocks(Some(1), Detail::Ids);
    expect_blocks(&mut blocks, 1..=1).await;
}

/// The connection is read, and its pings are answered, while the consumer does not read.
#[tokio::test]
async fn a_slow_consumer_misses_nothing_and_keeps_its_connection() {
    let running = with_blocks().await;
    let proxy = Proxy::to(&running.url).await;
    let client = Client::connect_any(&[&proxy.url], patience()).await.unwrap();
    let before = proxy.connections();
    let mut blocks = client.blocks(Some(1), Detail::Ids);
    expect_blocks(&mut blocks, 1..=1).await;
    for sequence in 5..300 {
        decide(&running.node, sequence);
    }
    tokio::time::sleep(patience().silence * 6).await;
    expect_blocks(&mut blocks, 2..=300).await;
    decide(&running.node, 300);
    expect_blocks(&mut blocks, 301..=301).await;
    assert_eq!(proxy.connections(), before + 1);
}

/// Repeated calls with a short timeout do not restart from the beginning each time.
#[tokio::test]
async fn a_cancelled_call_loses_nothing() {
    let running = with_blocks().await;
    let client = Client::connect_any(&[&running.url], patience()).await.unwrap();
    let mut blocks = client.blocks(Some(1), Detail::Header);
    for height in 1..=5 {
        let notice = loop {
            tokio::select! {
                biased;
                () = tokio::task::yield_now() => {}
                notice = blocks.next() => break notice.unwrap(),
            }
            if let Ok(notice) = timeout(Duration::from_millis(1), blocks.next()).await {
                break notice.unwrap();
            }
        };
        let BlockNotice::Block { block } = notice else { panic!("a gap") };
        assert_eq!(block.header.height, height);
    }
}

#[tokio::test]
async fn followers_continue_at_another_node_of_the_same_chain() {
    let running = with_blocks().await;
    let (port, second) = serve(running.node.clone(), 0).await;
    let second_url = format!("http://127.0.0.1:{port}");
    let stranger = FakeNode::with_accounts(1);
    let (port, other_chain) = serve(stranger, 0).await;
    let other_url = format!("http://127.0.0.1:{port}");
    let urls = [running.url.as_str(), &other_url, &second_url];
    let client = Client::connect_any(&urls, patience()).await.unwrap();
    let mut blocks = client.blocks(None, Detail::Header);
    // The first call starts the subscription, at the next block.
    let early = timeout(patience().silence, blocks.next()).await;
    assert!(early.is_err(), "{early:?}");
    decide(&running.node, 5);
    expect_blocks(&mut blocks, 6..=6).await;
    running.task.abort();
    decide(&running.node, 6);
    expect_blocks(&mut blocks, 7..=7).await;
    second.abort();
    other_chain.abort();
}

#[tokio::test]
async fn a_node_of_another_chain_is_never_followed() {
    let running = with_blocks().await;
    let client = Client::connect_any(&[&running.url], patience()).await.unwrap();
    let port = stop(&running).await;
    let stranger: Arc<FakeNode> = FakeNode::with_accounts(1);
    stranger.decide();
    let (_, other_chain) = serve(stranger, port).await;
    let refused = client.blocks(Some(1), Detail::Header).next().await.unwrap_err();
    assert!(matches!(refused, Error::Protocol(_)), "{refused}");
    assert!(refused.to_string().contains("is on the chain"), "{refused}");
    other_chain.abort();
}

/// Without a node, the error is returned, and retries continue.
#[tokio::test]
async fn a_node_that_returns_after_the_error_is_followed() {
    let running = with_blocks().await;
    let client = Client::connect_any(&[&running.url], patience()).await.unwrap();
    let port = stop(&running).await;
    let mut blocks = client.blocks(Some(1), Detail::Header);
    let error = timeout(DEADLINE, blocks.next()).await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }) && error.retryable(), "{error}");
    let (_, task) = serve(running.node.clone(), port).await;
    let notice = loop {
        // Another error may have been returned before the node was up.
        if let Ok(notice) = timeout(DEADLINE, blocks.next()).await.unwrap() {
            break notice;
        }
    };
    let BlockNotice::Block { block } = notice else { panic!("a gap") };
    assert_eq!(block.header.height, 1);
    task.abort();
}
