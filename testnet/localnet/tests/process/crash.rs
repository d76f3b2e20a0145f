//! `kill -9` under load.
//!
//! The promise: what is final stays final, at the same position in the same block on all nodes, whichever
//! nodes are killed. An accepted transaction that is not final yet is in the memory of the nodes that have
//! it; it becomes final as long as one of them stays alive. So the load generator, which requires that all
//! `accepted` transactions become final, sends to a node that stays alive; if all are killed, only
//! transactions that were reported as final are checked against the chain.

use std::sync::{Arc, Mutex};

use ehb_sdk::Hash;
use ehb_sdk::api::{BlockNotice, Detail};

use crate::net::{Net, report};
use crate::program::{Running, eventually};

#[test]
fn one_and_two_of_four_are_killed_again_and_again() {
    let net = Net::up(4);
    let survivor = net.node(1).rpc;
    let load = net.load(&["--rate", "250", "--duration", "120", "--endpoints", &survivor]);
    for victims in [&[2][..], &[3, 4], &[4], &[2, 3], &[3], &[2, 4]] {
        net.await_blocks(1, 3);
        net.kill(victims);
        if victims.len() == 1 {
            // Three of four are a quorum.
            net.await_blocks(1, 2);
        }
        net.start_all();
    }
    let sent = interrupted(load);
    assert_eq!(net.audit().transactions, sent);
}

/// Ends a load early, asserts that all that it sent is final and had its effect, and returns how much it
/// was.
fn interrupted(load: Running) -> u64 {
    let report = load.interrupted();
    let sent = report["sent"].as_u64().unwrap();
    assert!(sent > 0, "{report}");
    let counts = ["accepted", "committed", "failed"].map(|it| report[it].as_u64());
    assert_eq!(counts, [Some(sent), Some(sent), Some(0)], "{report}");
    sent
}

#[test]
fn all_are_killed_again_and_again() {
    let net = Net::up(4);
    for _ in 0..3 {
        let before = net.height(1);
        let load = net.load(&["--rate", "400", "--duration", "600"]);
        let reported = reported_final(&net, 200);
        net.kill(&[1, 2, 3, 4]);
        // It cannot know what became of what was accepted.
        drop(load);
        net.start_all();
        net.pay(1, 0);
        let chain = net.audit();
        assert!(chain.hashes.len() as u64 > before, "the chain went on");
        for (height, hash) in reported {
            let height = usize::try_from(height).unwrap();
            assert_eq!(chain.hashes.get(height), Some(&hash), "what was final at {height} is lost");
        }
    }
    let before = net.audit().transactions;
    let report = report(net.load(&["--rate", "200", "--duration", "3"]).wait());
    assert_eq!((&report["accepted"], &report["committed"]), (&600.into(), &600.into()), "{report}");
    assert_eq!(net.audit().transactions, before + 600);
}

/// Listens to all nodes until N transactions are final, and returns the blocks that
/// any node reported: a block's hash covers all its contents.
fn reported_final(net: &Net, transactions: u64) -> Vec<(u64, Hash)> {
    type Reported = (u64, Vec<(u64, Hash)>);
    let reported: Arc<Mutex<Reported>> = Arc::default();
    let listen = |number: usize| {
        let (mut blocks, reported) =
            (net.client(number).blocks(None, Detail::Header), reported.clone());
        net.runtime().spawn(async move {
            while let Ok(notice) = blocks.next().await {
                let BlockNotice::Block { block } = notice else { panic!("a gap in the blocks") };
                let mut reported = reported.lock().unwrap();
                reported.0 += u64::from(block.transaction_count);
                reported.1.push((block.header.height, block.hash));
            }
        })
    };
    let listeners: Vec<_> = (1..=4).map(listen).collect();
    eventually("transactions become final", || {
        (reported.lock().unwrap().0 >= 4 * transactions).then_some(())
    });
    for listener in listeners {
        listener.abort();
    }
    let reported = reported.lock().unwrap();
    reported.1.clone()
}

#[test]
fn a_validator_that_lost_its_database_catches_up_and_votes_again() {
    let net = Net::up(4);
    let survivor = net.node(1).rpc;
    let load = net.load(&["--rate", "250", "--duration", "120", "--endpoints", &survivor]);
    for number in [4, 2, 3] {
        net.await_blocks(1, 3);
        net.kill(&[number]);
        std::fs::remove_dir_all(net.node(number).data_dir.join("db")).unwrap();
        net.start_all();
        // Nobody knows what the lost records held: the validator stays silent until the chain is past
        // what it may have voted for. Killing the next one before that stops the chain.
        net.await_votes(number);
    }
    let sent = interrupted(load);
    assert_eq!(net.audit().transactions, sent);
    net.pay(1, 0);
    // Each of the three counts: without one of them the rest is just a quorum.
    for dead in [2, 3, 4] {
        net.kill(&[dead]);
        net.pay(1, dead);
        net.start_all();
    }
    assert_eq!(net.audit().transactions, sent + 4);
}

#[test]
fn a_killed_network_of_one_loses_nothing_that_was_final() {
    let net = Net::up(1);
    for round in 0..5 {
        let height = net.pay(1, round);
        let hash = net.block(1, height, Detail::Ids).hash;
        net.kill(&[1]);
        net.start_all();
        assert_eq!(net.block(1, height, Detail::Ids).hash, hash);
    }
    assert_eq!(net.audit().transactions, 5);
}
