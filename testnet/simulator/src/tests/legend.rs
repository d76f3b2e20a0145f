//! The legend of the trace in `docs/internals/simulator.md` has each line that a trace can contain, and no other.

use std::fs;
use std::path::Path;

use super::{NODES, THREADS};
use crate::{Batch, Options, Setup};

const PAGE: &str = include_str!("../../../../docs/internals/simulator.md");
/// How the table of the legend begins.
const TABLE: &str = "| Line | Means |\n|---|---|\n";
/// How a line of the trace about a message begins.
const MESSAGE: &str = "{from} -> {to} ";
/// The traced seeds.
const SEEDS: u64 = 4;

/// The example lines of the legend.
fn legend() -> Vec<&'static str> {
    let (_, table) = PAGE.split_once(TABLE).unwrap();
    let rows = table.lines().take_while(|row| row.starts_with('|'));
    rows.map(|row| row.split('`').nth(1).unwrap()).collect()
}

/// Whether a word of an example is in each line of its kind. Other words, such as numbers, hashes and names of
/// variants, differ.
fn is_fixed(word: &str) -> bool {
    let word = word.trim_end_matches([',', ':']);
    let is_upper = word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase());
    word == "->" || is_upper || word.chars().all(|c| c.is_ascii_lowercase())
}

/// Whether a line is of the kind that an example shows. `..` is one word or more.
fn is_like(line: &str, example: &str) -> bool {
    let mut words = line.split(' ');
    for shown in example.split(' ') {
        let Some(word) = words.next() else { return false };
        if shown == ".." {
            return true;
        }
        if is_fixed(shown) && word != shown {
            return false;
        }
    }
    words.next().is_none()
}

/// The format strings of the lines, as the sources contain them: those of `trace` calls, and those of `SimEvent::line`
/// and `describe`.
fn formats() -> Vec<String> {
    let mut found = Vec::new();
    // As of the run: a build cache may hold this test from a checkout at another place.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    add_traced(&Path::new(&package).join("src"), &mut found);
    let events = include_str!("../sim_event.rs");
    let (events, messages) = events.split_once("fn describe(").unwrap();
    let (_, line) = events.split_once("fn line(").unwrap();
    let (line, _) = line.split_once("\nimpl ").unwrap();
    found.extend(literals(line).filter(|it| !it.starts_with(MESSAGE)));
    let described = messages.split("format!(").skip(1).filter_map(|rest| literals(rest).next());
    found.extend(described.map(|it| format!("{MESSAGE}{it}")));
    found
}

/// Adds the format string of each `trace` call in a folder's sources, without its tests.
fn add_traced(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            add_traced(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let calls = text.split(".trace(|").skip(1);
            // A call without a literal passes on a line of `SimEvent::line`.
            found.extend(calls.filter_map(|call| literals(call.split(';').next()?).next()));
        }
    }
}

/// The string literals of a source.
fn literals(source: &str) -> impl Iterator<Item = String> {
    source.split('"').skip(1).step_by(2).map(str::to_owned)
}

/// A format string with one word for each value.
fn with_values(format: &str) -> String {
    let (mut line, mut is_value) = (String::new(), false);
    for c in format.chars() {
        match c {
            '{' => is_value = true,
            '}' => {
                is_value = false;
                line.push('0');
            }
            _ if !is_value => line.push(c),
            _ => {}
        }
    }
    line
}

#[test]
fn the_legend_shows_each_line_of_the_sources_and_no_other() {
    let (legend, formats) = (legend(), formats());
    assert!(formats.len() > 30, "{formats:?}");
    // The first line is the plan, which the page describes before the table.
    let lines: Vec<String> =
        formats.iter().map(|it| with_values(it)).filter(|it| it != "0 0").collect();
    for line in &lines {
        assert!(legend.iter().any(|it| is_like(line, it)), "the legend lacks `{line}`");
    }
    for example in legend {
        assert!(lines.iter().any(|it| is_like(it, example)), "no trace has `{example}`");
    }
}

#[test]
fn the_legend_explains_real_traces() {
    let legend = legend();
    let options = Options { trace: true, ..Options::default() };
    let batch = Batch { first: 0, count: SEEDS, options, threads: THREADS, stop_at: None };
    for run in batch.run(&Setup::new(NODES).unwrap()).unwrap() {
        let trace = &run.outcome.trace;
        assert!(trace.len() > 100, "seed {} has {} lines", run.outcome.seed, trace.len());
        for line in trace.iter().skip(1) {
            let (_, line) = line.trim_start().split_once(' ').unwrap();
            assert!(legend.iter().any(|it| is_like(line, it)), "the legend lacks `{line}`");
        }
    }
}

#[test]
fn a_line_that_the_legend_lacks_is_found() {
    assert!(is_like("3 -> 1 status 18 Votes(19)", "0 -> 2 status 7 Votes(8)"));
    assert!(!is_like("3 -> 1 status 18 Votes(19) 4", "0 -> 2 status 7 Votes(8)"));
    assert!(!is_like("3 -> 1 state 18 Votes(19)", "0 -> 2 status 7 Votes(8)"));
    assert!(is_like("node 2 halts: no space", "node 1 halts: .."));
    assert!(!is_like("node 2 halts:", "node 1 halts: .."));
    assert_eq!(with_values("node {node} is up at {}"), "node 0 is up at 0");
}
