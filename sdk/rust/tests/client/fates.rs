//! Determines outcomes with nodes that lose transactions and connections that fail.

use std::sync::atomic::Ordering;
use std::time::Duration;

use ehb_rpc_server::{Fate, Refusal};
use ehb_sdk::api::OutcomeView;
use ehb_sdk::{Client, Code, Error, Hash, Outcome, Patience, Settled, SignedTransaction, Signer};
use tokio::time::timeout;

use crate::fixtures::{ALICE, BOB, address, key};
use crate::proxy::{Fault, Proxy};
use crate::withholding::Withholding;
use crate::{DEADLINE, GAS_LIMIT, Running, alice, start, transfer};

fn patience() -> Patience {
    Patience { silence: Duration::from_millis(300), ..Patience::default() }
}

/// A node that passes no transaction on until [`Withholding::pass_on`].
async fn undecided() -> Running {
    let running = start().await;
    running.node.withhold(true);
    running
}

/// A payment of 1 that was not sent yet.
async fn signed(client: &Client) -> SignedTransaction {
    let draft = transfer(client, "1").await.gas_limit(GAS_LIMIT);
    client.sign_next(&alice(), draft).await.unwrap()
}

/// The only transaction in the node's mempool, once it differs from this one.
async fn other_than(node: &Withholding, known: Option<Hash>) -> Hash {
    let found = async {
        loop {
            match node.waiting().first() {
                Some(id) if Some(*id) != known => return *id,
                _ => tokio::time::sleep(Duration::from_millis(1)).await,
            }
        }
    };
    timeout(DEADLINE, found).await.expect("nothing is submitted")
}

/// The node drops it twice; the same transaction becomes final.
#[tokio::test]
async fn dropped_transactions_are_sent_again() {
    let running = undecided().await;
    let sent = signed(&running.client).await;
    let (client, id) = (running.client.clone(), sent.id());
    let sending = tokio::spawn(async move { client.send(&sent, DEADLINE).await });
    for _ in 0..2 {
        assert_eq!(other_than(&running.node, None).await, id);
        let why = Refusal::new(Code::MempoolFull, "there was no room");
        running.node.lose(id, Fate::Unknown { dropped: Some(why) });
    }
    assert_eq!(other_than(&running.node, None).await, id);
    running.node.pass_on().await;
    let outcome = timeout(DEADLINE, sending).await.unwrap().unwrap().unwrap();
    let Outcome::Final(located) = outcome else { panic!("{outcome:?}") };
    assert_eq!(located.receipt.transaction, id);
    assert_eq!(running.balance().await, "1");
}

/// A client that certainly lost its sequence takes the next one, without waiting for a timeout.
#[tokio::test]
async fn a_superseded_transaction_is_built_again() {
    let running = undecided().await;
    let (client, draft) = (running.client.clone(), transfer(&running.client, "1").await);
    let executing = tokio::spawn(async move { client.execute(&alice(), draft).await });
    let first = other_than(&running.node, None).await;
    // Another node has one of the same sequence decided.
    let other = running.transfer(0);
    running.submit(vec![other.clone()]).await;
    running.client.wait(&other.id(), DEADLINE).await.unwrap();
    running.node.lose(first, Fate::Unknown { dropped: None });
    let second = other_than(&running.node, Some(first)).await;
    running.node.pass_on().await;
    let done = timeout(DEADLINE, executing).await.unwrap().unwrap().unwrap();
    assert_eq!(done.receipt.transaction, second);
    assert_eq!(running.balance().await, "2");
}

