//! The README's diagrams, and the exit of every state.

use std::fmt::{Debug, Write as _};

use ehb_contract::table::{diagram, stored, with_diagrams};
use ehb_contract::{Machine, Named, Pack};
use expect_test::{expect, expect_file};

use crate::states::{
    BILL, BillAction, CreditLineAction, GRANT, GrantAction, LINE, PROGRAMME, ProgrammeAction,
    USAGE, UsageAction,
};

/// The README's diagrams are those of the code; `UPDATE_EXPECT=1` draws them.
#[test]
fn the_diagrams_are_those_of_the_code() {
    let diagrams = [
        ("programme", diagram(&PROGRAMME)),
        ("grant", diagram(&GRANT)),
        ("usage", diagram(&USAGE)),
        ("line", diagram(&LINE)),
        ("bill", diagram(&BILL)),
    ];
    let drawn = with_diagrams(include_str!("../../README.md"), &diagrams);
    expect_file!["../../README.md"].assert_eq(&drawn);
}

/// No state without an exit: what anyone brings about by `advance` or `advance-due` once the deadline of each state
/// that is not an end has passed. A bill's come with its line's. An open programme is an offer in which
/// nobody waits for anything.
#[test]
fn every_state_has_an_exit() {
    fn exits<S: Named + Debug + Pack, A: Named>(
        of: &str,
        machine: &Machine<S, A>,
        by_time: &[A],
    ) -> String {
        let mut text = String::new();
        for state in stored::<S>() {
            assert!(!state.name().is_empty(), "{state:?} has no name");
            let entered = machine.transitions.iter().any(|(_, _, to)| *to == state);
            assert!(entered || state == S::ALL[0].0, "nothing leads to {state:?}");
            if machine.is_end(state) {
                continue;
            }
            let name = state.name();
            let steps = A::ALL.iter().filter(|(action, _)| by_time.contains(action));
            let steps = steps.filter_map(|(action, name)| {
                Some(format!(" {name} {}", machine.after(state, *action)?.name()))
            });
            writeln!(text, "{of} {name}:{}", steps.collect::<Vec<_>>().join(",")).unwrap();
        }
        text
    }
    let found = exits("programme", &PROGRAMME, &[ProgrammeAction::End])
        + &exits("grant", &GRANT, &[GrantAction::Expire, GrantAction::Close])
        + &exits("usage", &USAGE, &[UsageAction::TimeOut])
        + &exits(
            "line",
            &LINE,
            &[
                CreditLineAction::Expire,
                CreditLineAction::Miss,
                CreditLineAction::End,
                CreditLineAction::Close,
                CreditLineAction::WriteOff,
            ],
        )
        + &exits("bill", &BILL, &[BillAction::Miss, BillAction::WriteOff]);
    expect![[r#"
        programme open:
        programme closing: end closed
        grant open: expire expiring
        grant settling: close exhausted
        grant expiring: close expired
        grant revoking: close revoked
        grant refunding: close refunded
        usage authorised: time-out timed-out
        line offered: expire expired
        line active: miss delinquent, end closing
        line suspended: miss delinquent, end closing
        line delinquent: write-off written-off
        line closing: miss delinquent, close closed
        bill due: miss overdue
        bill overdue: write-off written-off
        bill written-off:
    "#]]
    .assert_eq(&found);
}
