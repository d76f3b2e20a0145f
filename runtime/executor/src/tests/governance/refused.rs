//! What governance refuses: each row a call and the name of its error.

use std::collections::BTreeSet;

use ehb_checks::Documented;

use super::*;

type Row = (u8, &'static str, Value, &'static str);

/// The actions that cannot work, and the errors with which their proposals are refused.
fn hopeless(council: &Council) -> Vec<(Value, &'static str)> {
    let later = council.ledger.chain.header.timestamp_ms + HOUR_MS;
    let mut unsigned = council.invitation("newco", "newco", NEW);
    unsigned[0]["invite-organisation"]["consents"] = json!([]);
    let many: Value = (0..17).map(|_| set("consensus.seal_ms", 50)[0].clone()).collect();
    vec![
        (json!([]), "out-of-range"),
        (many, "out-of-range"),
        // Parameters that do not exist, are what they are, or would stop the chain.
        (set("consensus.sael_ms", 50), "wrong-parameter"),
        (set("seal_ms", 50), "wrong-parameter"),
        (set("accounts.organisation_roles", 1), "wrong-parameter"),
        (set("consensus.seal_ms", 100), "wrong-parameter"),
        (set("block_bytes_max", 1 << 32), "wrong-parameter"),
        (set("block_bytes_max", 1), "wrong-parameter"),
        (set("block_gas_max", 0), "wrong-parameter"),
        (set("transaction_gas_max", 1_000_000), "wrong-parameter"),
        (set("gas.transaction", 100_000_000), "wrong-parameter"),
        (set("gas.storage_write", u64::MAX), "wrong-parameter"),
        (set("consensus.timeout_propose_ms", 0), "wrong-parameter"),
        (set("governance.ordinary_percent", 0), "wrong-parameter"),
        (set("governance.ordinary_percent", 50), "wrong-parameter"),
        (set("governance.critical_percent", 67), "wrong-parameter"),
        (set("governance.critical_percent", 101), "wrong-parameter"),
        (set("governance.voting_ms", 0), "wrong-parameter"),
        (all(&[set("consensus.drift_max_ms", 5_000_000), freeze(SUE)]), "wrong-parameter"),
        (of_name("add-organisation-role", "NO NAME"), "wrong-parameter"),
        (of_name("add-organisation-role", "clerk"), "organisation-role"),
        (of_name("add-organisation-role", ADMINISTRATOR), "organisation-role"),
        (of_name("remove-organisation-role", "issuer"), "unknown-role"),
        // Organisations.
        (council.invitation("acme", "acme", NEW), "organisation-exists"),
        (council.invitation("NO NAME", "newco", NEW), "organisation-exists"),
        (council.invitation("newco", "other", NEW), "no-consent"),
        (unsigned, "no-consent"),
        (council.invitation("newco", "newco", BOB), "account-exists"),
        (of_name("suspend-organisation", "nobody"), "unknown-organisation"),
        (of_name("suspend-organisation", "NO NAME"), "unknown-organisation"),
        (of_name("suspend-organisation", "acme"), "runs-validator"),
        (of_name("remove-organisation", "globex"), "runs-validator"),
        (of_name("reinstate-organisation", "shop"), "wrong-organisation-status"),
        // Roles and accounts.
        (grant(99, "issuer", None), "unknown-account"),
        (grant(SUE, "clerk", None), "organisation-role"),
        (grant(SUE, MANAGER, None), "organisation-role"),
        (grant(SUE, ADMINISTRATOR, None), "organisation-role"),
        (grant(SUE, "NO NAME", None), "unknown-role"),
        (grant(SUE, "issuer", Some(0)), "wrong-end"),
        (grant(FRED, "issuer", Some(later)), "wrong-status"),
        (revoke(SUE, "issuer"), "role-not-held"),
        (revoke(ANN, ADMINISTRATOR), "organisation-role"),
        (freeze(99), "unknown-account"),
        (freeze(FRED), "wrong-status"),
        (of_name("unfreeze-account", &text(SUE)), "wrong-status"),
        (freeze(SAM), "last-administrator"),
    ]
}

fn freeze(account: u8) -> Value {
    of_name("freeze-account", &text(account))
}

