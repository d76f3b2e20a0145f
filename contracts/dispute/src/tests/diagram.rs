use std::fmt::{Debug, Write as _};

use expect_test::expect_file;

use crate::states::TRANSITIONS;
use crate::types::State;

/// The README's diagram is the table of transitions. `UPDATE_EXPECT=1` draws it anew.
#[test]
fn the_readme_shows_the_machine() {
    let mut diagram = format!("stateDiagram-v2\n    [*] --> {}\n", name(&State::Open));
    for (from, action, to) in TRANSITIONS {
        writeln!(diagram, "    {} --> {}: {}", name(from), name(to), name(action)).unwrap();
    }
    writeln!(diagram, "    {} --> [*]", name(&State::Final)).unwrap();

    let readme = include_str!("../../README.md");
    let (before, rest) = readme.split_once("```mermaid\n").unwrap();
    let (_, after) = rest.split_once("```\n").unwrap();
    let drawn = format!("{before}```mermaid\n{diagram}```\n{after}");
    expect_file!["../../README.md"].assert_eq(&drawn);
}

/// `State::Open` as `open`; a diagram's names know no hyphens.
fn name(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    let text = text.rsplit("::").next().unwrap_or_default();
    let mut name = String::new();
    for letter in text.chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}
