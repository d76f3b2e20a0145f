//! A rule: documents link to existing files and quote what these contain, and decisions are complete.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use crate::{File, Tree};

const DECISIONS: &str = "docs/decisions/";
/// The parts of a decision; figures only where something was measured.
const HEADINGS: [&str; 4] = ["Status: ", "## Context", "## Decision", "## Rejected"];

/// The document whose code is all quoted, and the languages of code. Other blocks are commands.
const QUOTING: &str = "docs/modules.md";
const CODE: [&str; 3] = ["rust", "toml", "wit"];

/// Links between documents that lead nowhere, quotes that their files do not contain, and decisions that lack a part or
/// a place in the index.
pub fn documents(tree: &Tree) -> Vec<String> {
    let paths: BTreeSet<&str> = tree.files().iter().map(|file| file.path.as_str()).collect();
    let documents = tree.files().iter().filter(|file| file.path.ends_with(".md"));
    let mut violations: Vec<String> =
        documents.flat_map(|file| [links(file, &paths), quotes(file, tree)].concat()).collect();
    violations.extend(decisions(tree));
    violations
}

fn links(file: &File, paths: &BTreeSet<&str>) -> Vec<String> {
    let mut violations = Vec::new();
    for (number, line) in file.lines() {
        for target in targets(line).filter(|target| is_relative(target)) {
            let path = resolve(&file.path, target.split('#').next().unwrap_or_default());
            let is_folder = paths.iter().any(|it| it.starts_with(&format!("{path}/")));
            if !is_folder && !paths.contains(path.as_str()) {
                violations.push(format!("{}:{number} links to {target}: no such file", file.path));
            }
        }
    }
    violations
}

/// Blocks of code that name a file after their language and are not in it, whatever their indentation.
fn quotes(file: &File, tree: &Tree) -> Vec<String> {
    let mut violations = Vec::new();
    let mut lines = file.lines();
    while let Some((number, line)) = lines.next() {
        let Some(head) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> =
            lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
        let place = format!("{}:{number}", file.path);
        let Some((_, path)) = head.split_once(' ') else {
            if file.path == QUOTING && CODE.contains(&head) {
                violations.push(format!("{place} is code: name the file that it is from"));
            }
            continue;
        };
        let Some(source) = tree.files().iter().find(|file| file.path == path) else {
            violations.push(format!("{place} quotes {path}: no such file"));
            continue;
        };
        if !words(source.text.lines()).contains(&words(block.into_iter())) {
            violations.push(format!("{place} is not what {path} has"));
        }
    }
    violations
}

/// The lines in one, with single spaces, so that neither indentation nor alignment matters.
fn words<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let lines = lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// What the inline links of a line name.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target))
}

fn is_relative(target: &str) -> bool {
    !target.is_empty() && !target.contains("://") && !target.starts_with(['#', '/'])
}

/// The path of a link's target from the repository's root.
fn resolve(from: &str, target: &str) -> String {
    let mut path = PathBuf::from(from);
    path.pop();
    for part in Path::new(target).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(name) => path.push(name),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    path.to_string_lossy().into_owned()
}

fn decisions(tree: &Tree) -> Vec<String> {
    let index = tree.files().iter().find(|file| file.path == format!("{DECISIONS}README.md"));
    let index = index.map_or("", |file| file.text.as_str());
    let mut violations = Vec::new();
    for file in tree.files() {
        let Some(name) = file.path.strip_prefix(DECISIONS).filter(|it| *it != "README.md") else {
            continue;
        };
        let missing = HEADINGS.iter().filter(|heading| !file.text.contains(**heading));
        violations.extend(missing.map(|it| format!("{} has no {}", file.path, it.trim())));
        if !index.contains(&format!("]({name})")) {
            violations.push(format!("{DECISIONS}README.md does not list {name}"));
        }
    }
    violations
}
