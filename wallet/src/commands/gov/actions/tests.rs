//! The sentences of actions.

use super::*;

const KERNEL_WIT: &str = include_str!("../../../../../runtime/executor/wit/kernel.wit");

#[test]
fn each_action_of_the_kernel_has_a_sentence() {
    let (_, cases) = KERNEL_WIT.split_once("variant action {").unwrap();
    let (cases, _) = cases.split_once('}').unwrap();
    let cases = cases.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    for name in cases.filter_map(|line| Some(line.split_once('(')?.0)) {
        let action = json!({ name: {} });
        assert_ne!(of_action(&action), action.to_string());
    }
}

#[test]
fn code_is_named_by_its_hash_or_a_file() {
    let of = |text: &str| new_module(text).map(|it| (it.name.to_string(), it.code));
    let hash = "ab".repeat(32);
    let rows = [
        (format!("tally={hash}"), NewCode::Hash(hash.parse().unwrap())),
        // Not a hash: a digit is missing, or a letter is in upper case.
        (format!("tally={}", &hash[1..]), NewCode::File(hash[1..].into())),
        (format!("tally={}", hash.to_uppercase()), NewCode::File(hash.to_uppercase().into())),
        ("tally=a=b.wasm".to_owned(), NewCode::File("a=b.wasm".into())),
    ];
    for (text, code) in rows {
        assert_eq!(of(&text), Ok(("tally".to_owned(), code)), "{text}");
    }
    for text in ["tally", "tally=", "=tally.wasm", "No Name=tally.wasm"] {
        assert!(of(text).is_err(), "{text}");
    }
}

#[test]
fn a_quota_names_an_organisation_a_kind_and_a_number() {
    let of = |kind: &str, limit| {
        let organisation = Name::new("acme").unwrap();
        Ok(NewQuota { organisation, kind: kind.to_owned(), limit })
    };
    assert_eq!(quota("acme.accounts=500"), of("accounts", Some(500)));
    assert_eq!(quota("acme.code-bytes=default"), of("code-bytes", None));
    for (text, reason) in [
        ("acme.accounts", "expected ORGANISATION.KIND=NUMBER"),
        ("acme=5", "expected ORGANISATION.KIND=NUMBER"),
        ("acme.bytes=5", "none of accounts, observers, code-bytes"),
        ("acme.accounts=many", "neither a number of 64 bits nor default"),
        ("acme.accounts=-1", "neither a number of 64 bits nor default"),
        ("ACME.accounts=5", "is not a name"),
    ] {
        let error = quota(text).unwrap_err();
        assert!(error.contains(reason), "{text}: {error}");
    }
    for kind in QUOTA_KINDS {
        assert!(KERNEL_WIT.contains(&format!("        {kind},\n")), "{kind}");
    }
}

#[test]
fn a_quota_is_one_sentence() {
    let quota = |limit: Value| json!({ "set-quota": { "organisation": "acme", "kind": "accounts", "limit": limit } });
    assert_eq!(of_action(&quota(json!("500"))), "limit the accounts of acme to 500");
    assert_eq!(of_action(&quota(Value::Null)), "let the parameter limit the accounts of acme");
}
