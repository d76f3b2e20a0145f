use std::fmt::Write as _;

use expect_test::expect_file;

use crate::states::{
    APPLICATIONS, ATTESTATIONS, CONTRACTS, MILESTONES, OFFERS, POSTINGS, RATINGS, Word,
};

/// The README's diagrams are the tables of transitions. `UPDATE_EXPECT=1` draws them anew.
#[test]
fn the_readme_shows_the_machines() {
    let diagrams = [
        draw(POSTINGS),
        draw(APPLICATIONS),
        draw(OFFERS),
        draw(CONTRACTS),
        draw(MILESTONES),
        draw(RATINGS),
        draw(ATTESTATIONS),
    ];
    let readme = include_str!("../../README.md");
    let mut pieces = readme.split("```mermaid\n");
    let mut drawn = pieces.next().unwrap_or_default().to_owned();
    assert_eq!(pieces.clone().count(), diagrams.len());
    for (piece, diagram) in pieces.zip(diagrams) {
        let (_, rest) = piece.split_once("```\n").unwrap();
        write!(drawn, "```mermaid\n{diagram}```\n{rest}").unwrap();
    }
    expect_file!["../../README.md"].assert_eq(&drawn);
}

/// A machine begins with the state that its table names first; a state that it never leaves is final.
/// A diagram's names know no hyphens.
fn draw<S: Word, A: Word>(table: &[(S, A, S)]) -> String {
    let mut diagram = String::from("stateDiagram-v2\n");
    let line = |diagram: &mut String, from: &str, to: &str, by: &str| {
        let text = format!("{from} --> {to}{by}").replace('-', "_").replace("__>", "-->");
        writeln!(diagram, "    {text}").unwrap();
    };
    line(&mut diagram, "[*]", table[0].0.word(), "");
    for (from, by, to) in table {
        line(&mut diagram, from.word(), to.word(), &format!(": {}", by.word()));
    }
    let mut ends: Vec<&str> = Vec::new();
    for (_, _, to) in table {
        let final_state = table.iter().all(|(from, _, _)| from != to);
        if final_state && !ends.contains(&to.word()) {
            ends.push(to.word());
            line(&mut diagram, to.word(), "[*]", "");
        }
    }
    diagram
}
