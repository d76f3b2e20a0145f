//! The CSV file with people, and their division into transactions.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use ehb_console::read_text;
use ehb_sdk::{Client, RoleName};
use serde_json::{Value, json};

use crate::commands::consent;
use crate::failure::{Exit, Failure};

/// The largest file, bytes.
const FILE_BYTES_MAX: u64 = 16 << 20;
/// The most people in a file.
const PEOPLE_MAX: usize = 100_000;
/// The first line.
const HEADER: &str = "consent,roles";

/// The bytes of a registration, generously: without its keys, and each key.
const ACCOUNT_BYTES: u64 = 128;
const KEY_BYTES: u64 = 160;
const ROLE_BYTES: u64 = 68;
const ACCOUNT_GAS: u64 = 60_000;
const KEY_GAS: u64 = 20_000;

/// A person to register.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) organisation: String,
    pub(super) address: String,
    /// The argument of the kernel.
    pub(super) new: Value,
    bytes: u64,
    gas: u64,
}

/// Reads a file and the consents that it names.
pub(super) fn read(path: &Path, client: &Client) -> Result<Vec<Person>, Failure> {
    let bad = |message: String| {
        let message = format!("{}: {message}", path.display());
        Failure::new(Exit::Usage, "BAD_FILE", message)
            .hint("see `ehb org accounts import --help` for what is in the file")
    };
    let text = File::open(path).and_then(|file| read_text(file, FILE_BYTES_MAX));
    let text = text.map_err(|error| bad(error.to_string()))?;
    let rows = rows(&text).map_err(bad)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut people: Vec<Person> = Vec::with_capacity(rows.len());
    let mut seen = BTreeSet::new();
    for Row { line, consent, roles } in rows {
        let person = person(&folder.join(consent), &roles, client)?;
        let other = people.first().filter(|it| it.organisation != person.organisation);
        if let Some(other) = other {
            let (one, two) = (&other.organisation, &person.organisation);
            return Err(bad(format!(
                "line {line} is for the organisation {two}, others for {one}"
            )));
        }
        if !seen.insert(person.address.clone()) {
            return Err(bad(format!("line {line} has an account of a line before it")));
        }
        people.push(person);
    }
    match people.is_empty() {
        true => Err(bad("it lists no account".to_owned())),
        false => Ok(people),
    }
}

fn person(path: &Path, roles: &[RoleName], client: &Client) -> Result<Person, Failure> {
    let network = client.chain().network;
    let document = consent::new_account(consent::document(path, client)?, path, network)?;
    let keys = document.consents.len() as u64;
    Ok(Person {
        organisation: document.organisation.to_string(),
        address: document.account,
        new: json!({
            "policy": document.policy,
            "roles": roles,
            "consents": document.consents,
        }),
        bytes: ACCOUNT_BYTES + KEY_BYTES * keys + ROLE_BYTES * roles.len() as u64,
        gas: ACCOUNT_GAS + KEY_GAS * keys,
    })
}

/// A line of the file.
#[derive(Debug, PartialEq, Eq)]
struct Row<'a> {
    line: usize,
    consent: &'a str,
    roles: Vec<RoleName>,
}

fn rows(text: &str) -> Result<Vec<Row<'_>>, String> {
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text.lines().enumerate();
    match lines.next() {
        Some((_, first)) if first.trim() == HEADER => {}
        _ => return Err(format!("the first line must be {HEADER:?}")),
    }
    let mut rows = Vec::new();
    for (index, text) in lines.filter(|(_, text)| !text.trim().is_empty()) {
        let line = index + 1;
        let (consent, roles) = text.split_once(',').unwrap_or((text, ""));
        let consent = consent.trim();
        if consent.is_empty() || text.contains('"') {
            return Err(format!("line {line}: expected FILE,ROLES without quotes"));
        }
        let roles: Result<Vec<RoleName>, _> = roles.split_whitespace().map(RoleName::new).collect();
        let roles = roles.map_err(|error| format!("line {line}: {error}"))?;
        rows.push(Row { line, consent, roles });
        if rows.len() > PEOPLE_MAX {
            return Err(format!("it lists more than {PEOPLE_MAX} accounts: make several files"));
        }
    }
    Ok(rows)
}

/// Divides people into parts that fit into transactions.
pub(super) fn parts(people: &[Person], bytes_max: u64, gas_max: u64) -> Vec<&[Person]> {
    let mut parts = Vec::new();
    let (mut start, mut bytes, mut gas) = (0, 0_u64, 0_u64);
    for (index, person) in people.iter().enumerate() {
        let is_full = bytes + person.bytes > bytes_max || gas + person.gas > gas_max;
        if is_full && index > start {
            parts.push(&people[start..index]);
            (start, bytes, gas) = (index, 0, 0);
        }
        bytes += person.bytes;
        gas += person.gas;
    }
    if start < people.len() {
        parts.push(&people[start..]);
    }
    parts
}

#[cfg(test)]
mod tests;