/// A sequence chosen by the caller is not replaced.
#[tokio::test]
async fn a_superseded_transaction_with_a_given_sequence_is_reported() {
    let running = undecided().await;
    let draft = transfer(&running.client, "1").await.sequence(0);
    let client = running.client.clone();
    let executing = tokio::spawn(async move { client.execute(&alice(), draft).await });
    let id = other_than(&running.node, None).await;
    let by = Hash([9; 32]);
    running.node.lose(id, Fate::Superseded { by: Some(by), height: 1 });
    let error = timeout(DEADLINE, executing).await.unwrap().unwrap().unwrap_err();
    assert!(matches!(error, Error::Superseded { by: Some(it), .. } if it == by), "{error}");
    assert!(error.is_sequence_taken() && error.retryable());
}

#[tokio::test]
async fn an_expired_transaction_is_certain_and_its_lane_continues() {
    let running = undecided().await;
    let draft = transfer(&running.client, "1").await;
    let draft = draft.valid_until_ms(running.net.now_ms() + 60_000);
    let client = running.client.clone();
    let executing = tokio::spawn(async move { client.execute(&alice(), draft).await });
    let id = other_than(&running.node, None).await;
    running.net.advance(Duration::from_secs(120)).unwrap();
    running.net.produce_block().unwrap();
    running.node.lose(id, Fate::Unknown { dropped: None });
    let error = timeout(DEADLINE, executing).await.unwrap().unwrap().unwrap_err();
    assert!(matches!(error, Error::Expired { .. }) && error.retryable(), "{error}");
    assert!(error.is(Code::Expired) && !error.is_sequence_taken());

    running.node.withhold(false);
    let draft = transfer(&running.client, "1").await;
    let done = timeout(DEADLINE, running.client.execute(&alice(), draft)).await.unwrap();
    assert!(done.is_ok(), "{done:?}");
}

/// A payment that expires in the next minute, and one after it, both at a node that passes nothing on.
async fn two_in_a_lane(running: &Running) -> [SignedTransaction; 2] {
    let client = &running.client;
    let until_ms = running.net.now_ms() + 60_000;
    let first = transfer(client, "1").await.gas_limit(GAS_LIMIT).valid_until_ms(until_ms);
    let first = client.sign_next(&alice(), first).await.unwrap();
    let second = transfer(client, "2").await.gas_limit(GAS_LIMIT);
    let second = client.sign_next(&alice(), second).await.unwrap();
    for signed in [&first, &second] {
        client.submit(signed).await.unwrap();
    }
    [first, second]
}

/// A decided block is later than the validity of the first one.
fn expire(running: &Running, first: &SignedTransaction) {
    running.net.advance(Duration::from_secs(120)).unwrap();
    running.net.produce_block().unwrap();
    running.node.lose(first.id(), Fate::Unknown { dropped: None });
}

/// Waits until the node has another transaction besides this one.
async fn filler_beside(node: &Withholding, other: Hash) -> Hash {
    let found = async {
        loop {
            match node.waiting().into_iter().find(|id| *id != other) {
                Some(id) => return id,
                None => tokio::time::sleep(Duration::from_millis(1)).await,
            }
        }
    };
    timeout(DEADLINE, found).await.expect("the gap stays open")
}

/// A client that knows of both closes the gap and pays once.
#[tokio::test]
async fn a_gap_after_an_expired_transaction_is_closed() {
    let running = undecided().await;
    let [first, second] = two_in_a_lane(&running).await;
    let (client, signed) = (running.client.clone(), second.clone());
    let sending = tokio::spawn(async move { client.settle_as(&alice(), &signed, DEADLINE).await });
    expire(&running, &first);
    let filler = filler_beside(&running.node, second.id()).await;
    running.node.withhold(false);
    running.node.pass_on().await;
    let outcome = timeout(DEADLINE, sending).await.unwrap().unwrap();
    let Outcome::Final(located) = outcome else { panic!("{outcome:?}") };
    assert_eq!(located.receipt.transaction, second.id());
    let filled = running.client.wait(&filler, DEADLINE).await.unwrap();
    assert!(matches!(filled.receipt.outcome, OutcomeView::Success { .. }), "{filled:?}");
    assert!(filled.receipt.events.is_empty());
    let outcome = running.client.settle(&first, DEADLINE).await;
    assert!(matches!(outcome, Outcome::Superseded { .. }), "{outcome:?}");
    assert_eq!(running.balance().await, "2");
}

