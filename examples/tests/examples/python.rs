//! The client in Python, which was written from the documentation: it pays, and what it accepts as proven is what the SDKs accept.
//! They need Python with the package `cryptography`; `scripts/bootstrap` installs both.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ehb_sdk::{Genesis, ProofFile, Trust};
use serde_json::{Value, json};

use crate::Net;

fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").unwrap().into()
}

/// A Python that has what the client imports: the user's own one, or that of the system, for which packages are installed.
fn interpreter() -> &'static str {
    let has_package = |name: &&str| {
        let asked = Command::new(name).args(["-c", "import cryptography"]).output();
        asked.is_ok_and(|output| output.status.success())
    };
    let found = ["python3", "/usr/bin/python3"].into_iter().find(has_package);
    assert!(found.is_some(), "no python3 has the package cryptography: run scripts/bootstrap");
    found.unwrap_or_default()
}

/// What a program in Python says, in a folder.
fn python(program: &str, folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(interpreter());
    command.arg(root().join("python").join(program)).args(arguments);
    // It writes nothing beside its sources.
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("EHB_TESTNET_DIR", folder);
    command.current_dir(folder).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_client_in_python_pays_and_proves() {
    let net = Net::up();
    let output = python("first_payment.py", net.path(), &["proof.json"]);
    let printed = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let [paid, proven] = &printed.lines().collect::<Vec<_>>()[..] else { panic!("{printed}") };
    assert!(paid.starts_with("paid 12.50 EUR at height "), "{printed}");
    assert!(proven.starts_with("proven by header ") && proven.ends_with(" EUR"), "{printed}");

    let read = |name: &str| fs::read_to_string(net.path().join(name)).unwrap();
    let trust = Trust::of_genesis(&Genesis::from_json(&read("genesis.json")).unwrap()).unwrap();
    let proven = ProofFile::from_json(&read("proof.json")).unwrap().verify(trust).unwrap();
    assert_eq!((proven.entries.len(), proven.receipts.len()), (2, 1));
    assert_eq!(paid.rsplit(' ').next(), Some(&*proven.height().to_string()));
}

#[test]
fn a_verifier_in_python_accepts_the_vectors_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    let vectors = fs::read_to_string(root().join("../sdk/vectors/chain.json")).unwrap();
    let vectors: Value = serde_json::from_str(&vectors).unwrap();
    write("genesis.json", vectors["genesis"]["text"].as_str().unwrap());
    let files = &vectors["files"];
    let mut others = Vec::new();
    for name in ["content", "changed"] {
        write(name, &files[name].to_string());
        let mut places = Vec::new();
        leaves(&files[name], "", &mut places);
        for (index, place) in places.iter().enumerate() {
            let other = format!("{name}-{index}");
            write(&other, &changed(&files[name], place).to_string());
            others.push((other, place.clone()));
        }
    }
    assert!(others.len() > 200, "{others:?}");
    let output = python("verify_proof.py", dir.path(), &["genesis.json", "content", "changed"]);
    let printed = text(&output.stdout);
    assert!(output.status.success(), "{printed}{}", text(&output.stderr));
    let lines = |kind: &str| printed.lines().filter(|line| line.starts_with(kind)).count();
    assert_eq!(["header\t", "entry\t", "receipt\t"].map(lines), [2, 4, 2], "{printed}");

    let mut arguments = vec!["genesis.json"];
    arguments.extend(others.iter().map(|(file, _)| file.as_str()));
    let output = python("verify_proof.py", dir.path(), &arguments);
    let printed = text(&output.stdout);
    let accepted = printed.lines().filter(|line| !line.starts_with("not proven\t"));
    assert_eq!(accepted.collect::<Vec<_>>(), Vec::<&str>::new(), "{others:?}");
    assert_eq!(printed.lines().count(), others.len(), "{}", text(&output.stderr));
}

/// The JSON pointers of all values without parts, but the keys of absent entries: they prove the absence of other keys too.
fn leaves(value: &Value, place: &str, places: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let is_absent = members.get("value").is_some_and(Value::is_null);
            for (name, member) in members {
                if !(is_absent && name == "key") {
                    leaves(member, &format!("{place}/{name}"), places);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, &format!("{place}/{index}"), places);
            }
        }
        _ => places.push(place.to_owned()),
    }
}

/// The file with another value at a place: another last character, the next number, or bytes where there were none.
fn changed(file: &Value, place: &str) -> Value {
    let mut other = file.clone();
    let value = other.pointer_mut(place).unwrap();
    *value = match &*value {
        Value::String(text) if text.len() > 2 => {
            let (rest, last) = text.split_at(text.len() - 1);
            json!(format!("{rest}{}", if last == "0" { "1" } else { "0" }))
        }
        Value::String(text) => json!(format!("{text}00")),
        Value::Number(number) => json!(number.as_u64().unwrap() + 1),
        _ => json!("0x00"),
    };
    other
}
