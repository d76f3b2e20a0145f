//! Organisations manage their accounts on a running network, with the commands of `docs/organisations.md`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use tempfile::TempDir;

use crate::net::{Net, ehb};
use crate::program::Ran;

/// A network, and people with keys of their own, which do not belong to it.
pub(crate) struct Office {
    pub(crate) net: Net,
    pub(crate) home: TempDir,
}

impl Office {
    pub(crate) fn up(validators: usize) -> Self {
        let home = tempfile::tempdir().unwrap();
        let passphrase = home.path().join("passphrase");
        fs::write(&passphrase, "correct horse battery").unwrap();
        fs::set_permissions(&passphrase, fs::Permissions::from_mode(0o600)).unwrap();
        Self { net: Net::up(validators), home }
    }

    pub(crate) fn ehb(&self, arguments: &[&str]) -> Ran {
        let path = |name: &str| self.home.path().join(name).to_str().unwrap().to_owned();
        let (keys, passphrase) = (path("keys"), path("passphrase"));
        let options = ["--keystore", &keys, "--passphrase-file", &passphrase];
        ehb(&self.net, &[arguments, &options].concat())
    }
}

/// Runs a command that must succeed.
pub(crate) fn run(office: &Office, arguments: &[&str]) -> String {
    office.ehb(arguments).ok()
}

/// The code with which a command fails.
pub(crate) fn refused(office: &Office, arguments: &[&str]) -> String {
    let ran = office.ehb(&[arguments, &["--json"]].concat());
    assert_ne!(ran.exit, Some(0), "{arguments:?}: {ran:?}");
    let document = ran.stderr.find('{').map(|at| &ran.stderr[at..]).unwrap_or_default();
    let error: Value = serde_json::from_str(document).unwrap_or_else(|_| panic!("{ran:?}"));
    error["error"]["code"].as_str().unwrap().to_owned()
}

