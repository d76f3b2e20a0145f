//! Every state and every call: what a machine's table does not allow is refused with `wrong-state`, and
//! nothing else is.

use std::fmt::Debug;

use ehb_contract::{Host, Machine, Named};
use expect_test::expect;

use super::conservation::{check_conservation, perform};
use super::table::scene;
use crate::bindings::ehb::credit::types::{
    BillState, GrantState, LineState, ProgrammeState, UsageState,
};
use crate::keys::{BILLS, GRANTS, LINES, PROGRAMMES, USAGES};
use crate::states::{
    BILL, BillAction, GRANT, GrantAction, LINE, LineAction, PROGRAMME, ProgrammeAction, USAGE,
    UsageAction,
};

/// Brings about each state, tries each action in it, and says what came of it.
fn matrix<S: Named + Debug, A: Named + Debug>(
    machine: &Machine<S, A>,
    ways: &[(S, &[&str])],
    actions: &[(A, &[&str])],
    state_of: fn(&Host) -> S,
) -> String {
    let mut table = String::new();
    assert_eq!(ways.len(), S::ALL.len());
    for (state, way) in ways {
        for (action, rows) in actions {
            let mut host = scene();
            for row in *way {
                perform(&mut host, row);
            }
            assert_eq!(state_of(&host), *state);
            let result = rows.iter().map(|row| perform(&mut host, row)).last().unwrap();
            check_conservation(&mut host);
            let refused = result.starts_with("WrongState");
            assert_eq!(machine.after(*state, *action).is_none(), refused, "{state:?} {action:?}");
            let result = result.split('(').next().unwrap();
            table += &format!("{state:?} {action:?} => {result}, {:?}\n", state_of(&host));
        }
    }
    table
}

