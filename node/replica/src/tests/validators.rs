//! Validators that leave and join while the replicas run.

use ehb_kernel::governance::Action;
use ehb_types::{Call, SharedTransaction, encode};

use super::net::{Net, changed};
use crate::{Event, Signing};

/// Enough for a proposal and a vote that executes it.
const GAS: u64 = 50_000_000;

/// The payer, whose organisation has all of the voting power, makes the proposal `id` and votes for it.
fn govern(net: &mut Net, id: u64, action: Action) {
    let call = |function: &str, arguments: Vec<u8>| Call {
        module: "kernel".parse().unwrap(),
        function: function.parse().unwrap(),
        arguments,
    };
    let calls = vec![
        call("propose", encode(&(String::new(), vec![action]))),
        call("vote", encode(&(id, true))),
    ];
    let transaction: SharedTransaction = changed(|it| {
        it.sequence = id - 1;
        it.gas_limit = GAS;
        it.calls = calls;
    })
    .into();
    net.happen(0, Event::Submit(vec![(id, transaction.clone())]));
    for _ in 0..100 {
        if net.committed(0).contains(&transaction.id()) {
            return;
        }
        net.run(100);
    }
    panic!("the proposal {id} is in no block: {:?}", net.nodes[0].replies);
}

/// The highest height in which a node's key signed.
fn highest(net: &Net, at: usize) -> u64 {
    net.nodes[at].signed.last_key_value().map_or(0, |((height, _, _), _)| *height)
}

/// Four validators, of which the last one is removed; all nodes run.
fn three_of_four() -> Net {
    let mut net = Net::up(4);
    net.gossips = true;
    net.run_to(3, 2);
    govern(&mut net, 1, Action::RemoveValidator("v3".to_owned()));
    let changed_at = net.height(0);
    let height = changed_at + 4;
    (0..4).for_each(|at| net.run_to(at, height));
    assert_eq!(net.validators(0), ["v0", "v1", "v2"]);
    assert!(highest(&net, 3) <= changed_at + 1, "it decides one more height");
    assert_eq!(net.status(3).signing, Signing::Observes);
    net
}

fn until_all_decide(net: &mut Net) {
    for _ in 0..200 {
        if net.validators(0).len() == 4 && net.status(3).signing == Signing::Signs {
            return;
        }
        net.run(500);
    }
    panic!("{:?} decide, and v3 {:?}", net.validators(0), net.status(3).signing);
}

#[test]
fn a_removed_validator_follows_the_chain_and_joins_again_by_itself() {
    let mut net = three_of_four();
    let addition = net.addition(3);
    govern(&mut net, 2, Action::AddValidator(addition));
    until_all_decide(&mut net);
    let height = net.height(0) + 3;
    (0..4).for_each(|at| net.run_to(at, height));
    assert!(highest(&net, 3) >= height - 1);
    // It counts: without another one, three of four go on.
    net.stop(0);
    net.run_to(1, height + 3);
}

/// A candidate whose node is down counts for nothing; it joins when the node starts.
#[test]
fn a_candidate_without_a_node_does_not_hold_up_the_chain() {
    let mut net = three_of_four();
    net.stop(3);
    let addition = net.addition(3);
    govern(&mut net, 2, Action::AddValidator(addition));
    let height = net.height(0) + 10;
    net.run_to(0, height);
    assert_eq!(net.validators(0), ["v0", "v1", "v2"]);
    assert!(net.rounds(0)[6..].iter().all(|round| *round == 0), "{:?}", net.rounds(0));
    net.start(3);
    until_all_decide(&mut net);
}

/// A directory of the time when the node was no validator says nothing of what its key signed since.
#[test]
fn an_old_copy_from_before_it_joined_asks_before_it_signs() {
    let mut net = three_of_four();
    let old = net.disk(3).clone();
    let addition = net.addition(3);
    govern(&mut net, 2, Action::AddValidator(addition));
    until_all_decide(&mut net);
    let height = net.height(0) + 3;
    (0..4).for_each(|at| net.run_to(at, height));
    net.stop(3);
    *net.disk(3) = old;
    net.disk(3).copied = true;
    let signed = highest(&net, 3);
    net.start(3);
    net.run(1_000);
    assert_eq!(net.height(3), net.height(0));
    assert_ne!(net.status(3).signing, Signing::Signs);
    assert_eq!(highest(&net, 3), signed);
    // Later it signs again; the network checks that it contradicts nothing.
    until_all_decide(&mut net);
}
