//! Deadlines: the default step of every state, and bounds on the windows together.

use expect_test::expect;

use super::table::check;
use crate::bindings::ehb::marketplace::types::SubOrderState as State;
use crate::checks::{HOLD_MS, TERMS_MAX};
use crate::states::{SUB_ORDER, SubOrderAction as Action, window_ms};

#[test]
fn silence_has_a_meaning_in_every_state() {
    check(expect![[r#"
        alice place-order EUR 1@1x2 3000  => 1
        stranger advance 1                => TooEarly(Deadline { item: Item { kind: "sub-order", id: 1 }, deadline-ms: 11000, now-ms: 1000 })
        at 10999
        stranger advance 1                => TooEarly(Deadline { item: Item { kind: "sub-order", id: 1 }, deadline-ms: 11000, now-ms: 10999 })
        at 11000
        carl accept 1                     => TooLate(Deadline { item: Item { kind: "sub-order", id: 1 }, deadline-ms: 11000, now-ms: 11000 })
        stranger advance 1                => ok
        stranger advance 1                => WrongState(WrongState { item: Item { kind: "sub-order", id: 1 }, state: "expired", action: "expire" })
        sub 1                             => expired 11000; 2000 2000 0 0; 2/0/0/0/0 0
        alice place-order EUR 1@1x2 3000  => 2
        carl accept 2                     => ok
        at 31000
        carl ship 2 0x2 -                 => TooLate(Deadline { item: Item { kind: "sub-order", id: 2 }, deadline-ms: 31000, now-ms: 31000 })
        stranger advance 2                => ok
        sub 2                             => cancelled 31000; 2000 2000 0 0; 2/0/0/0/0 0
        alice place-order EUR 1@1x2 3000  => 3
        carl accept 3                     => ok
        carl ship 3 0x1 -                 => 1
        carl deliver 3 1                  => ok
        at 51000
        stranger advance 3                => ok
        sub 3                             => delivered 91000; 2000 1000 0 0; 2/0/1/1/0 1000
        at 91000
        stranger advance 3                => ok
        sub 3                             => completed 91000; 2000 1000 975 25; 2/0/1/1/0 1000
        alice place-order EUR 1@1x2 3000  => 4
        carl accept 4                     => ok
        carl ship 4 0x2 -                 => 1
        at 121000
        carl deliver 4 1                  => TooLate(Deadline { item: Item { kind: "sub-order", id: 4 }, deadline-ms: 121000, now-ms: 121000 })
        stranger advance 4                => ok
        sub 4                             => undelivered 121000; 2000 2000 0 0; 2/0/2/0/0 0
        alice place-order EUR 1@1x2 3000  => 5
        carl accept 5                     => ok
        carl ship 5 0x1 -                 => 1
        carl ship 5 0x1 -                 => 2
        carl deliver 5 2                  => ok
        at 151000
        stranger advance 5                => ok
        sub 5                             => delivered 191000; 2000 1000 0 0; 2/0/2/1/0 1000
        alice request-return 5 0x1 broken => ok
        at 156000
        carl decline-return 5             => TooLate(Deadline { item: Item { kind: "sub-order", id: 5 }, deadline-ms: 156000, now-ms: 156000 })
        stranger advance 5                => ok
        sub 5                             => return-approved 171000; 2000 1000 0 0; 2/0/2/1/0 1000
        at 171000
        alice ship-return 5 Post          => TooLate(Deadline { item: Item { kind: "sub-order", id: 5 }, deadline-ms: 171000, now-ms: 171000 })
        stranger advance 5                => ok
        sub 5                             => completed 171000; 2000 1000 975 25; 2/0/2/1/0 1000
        alice place-order EUR 1@1x2 3000  => 6
        carl accept 6                     => ok
        carl ship 6 0x2 -                 => 1
        carl deliver 6 1                  => ok
        alice request-return 6 0x1 broken => ok
        carl approve-return 6             => ok
        alice ship-return 6 Post          => ok
        at 177000
        tess receive-return 6 restock     => TooLate(Deadline { item: Item { kind: "sub-order", id: 6 }, deadline-ms: 177000, now-ms: 177000 })
        stranger advance 6                => ok
        sub 6                             => returned 177000; 2000 950 1024 26; 2/0/2/2/1 950
        alice place-order EUR 1@1x2 3000  => 7
        carl accept 7                     => ok
        carl ship 7 0x2 -                 => 1
        carl deliver 7 1                  => ok
        alice request-return 7 0x1 broken => ok
        carl decline-return 7             => ok
        at 217000
        alice open-dispute 7 5000 late    => TooLate(Deadline { item: Item { kind: "sub-order", id: 7 }, deadline-ms: 217000, now-ms: 217000 })
        stranger advance 7                => ok
        sub 7                             => completed 217000; 2000 0 1950 50; 2/0/2/2/0 0
        balances                          => till 4924+0, alice 994950+0, bob 1000000+0, plat 126+0
        stock                             => 1@1 91-0, 1@2 10-0, 2@1 100-0, 3@3 100-0
    "#]]);
}

#[test]
fn advance_due_takes_those_that_wait_longest() {
    check(expect![[r#"
        alice place-order EUR 1@1x1 3000 => 1
        at 2000
        alice place-order EUR 1@1x1 3000 => 2
        at 3000
        alice place-order EUR 1@1x1 3000 => 3
        alice list-due 10                => ([], None)
        stranger advance-due 10          => 0
        at 12000
        alice list-due 10                => ([(11000, "sub-order", 1), (12000, "sub-order", 2)], None)
        alice list-due 1                 => ([(11000, "sub-order", 1)], Some(1))
        stranger advance-due 0           => OutOfRange(Range { parameter: "limit", given: 0, min: 1, max: 32 })
        stranger advance-due 33          => OutOfRange(Range { parameter: "limit", given: 33, min: 1, max: 32 })
        stranger advance-due 1           => 1
        sub 1                            => expired 12000; 1000 1000 0 0; 1/0/0/0/0 0
        sub 2                            => placed 12000; 1000 0 0 0; 1/1/0/0/0 0
        stranger advance-due 32          => 1
        sub 2                            => expired 12000; 1000 1000 0 0; 1/0/0/0/0 0
        sub 3                            => placed 13000; 1000 0 0 0; 1/1/0/0/0 0
        alice list-due 10                => ([], None)
    "#]]);
}

#[test]
fn nothing_stays_when_the_hold_expires() {
    check(expect![[r#"
        alice place-order EUR 1@1x1,3@3x1 3000 => 1
        carl accept 1                          => ok
        carl ship 1 0x1 -                      => 1
        carl deliver 1 1                       => ok
        alice open-dispute 1 10000 broken      => ok
        at 158112000999
        stranger advance 2                     => ok
        at 158112001000
        tess respond 1 0                       => TooLate(Deadline { item: Item { kind: "sub-order", id: 1 }, deadline-ms: 158112001000, now-ms: 158112001000 })
        alice accept-settlement 1              => TooLate(Deadline { item: Item { kind: "sub-order", id: 1 }, deadline-ms: 158112001000, now-ms: 158112001000 })
        stranger advance 1                     => ok
        sub 1                                  => hold-expired 158112001000; 1000 1000 0 0; 1/0/1/1/0 0
        sub 2                                  => expired 158112000999; 500 500 0 0; 1/0/0/0/0 0
        balances                               => alice 1000000+0, bob 1000000+0
        bob place-order EUR 1@1x1,3@3x1 3000   => 2
        carl accept 3                          => ok
        at 316224002000
        carl ship 3 0x1 -                      => TooLate(Deadline { item: Item { kind: "sub-order", id: 3 }, deadline-ms: 158112021000, now-ms: 316224002000 })
        stranger advance-due 32                => 4
        sub 3                                  => hold-expired 316224002000; 1000 1000 0 0; 1/0/0/0/0 0
        sub 4                                  => hold-expired 316224002000; 500 500 0 0; 1/0/0/0/0 0
        balances                               => alice 1000000+0, bob 1000000+0
        stock                                  => 1@1 99-0, 1@2 10-0, 2@1 100-0, 3@3 100-0
    "#]]);
}

#[test]
fn what_is_not_there_is_not_advanced() {
    check(expect![[r#"
        stranger advance-store 1           => UnknownItem(Item { kind: "store", id: 1 })
        stranger advance-rating 1          => UnknownItem(Item { kind: "rating", id: 1 })
        stranger advance 1                 => UnknownItem(Item { kind: "sub-order", id: 1 })
        stranger advance-due 1             => 0
        stranger migrate                   => NotKernel
        marketplace/stranger advance-due 1 => 0
    "#]]);
}

/// The longest way through the states, where each takes all the time that terms and disputes can give
/// it, ends before the wallet's hold does.
#[test]
fn all_windows_fit_into_the_hold() {
    fn longest(state: State) -> u64 {
        let own = match state {
            State::Disputed => ehb_dispute::longest_ms(),
            // Shipping the rest has the deadline of the acceptance.
            State::PartiallyShipped => 0,
            _ => window_ms(&TERMS_MAX, state).unwrap_or(0),
        };
        let onward = SUB_ORDER.transitions.iter().filter(|(from, action, to)| {
            *from == state && to != from && *action != Action::ExpireHold
        });
        own + onward.map(|(_, _, to)| longest(*to)).max().unwrap_or(0)
    }
    let days = longest(State::Placed) / (24 * 60 * 60 * 1_000);
    expect!["1260"].assert_eq(&days.to_string());
    assert!(longest(State::Placed) < HOLD_MS);
}
