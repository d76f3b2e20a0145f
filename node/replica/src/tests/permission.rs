//! Accounts that change while their transactions are pending.

use ehb_kernel::governance::{Action, NewParameter};
use ehb_types::{Call, Code, Policy, PolicyConsent, SecretKey, SharedTransaction, encode};

use super::net::{Net, chain, changed, guest, guest_key, member, member_key};
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

/// The payer, whose organisation has all of the voting power, proposes an action and votes for it.
fn govern(action: Action) -> SharedTransaction {
    let propose = call("propose", encode(&(String::new(), vec![action])));
    let vote = call("vote", encode(&(1_u64, true)));
    let calls: Vec<Call> =
        [propose, vote].iter().map(|it| it.transaction.calls[0].clone()).collect();
    changed(|it| {
        it.gas_limit = HALF_GAS;
        it.calls = calls;
    })
    .into()
}

fn of_guest(sequence: u64) -> SharedTransaction {
    let mut transaction = of_member(sequence, &member_key()).transaction.clone();
    transaction.sender = guest();
    transaction.sign(&[&guest_key()]).into()
}

/// An account has three transactions in the pool when what the network decides forbids them: those that are not in a
/// block by then leave all mempools, and the chain goes on.
fn leave_all_mempools(action: Action, code: Code) {
    let mut net = Net::up(4);
    net.gossips = true;
    let decided = govern(action);
    let pending = [0, 1, 2].map(of_guest);
    let mut submitted = vec![(0, decided.clone())];
    submitted.extend((1..).zip(pending.clone()));
    net.happen(0, Event::Submit(submitted));
    net.run_to(0, 6);
    let committed = net.committed(0);
    assert!(committed.contains(&decided.id()), "{committed:?}");
    assert!(!committed.contains(&pending[2].id()), "it is final");
    for at in 0..4 {
        assert_eq!(net.pending(at), 0, "{at}");
        let dropped = net.dropped(at, &pending[2].id()).map(|it| it.code);
        assert_eq!(dropped, Some(code), "{at}");
    }
}

#[test]
fn the_pending_transactions_of_a_suspended_organisation_leave_all_mempools() {
    leave_all_mempools(Action::SuspendOrganisation("club".to_owned()), Code::InactiveSender);
}

#[test]
fn the_pending_transactions_of_a_frozen_account_leave_all_mempools() {
    leave_all_mempools(Action::FreezeAccount(guest()), Code::InactiveSender);
}

#[test]
fn pending_transactions_above_a_lowered_limit_leave_all_mempools() {
    let lower = NewParameter { name: "transaction_gas_max".to_owned(), value: HALF_GAS - 1 };
    leave_all_mempools(Action::SetParameter(lower), Code::GasLimitTooHigh);
}

/// A block limit below what waits: the rest is in later blocks, and the chain goes on.
#[test]
fn a_lowered_block_limit_does_not_stop_the_chain() {
    let mut net = Net::up(4);
    net.gossips = true;
    let lower = |name: &str, value| NewParameter { name: name.to_owned(), value };
    let decided = govern(Action::SetParameter(lower("block_gas_max", HALF_GAS)));
    let pending = [0, 1, 2].map(of_guest);
    let mut submitted = vec![(0, decided.clone())];
    submitted.extend((1..).zip(pending.clone()));
    net.happen(0, Event::Submit(submitted));
    net.run_to(0, 8);
    let committed = net.committed(0);
    for it in [&[decided], &pending[..]].concat() {
        assert!(committed.contains(&it.id()), "{committed:?}");
    }
}

/// Whatever put a transaction that is not allowed into the mempools of all proposers: none of them proposes it, and the
/// chain goes on.
#[test]
fn a_proposer_checks_its_own_block() {
    let mut net = Net::up(4);
    net.gossips = true;
    let mut stranger = of_member(0, &member_key()).transaction.clone();
    let key = SecretKey::from_seed(&[78; 32]);
    stranger.sender = ehb_types::Address::of_account(&Policy::Key(key.public_key()));
    let stranger = SharedTransaction::from(stranger.sign(&[&key]));
    for at in 0..4 {
        net.smuggle(at, stranger.clone());
    }
    let good = [0, 1, 2].map(of_guest);
    net.happen(0, Event::Submit((1..).zip(good.clone()).collect()));
    net.run_to(0, 4);
    let committed = net.committed(0);
    assert!(good.iter().all(|it| committed.contains(&it.id())), "{committed:?}");
    assert!(!committed.contains(&stranger.id()));
    let dropped = net.dropped(0, &stranger.id()).map(|it| it.code);
    assert_eq!(dropped, Some(Code::UnknownSender));
}
