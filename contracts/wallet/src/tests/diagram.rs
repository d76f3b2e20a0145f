use expect_test::expect_file;

use crate::states::{ALLOWANCE, HOLD, Machine, Named, PAYMENT, REQUEST, SUPPLY};

/// A machine as a diagram: terminal states are those that no action leaves.
fn diagram<S: Named, A: Named>(machine: &Machine<S, A>) -> String {
    let mut text = format!("stateDiagram-v2\n    [*] --> {}\n", shown(machine.start));
    for (from, by, to) in machine.transitions {
        text.push_str(&format!("    {} --> {}: {}\n", shown(*from), shown(*to), by.name()));
    }
    for (state, _) in S::ALL {
        if machine.transitions.iter().all(|(from, _, _)| from != state) {
            text.push_str(&format!("    {} --> [*]\n", shown(*state)));
        }
    }
    text
}

/// A state's name as mermaid can read it.
fn shown<S: Named>(state: S) -> String {
    state.name().replace('-', "_")
}

/// The README's diagrams are those of the code; `UPDATE_EXPECT=1` draws them.
#[test]
fn the_diagrams_are_those_of_the_code() {
    let readme = include_str!("../../README.md");
    let diagrams = [
        ("hold", diagram(&HOLD)),
        ("allowance", diagram(&ALLOWANCE)),
        ("pending payment", diagram(&PAYMENT)),
        ("request", diagram(&REQUEST)),
        ("supply", diagram(&SUPPLY)),
    ];
    let mut drawn = readme.to_owned();
    for (name, diagram) in diagrams {
        let start = format!("<!-- diagram: {name} -->\n```mermaid\n");
        let (before, after) = drawn.split_once(&start).unwrap();
        let (_, after) = after.split_once("```").unwrap();
        drawn = format!("{before}{start}{diagram}```{after}");
    }
    expect_file!["../../README.md"].assert_eq(&drawn);
}
