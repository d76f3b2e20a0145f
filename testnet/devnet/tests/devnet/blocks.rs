//! Blocks of the chain in memory: held, released and expired transactions.

use std::time::Duration;

use ehb_sdk::api::FateView;
use ehb_sdk::{Code, Draft};

use crate::{available, payment, signer, start};

/// Longer than any test takes.
const PATIENCE: Duration = Duration::from_secs(300);

#[tokio::test]
async fn held_transactions_are_pending_until_a_block_is_produced() {
    let (net, client) = start().await;
    net.hold_blocks().unwrap();
    let alice = signer(&net, "alice");
    let mut ids = Vec::new();
    for _ in 0..2 {
        let draft = payment(&net, &client, "bob", 1).await;
        let signed = client.sign_next(&alice, draft).await.unwrap();
        ids.push(client.submit(&signed).await.unwrap());
    }
    assert_eq!((net.height(), net.pending()), (0, 2));
    assert!(ids.iter().all(|id| net.is_pending(id)));
    assert_eq!(net.produce_block().unwrap(), 1);
    assert!(!net.is_pending(&ids[0]) && net.is_pending(&ids[1]));
    assert_eq!(net.produce_block().unwrap(), 2);
    assert_eq!((net.pending(), available(&net, &client, "bob").await), (0, "100002".to_owned()));

    // An empty one seals it, and then none is due for a while.
    assert_eq!(net.produce_block().unwrap(), 3);
    let before = net.now_ms();
    assert_eq!(net.produce_block().unwrap(), 4);
    assert!(net.now_ms() > before);
    net.release_blocks().unwrap();
    let draft = payment(&net, &client, "bob", 1).await;
    assert_eq!(client.execute(&alice, draft).await.unwrap().position.height, 5);
}

/// Blocks that were held become final as soon as they are released.
#[tokio::test]
async fn released_blocks_become_final_at_once() {
    let (net, client) = start().await;
    net.hold_blocks().unwrap();
    let draft = payment(&net, &client, "bob", 1).await;
    let signed = client.sign_next(&signer(&net, "alice"), draft).await.unwrap();
    let id = client.submit(&signed).await.unwrap();
    net.release_blocks().unwrap();
    assert_eq!((net.height(), net.is_pending(&id)), (1, false));
}

/// A transaction expires when the clock says so: the one before it takes the block that is held.
#[tokio::test]
async fn what_waits_too_long_expires_by_the_virtual_clock() {
    let (net, client) = start().await;
    net.hold_blocks().unwrap();
    let first = payment(&net, &client, "alice", 1).await;
    let first = client.sign_next(&signer(&net, "bob"), first).await.unwrap();
    client.submit(&first).await.unwrap();
    let draft = payment(&net, &client, "bob", 1).await.valid_until_ms(net.now_ms() + 60_000);
    let signed = client.sign_next(&signer(&net, "alice"), draft).await.unwrap();
    let id = client.submit(&signed).await.unwrap();

    let waiting = tokio::spawn({
        let client = client.clone();
        async move { client.wait(&id, PATIENCE).await }
    });
    net.advance(Duration::from_secs(120)).unwrap();
    net.release_blocks().unwrap();
    net.produce_block().unwrap();
    let error = waiting.await.unwrap().unwrap_err();
    assert!(error.is(Code::Expired), "{error}");
    assert!(matches!(client.fate(&id, None).await.unwrap(), FateView::Expired { .. }));
    assert_eq!(available(&net, &client, "alice").await, "100001");
}

#[tokio::test]
async fn what_a_node_refuses_is_refused() {
    let (net, client) = start().await;
    let alice = signer(&net, "alice");
    let draft: Draft = payment(&net, &client, "bob", 1).await.gas_limit(100_000);
    let gap = client.execute(&alice, draft.clone().sequence(10_001)).await.unwrap_err();
    assert!(gap.is(Code::SequenceGap), "{gap}");
    let too_much = payment(&net, &client, "bob", 100_001).await;
    let refused = client.execute(&alice, too_much).await.unwrap_err();
    assert!(refused.is(Code::ModuleError), "{refused}");
    let error = refused.module_error().unwrap();
    assert_eq!(error.value.value["insufficient-balance"]["available"], "100000");
}
