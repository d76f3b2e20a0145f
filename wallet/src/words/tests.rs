//! Words and keys are those of the official vectors, which the TypeScript SDK tests too; wrong words have a reason.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{LIST, Words, derived, list};

fn vectors() -> Value {
    let package = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let path = format!("{package}/../sdk/vectors/words.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

#[test]
fn the_list_is_the_official_one() {
    let hash = "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda";
    assert_eq!(hex::encode(Sha256::digest(LIST)), hash);
    assert!(list().is_sorted() && list().len() == 2_048);
}

#[test]
fn seeds_are_those_of_the_official_vectors() {
    for it in vectors()["bip39"].as_array().unwrap() {
        let words = Words::parse(text(it, "words")).unwrap();
        assert_eq!(words.text(), text(it, "words"));
        assert_eq!(hex::encode(*words.seed("TREZOR")), text(it, "seed"));
    }
}

#[test]
fn derived_keys_are_those_of_the_official_vectors() {
    for it in vectors()["slip10"].as_array().unwrap() {
        let seed = hex::decode(text(it, "seed")).unwrap();
        for key in it["keys"].as_array().unwrap() {
            let steps = text(key, "path").split('/').skip(1);
            let path: Vec<u32> =
                steps.map(|step| step.strip_suffix('\'').unwrap().parse().unwrap()).collect();
            let derived = derived(&seed, &path);
            assert_eq!(hex::encode(*derived), text(key, "private"), "{key}");
        }
    }
}

#[test]
fn accounts_are_those_of_the_typescript_sdk() {
    for it in vectors()["accounts"].as_array().unwrap() {
        let index = u32::try_from(it["index"].as_u64().unwrap()).unwrap();
        let key = Words::parse(text(it, "words")).unwrap().secret_key(index);
        assert_eq!(key.public_key().to_string(), text(it, "public"), "{it}");
    }
}

#[test]
fn new_words_are_random_and_can_be_read() {
    let (first, second) = (Words::generate().unwrap(), Words::generate().unwrap());
    assert_ne!(first.text(), second.text());
    let read = Words::parse(first.text()).unwrap();
    assert_eq!((read.text(), read.text().split(' ').count()), (first.text(), 24));
}

#[test]
fn wrong_words_have_a_reason_that_repeats_none_of_them() {
    let all = vectors();
    let words = text(&all["bip39"][1], "words");
    let spaced = format!("\n {} ", words.replace(' ', " \t\u{3000}\u{a0}"));
    assert_eq!(Words::parse(&spaced).unwrap().text(), words);
    for (text, reason) in [
        (String::new(), "not 0"),
        (format!("{words} legal"), "24 words, not 13"),
        (format!("{words} {words} legal"), "not 25"),
        (words.replace("winner", "winer"), "word 2 is not in the list"),
        (words.to_uppercase(), "word 1 is not in the list"),
        (words.replace("yellow", "legal"), "checksum"),
        (words.replace("legal winner", "winner legal"), "checksum"),
    ] {
        let error = Words::parse(&text).err().unwrap().to_string();
        assert!(error.contains(reason), "{error}");
        assert!(!words.split(' ').any(|word| error.contains(&format!(" {word} "))), "{error}");
    }
}
