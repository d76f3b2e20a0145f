use std::fmt::Write as _;

use expect_test::expect_file;

use crate::states::{BILL, GRANT, LINE, Machine, PROGRAMME, USAGE};

/// A machine as a Mermaid state diagram.
fn diagram<S: Copy + PartialEq, A: Copy + PartialEq>(machine: &Machine<S, A>) -> String {
    let action = |action: A| {
        machine.actions.iter().find(|(known, _)| *known == action).map_or("", |(_, name)| name)
    };
    let mut text = format!("### {}\n\n```mermaid\nstateDiagram-v2\n", machine.name);
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
    text + "```\n"
}

/// The README shows the machines as they are in the code.
#[test]
fn the_diagrams_are_those_of_the_code() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let begin = "<!-- diagrams -->\n";
    let end = "<!-- end of diagrams -->";
    let (before, rest) = readme.split_once(begin).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    let diagrams =
        [diagram(&PROGRAMME), diagram(&GRANT), diagram(&USAGE), diagram(&LINE), diagram(&BILL)]
            .join("\n");
    expect_file![path].assert_eq(&format!("{before}{begin}{diagrams}{end}{after}"));
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