/// A refused transaction leaves a gap before one that was signed after it. It can never act, so the gap is closed at once.
#[tokio::test]
async fn a_gap_after_a_refused_transaction_is_closed() {
    let running = start().await;
    let client = running.client.clone();
    let second = transfer(&client, "2").await.gas_limit(GAS_LIMIT).sequence(1);
    let second = client.sign_next(&alice(), second).await.unwrap();
    let sending = tokio::spawn(async move { client.send_as(&alice(), &second, DEADLINE).await });
    let first = transfer(&running.client, "1").await.gas_limit(1).sequence(0);
    let refused = running.client.execute(&alice(), first).await.unwrap_err();
    assert!(refused.is(Code::OutOfGas), "{refused}");
    let outcome = timeout(DEADLINE, sending).await.unwrap().unwrap().unwrap();
    assert!(matches!(outcome, Outcome::Final(_)), "{outcome:?}");
    assert_eq!(running.balance().await, "2");
}

/// Only the sequence of a transaction that the client knows and that expired is used for another one.
#[tokio::test]
async fn a_gap_whose_transaction_can_still_act_stays_open() {
    let running = undecided().await;
    let [first, second] = two_in_a_lane(&running).await;
    running.node.lose(first.id(), Fate::Unknown { dropped: None });
    let short = Duration::from_secs(1);
    let missing = |outcome: Outcome| match outcome {
        Outcome::Unknown { reason } => assert!(reason.contains("waits for sequence 0"), "{reason}"),
        other => panic!("{other:?}"),
    };
    // It has not expired.
    missing(running.client.settle_as(&alice(), &second, short).await);
    assert_eq!(running.node.waiting(), [second.id()]);
    // It has, but this client does not know it: it could be another program's.
    expire(&running, &first);
    let other = Client::connect(&running.url).await.unwrap();
    missing(other.settle_as(&alice(), &second, short).await);
    missing(other.outcome(&second.id(), short).await);
    assert_eq!(running.node.waiting(), [second.id()]);
    // A client without the keys reports the gap.
    other.remember(&first.transaction);
    assert_eq!(other.settle_until_gap(&second, DEADLINE).await, Settled::Gap(0));
    missing(other.settle(&second, short).await);
    let bob = Signer::of_key(key(BOB));
    missing(other.settle_as(&bob, &second, short).await);
    assert_eq!(running.node.waiting(), [second.id()]);
}

/// The node has it, but its answers are lost. The repeated query finds the same transaction.
#[tokio::test]
async fn an_unknown_outcome_is_settled_with_the_same_bytes() {
    let running = undecided().await;
    let proxy = Proxy::to(&running.url).await;
    let client = Client::connect_any(&[&proxy.url], patience()).await.unwrap();
    let sent = signed(&client).await;
    proxy.fail_next(0, Fault::HalfOpen);
    proxy.cut().await;
    let outcome = client.send(&sent, Duration::from_secs(3)).await.unwrap();
    assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}");
    let error = outcome.into_result(&sent.id()).unwrap_err();
    assert!(matches!(error, Error::OutcomeUnknown { .. }) && !error.retryable(), "{error}");
    assert_eq!(error.to_string().matches("is unknown").count(), 1, "{error}");
    assert_eq!(other_than(&running.node, None).await, sent.id());

    running.node.pass_on().await;
    proxy.cut().await;
    let outcome = client.settle(&sent, DEADLINE).await;
    assert!(matches!(outcome, Outcome::Final(_)), "{outcome:?}");
    assert_eq!(running.balance().await, "1");
}

