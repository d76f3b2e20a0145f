//! Followers over connections that fail in each way and at each point.

use std::time::Duration;

use ehb_sdk::api::{BlockNotice, Detail, Position, ReceiptFilter, ReceiptNotice};
use ehb_sdk::{Blocks, Client, Code, Error, Patience, Receipts};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::proxy::{Fault, Proxy};
use crate::{DEADLINE, Running, chain, start};

/// The step between the moments at which a line fails, in bytes from the node.
const STEP_BYTES: usize = 131;

fn patience() -> Patience {
    Patience {
        silence: Duration::from_millis(400),
        pause_first: Duration::from_millis(10),
        pause_max: Duration::from_millis(50),
        outage: Duration::from_millis(500),
    }
}

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
        let ReceiptNotice::Receipts { next, receipts } = notice.unwrap() else { panic!("a gap") };
        assert_eq!((next, receipts.len()), (Position::first_of(height + 1), 1));
    }
}

/// A node with five blocks, and further ones only on demand.
async fn with_blocks() -> Running {
    let running = start().await;
    running.net.hold_blocks().unwrap();
    for sequence in 0..5 {
        running.decide(sequence).await;
    }
    running
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
            let begin = Position::first_of(1);
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
    running.decide(5).await;
    running.decide(6).await;
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
    running.net.hold_blocks().unwrap();
    running.submit((0..400).map(|sequence| running.transfer(sequence)).collect()).await;
    assert_eq!((running.net.produce_block().unwrap(), running.net.pending()), (1, 0));
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
        running.decide(sequence).await;
    }
    tokio::time::sleep(patience().silence * 6).await;
    expect_blocks(&mut blocks, 2..=300).await;
    running.decide(300).await;
    expect_blocks(&mut blocks, 301..=301).await;
    assert_eq!(proxy.connections(), before + 1);
}

/// Consumers that are slower than a burst, and read on while more comes: what the connection drops meanwhile is fetched
/// again. Receipts have no number that would show a gap.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn receipts_of_a_burst_reach_slow_consumers_whole() {
    const BLOCKS: u64 = 400;
    let running = with_blocks().await;
    for sequence in 5..BLOCKS {
        running.decide(sequence).await;
    }
    let mut followers = JoinSet::new();
    for follower in 0..8u64 {
        let url = running.url.clone();
        followers.spawn(async move {
            let client = Client::connect_any(&[&url], patience()).await.unwrap();
            let begin = Position::first_of(1);
            let mut receipts = client.receipts(ReceiptFilter::default(), Some(begin));
            for height in 1..=BLOCKS {
                expect_receipts(&mut receipts, height..=height).await;
                if height % (5 + follower) == 0 {
                    tokio::time::sleep(Duration::from_millis(1 + height % 7)).await;
                }
            }
        });
    }
    followers.join_all().await;
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
    let mut running = with_blocks().await;
    let second = running.net.endpoint(([127, 0, 0, 1], 0).into()).unwrap();
    let stranger = chain();
    let urls = [running.url.as_str(), stranger.url(), second.url()];
    let client = Client::connect_any(&urls, patience()).await.unwrap();
    let mut blocks = client.blocks(None, Detail::Header);
    // The first call starts the subscription, at the next block.
    let early = timeout(patience().silence, blocks.next()).await;
    assert!(early.is_err(), "{early:?}");
    running.decide(5).await;
    expect_blocks(&mut blocks, 6..=6).await;
    running.endpoint.close().await;
    running.decide(6).await;
    expect_blocks(&mut blocks, 7..=7).await;
}

#[tokio::test]
async fn a_node_of_another_chain_is_never_followed() {
    let mut running = with_blocks().await;
    let client = Client::connect_any(&[&running.url], patience()).await.unwrap();
    let address = running.endpoint.address();
    running.endpoint.close().await;
    let stranger = chain();
    stranger.produce_block().unwrap();
    let _other = stranger.endpoint(address).unwrap();
    let refused = client.blocks(Some(1), Detail::Header).next().await.unwrap_err();
    assert!(refused.is(Code::WrongChain), "{refused}");
    assert!(refused.to_string().contains("is on the chain"), "{refused}");
}

/// All nodes have a new chain: no waiting helps. As long as one can be of the chain, it is waited for.
#[tokio::test]
async fn a_follower_whose_nodes_are_all_of_another_chain_ends() {
    let mut running = with_blocks().await;
    let mut second = running.net.endpoint(([127, 0, 0, 1], 0).into()).unwrap();
    let urls = [running.url.clone(), format!("http://{}", second.address())];
    let patience = Patience { outage: Duration::from_secs(600), ..patience() };
    let client = Client::connect_any(&[&urls[0], &urls[1]], patience).await.unwrap();
    let addresses = [running.endpoint.address(), second.address()];
    running.endpoint.close().await;
    second.close().await;
    let stranger = chain();
    stranger.produce_block().unwrap();
    let _first = stranger.endpoint(addresses[0]).unwrap();
    let mut blocks = client.blocks(Some(1), Detail::Header);
    assert!(
        timeout(Duration::from_millis(500), blocks.next()).await.is_err(),
        "the other one can return"
    );
    let _second = stranger.endpoint(addresses[1]).unwrap();
    let error = timeout(DEADLINE, blocks.next()).await.unwrap().unwrap_err();
    assert!(error.is(Code::WrongChain), "{error}");
}

/// A node that is restarted, or out for some minutes, is no error.
#[tokio::test]
async fn an_outage_of_minutes_is_waited_for() {
    let mut running = with_blocks().await;
    let client = Client::connect_any(&[&running.url], Patience::default()).await.unwrap();
    let address = running.endpoint.address();
    running.endpoint.close().await;
    let mut blocks = client.blocks(Some(1), Detail::Header);
    // Time jumps where nothing else happens.
    tokio::time::pause();
    let nine_minutes = Duration::from_secs(540);
    let waited = timeout(nine_minutes, blocks.next()).await;
    assert!(waited.is_err(), "{waited:?}");
    tokio::time::resume();
    let _again = running.net.endpoint(address).unwrap();
    expect_blocks(&mut blocks, 1..=5).await;
}

#[tokio::test]
async fn a_longer_outage_is_an_error() {
    let mut running = with_blocks().await;
    let client = Client::connect_any(&[&running.url], Patience::default()).await.unwrap();
    running.endpoint.close().await;
    let mut blocks = client.blocks(Some(1), Detail::Header);
    tokio::time::pause();
    let eleven_minutes = Duration::from_secs(660);
    let error = timeout(eleven_minutes, blocks.next()).await.unwrap().unwrap_err();
    assert!(error.retryable(), "{error}");
}

/// Without a node, the error is returned, and retries continue.
#[tokio::test]
async fn a_node_that_returns_after_the_error_is_followed() {
    let mut running = with_blocks().await;
    let client = Client::connect_any(&[&running.url], patience()).await.unwrap();
    let address = running.endpoint.address();
    running.endpoint.close().await;
    let mut blocks = client.blocks(Some(1), Detail::Header);
    let error = timeout(DEADLINE, blocks.next()).await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }) && error.retryable(), "{error}");
    let _again = running.net.endpoint(address).unwrap();
    let notice = loop {
        // Another error may have been returned before the node was up.
        if let Ok(notice) = timeout(DEADLINE, blocks.next()).await.unwrap() {
            break notice;
        }
    };
    let BlockNotice::Block { block } = notice else { panic!("a gap") };
    assert_eq!(block.header.height, 1);
}
