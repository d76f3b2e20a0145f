//! A validator whose own blocks have a transaction with a wrong signature, always.

use ehb_types::{Hash, SharedTransaction, Signature};

use super::net::{Net, transaction};

/// The validator that misbehaves, or that does not run.
const BAD: usize = 3;
/// The interval between two transactions of a client, milliseconds, and their number.
const EVERY_MS: u64 = 250;
const TRANSACTIONS: u64 = 240;

/// What a network of four did in a minute of load.
struct Minute {
    net: Net,
    /// The longest time from a submission until the transaction was final at the node that got it, milliseconds.
    slowest_ms: u64,
}

/// Runs a network under load, of which one validator is as `begin` makes it.
fn minute(begin: impl FnOnce(&mut Net)) -> Minute {
    let mut net = Net::up(4);
    net.gossips = true;
    for honest in 0..BAD {
        net.nodes[honest].blamed = Some(Vec::new());
    }
    begin(&mut net);
    let mut slowest_ms = 0;
    for sequence in 0..TRANSACTIONS {
        let at = usize::try_from(sequence).unwrap() % BAD;
        net.submit(at, sequence);
        let (begun, id) = (net.now_ms(), transaction(sequence).id());
        while !net.committed(at).contains(&id) {
            net.run(10);
            assert!(net.now_ms() - begun < 30_000, "transaction {sequence} is not final");
        }
        slowest_ms = slowest_ms.max(net.now_ms() - begun);
        net.run((begun + EVERY_MS).saturating_sub(net.now_ms()));
    }
    Minute { net, slowest_ms }
}

/// A transaction that its validator alone takes for signed, so that each of its blocks has it.
fn forged() -> SharedTransaction {
    let mut signed = transaction(1_000_000);
    signed.transaction.lane = 1;
    signed.transaction.sequence = 0;
    signed.signatures[0].signature = Signature([7; 64]);
    signed.into()
}

/// It costs the network what a validator costs that is down, although in this test it is back at once after each penalty;
/// and all others cut it off, each time that it proposes.
#[test]
fn blocks_with_wrong_signatures_cost_no_more_than_a_validator_that_is_down() {
    let down = minute(|net| net.stop(BAD));
    let bad = minute(|net| net.smuggle(BAD, forged()));
    assert!(bad.slowest_ms <= down.slowest_ms, "{} ms, {} ms", bad.slowest_ms, down.slowest_ms);
    let (Minute { mut net, .. }, down) = (bad, down.net);
    for honest in 0..BAD {
        assert_eq!(down.nodes[honest].blamed.as_ref().unwrap(), &[]);
        assert!(net.height(honest) * 10 >= down.height(honest) * 9, "{honest}");
        let own: Vec<Hash> = net.committed(honest);
        assert_eq!(own.len() as u64, TRANSACTIONS, "none is lost, and no forged one is final");
        let blamed = net.nodes[honest].blamed.take().unwrap();
        assert!(!blamed.is_empty(), "node {honest} does not cut it off");
        assert!(blamed.iter().all(|it| *it == net.peer(BAD)), "an honest node is blamed");
    }
    // Its turns are skipped after the first: it cannot make others verify a block in each of them.
    let offences = net.rounds(0).iter().filter(|round| **round > 0).count();
    assert!(offences as u64 <= net.height(0) / 20, "{offences} of {}", net.height(0));
}
