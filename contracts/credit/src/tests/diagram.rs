use std::fmt::Write as _;

use expect_test::expect_file;

use crate::states::{BILL, GRANT, LINE, Machine, PROGRAMME, USAGE};

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

/// Every state can be reached, and every state leads to an end or is the programme's first one.
#[test]
fn no_state_is_without_a_way_in_or_out() {
    fn check<S: Copy + PartialEq, A: Copy + PartialEq>(machine: &Machine<S, A>) {
        for (place, (state, name)) in machine.states.iter().enumerate() {
            let other = |one: &S, two: &S| *one != *two;
            let entered = machine.transitions.iter().any(|(a, _, b)| b == state && other(a, b));
            assert!(entered || place == 0, "{} {name}", machine.name);
            let left = machine.transitions.iter().any(|(a, _, b)| a == state && other(a, b));
            assert!(left || machine.is_end(*state), "{} {name}", machine.name);
        }
    }
    check(&PROGRAMME);
    check(&GRANT);
    check(&USAGE);
    check(&LINE);
    check(&BILL);
}
