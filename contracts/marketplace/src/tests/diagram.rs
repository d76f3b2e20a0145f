//! The README's diagrams are drawn from the tables of `states`.

use std::fmt::Write as _;

use expect_test::expect_file;

use crate::states::{listing, rating, store, sub_order};

fn diagram<S: Copy + Eq, A: Copy + Eq>(
    table: &[(S, A, S)],
    states: &[(S, &str)],
    actions: &[(A, &str)],
) -> String {
    // A diagram's names know no hyphens.
    let name = |name: &str| name.replace('-', "_");
    let state = |value: S| name(states.iter().find(|(named, _)| *named == value).unwrap().1);
    let mut text = String::from("```mermaid\nstateDiagram-v2\n");
    let _ = writeln!(text, "    [*] --> {}", name(states[0].1));
    for (from, action, to) in table {
        let by = actions.iter().find(|(named, _)| named == action).unwrap().1;
        let _ = writeln!(text, "    {} --> {}: {by}", state(*from), state(*to));
    }
    for (last, word) in states {
        if table.iter().all(|(from, _, _)| from != last) {
            let _ = writeln!(text, "    {} --> [*]", name(word));
        }
    }
    text.push_str("```\n");
    text
}

/// Puts a drawing between the two marks of its name.
fn draw(readme: &str, name: &str, drawing: &str) -> String {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let (before, rest) = readme.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    format!("{before}{begin}{drawing}{end}{after}")
}

#[test]
fn the_readme_shows_the_machines() {
    let readme = include_str!("../../README.md");
    let sub_order = diagram(sub_order::TRANSITIONS, sub_order::STATES, sub_order::ACTIONS);
    let readme = draw(readme, "sub-order", &sub_order);
    let rating = diagram(rating::TRANSITIONS, rating::STATES, rating::ACTIONS);
    let readme = draw(&readme, "rating", &rating);
    let listing = diagram(listing::TRANSITIONS, listing::STATES, listing::ACTIONS);
    let readme = draw(&readme, "listing", &listing);
    let store = diagram(store::TRANSITIONS, store::STATES, store::ACTIONS);
    let readme = draw(&readme, "store", &store);
    expect_file!["../../README.md"].assert_eq(&readme);
}
