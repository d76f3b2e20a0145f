use std::fmt::{Debug, Write as _};

use ehb_contract::Pack;
use ehb_contract::table::stored;
use expect_test::{expect, expect_file};

use crate::states::{
    BILL, BillAction, GRANT, GrantAction, LINE, LineAction, Machine, PROGRAMME, ProgrammeAction,
    USAGE, UsageAction,
};

/// A machine's place in the README, and its Mermaid state diagram.
fn diagram<S: Copy + PartialEq, A: Copy + PartialEq>(machine: &Machine<S, A>) -> (String, String) {
    let action = |action: A| {
        machine.actions.iter().find(|(known, _)| *known == action).map_or("", |(_, name)| name)
    };
    let mut text = String::from("```mermaid\nstateDiagram-v2\n");
    // A hyphen is no part of a name in Mermaid.
    for (_, name) in machine.states.iter().filter(|(_, name)| name.contains('-')) {
        writeln!(text, "    state \"{name}\" as {}", name.replace('-', "_")).unwrap();
    }
    writeln!(text, "    [*] --> {}", machine.states[0].1).unwrap();
    for (from, by, to) in machine.transitions {
        let name = |state: &S| machine.state_name(*state).replace('-', "_");
        let (from, to) = (name(from), name(to));
        writeln!(text, "    {from} --> {to}: {}", action(*by)).unwrap();
    }
    for (state, name) in machine.states {
        if machine.is_end(*state) {
            writeln!(text, "    {} --> [*]", name.replace('-', "_")).unwrap();
        }
    }
    (format!("<!-- diagram: {} -->\n", machine.name), text + "```\n")
}

/// The README shows the machines as they are in the code.
#[test]
fn the_diagrams_are_those_of_the_code() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let mut expected = readme;
    for (place, diagram) in
        [diagram(&PROGRAMME), diagram(&GRANT), diagram(&USAGE), diagram(&LINE), diagram(&BILL)]
    {
        let (before, after) = expected.split_once(&place).unwrap();
        // What stands there until the fence ends is the diagram as it was.
        let rest = match after.strip_prefix("```mermaid\n") {
            Some(old) => old.split_once("```\n").unwrap().1,
            None => after,
        };
        expected = format!("{before}{place}{diagram}{rest}");
    }
    expect_file![path].assert_eq(&expected);
}

/// No state without an exit: what anyone brings about by `advance` or `sweep` once the deadline of each state
/// that is not an end has passed. A bill's come with its line's. An open programme is an offer in which
/// nobody waits for anything.
#[test]
fn every_state_has_an_exit() {
    fn exits<S: Copy + Debug + PartialEq + Pack, A: Copy + PartialEq>(
        machine: &Machine<S, A>,
        by_time: &[A],
    ) -> String {
        let mut text = String::new();
        for state in stored::<S>() {
            assert!(!machine.state_name(state).is_empty(), "{state:?} has no name");
            let entered = machine.transitions.iter().any(|(_, _, to)| *to == state);
            assert!(entered || state == machine.states[0].0, "nothing leads to {state:?}");
            if machine.is_end(state) {
                continue;
            }
            let (of, name) = (machine.name, machine.state_name(state));
            let steps = machine.actions.iter().filter(|(action, _)| by_time.contains(action));
            let steps = steps.filter_map(|(action, name)| {
                Some(format!(" {name} {}", machine.state_name(machine.after(state, *action)?)))
            });
            writeln!(text, "{of} {name}:{}", steps.collect::<Vec<_>>().join(",")).unwrap();
        }
        text
    }
    let found = exits(&PROGRAMME, &[ProgrammeAction::End])
        + &exits(&GRANT, &[GrantAction::Expire, GrantAction::Close])
        + &exits(&USAGE, &[UsageAction::TimeOut])
        + &exits(
            &LINE,
            &[
                LineAction::Lapse,
                LineAction::Miss,
                LineAction::End,
                LineAction::Close,
                LineAction::WriteOff,
            ],
        )
        + &exits(&BILL, &[BillAction::Miss, BillAction::WriteOff]);
    expect![[r#"
        programme open:
        programme closing: end closed
        grant open: expire expiring
        grant spent: close exhausted
        grant expiring: close expired
        grant revoking: close revoked
        grant refunding: close refunded
        usage authorised: time-out timed-out
        line offered: lapse lapsed
        line active: miss delinquent, end closing
        line suspended: miss delinquent, end closing
        line delinquent: write-off written-off
        line closing: miss delinquent, close closed
        bill due: miss overdue
        bill overdue: write-off written-off
    "#]]
    .assert_eq(&found);
}
