//! Tables of organisations, accounts and what they decide, from kernel events.

use ehb_projection::cell::Cell;
use ehb_projection::table::{At, Table};
use ehb_projection::{Event, ProjectError, TABLES, Tables, advance};
use ehb_types::Network;
use serde_json::{Value, json};

/// Applies one event of the kernel in a block of its own.
fn enter(tables: &mut Tables, height: i64, name: &str, value: &Value) -> Result<(), ProjectError> {
    let event = Event {
        module: "kernel",
        name,
        value,
        at: At { height, index: 0, event: 0 },
        time_ms: 1_000 * height,
        network: Network::Test,
        sender: Some("manager"),
    };
    advance(tables, &[event])?;
    tables.take_changes();
    Ok(())
}

/// Some columns of all rows of a table.
fn rows(tables: &Tables, table: &str, columns: &[&str]) -> Vec<String> {
    let table: &Table = TABLES.iter().copied().flatten().find(|it| it.name == table).unwrap();
    let text = |row: &Vec<Cell>| {
        let cells = columns.iter().map(|column| row[table.place(column).unwrap()].to_text());
        cells.map(|it| it.unwrap_or_else(|| "-".to_owned())).collect::<Vec<_>>().join(" ")
    };
    let table = TABLES.iter().copied().flatten().find(|it| it.name == table.name).unwrap();
    tables.all(table).iter().map(text).collect()
}

fn account(policy: &Value, organisation: &str, roles: &Value, status: &str) -> Value {
    json!({"address": "ehbt1alice", "policy": policy, "organisation": organisation,
        "roles": roles, "status": status})
}

#[test]
fn accounts_keys_roles_and_memberships_follow_the_kernel() {
    let mut tables = Tables::in_memory();
    let one = json!({"key": "aa"});
    let two = json!({"weighted": {"keys": [{"key": "aa", "weight": 1}, {"key": "bb", "weight": 2}],
        "threshold": 2}});
    let role = |role: &str, until: Option<&str>| json!({"role": role, "until-ms": until});
    enter(&mut tables, 0, "organisation-added", &json!("acme")).unwrap();
    enter(&mut tables, 0, "module-installed", &json!({"module": "wallet", "code": "00"})).unwrap();
    let genesis = account(&one, "acme", &json!([role("clerk", None)]), "active");
    enter(&mut tables, 0, "account-changed", &genesis).unwrap();
    let roles = json!([role("clerk", Some("9000")), role("owner", None)]);
    enter(&mut tables, 5, "account-changed", &account(&two, "acme", &roles, "active")).unwrap();
    let roles = json!([role("owner", None)]);
    enter(&mut tables, 7, "account-changed", &account(&two, "club", &roles, "frozen")).unwrap();
    let roles = json!([role("owner", None), role("clerk", None)]);
    enter(&mut tables, 9, "account-changed", &account(&one, "club", &roles, "active")).unwrap();
    assert_eq!(rows(&tables, "edr.organisation", &["name", "status"]), ["acme active"]);
    let suspended = json!({"name": "acme", "status": "suspended"});
    enter(&mut tables, 10, "organisation-changed", &suspended).unwrap();
    assert_eq!(rows(&tables, "edr.organisation", &["name", "status"]), ["acme suspended"]);
    let module = ehb_types::Address::of_module(&ehb_types::Name::new("wallet").unwrap());
    assert_eq!(
        rows(&tables, "edr.account", &["address", "kind", "label", "organisation", "status"]),
        [
            format!("{} module wallet - active", module.to_text(Network::Test)),
            "ehbt1alice account - club active".to_owned(),
        ]
    );
    assert_eq!(
        rows(&tables, "edr.account_key", &["key", "weight", "listed"]),
        ["aa 1 true", "bb 2 false"]
    );
    assert_eq!(
        rows(&tables, "edr.role", &["role", "from_height", "until_ms", "until_height", "until_by"]),
        ["clerk 0 9000 7 manager", "clerk 9 - - -", "owner 5 - - -"]
    );
    assert_eq!(
        rows(&tables, "edr.membership", &["organisation", "from_height", "until_height"]),
        ["acme 0 7", "club 7 -"]
    );
}

#[test]
fn an_announced_recovery_can_be_cancelled() {
    let mut tables = Tables::in_memory();
    let recovery =
        json!({"account": "a", "policy": {"key": "cc"}, "from-ms": "5000", "by": "admin"});
    enter(&mut tables, 1, "recovery-announced", &recovery).unwrap();
    assert_eq!(
        rows(&tables, "edr.recovery", &["account", "from_ms", "cancelled"]),
        ["a 5000 false"]
    );
    enter(&mut tables, 2, "recovery-cancelled", &json!("a")).unwrap();
    assert_eq!(rows(&tables, "edr.recovery", &["account", "cancelled", "at_height"]), ["a true 2"]);
    let error = enter(&mut tables, 3, "recovery-cancelled", &json!("b")).unwrap_err();
    assert!(matches!(error, ProjectError::MissingRow { table: "edr.recovery", .. }), "{error}");
}

/// A proposal in a state, with the votes of some organisations.
fn proposal(state: &Value, votes: &[(&str, bool)]) -> Value {
    let vote = |(organisation, accepts): &(&str, bool)| {
        json!({"organisation": organisation,
        "by": format!("admin of {organisation}"), "accepts": accepts})
    };
    let ballots: Vec<Value> = votes.iter().map(vote).collect();
    json!({"id": "1", "by": "ehbt1alice", "organisation": "acme", "reason": "faster",
        "actions": [{"set-parameter": {"name": "consensus.seal_ms", "value": "100"}}],
        "rule": {"percent": 51, "lock-ms": "1000", "voting-ms": "2000"},
        "made-ms": "1000", "until-ms": "3000", "ballots": ballots, "state": state})
}

