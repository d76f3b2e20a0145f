//! Followers and readers of a block that is too long for one answer.

use ehb_sdk::api::{BlockNotice, Detail};
use ehb_sdk::{Hash, Name};
use ehb_types::{Event, Outcome, Receipt};
use tokio::time::timeout;

use crate::{DEADLINE, Running, start};

/// A chain whose first block has 40 MiB of receipts, and a second block.
async fn with_a_long_block() -> (Running, Vec<Receipt>) {
    let running = start().await;
    running.net.hold_blocks().unwrap();
    running.decide(0).await;
    running.decide(1).await;
    let wallet = Name::new("wallet").unwrap();
    let receipt = |id: u8| Receipt {
        transaction: Hash([id; 32]),
        outcome: Outcome::Success(vec![Vec::new()]),
        gas_used: 1,
        events: vec![Event { call: 0, module: wallet.clone(), data: vec![id; 64 << 10] }; 64],
    };
    let receipts: Vec<_> = (0..10).map(receipt).collect();
    running.node.show_receipts(1, receipts.clone());
    (running, receipts)
}

/// Followers get it whole, and go on with the next block.
#[tokio::test]
async fn a_block_longer_than_an_answer_is_followed_whole() {
    let (running, receipts) = with_a_long_block().await;
    for detail in [Detail::Canonical, Detail::Full] {
        let mut blocks = running.client.blocks(Some(1), detail);
        for height in 1..=2 {
            let notice = timeout(DEADLINE, blocks.next()).await.expect("the follower hangs");
            let BlockNotice::Block { block } = notice.unwrap() else { panic!("{detail:?}: a gap") };
            assert_eq!((block.header.height, block.next_index), (height, None));
            if height == 2 {
                continue;
            }
            if let Some(canonical) = &block.canonical {
                assert!(canonical.decode().unwrap().1 == receipts);
            } else {
                let shown = block.receipts.as_ref().unwrap().iter().map(|it| it.transaction);
                assert!(shown.eq(receipts.iter().map(|it| it.transaction)));
                assert_eq!(block.transactions.as_ref().unwrap().len(), 1);
            }
        }
    }
}

#[tokio::test]
async fn a_block_longer_than_an_answer_is_read_whole() {
    let (running, receipts) = with_a_long_block().await;
    let block = running.client.whole_block(1, Detail::Canonical).await.unwrap();
    let (read, shown, certificate) = block.canonical.unwrap().decode().unwrap();
    assert_eq!((read.hash(), certificate.unwrap().height), (block.hash, 1));
    assert!(shown == receipts);
}
