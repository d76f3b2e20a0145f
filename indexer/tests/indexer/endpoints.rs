//! Endpoints that lie, lag or disappear.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ehb_devnet::DevNet;
use ehb_indexer::check::CheckError;
use ehb_indexer::index::{self, IndexError, Settings};
use ehb_indexer::progress::Progress;
use ehb_indexer::source::{Source, SourceError};
use ehb_types::Hash;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::chain::{SHOP_CODE, TestChain, name, shop_two};
use crate::database::{PATIENCE, TestDatabase, checksums, index_source, index_to, one, source};
use crate::node::{Answers, TestNode};

const HEIGHTS: u64 = 90;

/// Indexes from a first endpoint that is wrong in some way and a second one that is right, and compares the tables with
/// those from the right one alone.
async fn mends(test: &str, wrong: impl FnOnce(&mut Answers)) {
    let chain = TestChain::busy("mends", HEIGHTS);
    let whole = TestDatabase::new(&format!("{test}_whole")).await;
    index_to(&mut whole.database(), &[&TestNode::new("a", &chain)], HEIGHTS - 2).await.unwrap();
    let expected = checksums(&mut whole.connect().await).await;
    let database = TestDatabase::new(test).await;
    let (first, second) = (TestNode::new("first", &chain), TestNode::new("second", &chain));
    wrong(&mut first.answers());
    index_to(&mut database.database(), &[&first, &second], HEIGHTS - 2).await.unwrap();
    assert_eq!(checksums(&mut database.connect().await).await, expected);
    assert!(second.answers().asked > 0);
    database.end().await;
    whole.end().await;
}

#[tokio::test]
async fn an_endpoint_that_lies_about_a_receipt_is_left() {
    mends("receipt", |it| it.blocks[70].receipts[0].events[0].data[70] ^= 1).await;
}

#[tokio::test]
async fn an_endpoint_with_the_right_head_and_wrong_old_blocks_is_left() {
    mends("old", |it| it.blocks[3].header.timestamp_ms += 1).await;
}

#[tokio::test]
async fn an_endpoint_that_sends_blocks_out_of_order_is_left() {
    mends("unordered", |it| it.blocks.swap(20, 21)).await;
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_left() {
    mends("gone", |it| it.gone = true).await;
}

/// It answers, and has nothing new, while the other one moves: three heartbeats are enough.
#[tokio::test]
async fn an_endpoint_that_lags_is_left() {
    mends("lags", |it| it.blocks.truncate(30)).await;
}

/// While no endpoint returns blocks, the progress says why; once one does, it says that all is well.
#[tokio::test]
async fn a_failure_of_all_endpoints_that_lasts_is_shown() {
    let chain = TestChain::busy("shown", 12);
    let test = TestDatabase::new("shown").await;
    let node = TestNode::new("a", &chain);
    let (settings, progress) = (Settings::default(), Progress::default());
    let (stop, stopped) = watch::channel(false);
    let mut database = test.database();
    let until = async |is_so: &dyn Fn() -> bool| {
        let deadline = Instant::now() + PATIENCE;
        while !is_so() {
            assert!(Instant::now() < deadline, "{progress:?}");
            sleep(Duration::from_millis(5)).await;
        }
    };
    let failing = async {
        until(&|| progress.height() == Some(10)).await;
        node.answers().gone = true;
        until(&|| progress.state().problem.is_some_and(|it| it.contains("a is gone"))).await;
        node.answers().gone = false;
        until(&|| progress.state().problem.is_none()).await;
        stop.send(true).unwrap();
    };
    let run = index::run(&settings, source(&[&node]), &mut database, &progress, stopped);
    let (ended, ()) = tokio::join!(run, failing);
    ended.unwrap();
    test.end().await;
}

#[tokio::test]
async fn another_chain_is_refused_with_both_genesis_hashes() {
    let (ours, theirs) = (TestChain::busy("ours", 12), TestChain::busy("theirs", 12));
    let test = TestDatabase::new("other_chain").await;
    index_to(&mut test.database(), &[&TestNode::new("a", &ours)], 10).await.unwrap();
    let error =
        index_to(&mut test.database(), &[&TestNode::new("b", &theirs)], 11).await.unwrap_err();
    assert_eq!(error.code(), "OTHER_CHAIN");
    let text = error.to_string();
    assert!(text.contains(&ours.chain.to_string()), "{text}");
    assert!(text.contains(&theirs.chain.to_string()), "{text}");
    test.end().await;
}

#[tokio::test]
async fn a_fork_behind_the_cursor_is_refused_with_both_hashes() {
    let mut chain = TestChain::busy("fork", 12);
    let test = TestDatabase::new("fork").await;
    index_to(&mut test.database(), &[&TestNode::new("a", &chain)], 10).await.unwrap();
    let ours = chain.blocks[10].header.hash();
    let parent = Hash([9; 32]);
    chain.blocks[11].header.parent = parent;
    chain.blocks[11].certificate = Some(chain.certificate(&chain.blocks[11].header));
    let error =
        index_to(&mut test.database(), &[&TestNode::new("b", &chain)], 11).await.unwrap_err();
    let IndexError::Check(fork) = &error else { panic!("{error}") };
    assert_eq!(*fork, CheckError::Fork { height: 11, parent, ours });
    let height = one(&mut test.connect().await, "select height from chain.cursor").await;
    assert_eq!(height.as_deref(), Some("10"));
    test.end().await;
}

/// No root binds an interface, so two endpoints must agree on it.
#[tokio::test]
async fn endpoints_that_show_different_interfaces_stop_the_source() {
    let chain = TestChain::busy("interfaces", 12);
    let (honest, liar) = (TestNode::new("honest", &chain), TestNode::new("liar", &chain));
    liar.answers().interfaces.insert((name("shop"), SHOP_CODE), (0, shop_two()));
    let mut source = source(&[&honest, &liar]);
    let error = source.interface(&name("shop"), SHOP_CODE, 0).await.unwrap_err();
    assert!(matches!(error, SourceError::Interfaces { .. }), "{error}");
}

/// A server that answers each request with a body that does not end. Returns its URL, and counts the answers that the client
/// cut off.
async fn endless() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let cut_off = Arc::new(AtomicUsize::new(0));
    let count = cut_off.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let count = count.clone();
            tokio::spawn(async move {
                let mut request = [0; 4_096];
                let _ = stream.read(&mut request).await;
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
                let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
                let _ = stream.write_all(head.as_bytes()).await;
                while stream.write_all(chunk.as_bytes()).await.is_ok() {}
                count.fetch_add(1, Ordering::Relaxed);
            });
        }
    });
    (url, cut_off)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_with_an_endless_answer_is_left() {
    let net = DevNet::start().unwrap();
    let height = (0..3).map(|_| net.produce_block().unwrap()).max().unwrap() - 1;
    let (url, cut_off) = endless().await;
    let test = TestDatabase::new("endless").await;
    let source = Source::new(&[url, net.url().to_owned()], None).unwrap();
    let (settings, progress) = (Settings::default(), Progress::default());
    index_source(&mut test.database(), source, &settings, &progress, height).await.unwrap();
    assert!(cut_off.load(Ordering::Relaxed) > 0);
    test.end().await;
}