#[test]
fn a_proposal_has_its_state_and_each_vote_the_block_that_changed_it() {
    let mut tables = Tables::in_memory();
    let columns = ["id", "percent", "state", "executable_ms", "failure", "at_height"];
    let failed = json!({"failed": {"action": 0, "error": "wrong-parameter", "message": "no"}});
    let nobody: &[(&str, bool)] = &[];
    for (height, state, votes, row) in [
        (3, json!("voting"), nobody, "1 51 voting - - 3"),
        (4, json!("voting"), &[("acme", true), ("club", false)][..], "1 51 voting - - 4"),
        (
            6,
            json!({"accepted": "9000"}),
            &[("acme", true), ("club", true)][..],
            "1 51 accepted 9000 - 6",
        ),
        (
            9,
            failed,
            &[("acme", true), ("club", true)][..],
            "1 51 failed - {\"action\":0,\"error\":\"wrong-parameter\",\"message\":\"no\"} 9",
        ),
    ] {
        enter(&mut tables, height, "proposal-changed", &proposal(&state, votes)).unwrap();
        assert_eq!(rows(&tables, "edr.proposal", &columns), [row]);
    }
    assert_eq!(
        rows(&tables, "edr.vote", &["proposal", "organisation", "accepts", "time_ms", "at_height"]),
        ["1 acme true 4000 4", "1 club true 6000 6"]
    );
    let error = enter(&mut tables, 10, "proposal-changed", &proposal(&json!(5), &[])).unwrap_err();
    assert!(error.to_string().ends_with("state: it is no case of a variant"), "{error}");
}

#[test]
fn nodes_and_candidates_come_and_go() {
    let mut tables = Tables::in_memory();
    let node = json!({"key": "aa", "name": "one", "organisation": "acme"});
    enter(&mut tables, 0, "node-permitted", &node).unwrap();
    let node = json!({"key": "bb", "name": "two", "organisation": "club"});
    enter(&mut tables, 3, "node-permitted", &node).unwrap();
    enter(&mut tables, 5, "node-removed", &json!("aa")).unwrap();
    assert_eq!(
        rows(&tables, "edr.node", &["key", "name", "organisation", "permitted", "at_height"]),
        ["aa one acme false 5", "bb two club true 3"]
    );
    let candidate = json!({"consensus-key": "cc", "name": "two", "organisation": "club",
        "node-key": "bb", "power": "7"});
    enter(&mut tables, 3, "candidate-changed", &candidate).unwrap();
    let columns = ["consensus_key", "name", "node_key", "power", "waiting"];
    assert_eq!(rows(&tables, "edr.candidate", &columns), ["cc two bb 7 true"]);
    enter(&mut tables, 6, "candidate-removed", &json!("cc")).unwrap();
    assert_eq!(rows(&tables, "edr.candidate", &columns), ["cc two bb 7 false"]);
    for (name, table) in [("node-removed", "edr.node"), ("candidate-removed", "edr.candidate")] {
        let error = enter(&mut tables, 7, name, &json!("zz")).unwrap_err();
        assert!(error.to_string().contains(table), "{error}");
    }
}

#[test]
fn validators_that_were_silent_or_misbehaved_have_rows() {
    let mut tables = Tables::in_memory();
    let silent = json!({"validator": "aa", "until": "20", "times": 2});
    enter(&mut tables, 4, "proposer-silent", &silent).unwrap();
    let columns = ["validator", "silent", "until_height", "times", "time_ms"];
    assert_eq!(rows(&tables, "edr.silence", &columns), ["aa true 20 2 4000"]);
    enter(&mut tables, 7, "proposer-active", &json!("aa")).unwrap();
    assert_eq!(rows(&tables, "edr.silence", &columns), ["aa false 20 2 7000"]);
    let error = enter(&mut tables, 8, "proposer-active", &json!("bb")).unwrap_err();
    assert!(matches!(error, ProjectError::MissingRow { table: "edr.silence", .. }), "{error}");
    for height in [9, 11] {
        let misbehaviour = json!({"validator": "aa", "height": "8"});
        enter(&mut tables, height, "misbehaviour-recorded", &misbehaviour).unwrap();
    }
    assert_eq!(
        rows(&tables, "edr.misbehaviour", &["validator", "height", "at_height"]),
        ["aa 8 9", "aa 8 11"]
    );
}

/// One row each: what is wrong with an event, and the error.
#[test]
fn events_without_the_needed_content_are_rejected_with_the_field() {
    let cases = [
        (json!({"address": "a"}), "status: it is missing"),
        (json!({"address": 1}), "address: it is no text"),
        (account(&json!({"key": 5}), "acme", &json!([]), "active"), "key: it is no text"),
        (account(&json!({"key": "aa"}), "acme", &json!("clerk"), "active"), "roles: it is no list"),
        (account(&json!({"key": "aa"}), "acme", &json!([{}]), "active"), "role: it is missing"),
    ];
    for (value, expected) in cases {
        let error = enter(&mut Tables::in_memory(), 1, "account-changed", &value).unwrap_err();
        let error = error.to_string();
        assert!(error.ends_with(expected), "{error}");
        assert!(error.contains("account-changed of the module kernel at height 1"), "{error}");
    }
}
