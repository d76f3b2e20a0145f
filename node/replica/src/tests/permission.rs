//! Accounts that change while their transactions are pending.

use ehb_types::{Code, Policy, PolicyConsent, SecretKey, SharedTransaction, encode};

use super::net::{Net, chain, changed, member, member_key};
use crate::Event;

/// Half of what a block holds, so that two of these transactions fill one.
const HALF_GAS: u64 = 50_000_000;

/// The payer, who administers the organisation, suspends the member.
fn suspend() -> SharedTransaction {
    call("set-status", encode(&(member(), 2u8)))
}

fn call(function: &str, arguments: Vec<u8>) -> SharedTransaction {
    changed(|it| {
        it.gas_limit = HALF_GAS;
        it.calls[0].module = "kernel".parse().unwrap();
        it.calls[0].function = function.parse().unwrap();
        it.calls[0].arguments = arguments;
    })
    .into()
}

fn of_member(sequence: u64, key: &SecretKey) -> SharedTransaction {
    let signed = changed(|it| {
        it.sender = member();
        it.sequence = sequence;
        it.gas_limit = HALF_GAS;
    });
    signed.transaction.sign(&[key]).into()
}

/// A member has three transactions in the pool when it is suspended. Those that a block did not contain by then never
/// are in one, and the chain goes on: before, every proposer put them into a block that nobody accepted.
#[test]
fn the_pending_transactions_of_a_suspended_account_leave_all_mempools() {
    let mut net = Net::up(4);
    net.gossips = true;
    let pending = [0, 1, 2].map(|sequence| of_member(sequence, &member_key()));
    let mut submitted = vec![(0, suspend())];
    submitted.extend((1..).zip(pending.clone()));
    net.happen(0, Event::Submit(submitted));
    net.run_to(0, 6);
    let committed = net.committed(0);
    assert!(committed.contains(&suspend().id()), "{committed:?}");
    assert!(!committed.contains(&pending[2].id()), "a suspended account's transaction is final");
    for at in 0..4 {
        assert_eq!(net.pending(at), 0, "{at}");
        let dropped = net.dropped(at, &pending[2].id()).map(|it| it.code);
        assert_eq!(dropped, Some(Code::InactiveSender), "{at}: who asks learns why");
    }
    let later = of_member(2, &member_key());
    net.nodes[0].replies.clear();
    net.happen(0, Event::Submit(vec![(9, later)]));
    net.run(100);
    let codes: Vec<_> =
        net.nodes[0].replies.iter().map(|it| it.as_ref().map_err(|it| it.code)).collect();
    assert_eq!(codes, [Err(Code::InactiveSender)]);
}

/// A key that was replaced authorises nothing from the next block on.
#[test]
fn what_a_replaced_key_signed_leaves_all_mempools() {
    let mut net = Net::up(4);
    net.gossips = true;
    let new = SecretKey::from_seed(&[77; 32]);
    let policy = Policy::Key(new.public_key());
    let consent = PolicyConsent {
        organisation: "org".parse().unwrap(),
        account: member(),
        policy: policy.clone(),
    };
    let consents = consent.sign(&chain(), &[&new]);
    let rotate = of_member(0, &member_key());
    let mut rotate = rotate.transaction.clone();
    rotate.calls = call("set-policy", encode(&(policy, consents))).transaction.calls.clone();
    let rotate = SharedTransaction::from(rotate.sign(&[&member_key()]));
    let pending = [1, 2, 3].map(|sequence| of_member(sequence, &member_key()));
    let mut submitted = vec![(0, rotate.clone())];
    submitted.extend((1..).zip(pending.clone()));
    net.happen(0, Event::Submit(submitted));
    net.run_to(0, 6);
    assert!(net.committed(0).contains(&rotate.id()));
    for at in 0..4 {
        assert_eq!(net.pending(at), 0, "{at}");
        let dropped = net.dropped(at, &pending[2].id()).map(|it| it.code);
        assert_eq!(dropped, Some(Code::NotAuthorised), "{at}");
    }
    // The same sequence, signed by the new key, is accepted under the old address.
    net.nodes[0].replies.clear();
    let again = of_member(2, &new);
    net.happen(0, Event::Submit(vec![(9, again.clone())]));
    net.run(2_000);
    assert!(net.committed(0).contains(&again.id()), "{:?}", net.nodes[0].replies);
}