#[test]
fn programmes() {
    use ProgrammeAction as Action;
    use ProgrammeState::{Closed, Closing, Open};
    let table = matrix(
        &PROGRAMME,
        &[
            (Open, &[]),
            (Closing, &["cloud close-programme 1 @1h"]),
            (Closed, &["cloud close-programme 1 @0", "bob advance programme 1"]),
        ],
        &[
            (Action::SetSale, &["sam set-sale 1 -"]),
            (Action::SetPrice, &["sam set-price 1 gpt 1 1 -"]),
            (Action::RegisterMeter, &["sam register-meter 1 till spare"]),
            (Action::Grant, &["tina grant-credits 1 alice 1 - @9d 1 - -"]),
            (Action::Purchase, &["alice purchase 1 - 10 max -"]),
            (Action::Lend, &["tina offer-line 1 bob 100 EUR 3 10 1d 1h 1d 90d 10d -"]),
            (Action::Charge, &["alice authorise-usage 1 alice free 1 probe 1h - -"]),
            (Action::Charge, &["probe deliver-receipts 1 alice:free:1:@0:a"]),
            (Action::Announce, &["cloud close-programme 1 @1h"]),
            (Action::End, &["wait 1h", "bob advance programme 1"]),
        ],
        |host| PROGRAMMES.get(host, &1).unwrap().state,
    );
    expect![[r#"
        ProgrammeState::Open SetSale => ok, ProgrammeState::Open
        ProgrammeState::Open SetPrice => 2, ProgrammeState::Open
        ProgrammeState::Open RegisterMeter => ok, ProgrammeState::Open
        ProgrammeState::Open Grant => 1, ProgrammeState::Open
        ProgrammeState::Open Purchase => 1, ProgrammeState::Open
        ProgrammeState::Open Lend => 1, ProgrammeState::Open
        ProgrammeState::Open Charge => 1, ProgrammeState::Open
        ProgrammeState::Open Charge => [ReceiptResult::Charged, ProgrammeState::Open
        ProgrammeState::Open Announce => ok, ProgrammeState::Closing
        ProgrammeState::Open End => WrongState, ProgrammeState::Open
        ProgrammeState::Closing SetSale => WrongState, ProgrammeState::Closing
        ProgrammeState::Closing SetPrice => 2, ProgrammeState::Closing
        ProgrammeState::Closing RegisterMeter => ok, ProgrammeState::Closing
        ProgrammeState::Closing Grant => WrongState, ProgrammeState::Closing
        ProgrammeState::Closing Purchase => WrongState, ProgrammeState::Closing
        ProgrammeState::Closing Lend => WrongState, ProgrammeState::Closing
        ProgrammeState::Closing Charge => 1, ProgrammeState::Closing
        ProgrammeState::Closing Charge => [ReceiptResult::Charged, ProgrammeState::Closing
        ProgrammeState::Closing Announce => WrongState, ProgrammeState::Closing
        ProgrammeState::Closing End => ok, ProgrammeState::Closed
        ProgrammeState::Closed SetSale => WrongState, ProgrammeState::Closed
        ProgrammeState::Closed SetPrice => WrongState, ProgrammeState::Closed
        ProgrammeState::Closed RegisterMeter => WrongState, ProgrammeState::Closed
        ProgrammeState::Closed Grant => WrongState, ProgrammeState::Closed
        ProgrammeState::Closed Purchase => WrongState, ProgrammeState::Closed
        ProgrammeState::Closed Lend => WrongState, ProgrammeState::Closed
        ProgrammeState::Closed Charge => WrongState, ProgrammeState::Closed
        ProgrammeState::Closed Charge => WrongState, ProgrammeState::Closed
        ProgrammeState::Closed Announce => WrongState, ProgrammeState::Closed
        ProgrammeState::Closed End => WrongState, ProgrammeState::Closed
    "#]]
    .assert_eq(&table);
}

#[test]
fn grants() {
    use GrantState::{
        Exhausted, Expired, Expiring, Open, Refunded, Refunding, Revoked, Revoking, Spent,
    };
    const BUY: &str = "alice purchase 1 - 100 max -";
    const USE: &str = "probe deliver-receipts 1 alice:gpt:10:@0:a";
    const HOLD: &str = "alice authorise-usage 1 alice gpt 10 probe 31d - -";
    const SPEND: &str = "probe deliver-receipts 1 alice:gpt:333:@0:a";
    const ADVANCE: &str = "bob advance grant 1";
    const VOID: &str = "probe void-usage 1";
    let table = matrix(
        &GRANT,
        &[
            (Open, &[BUY, USE]),
            (Spent, &[BUY, SPEND]),
            (Expiring, &[BUY, HOLD, USE, "wait 30d", ADVANCE]),
            (Revoking, &[BUY, HOLD, USE, "tina revoke-grant 1 -"]),
            (Refunding, &[BUY, HOLD, USE, "alice refund-purchase 1 -"]),
            (Exhausted, &[BUY, SPEND, ADVANCE]),
            (Expired, &[BUY, "wait 30d", ADVANCE]),
            (Revoked, &[BUY, HOLD, "tina revoke-grant 1 -", VOID, ADVANCE]),
            (Refunded, &[BUY, "alice refund-purchase 1 -"]),
        ],
        &[
            (GrantAction::Settle, &["bob settle-purchase 1 -"]),
            (GrantAction::Revoke, &["tina revoke-grant 1 -"]),
            (GrantAction::Refund, &["alice refund-purchase 1 -"]),
        ],
        |host| GRANTS.get(host, &1).unwrap().state,
    );
    expect![[r#"
        GrantState::Open Settle => 1, GrantState::Open
        GrantState::Open Revoke => ok, GrantState::Revoked
        GrantState::Open Refund => ok, GrantState::Refunded
        GrantState::Spent Settle => WrongState, GrantState::Spent
        GrantState::Spent Revoke => WrongState, GrantState::Spent
        GrantState::Spent Refund => WrongState, GrantState::Spent
        GrantState::Expiring Settle => 1, GrantState::Expiring
        GrantState::Expiring Revoke => WrongState, GrantState::Expiring
        GrantState::Expiring Refund => WrongState, GrantState::Expiring
        GrantState::Revoking Settle => 1, GrantState::Revoking
        GrantState::Revoking Revoke => WrongState, GrantState::Revoking
        GrantState::Revoking Refund => WrongState, GrantState::Revoking
        GrantState::Refunding Settle => 1, GrantState::Refunding
        GrantState::Refunding Revoke => WrongState, GrantState::Refunding
        GrantState::Refunding Refund => WrongState, GrantState::Refunding
        GrantState::Exhausted Settle => WrongState, GrantState::Exhausted
        GrantState::Exhausted Revoke => WrongState, GrantState::Exhausted
        GrantState::Exhausted Refund => WrongState, GrantState::Exhausted
        GrantState::Expired Settle => WrongState, GrantState::Expired
        GrantState::Expired Revoke => WrongState, GrantState::Expired
        GrantState::Expired Refund => WrongState, GrantState::Expired
        GrantState::Revoked Settle => WrongState, GrantState::Revoked
        GrantState::Revoked Revoke => WrongState, GrantState::Revoked
        GrantState::Revoked Refund => WrongState, GrantState::Revoked
        GrantState::Refunded Settle => WrongState, GrantState::Refunded
        GrantState::Refunded Revoke => WrongState, GrantState::Refunded
        GrantState::Refunded Refund => WrongState, GrantState::Refunded
    "#]]
    .assert_eq(&table);
}

#[test]
fn usage() {
    use UsageState::{Authorised, Captured, TimedOut, Voided};
    const BUY: &str = "alice purchase 1 - 100 max -";
    const HOLD: &str = "alice authorise-usage 1 alice gpt 10 probe 1h - -";
    let table = matrix(
        &USAGE,
        &[
            (Authorised, &[BUY, HOLD]),
            (Captured, &[BUY, HOLD, "probe capture-usage 1 10 -"]),
            (Voided, &[BUY, HOLD, "probe void-usage 1"]),
            (TimedOut, &[BUY, HOLD, "wait 1h", "bob advance usage 1"]),
        ],
        &[
            (UsageAction::Capture, &["probe capture-usage 1 5 -"]),
            (UsageAction::Void, &["probe void-usage 1"]),
            (UsageAction::TimeOut, &["wait 1h", "bob advance usage 1"]),
        ],
        |host| USAGES.get(host, &1).unwrap().state,
    );
    expect![[r#"
        UsageState::Authorised Capture => 2, UsageState::Captured
        UsageState::Authorised Void => ok, UsageState::Voided
        UsageState::Authorised TimeOut => ok, UsageState::TimedOut
        UsageState::Captured Capture => WrongState, UsageState::Captured
        UsageState::Captured Void => WrongState, UsageState::Captured
        UsageState::Captured TimeOut => WrongState, UsageState::Captured
        UsageState::Voided Capture => WrongState, UsageState::Voided
        UsageState::Voided Void => WrongState, UsageState::Voided
        UsageState::Voided TimeOut => WrongState, UsageState::Voided
        UsageState::TimedOut Capture => WrongState, UsageState::TimedOut
        UsageState::TimedOut Void => WrongState, UsageState::TimedOut
        UsageState::TimedOut TimeOut => WrongState, UsageState::TimedOut
    "#]]
    .assert_eq(&table);
}

const OFFER: &str = "tina offer-line 1 alice 100 EUR 1 1 2d 1d 1d 9d 1d -";
const ACCEPT: &str = "alice accept-line 1";
const USE: &str = "probe deliver-receipts 1 alice:gpt:10:@0:a";
const ADVANCE: &str = "bob advance line 1";

#[test]
fn lines() {
    use LineAction as Action;
    use LineState::{
        Active, Closed, Closing, Declined, Delinquent, Expired, Offered, Suspended, Withdrawn,
        WrittenOff,
    };
    let table = matrix(
        &LINE,
        &[
            (Offered, &[OFFER]),
            (Active, &[OFFER, ACCEPT]),
            (Suspended, &[OFFER, ACCEPT, "tina suspend-line 1"]),
            (Delinquent, &[OFFER, ACCEPT, USE, "wait 2d", ADVANCE, "wait 1d", ADVANCE]),
            (Closing, &[OFFER, ACCEPT, USE, "alice close-line 1"]),
            (Declined, &[OFFER, "alice decline-line 1"]),
            (Withdrawn, &[OFFER, "tina withdraw-line 1"]),
            (Expired, &[OFFER, "wait 1d", ADVANCE]),
            (Closed, &[OFFER, ACCEPT, "alice close-line 1"]),
            (
                WrittenOff,
                &[
                    OFFER,
                    ACCEPT,
                    USE,
                    "wait 2d",
                    ADVANCE,
                    "wait 1d",
                    ADVANCE,
                    "tina write-off-line 1",
                ],
            ),
        ],
        &[
            (Action::Accept, &[ACCEPT]),
            (Action::Decline, &["alice decline-line 1"]),
            (Action::Withdraw, &["tina withdraw-line 1"]),
            (Action::Suspend, &["tina suspend-line 1"]),
            (Action::Resume, &["tina resume-line 1"]),
            (Action::End, &["alice close-line 1"]),
            (Action::WriteOff, &["tina write-off-line 1"]),
        ],
        |host| LINES.get(host, &1).unwrap().state,
    );
    expect![[r#"
        LineState::Offered Accept => ok, LineState::Active
        LineState::Offered Decline => ok, LineState::Declined
        LineState::Offered Withdraw => ok, LineState::Withdrawn
        LineState::Offered Suspend => WrongState, LineState::Offered
        LineState::Offered Resume => WrongState, LineState::Offered
        LineState::Offered End => WrongState, LineState::Offered
        LineState::Offered WriteOff => WrongState, LineState::Offered
        LineState::Active Accept => WrongState, LineState::Active
        LineState::Active Decline => WrongState, LineState::Active
        LineState::Active Withdraw => WrongState, LineState::Active
        LineState::Active Suspend => ok, LineState::Suspended
        LineState::Active Resume => WrongState, LineState::Active
        LineState::Active End => ok, LineState::Closed
        LineState::Active WriteOff => WrongState, LineState::Active
        LineState::Suspended Accept => WrongState, LineState::Suspended
        LineState::Suspended Decline => WrongState, LineState::Suspended
        LineState::Suspended Withdraw => WrongState, LineState::Suspended
        LineState::Suspended Suspend => WrongState, LineState::Suspended
        LineState::Suspended Resume => ok, LineState::Active
        LineState::Suspended End => ok, LineState::Closed
        LineState::Suspended WriteOff => WrongState, LineState::Suspended
        LineState::Delinquent Accept => WrongState, LineState::Delinquent
        LineState::Delinquent Decline => WrongState, LineState::Delinquent
        LineState::Delinquent Withdraw => WrongState, LineState::Delinquent
        LineState::Delinquent Suspend => WrongState, LineState::Delinquent
        LineState::Delinquent Resume => WrongState, LineState::Delinquent
        LineState::Delinquent End => WrongState, LineState::Delinquent
        LineState::Delinquent WriteOff => ok, LineState::WrittenOff
        LineState::Closing Accept => WrongState, LineState::Closing
        LineState::Closing Decline => WrongState, LineState::Closing
        LineState::Closing Withdraw => WrongState, LineState::Closing
        LineState::Closing Suspend => WrongState, LineState::Closing
        LineState::Closing Resume => WrongState, LineState::Closing
        LineState::Closing End => WrongState, LineState::Closing
        LineState::Closing WriteOff => WrongState, LineState::Closing
        LineState::Declined Accept => WrongState, LineState::Declined
        LineState::Declined Decline => WrongState, LineState::Declined
        LineState::Declined Withdraw => WrongState, LineState::Declined
        LineState::Declined Suspend => WrongState, LineState::Declined
        LineState::Declined Resume => WrongState, LineState::Declined
        LineState::Declined End => WrongState, LineState::Declined
        LineState::Declined WriteOff => WrongState, LineState::Declined
        LineState::Withdrawn Accept => WrongState, LineState::Withdrawn
        LineState::Withdrawn Decline => WrongState, LineState::Withdrawn
        LineState::Withdrawn Withdraw => WrongState, LineState::Withdrawn
        LineState::Withdrawn Suspend => WrongState, LineState::Withdrawn
        LineState::Withdrawn Resume => WrongState, LineState::Withdrawn
        LineState::Withdrawn End => WrongState, LineState::Withdrawn
        LineState::Withdrawn WriteOff => WrongState, LineState::Withdrawn
        LineState::Expired Accept => WrongState, LineState::Expired
        LineState::Expired Decline => WrongState, LineState::Expired
        LineState::Expired Withdraw => WrongState, LineState::Expired
        LineState::Expired Suspend => WrongState, LineState::Expired
        LineState::Expired Resume => WrongState, LineState::Expired
        LineState::Expired End => WrongState, LineState::Expired
        LineState::Expired WriteOff => WrongState, LineState::Expired
        LineState::Closed Accept => WrongState, LineState::Closed
        LineState::Closed Decline => WrongState, LineState::Closed
        LineState::Closed Withdraw => WrongState, LineState::Closed
        LineState::Closed Suspend => WrongState, LineState::Closed
        LineState::Closed Resume => WrongState, LineState::Closed
        LineState::Closed End => WrongState, LineState::Closed
        LineState::Closed WriteOff => WrongState, LineState::Closed
        LineState::WrittenOff Accept => WrongState, LineState::WrittenOff
        LineState::WrittenOff Decline => WrongState, LineState::WrittenOff
        LineState::WrittenOff Withdraw => WrongState, LineState::WrittenOff
        LineState::WrittenOff Suspend => WrongState, LineState::WrittenOff
        LineState::WrittenOff Resume => WrongState, LineState::WrittenOff
        LineState::WrittenOff End => WrongState, LineState::WrittenOff
        LineState::WrittenOff WriteOff => WrongState, LineState::WrittenOff
    "#]]
    .assert_eq(&table);
}

/// Transitions without a call of their own happen with time, by `advance`, or with usage.
#[test]
fn time_and_usage_move_lines() {
    let offered: &[&str] = &[OFFER];
    let active: &[&str] = &[OFFER, ACCEPT];
    let used: &[&str] = &[OFFER, ACCEPT, USE];
    let billed: &[&str] = &[OFFER, ACCEPT, USE, "wait 2d", ADVANCE];
    let missed: &[&str] = &[OFFER, ACCEPT, USE, "wait 2d", ADVANCE, "wait 1d", ADVANCE];
    let mut table = String::new();
    for (name, way) in [
        ("offered", offered),
        ("active", active),
        ("used", used),
        ("suspended", &[OFFER, ACCEPT, USE, "tina suspend-line 1"]),
        ("billed", billed),
        ("missed", missed),
        ("closing", &[OFFER, ACCEPT, USE, "alice close-line 1"]),
    ] {
        for pause in ["wait 1h", "wait 1d", "wait 2d", "wait 9d"] {
            let mut host = scene();
            way.iter().chain([&pause]).for_each(|row| drop(perform(&mut host, row)));
            let advanced = perform(&mut host, ADVANCE);
            let advanced = advanced.split('(').next().unwrap().to_owned();
            let state = LINES.get(&host, &1).unwrap().state;
            let drawn = perform(&mut host, "probe deliver-receipts 1 alice:gpt:10:@0:z");
            let drawn = if drawn.contains("Charged") { "drawn" } else { "not drawn" };
            check_conservation(&mut host);
            table += &format!("{name}, {pause}: advance => {advanced}, {state:?}; {drawn}\n");
        }
    }
    expect![[r#"
        offered, wait 1h: advance => TooEarly, LineState::Offered; not drawn
        offered, wait 1d: advance => ok, LineState::Expired; not drawn
        offered, wait 2d: advance => ok, LineState::Expired; not drawn
        offered, wait 9d: advance => ok, LineState::Expired; not drawn
        active, wait 1h: advance => TooEarly, LineState::Active; drawn
        active, wait 1d: advance => TooEarly, LineState::Active; drawn
        active, wait 2d: advance => ok, LineState::Active; drawn
        active, wait 9d: advance => ok, LineState::Active; not drawn
        used, wait 1h: advance => TooEarly, LineState::Active; drawn
        used, wait 1d: advance => TooEarly, LineState::Active; drawn
        used, wait 2d: advance => ok, LineState::Active; drawn
        used, wait 9d: advance => ok, LineState::Active; not drawn
        suspended, wait 1h: advance => TooEarly, LineState::Suspended; not drawn
        suspended, wait 1d: advance => TooEarly, LineState::Suspended; not drawn
        suspended, wait 2d: advance => ok, LineState::Suspended; not drawn
        suspended, wait 9d: advance => ok, LineState::Suspended; not drawn
        billed, wait 1h: advance => TooEarly, LineState::Active; drawn
        billed, wait 1d: advance => ok, LineState::Delinquent; not drawn
        billed, wait 2d: advance => ok, LineState::Delinquent; not drawn
        billed, wait 9d: advance => ok, LineState::Delinquent; not drawn
        missed, wait 1h: advance => TooEarly, LineState::Delinquent; not drawn
        missed, wait 1d: advance => ok, LineState::WrittenOff; not drawn
        missed, wait 2d: advance => ok, LineState::WrittenOff; not drawn
        missed, wait 9d: advance => ok, LineState::WrittenOff; not drawn
        closing, wait 1h: advance => TooEarly, LineState::Closing; not drawn
        closing, wait 1d: advance => TooEarly, LineState::Closing; not drawn
        closing, wait 2d: advance => ok, LineState::Closing; not drawn
        closing, wait 9d: advance => ok, LineState::Closing; not drawn
    "#]]
    .assert_eq(&table);
}

#[test]
fn bills() {
    use BillState::{Due, Overdue, Paid, Recovered, WrittenOff};
    const WRITTEN_OFF: [&str; 8] =
        [OFFER, ACCEPT, USE, "wait 2d", ADVANCE, "wait 2d", ADVANCE, ADVANCE];
    let table = matrix(
        &BILL,
        &[
            (Due, &[OFFER, ACCEPT, USE, "wait 2d", ADVANCE]),
            (Overdue, &[OFFER, ACCEPT, USE, "wait 2d", ADVANCE, "wait 1d", ADVANCE]),
            (Paid, &[OFFER, ACCEPT, USE, "wait 2d", ADVANCE, "alice pay-bill 1 3 -"]),
            (WrittenOff, &WRITTEN_OFF),
            (
                Recovered,
                &[
                    OFFER,
                    ACCEPT,
                    USE,
                    "wait 2d",
                    ADVANCE,
                    "wait 2d",
                    ADVANCE,
                    ADVANCE,
                    "alice pay-bill 1 3 -",
                ],
            ),
        ],
        &[
            (BillAction::Pay, &["alice pay-bill 1 1 -"]),
            (BillAction::Settle, &["alice pay-bill 1 3 -"]),
        ],
        |host| BILLS.get(host, &1).unwrap().state,
    );
    expect![[r#"
        BillState::Due Pay => ok, BillState::Due
        BillState::Due Settle => ok, BillState::Paid
        BillState::Overdue Pay => ok, BillState::Overdue
        BillState::Overdue Settle => ok, BillState::Paid
        BillState::Paid Pay => WrongState, BillState::Paid
        BillState::Paid Settle => WrongState, BillState::Paid
        BillState::WrittenOff Pay => ok, BillState::WrittenOff
        BillState::WrittenOff Settle => ok, BillState::Recovered
        BillState::Recovered Pay => WrongState, BillState::Recovered
        BillState::Recovered Settle => WrongState, BillState::Recovered
    "#]]
    .assert_eq(&table);
}