/// All refusals so far, with the functions that returned them.
type Seen = BTreeSet<(&'static str, String)>;

fn check(council: &mut Council, seen: &mut Seen, rows: Vec<Row>) {
    for (index, (from, function, arguments, expected)) in rows.into_iter().enumerate() {
        let refusal = council.refusal(from, function, arguments.clone());
        assert_eq!(refusal, expected, "row {index}: {function} {arguments}");
        if !refusal.is_empty() {
            seen.insert((function, refusal));
        }
    }
}

fn propose_as(from: u8, actions: Value, expected: &'static str) -> Row {
    (from, "propose", proposal(actions), expected)
}

fn simulate(actions: Value, expected: &'static str) -> Row {
    (BOB, "simulate-actions", json!({ "actions": actions }), expected)
}

fn votes(council: &mut Council, seen: &mut Seen) {
    let seal = || set("consensus.seal_ms", 50);
    let long = json!({ "reason": "x".repeat(1_025), "actions": seal() });
    check(
        council,
        seen,
        vec![
            propose_as(MAX, seal(), "missing-role"),
            (ANN, "propose", long, "out-of-range"),
            propose_as(SAM, seal(), ""),
            (MAX, "vote", vote(1, true), "missing-role"),
            (SAM, "vote", vote(1, true), "no-voting-power"),
            (ANN, "vote", vote(2, true), "unknown-item"),
            (ANN, "vote", vote(1, true), ""),
            (ANN, "vote", vote(1, true), "voted-already"),
            (SUE, "execute-proposal", number(1), "wrong-state"),
            (SUE, "execute-proposal", number(7), "unknown-item"),
            (BEN, "vote", vote(1, true), ""),
            (CLO, "vote", vote(1, true), ""),
            (SUE, "execute-proposal", number(1), "too-early"),
            (ANN, "withdraw-proposal", number(1), "missing-role"),
            (ANN, "withdraw-proposal", number(9), "unknown-item"),
            // One that takes its vote back during the lock.
            (CLO, "vote", vote(1, false), ""),
            (SUE, "execute-proposal", number(1), "wrong-state"),
            (CLO, "vote", vote(1, true), ""),
        ],
    );
    council.wait(DAY_MS);
    check(
        council,
        seen,
        vec![
            (SUE, "execute-proposal", number(1), ""),
            (SUE, "execute-proposal", number(1), "wrong-state"),
            (DAN, "vote", vote(1, true), "wrong-state"),
            (SAM, "withdraw-proposal", number(1), "wrong-state"),
        ],
    );
    assert_eq!(council.parameters().consensus.seal_ms, 50);
    let mut rows: Vec<Row> = (0..16).map(|_| propose_as(SAM, freeze(SUE), "")).collect();
    rows.push(propose_as(SAM, freeze(SUE), "too-many"));
    rows.push((SAM, "withdraw-proposal", number(2), ""));
    rows.push(propose_as(SAM, freeze(SUE), ""));
    check(council, seen, rows);
    // Those that have expired do not count.
    council.wait(7 * DAY_MS);
    check(council, seen, vec![propose_as(SAM, freeze(SUE), "")]);
}

/// Calls of an administrator whose account was suspended by an earlier transaction of the block.
fn of_suspended(council: &mut Council, seen: &mut Seen) {
    let helper = (
        "kernel",
        "grant-role",
        json!({
            "account": text(SUE), "role": ADMINISTRATOR, "until-ms": null,
        }),
    );
    let helping = council.ledger.transaction(SAM, GAS, &[helper]);
    success(&council.block(&[(SAM, helping)])[0]);
    let calls = [
        ("propose", proposal(set("consensus.seal_ms", 70))),
        ("vote", vote(1, true)),
        ("withdraw-proposal", number(1)),
        ("execute-proposal", number(1)),
    ];
    for (function, arguments) in calls {
        let status = |status: &str| json!({ "account": text(SAM), "status": status });
        let suspending = council.transaction(SUE, "set-status", status("suspended"));
        let calling = council.transaction(SAM, function, arguments);
        let receipts = council.block(&[(SUE, suspending), (SAM, calling)]);
        let refusal = council.refusal_in(function, &receipts[1]);
        assert_eq!(refusal, "wrong-status", "{function}");
        seen.insert((function, refusal));
        success(&council.run(SUE, "set-status", status("active")));
    }
}

/// What the kernel's WIT documents of each function is what the rows show, and no other refusal is shown.
#[test]
fn each_documented_refusal_is_shown() {
    let mut seen = Seen::new();
    let mut council = Council::new();
    let rows = hopeless(&council);
    let rows = rows.into_iter().flat_map(|(actions, expected)| {
        let simulated = simulate(actions.clone(), expected);
        [propose_as(ANN, actions, expected), simulated]
    });
    let rows = rows.collect();
    check(&mut council, &mut seen, rows);
    assert_eq!(governance::count(&council.ledger.state()).unwrap(), 0, "nothing was proposed");
    let full = |genesis: &mut Genesis| {
        let roles = (0..31).map(|number| name(&format!("role-{number}")));
        let sue = genesis.accounts.iter_mut().find(|it| it.address == text(SUE)).unwrap();
        sue.roles = roles.chain([name("issuer")]).collect();
    };
    let mut wide = Council::with(full);
    let court = || grant(SUE, "court", None);
    let rows = vec![propose_as(ANN, court(), "too-many"), simulate(court(), "too-many")];
    check(&mut wide, &mut seen, rows);
    votes(&mut council, &mut seen);
    of_suspended(&mut Council::new(), &mut seen);
    let documented = Documented::in_wit([include_str!("../../../wit/kernel.wit")]);
    let documented: BTreeSet<(&str, String)> = documented
        .pairs_of("governance")
        .map(|(function, name)| (function, name.to_owned()))
        .collect();
    assert_eq!(seen, documented);
}

/// A simulation refuses what a proposal would be refused with, and says what the rest changes.
#[test]
fn a_simulation_shows_the_differences() {
    let council = Council::new();
    let actions = all(&[
        set("consensus.seal_ms", 50),
        of_name("add-organisation-role", "porter"),
        council.invitation("newco", "newco", NEW),
        grant(SUE, "court", None),
        freeze(MAX),
    ]);
    let shown = council.read("simulate-actions", json!({ "actions": actions }));
    let rule = json!({ "percent": 51, "lock-ms": DAY_MS.to_string(), "voting-ms": (7 * DAY_MS).to_string() });
    assert_eq!(shown["rule"], rule);
    let change = |subject: String, before: Option<&str>, after: &str| json!({ "subject": subject, "before": before, "after": after });
    let administered = format!("active, administered by {}", text(NEW));
    let expected = json!([
        change("parameter consensus.seal_ms".to_owned(), Some("100"), "50"),
        change("role porter".to_owned(), None, "granted by organisations"),
        change("organisation newco".to_owned(), None, &administered),
        change(format!("roles of account {}", text(SUE)), Some(""), "court"),
        change(format!("account {}", text(MAX)), Some("active"), "frozen"),
    ]);
    assert_eq!(shown["changes"], expected);
    assert_eq!(council.parameters().consensus.seal_ms, 100, "nothing changed");
}