/// Only the answers to submissions are lost: the client asks for the outcome.
#[tokio::test]
async fn a_lost_answer_to_a_submission_hides_no_fate() {
    let running = undecided().await;
    let client = Client::connect_any(&[&running.url], patience()).await.unwrap();
    let sent = signed(&client).await;
    let silent = running.node.answers.clone().write_owned().await;
    let (asking, bytes) = (client.clone(), sent.clone());
    let sending = tokio::spawn(async move { asking.send(&bytes, DEADLINE).await });
    assert_eq!(other_than(&running.node, None).await, sent.id());
    running.node.pass_on().await;
    let outcome = timeout(DEADLINE, sending).await.unwrap().unwrap().unwrap();
    assert!(matches!(outcome, Outcome::Final(_)), "{outcome:?}");
    assert_eq!(running.balance().await, "1");
    drop(silent);
}

/// A transaction that never arrived leaves its sequence free: the next one takes it without waiting.
#[tokio::test]
async fn a_lane_heals_after_an_unknown_outcome() {
    let running = start().await;
    let proxy = Proxy::to(&running.url).await;
    let client = Client::connect_any(&[&proxy.url], patience()).await.unwrap();
    let lost = signed(&client).await;
    for _ in 0..64 {
        proxy.fail_next(0, Fault::Silent);
    }
    proxy.cut().await;
    let outcome = client.send(&lost, Duration::from_secs(1)).await.unwrap();
    assert!(!outcome.is_certain(), "{outcome:?}");
    proxy.mend();
    proxy.cut().await;

    let draft = transfer(&client, "2").await.gas_limit(GAS_LIMIT);
    let next = client.sign_next(&alice(), draft).await.unwrap();
    assert_eq!(next.transaction.sequence, lost.transaction.sequence);
    let outcome = client.send(&next, DEADLINE).await.unwrap();
    assert!(matches!(outcome, Outcome::Final(_)), "{outcome:?}");
    // The first one can certainly never take effect.
    let outcome = client.settle(&lost, DEADLINE).await;
    assert!(matches!(outcome, Outcome::Superseded { .. }), "{outcome:?}");
    assert_eq!(running.balance().await, "2");
    let next = client.build(&address(ALICE), transfer(&client, "1").await).await.unwrap();
    assert_eq!(next.sequence, 1);
}

/// If a node dies during a query, another node of the chain answers.
#[tokio::test]
async fn an_outcome_is_determined_at_another_node() {
    let mut running = undecided().await;
    let second = running.net.serve(([127, 0, 0, 1], 0).into(), running.node.clone()).unwrap();
    let urls = [running.url.as_str(), second.url()];
    let client = Client::connect_any(&urls, patience()).await.unwrap();
    let sent = signed(&client).await;
    let (asking, bytes) = (client.clone(), sent.clone());
    let sending = tokio::spawn(async move { asking.send(&bytes, DEADLINE).await });
    other_than(&running.node, None).await;
    running.endpoint.close().await;
    running.node.pass_on().await;
    let outcome = timeout(DEADLINE, sending).await.unwrap().unwrap().unwrap();
    assert!(matches!(outcome, Outcome::Final(_)), "{outcome:?}");
}

/// A node that is cut off from the validators says that it is not ready: the same transaction is sent to another one.
#[tokio::test]
async fn a_transaction_at_a_node_that_is_not_ready_is_sent_to_another_one() {
    let running = undecided().await;
    let second = running.net.endpoint(([127, 0, 0, 1], 0).into()).unwrap();
    let client = Client::connect_any(&[&running.url, second.url()], patience()).await.unwrap();
    running.node.is_ready.store(false, Ordering::Relaxed);
    let sent = signed(&client).await;
    let outcome = timeout(DEADLINE, client.send(&sent, DEADLINE)).await.unwrap().unwrap();
    let Outcome::Final(located) = outcome else { panic!("{outcome:?}") };
    assert_eq!(located.receipt.transaction, sent.id());
    assert_eq!(running.node.waiting(), [sent.id()], "the first node still has it");
    assert_eq!(running.balance().await, "1");
}
