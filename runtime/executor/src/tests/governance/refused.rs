//! What governance refuses: each row a call and the name of its error.

use std::collections::BTreeSet;

use ehb_checks::Documented;

use super::*;

type Row = (u8, &'static str, Value, &'static str);

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
    let mut council = modules::with_uploads();
    let many: Value = (0..17).map(|_| set("consensus.seal_ms", 50)[0].clone()).collect();
    let lists = [(json!([]), "out-of-range"), (many, "out-of-range")];
    let hopeless = actions::rows(&council).into_iter().flat_map(|it| it.refused);
    let rows = lists.into_iter().chain(hopeless).flat_map(|(actions, expected)| {
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
