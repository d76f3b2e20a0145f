//! Tables of organisations and accounts from kernel events.

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
fn quotas_and_nodes_are_those_of_now() {
    let mut tables = Tables::in_memory();
    let quota = |limit: Value| json!({"organisation": "acme", "kind": "accounts", "limit": limit});
    enter(&mut tables, 1, "quota-changed", &quota(json!("500"))).unwrap();
    let columns = ["organisation", "kind", "maximum", "at_height"];
    assert_eq!(rows(&tables, "edr.quota", &columns), ["acme accounts 500 1"]);
    enter(&mut tables, 2, "quota-changed", &quota(Value::Null)).unwrap();
    assert_eq!(rows(&tables, "edr.quota", &columns), ["acme accounts - 2"]);
    let node = json!({"key": "aa", "name": "watch", "organisation": "acme"});
    enter(&mut tables, 3, "node-permitted", &node).unwrap();
    let columns = ["key", "name", "organisation", "permitted", "at_height"];
    assert_eq!(rows(&tables, "edr.node", &columns), ["aa watch acme true 3"]);
    enter(&mut tables, 4, "node-removed", &json!("aa")).unwrap();
    assert_eq!(rows(&tables, "edr.node", &columns), ["aa watch acme false 4"]);
    let error = enter(&mut tables, 5, "node-removed", &json!("bb")).unwrap_err();
    assert!(matches!(error, ProjectError::MissingRow { table: "edr.node", .. }), "{error}");
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
