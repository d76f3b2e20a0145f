//! How long transactions wait to be verified together.

use super::net::transaction;
use crate::verification::{BatchWait, Next, Source, Verification, Waiting};

/// Queues one transaction for each sequence.
fn push(verification: &mut Verification, sequences: std::ops::Range<u64>) {
    for sequence in sequences {
        let transaction = transaction(sequence).into();
        let source = Source::Gossip(sequence);
        verification.push(Waiting { transaction, admitted: (0, 0), source });
    }
}

/// The size of a batch that begins now, or the milliseconds to wait.
fn begun(verification: &mut Verification, batch_wait: BatchWait) -> Result<usize, Option<u64>> {
    match verification.next_pool_batch(batch_wait) {
        Next::Verify { transactions, .. } => Ok(transactions.len()),
        Next::Gather(wait_ms) => Err(Some(wait_ms)),
        Next::Nothing => Err(None),
    }
}

#[test]
fn few_transactions_wait_briefly_for_others() {
    for (batch_wait, wait_ms) in [(BatchWait::SHORT, 10), (BatchWait::LONG, 40)] {
        let mut verification = Verification::default();
        assert_eq!(begun(&mut verification, batch_wait), Err(None), "nobody waits");
        push(&mut verification, 0..1);
        assert_eq!(begun(&mut verification, batch_wait), Err(Some(wait_ms)));
        push(&mut verification, 1..2);
        assert_eq!(begun(&mut verification, batch_wait), Err(None), "the timer runs");
        verification.gathered();
        assert_eq!(begun(&mut verification, batch_wait), Ok(2));
    }
}

#[test]
fn transactions_do_not_wait_on_an_idle_chain() {
    let mut verification = Verification::default();
    push(&mut verification, 0..1);
    assert_eq!(begun(&mut verification, BatchWait::NONE), Ok(1));
    push(&mut verification, 1..2);
    assert_eq!(begun(&mut verification, BatchWait::NONE), Err(None), "a batch is in progress");
    assert!(verification.finish(0).is_some());
    assert_eq!(begun(&mut verification, BatchWait::NONE), Ok(1));
}

#[test]
fn enough_transactions_do_not_wait() {
    let mut verification = Verification::default();
    push(&mut verification, 0..127);
    assert_eq!(begun(&mut verification, BatchWait::SHORT), Err(Some(10)));
    push(&mut verification, 127..128);
    assert_eq!(begun(&mut verification, BatchWait::LONG), Err(None));
    assert_eq!(begun(&mut verification, BatchWait::SHORT), Ok(128));
    assert!(verification.finish(0).is_some());
    // The next ones wait again, and a batch has a maximum size.
    push(&mut verification, 128..129);
    assert_eq!(begun(&mut verification, BatchWait::SHORT), Err(Some(10)));
    push(&mut verification, 129..1_000);
    assert_eq!(begun(&mut verification, BatchWait::LONG), Ok(512));
}

/// A flood from other nodes delays a client's transaction by no more than the batch in progress, and the other way round.
#[test]
fn clients_and_peers_have_half_of_a_batch_each() {
    let mut verification = Verification::default();
    push(&mut verification, 0..600);
    for ticket in 0..600 {
        let transaction = transaction(10_000 + ticket).into();
        let source = Source::Client(ticket);
        verification.push(Waiting { transaction, admitted: (0, 0), source });
    }
    for (batch, (all, of_clients)) in (0..).zip([(512, 256), (512, 256), (176, 88)]) {
        assert_eq!(begun(&mut verification, BatchWait::NONE), Ok(all));
        let verified = verification.finish(batch).unwrap();
        let clients = verified.iter().filter(|it| matches!(it.source, Source::Client(_)));
        assert_eq!(clients.count(), of_clients);
    }
}