/// The consent of a key, as a file.
pub(crate) fn consent(office: &Office, arguments: &[&str], file: &str) -> String {
    let text = run(office, &[&["account", "consent"], arguments].concat());
    let path = office.home.path().join(file);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn pay<'a>(from: &'a str, key: &'a str) -> Vec<&'a str> {
    let pay = [
        "wallet", "transfer", "--to", "bob", "--asset", "EUR", "--amount", "1", "--yes", "--again",
    ];
    [&pay[..], &["--from", from, "--key", key]].concat()
}

#[test]
fn a_new_account_is_registered_works_and_is_replaced_suspended_and_closed() {
    let office = Office::up(4);
    run(&office, &["key", "new", "dora"]);
    let file = consent(&office, &["--key", "dora", "--organisation", "acme"], "dora.json");
    // Another organisation cannot register it, and neither can somebody without the role.
    let other = ["account", "register", &file, "--from", "bob", "--yes"];
    assert_eq!(refused(&office, &other), "MODULE_ERROR");
    run(&office, &["account", "register", &file, "--role", "clerk", "--from", "alice", "--yes"]);
    let shown = run(&office, &["account", "show", "dora"]);
    assert!(shown.contains("organisation\tacme") && shown.contains("roles\tclerk"), "{shown}");

    // It is paid, and pays.
    let arguments = ["wallet", "transfer", "--from", "alice", "--to", "dora", "--asset", "EUR"];
    run(&office, &[&arguments[..], &["--amount", "10", "--yes"]].concat());
    run(&office, &pay("dora", "dora"));
    // A clerk manages nobody.
    let grant = ["call", "kernel", "grant-role", "account=dora", "role=owner"];
    assert_eq!(
        refused(&office, &[&grant[..], &["--from", "dora", "--yes"]].concat()),
        "PERMISSION_DENIED"
    );
    run(&office, &[&grant[..], &["until-ms=4000000000000", "--from", "alice", "--yes"]].concat());
    let shown = run(&office, &["account", "show", "dora"]);
    assert!(shown.contains("roles\tclerk, owner until 4000000000000"), "{shown}");

    // Its holder replaces the key: the address stays, and the old key signs nothing more.
    run(&office, &["key", "new", "dora-2"]);
    let new = ["--key", "dora-2", "--organisation", "acme", "--for", "dora"];
    let file = consent(&office, &new, "new.json");
    let wrong = ["account", "replace-keys", &file, "--from", "alice", "--yes"];
    assert_eq!(refused(&office, &wrong), "BAD_FILE");
    run(&office, &["account", "replace-keys", &file, "--from", "dora", "--yes"]);
    assert_eq!(refused(&office, &pay("dora", "dora")), "NOT_AUTHORISED");
    run(&office, &pay("dora", "dora-2"));

    // An administrator announces another one, and its holder objects.
    run(&office, &["key", "new", "dora-3"]);
    let new = ["--key", "dora-3", "--organisation", "acme", "--for", "dora"];
    let file = consent(&office, &new, "newer.json");
    run(&office, &["account", "recover", &file, "--from", "alice", "--yes"]);
    let complete =
        ["call", "kernel", "complete-recovery", "account=dora", "--from", "bob", "--yes"];
    assert_eq!(refused(&office, &complete), "MODULE_ERROR");
    let cancel = ["call", "kernel", "cancel-recovery", "account=dora", "--from", "dora"];
    run(&office, &[&cancel[..], &["--key", "dora-2", "--yes"]].concat());
    assert_eq!(run(&office, &["read", "kernel", "get-recovery", "account=dora"]).trim(), "null");

    // Suspended, active again, closed.
    let status = |status| {
        let set = ["call", "kernel", "set-status", "account=dora", status, "--from", "alice"];
        run(&office, &[&set[..], &["--yes", "--again"]].concat());
    };
    status("status=suspended");
    assert_eq!(refused(&office, &pay("dora", "dora-2")), "INACTIVE_SENDER");
    status("status=active");
    run(&office, &pay("dora", "dora-2"));
    status("status=closed");
    assert_eq!(refused(&office, &pay("dora", "dora-2")), "INACTIVE_SENDER");
    let listed = ["read", "kernel", "list-accounts", "organisation=acme", "limit=100", "--json"];
    let page: Value = serde_json::from_str(&run(&office, &listed)).unwrap();
    let statuses = page["value"]["accounts"].as_array().unwrap().iter().map(|it| &it["status"]);
    let statuses: Vec<&str> = statuses.filter_map(Value::as_str).collect();
    assert!(statuses.contains(&"closed") && statuses.contains(&"active"), "{page}");
    office.net.audit();
}

#[test]
fn arguments_of_calls_are_checked_before_anything_is_sent() {
    let office = Office::up(1);
    let head = ["call", "wallet", "transfer", "--from", "alice", "--yes"];
    for (given, text) in [
        (&["to=bob", "asset=EUR"][..], "the argument \"amount\" is missing"),
        (&["to=bob", "asset=EUR", "amount=1", "amount=2"], "is given twice"),
        (&["to=bob", "asset=EUR", "amount=1", "colour=red"], "there is no argument \"colour\""),
        (&["to=nobody", "asset=EUR", "amount=1"], "unknown account nobody"),
        (&["to=bob", "asset=EUR", "amount=1.5"], "amount"),
        (&["to=bob", "asset=EUR", "amount=99999999999999999999"], "amount"),
        (&["to"], "expected NAME=VALUE"),
    ] {
        let ran = office.ehb(&[&head[..], given].concat());
        assert!(ran.exit != Some(0) && ran.stderr.contains(text), "{given:?}: {ran:?}");
    }
    let unknown = office.ehb(&["call", "wallet", "steal", "--from", "alice", "--yes"]);
    assert!(unknown.stderr.contains("the module wallet has no function steal"), "{unknown:?}");
    run(&office, &[&head[..], &["to=bob", "asset=EUR", "amount=125"]].concat());
    let balance = run(&office, &["read", "wallet", "get-balance", "account=bob", "asset=EUR"]);
    let balance: Value = serde_json::from_str(&balance).unwrap();
    let before = ["read", "wallet", "get-balance", "account=bob", "asset=EUR", "--at", "0"];
    let before: Value = serde_json::from_str(&run(&office, &before)).unwrap();
    let amount = |of: &Value| of["available"].as_str().unwrap().parse::<u64>().unwrap();
    assert_eq!(amount(&balance), amount(&before) + 125);
}
