//! Parses the refusals that functions document in WIT.

use std::collections::{BTreeMap, BTreeSet};

use crate::Tree;
use crate::modules::COMMON;
use crate::wit::{Function, cases, functions};

/// Where the functions are that all modules have.
pub(super) const DEADLINES: &str = "sdk/contract/wit/common/deadlines.wit";

/// The refusals that functions document: in a sentence that begins with `Refused`, the names in backticks. What is in
/// parentheses explains the name before it; `as X is` stands for all that the function X documents.
#[derive(Debug, Default)]
pub struct Documented {
    functions: BTreeMap<String, Sentence>,
    /// All refusals that there are.
    cases: BTreeSet<String>,
    violations: Vec<String>,
}

#[derive(Debug, Default)]
struct Sentence {
    /// The interface of the function.
    interface: String,
    refusals: BTreeSet<String>,
    /// Functions whose refusals are this one's too.
    like: BTreeSet<String>,
}

impl Documented {
    /// What the functions of these WIT texts document, of the refusals that their variants `error` and `refusal` have.
    pub fn in_wit<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let texts: Vec<&str> = texts.into_iter().collect();
        let known = texts.iter().flat_map(|text| [cases(text, "error"), cases(text, "refusal")]);
        let known: BTreeSet<&str> = known.flatten().collect();
        let cases = known.iter().map(|it| (*it).to_owned()).collect();
        let mut documented = Self { cases, ..Self::default() };
        let functions: Vec<Function<'_>> = texts.iter().flat_map(|text| functions(text)).collect();
        for function in &functions {
            documented.add(function, &known);
        }
        let incomplete = functions.iter().filter_map(|it| documented.incomplete(it));
        let incomplete: Vec<String> = incomplete.collect();
        documented.violations.extend(incomplete);
        documented
    }

    /// What a module of this repository documents.
    pub fn of_module(tree: &Tree, module: &str) -> Self {
        let folder = format!("contracts/{module}/wit/");
        let files = tree.files().iter().filter(|file| file.path.starts_with(&folder));
        let own = files.map(|file| file.text.as_str());
        Self::in_wit(own.chain(texts(tree, &[DEADLINES, COMMON])))
    }

    /// Whether a function documents a refusal.
    pub fn allows(&self, function: &str, refusal: &str) -> bool {
        self.of(function).any(|it| it == refusal)
    }

    /// The refusals that a function documents, in the order of their names.
    pub fn of<'a>(&'a self, function: &str) -> impl Iterator<Item = &'a str> {
        let (mut found, mut seen) = (BTreeSet::new(), BTreeSet::new());
        let mut left = vec![function.to_owned()];
        while let Some(name) = left.pop() {
            if let Some(sentence) = self.functions.get(&name)
                && seen.insert(name)
            {
                found.extend(sentence.refusals.iter().map(String::as_str));
                left.extend(sentence.like.iter().cloned());
            }
        }
        found.into_iter()
    }

    /// Each function with each refusal that it documents.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let names = self.functions.keys().map(String::as_str);
        names.flat_map(|function| self.of(function).map(move |refusal| (function, refusal)))
    }

    /// As [`Self::pairs`], of the functions of one interface.
    pub fn pairs_of(&self, interface: &str) -> impl Iterator<Item = (&str, &str)> {
        self.pairs().filter(move |(function, _)| {
            self.functions.get(*function).is_some_and(|it| it.interface == interface)
        })
    }

    pub(super) fn is_refusal(&self, name: &str) -> bool {
        self.cases.contains(name)
    }

    pub(super) fn has_function(&self, name: &str) -> bool {
        self.functions.contains_key(name)
    }

    pub(super) fn violations(&self) -> &[String] {
        &self.violations
    }

    fn add(&mut self, function: &Function<'_>, known: &BTreeSet<&str>) {
        let Function { interface, name, docs, .. } = function;
        let mut sentence = Sentence { interface: (*interface).to_owned(), ..Sentence::default() };
        for paragraph in docs.split("\n\n") {
            let Some(start) = paragraph.find("Refused") else { continue };
            let text = without_notes(&paragraph[start..].replace('\n', " "));
            let mut pieces = text.split('`');
            let mut before = pieces.next().unwrap_or_default();
            while let Some(quoted) = pieces.next() {
                if before.ends_with("as ") {
                    sentence.like.insert(quoted.to_owned());
                } else if known.contains(quoted) {
                    sentence.refusals.insert(quoted.to_owned());
                } else {
                    self.violations.push(format!("{name}: `{quoted}` is no refusal"));
                }
                before = pieces.next().unwrap_or_default();
            }
        }
        self.functions.insert((*name).to_owned(), sentence);
    }

    /// What a function does not document although its parameters are always refused with it.
    fn incomplete(&self, function: &Function<'_>) -> Option<String> {
        let Function { name, parameters, .. } = function;
        let (parameter, refusals) = IMPLIED.iter().find(|(parameter, refusals)| {
            has_word(parameters, parameter) && !refusals.iter().all(|it| self.allows(name, it))
        })?;
        let refusals = refusals.join("`, `");
        Some(format!("{name} takes a {parameter}, so it documents `{refusals}`"))
    }
}

/// What a parameter of a name or type is always refused with.
const IMPLIED: [(&str, &[&str]); 2] = [
    ("key", &["key-reused", "out-of-range"]),
    ("document", &["malformed-cid", "malformed-media-type", "out-of-range"]),
];

/// Whether some parameters have this name or type.
fn has_word(parameters: &str, word: &str) -> bool {
    parameters.split(|c: char| !c.is_alphanumeric() && c != '-').any(|it| it == word)
}

/// A text without what is in parentheses.
fn without_notes(text: &str) -> String {
    let mut depth = 0_u32;
    let mut kept = String::new();
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept
}

/// The texts of some files.
pub(super) fn texts<'a>(tree: &'a Tree, paths: &[&str]) -> Vec<&'a str> {
    let files = tree.files().iter().filter(|file| paths.contains(&file.path.as_str()));
    files.map(|file| file.text.as_str()).collect()
}
