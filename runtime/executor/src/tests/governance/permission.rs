//! Whether an account may do something: each row the question, the answer, and a part of the reason.

use super::*;

fn check(council: &Council, rows: Vec<(u8, Value, bool, &str)>) {
    for (account, permission, allowed, why) in rows {
        let arguments = json!({ "account": text(account), "permission": permission });
        let verdict = council.read("check-permission", arguments);
        let said = verdict["why"].as_str().unwrap();
        assert!(said.contains(why), "{account} {permission}: {said:?} does not contain {why:?}");
        assert_eq!(verdict["allowed"], allowed, "{account} {permission}: {said}");
    }
}

fn manage(account: u8) -> Value {
    json!({ "manage": text(account) })
}

fn granting(account: u8, role: &str) -> Value {
    json!({ "grant": { "account": text(account), "role": role } })
}

#[test]
fn permission_is_answered_with_its_reason() {
    let until_ms = genesis().timestamp_ms + HOUR_MS;
    let mut council = Council::new();
    let role = json!({
        "account": text(SUE), "role": "clerk", "until-ms": until_ms.to_string(),
    });
    success(&council.run(MAX, "grant-role", role));
    let send = || json!("send");
    let act = |role: &str| json!({ "act": role });
    check(
        &council,
        vec![
            (SUE, send(), true, "active"),
            (99, send(), false, "no account is registered"),
            (FRED, send(), false, "the network froze the account"),
            (FRED, act("issuer"), false, "the network froze the account"),
            (BOB, act("issuer"), true, "it has the role issuer"),
            (SUE, act("clerk"), true, &format!("until {until_ms}")),
            (SUE, act("seller"), false, "its organisation shop grants it"),
            (SUE, act("arbiter"), false, "the network grants it"),
            (SAM, manage(SUE), true, "it administers the organisation shop of both"),
            (SAM, manage(MAX), true, "it administers"),
            (MAX, manage(SUE), true, "it manages accounts of the organisation shop"),
            (MAX, manage(MAX), false, "only administrators manage it"),
            (MAX, manage(ANN), false, "it is of shop, the other account is of acme"),
            (MAX, manage(99), false, "no account"),
            (SUE, manage(SUE), false, "neither the role manager nor"),
            (ANN, manage(SUE), false, "of acme, the other account is of shop"),
            (MAX, granting(SUE, "seller"), true, "it manages"),
            (MAX, granting(SUE, MANAGER), false, "only administrators grant the role manager"),
            (SAM, granting(SUE, MANAGER), true, "it administers"),
            (SAM, granting(SUE, "arbiter"), false, "organisations do not grant the role arbiter"),
            (ANN, json!("vote"), true, "its organisation acme has the power 1"),
            (SAM, json!("vote"), false, "its organisation shop runs no validator"),
            (MAX, json!("vote"), false, "it does not administer its organisation shop"),
        ],
    );
    let suspended = json!({ "account": text(SUE), "status": "suspended" });
    success(&council.run(SAM, "set-status", suspended));
    check(
        &council,
        vec![
            (SUE, send(), false, "its organisation shop has it suspended"),
            (MAX, granting(SUE, "seller"), true, "it manages"),
        ],
    );
    council.wait(HOUR_MS);
    assert_eq!(council.pass(of_name("suspend-organisation", "shop")), ProposalState::Executed);
    check(
        &council,
        vec![
            (SAM, manage(SUE), false, "the network has the organisation shop suspended"),
            (SUE, send(), false, "its organisation shop has it suspended"),
        ],
    );
    assert_eq!(council.pass(of_name("reinstate-organisation", "shop")), ProposalState::Executed);
    success(&council.run(SAM, "set-status", json!({ "account": text(SUE), "status": "active" })));
    check(&council, vec![(SUE, act("clerk"), false, "its role clerk ended at")]);
}
