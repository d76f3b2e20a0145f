//! Every state and every call: what a machine's table does not allow is refused with `wrong-state`, and
//! nothing else is.

use std::fmt::Debug;

use ehb_contract::{Host, Machine, Named};
use expect_test::expect;

use super::conservation::{check_conservation, perform};
use super::table::scene;
use crate::bindings::ehb::credit::types::{
    BillState, CreditLineState, GrantState, ProgrammeState, UsageState,
};
use crate::keys::{BILLS, GRANTS, LINES, PROGRAMMES, USAGES};
use crate::states::{
    BILL, BillAction, CreditLineAction, GRANT, GrantAction, LINE, PROGRAMME, ProgrammeAction,
    USAGE, UsageAction,
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
            (Action::SetSaleTerms, &["sam set-sale-terms 1 -"]),
            (Action::SetPrice, &["sam set-price 1 gpt 1 1 -"]),
            (Action::RegisterMeter, &["sam register-meter 1 till spare"]),
            (Action::Grant, &["tina grant-credits 1 alice 1 - @9d 1 - -"]),
            (Action::Purchase, &["alice purchase 1 - 10 max -"]),
            (Action::Lend, &["tina offer-credit-line 1 bob 100 EUR 3 10 1d 1h 1d 90d 10d -"]),
            (Action::Charge, &["alice authorise-usage 1 alice free 1 probe 1h - -"]),
            (Action::Charge, &["probe report-usage 1 alice:free:1:@0:a"]),
            (Action::Announce, &["cloud close-programme 1 @1h"]),
            (Action::End, &["wait 1h", "bob advance programme 1"]),
        ],
        |host| PROGRAMMES.get(host, &1).unwrap().state,
    );
    expect![[r#"
        ProgrammeState::Open SetSaleTerms => ok, ProgrammeState::Open
        ProgrammeState::Open SetPrice => 2, ProgrammeState::Open
        ProgrammeState::Open RegisterMeter => ok, ProgrammeState::Open
        ProgrammeState::Open Grant => 1, ProgrammeState::Open
        ProgrammeState::Open Purchase => 1, ProgrammeState::Open
        ProgrammeState::Open Lend => 1, ProgrammeState::Open
        ProgrammeState::Open Charge => 1, ProgrammeState::Open
        ProgrammeState::Open Charge => [ReportResult::Charged, ProgrammeState::Open
        ProgrammeState::Open Announce => ok, ProgrammeState::Closing
        ProgrammeState::Open End => WrongState, ProgrammeState::Open
        ProgrammeState::Closing SetSaleTerms => WrongState, ProgrammeState::Closing
        ProgrammeState::Closing SetPrice => 2, ProgrammeState::Closing
        ProgrammeState::Closing RegisterMeter => ok, ProgrammeState::Closing
        ProgrammeState::Closing Grant => WrongState, ProgrammeState::Closing
        ProgrammeState::Closing Purchase => WrongState, ProgrammeState::Closing
        ProgrammeState::Closing Lend => WrongState, ProgrammeState::Closing
        ProgrammeState::Closing Charge => 1, ProgrammeState::Closing
        ProgrammeState::Closing Charge => [ReportResult::Charged, ProgrammeState::Closing
        ProgrammeState::Closing Announce => WrongState, ProgrammeState::Closing
        ProgrammeState::Closing End => ok, ProgrammeState::Closed
        ProgrammeState::Closed SetSaleTerms => WrongState, ProgrammeState::Closed
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
        Exhausted, Expired, Expiring, Open, Refunded, Refunding, Revoked, Revoking, Settling,
    };
    const BUY: &str = "alice purchase 1 - 100 max -";
    const USE: &str = "probe report-usage 1 alice:gpt:10:@0:a";
    const HOLD: &str = "alice authorise-usage 1 alice gpt 10 probe 31d - -";
    const SPEND: &str = "probe report-usage 1 alice:gpt:333:@0:a";
    const ADVANCE: &str = "bob advance grant 1";
    const VOID: &str = "probe void-usage 1";
    let table = matrix(
        &GRANT,
        &[
            (Open, &[BUY, USE]),
            (Settling, &[BUY, SPEND]),
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
        GrantState::Settling Settle => WrongState, GrantState::Settling
        GrantState::Settling Revoke => WrongState, GrantState::Settling
        GrantState::Settling Refund => WrongState, GrantState::Settling
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

const OFFER: &str = "tina offer-credit-line 1 alice 100 EUR 1 1 2d 1d 1d 9d 1d -";
const ACCEPT: &str = "alice accept-credit-line 1";
const USE: &str = "probe report-usage 1 alice:gpt:10:@0:a";
const ADVANCE: &str = "bob advance credit-line 1";

#[test]
fn lines() {
    use CreditLineAction as Action;
    use CreditLineState::{
        Active, Closed, Closing, Declined, Delinquent, Expired, Offered, Suspended, Withdrawn,
        WrittenOff,
    };
    let table = matrix(
        &LINE,
        &[
            (Offered, &[OFFER]),
            (Active, &[OFFER, ACCEPT]),
            (Suspended, &[OFFER, ACCEPT, "tina suspend-credit-line 1"]),
            (Delinquent, &[OFFER, ACCEPT, USE, "wait 2d", ADVANCE, "wait 1d", ADVANCE]),
            (Closing, &[OFFER, ACCEPT, USE, "alice close-credit-line 1"]),
            (Declined, &[OFFER, "alice decline-credit-line 1"]),
            (Withdrawn, &[OFFER, "tina withdraw-credit-line 1"]),
            (Expired, &[OFFER, "wait 1d", ADVANCE]),
            (Closed, &[OFFER, ACCEPT, "alice close-credit-line 1"]),
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
                    "tina write-off-credit-line 1",
                ],
            ),
        ],
        &[
            (Action::Accept, &[ACCEPT]),
            (Action::Decline, &["alice decline-credit-line 1"]),
            (Action::Withdraw, &["tina withdraw-credit-line 1"]),
            (Action::Suspend, &["tina suspend-credit-line 1"]),
            (Action::Resume, &["tina resume-credit-line 1"]),
            (Action::End, &["alice close-credit-line 1"]),
            (Action::WriteOff, &["tina write-off-credit-line 1"]),
        ],
        |host| LINES.get(host, &1).unwrap().state,
    );
    expect![[r#"
        CreditLineState::Offered Accept => ok, CreditLineState::Active
        CreditLineState::Offered Decline => ok, CreditLineState::Declined
        CreditLineState::Offered Withdraw => ok, CreditLineState::Withdrawn
        CreditLineState::Offered Suspend => WrongState, CreditLineState::Offered
        CreditLineState::Offered Resume => WrongState, CreditLineState::Offered
        CreditLineState::Offered End => WrongState, CreditLineState::Offered
        CreditLineState::Offered WriteOff => WrongState, CreditLineState::Offered
        CreditLineState::Active Accept => WrongState, CreditLineState::Active
        CreditLineState::Active Decline => WrongState, CreditLineState::Active
        CreditLineState::Active Withdraw => WrongState, CreditLineState::Active
        CreditLineState::Active Suspend => ok, CreditLineState::Suspended
        CreditLineState::Active Resume => WrongState, CreditLineState::Active
        CreditLineState::Active End => ok, CreditLineState::Closed
        CreditLineState::Active WriteOff => WrongState, CreditLineState::Active
        CreditLineState::Suspended Accept => WrongState, CreditLineState::Suspended
        CreditLineState::Suspended Decline => WrongState, CreditLineState::Suspended
        CreditLineState::Suspended Withdraw => WrongState, CreditLineState::Suspended
        CreditLineState::Suspended Suspend => WrongState, CreditLineState::Suspended
        CreditLineState::Suspended Resume => ok, CreditLineState::Active
        CreditLineState::Suspended End => ok, CreditLineState::Closed
        CreditLineState::Suspended WriteOff => WrongState, CreditLineState::Suspended
        CreditLineState::Delinquent Accept => WrongState, CreditLineState::Delinquent
        CreditLineState::Delinquent Decline => WrongState, CreditLineState::Delinquent
        CreditLineState::Delinquent Withdraw => WrongState, CreditLineState::Delinquent
        CreditLineState::Delinquent Suspend => WrongState, CreditLineState::Delinquent
        CreditLineState::Delinquent Resume => WrongState, CreditLineState::Delinquent
        CreditLineState::Delinquent End => WrongState, CreditLineState::Delinquent
        CreditLineState::Delinquent WriteOff => ok, CreditLineState::WrittenOff
        CreditLineState::Closing Accept => WrongState, CreditLineState::Closing
        CreditLineState::Closing Decline => WrongState, CreditLineState::Closing
        CreditLineState::Closing Withdraw => WrongState, CreditLineState::Closing
        CreditLineState::Closing Suspend => WrongState, CreditLineState::Closing
        CreditLineState::Closing Resume => WrongState, CreditLineState::Closing
        CreditLineState::Closing End => WrongState, CreditLineState::Closing
        CreditLineState::Closing WriteOff => WrongState, CreditLineState::Closing
        CreditLineState::Declined Accept => WrongState, CreditLineState::Declined
        CreditLineState::Declined Decline => WrongState, CreditLineState::Declined
        CreditLineState::Declined Withdraw => WrongState, CreditLineState::Declined
        CreditLineState::Declined Suspend => WrongState, CreditLineState::Declined
        CreditLineState::Declined Resume => WrongState, CreditLineState::Declined
        CreditLineState::Declined End => WrongState, CreditLineState::Declined
        CreditLineState::Declined WriteOff => WrongState, CreditLineState::Declined
        CreditLineState::Withdrawn Accept => WrongState, CreditLineState::Withdrawn
        CreditLineState::Withdrawn Decline => WrongState, CreditLineState::Withdrawn
        CreditLineState::Withdrawn Withdraw => WrongState, CreditLineState::Withdrawn
        CreditLineState::Withdrawn Suspend => WrongState, CreditLineState::Withdrawn
        CreditLineState::Withdrawn Resume => WrongState, CreditLineState::Withdrawn
        CreditLineState::Withdrawn End => WrongState, CreditLineState::Withdrawn
        CreditLineState::Withdrawn WriteOff => WrongState, CreditLineState::Withdrawn
        CreditLineState::Expired Accept => WrongState, CreditLineState::Expired
        CreditLineState::Expired Decline => WrongState, CreditLineState::Expired
        CreditLineState::Expired Withdraw => WrongState, CreditLineState::Expired
        CreditLineState::Expired Suspend => WrongState, CreditLineState::Expired
        CreditLineState::Expired Resume => WrongState, CreditLineState::Expired
        CreditLineState::Expired End => WrongState, CreditLineState::Expired
        CreditLineState::Expired WriteOff => WrongState, CreditLineState::Expired
        CreditLineState::Closed Accept => WrongState, CreditLineState::Closed
        CreditLineState::Closed Decline => WrongState, CreditLineState::Closed
        CreditLineState::Closed Withdraw => WrongState, CreditLineState::Closed
        CreditLineState::Closed Suspend => WrongState, CreditLineState::Closed
        CreditLineState::Closed Resume => WrongState, CreditLineState::Closed
        CreditLineState::Closed End => WrongState, CreditLineState::Closed
        CreditLineState::Closed WriteOff => WrongState, CreditLineState::Closed
        CreditLineState::WrittenOff Accept => WrongState, CreditLineState::WrittenOff
        CreditLineState::WrittenOff Decline => WrongState, CreditLineState::WrittenOff
        CreditLineState::WrittenOff Withdraw => WrongState, CreditLineState::WrittenOff
        CreditLineState::WrittenOff Suspend => WrongState, CreditLineState::WrittenOff
        CreditLineState::WrittenOff Resume => WrongState, CreditLineState::WrittenOff
        CreditLineState::WrittenOff End => WrongState, CreditLineState::WrittenOff
        CreditLineState::WrittenOff WriteOff => WrongState, CreditLineState::WrittenOff
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
        ("suspended", &[OFFER, ACCEPT, USE, "tina suspend-credit-line 1"]),
        ("billed", billed),
        ("missed", missed),
        ("closing", &[OFFER, ACCEPT, USE, "alice close-credit-line 1"]),
    ] {
        for pause in ["wait 1h", "wait 1d", "wait 2d", "wait 9d"] {
            let mut host = scene();
            way.iter().chain([&pause]).for_each(|row| drop(perform(&mut host, row)));
            let advanced = perform(&mut host, ADVANCE);
            let advanced = advanced.split('(').next().unwrap().to_owned();
            let state = LINES.get(&host, &1).unwrap().state;
            let drawn = perform(&mut host, "probe report-usage 1 alice:gpt:10:@0:z");
            let drawn = if drawn.contains("Charged") { "drawn" } else { "not drawn" };
            check_conservation(&mut host);
            table += &format!("{name}, {pause}: advance => {advanced}, {state:?}; {drawn}\n");
        }
    }
    expect![[r#"
        offered, wait 1h: advance => TooEarly, CreditLineState::Offered; not drawn
        offered, wait 1d: advance => ok, CreditLineState::Expired; not drawn
        offered, wait 2d: advance => ok, CreditLineState::Expired; not drawn
        offered, wait 9d: advance => ok, CreditLineState::Expired; not drawn
        active, wait 1h: advance => TooEarly, CreditLineState::Active; drawn
        active, wait 1d: advance => TooEarly, CreditLineState::Active; drawn
        active, wait 2d: advance => ok, CreditLineState::Active; drawn
        active, wait 9d: advance => ok, CreditLineState::Active; not drawn
        used, wait 1h: advance => TooEarly, CreditLineState::Active; drawn
        used, wait 1d: advance => TooEarly, CreditLineState::Active; drawn
        used, wait 2d: advance => ok, CreditLineState::Active; drawn
        used, wait 9d: advance => ok, CreditLineState::Active; not drawn
        suspended, wait 1h: advance => TooEarly, CreditLineState::Suspended; not drawn
        suspended, wait 1d: advance => TooEarly, CreditLineState::Suspended; not drawn
        suspended, wait 2d: advance => ok, CreditLineState::Suspended; not drawn
        suspended, wait 9d: advance => ok, CreditLineState::Suspended; not drawn
        billed, wait 1h: advance => TooEarly, CreditLineState::Active; drawn
        billed, wait 1d: advance => ok, CreditLineState::Delinquent; not drawn
        billed, wait 2d: advance => ok, CreditLineState::Delinquent; not drawn
        billed, wait 9d: advance => ok, CreditLineState::Delinquent; not drawn
        missed, wait 1h: advance => TooEarly, CreditLineState::Delinquent; not drawn
        missed, wait 1d: advance => ok, CreditLineState::WrittenOff; not drawn
        missed, wait 2d: advance => ok, CreditLineState::WrittenOff; not drawn
        missed, wait 9d: advance => ok, CreditLineState::WrittenOff; not drawn
        closing, wait 1h: advance => TooEarly, CreditLineState::Closing; not drawn
        closing, wait 1d: advance => TooEarly, CreditLineState::Closing; not drawn
        closing, wait 2d: advance => ok, CreditLineState::Closing; not drawn
        closing, wait 9d: advance => ok, CreditLineState::Closing; not drawn
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
