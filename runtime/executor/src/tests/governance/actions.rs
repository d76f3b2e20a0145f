//! Each action: how it is decided, what it changes, and with what it is refused.

use ehb_abi::Type;
use ehb_kernel::governance::Action;
use ehb_types::encode;

use super::super::modules::{GARBAGE, STUBBORN, idle};
use super::super::upgrade::{VERSION_1, VERSION_2, WATCHER, compiled, id};
use super::modules::{install, with_uploads};
use super::validators::{power, removal, wrong_additions};
use super::*;

/// The percentage and the lock of each kind of action.
const ORDINARY: (u32, u64) = (51, DAY_MS);
const CRITICAL: (u32, u64) = (66, DAY_MS);
const URGENT: (u32, u64) = (51, 0);

/// What is different: the subject, what it was, and what it is.
type Change = (String, Option<String>, Option<String>);

/// What is expected of an action.
pub(super) struct Row {
    /// Actions that work together, the last of which is this one.
    works: Value,
    rule: (u32, u64),
    change: Change,
    /// Actions that cannot work, and the errors with which their proposals are refused.
    pub(super) refused: Vec<(Value, &'static str)>,
}

fn changed(subject: &str, before: Option<&str>, after: Option<&str>) -> Change {
    (subject.to_owned(), before.map(str::to_owned), after.map(str::to_owned))
}

/// The rows of all actions, in the order of the WIT's cases; one can have several.
pub(super) fn rows(council: &Council) -> Vec<Row> {
    let mut rows = parameters();
    rows.extend(organisations(council));
    rows.extend(accounts(council));
    rows.extend(modules());
    rows.extend(quotas());
    rows.extend(validators(council));
    rows
}

fn parameters() -> Vec<Row> {
    let listed = Some("granted by organisations");
    vec![
        Row {
            works: set("consensus.seal_ms", 50),
            rule: ORDINARY,
            change: changed("parameter consensus.seal_ms", Some("100"), Some("50")),
            // Parameters that do not exist, are what they are, or would stop the chain.
            refused: vec![
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
                (all(&[set("consensus.drift_max_ms", 5_000_000), freeze(SUE)]), "wrong-parameter"),
            ],
        },
        Row {
            works: set("governance.lock_ms", 0),
            rule: CRITICAL,
            change: changed("parameter governance.lock_ms", Some("86400000"), Some("0")),
            refused: vec![
                (set("governance.ordinary_percent", 0), "wrong-parameter"),
                (set("governance.ordinary_percent", 50), "wrong-parameter"),
                (set("governance.critical_percent", 67), "wrong-parameter"),
                (set("governance.critical_percent", 101), "wrong-parameter"),
                (set("governance.voting_ms", 0), "wrong-parameter"),
            ],
        },
        Row {
            works: of_name("add-organisation-role", "porter"),
            rule: ORDINARY,
            change: changed("role porter", None, listed),
            refused: vec![
                (of_name("add-organisation-role", "NO NAME"), "wrong-parameter"),
                (of_name("add-organisation-role", "clerk"), "organisation-role"),
                (of_name("add-organisation-role", ADMINISTRATOR), "organisation-role"),
            ],
        },
        Row {
            works: of_name("remove-organisation-role", "clerk"),
            rule: ORDINARY,
            change: changed("role clerk", listed, None),
            refused: vec![(of_name("remove-organisation-role", "issuer"), "unknown-role")],
        },
    ]
}

fn organisations(council: &Council) -> Vec<Row> {
    let invited = council.invitation("newco", "newco", NEW);
    let mut unsigned = invited.clone();
    unsigned[0]["invite-organisation"]["consents"] = json!([]);
    let administered = format!("active, administered by {}", text(NEW));
    let suspended = of_name("suspend-organisation", "shop");
    let shop = |before: &str, after: &str| changed("organisation shop", Some(before), Some(after));
    vec![
        Row {
            works: invited,
            rule: ORDINARY,
            change: changed("organisation newco", None, Some(&administered)),
            refused: vec![
                (council.invitation("acme", "acme", NEW), "organisation-exists"),
                (council.invitation("NO NAME", "newco", NEW), "organisation-exists"),
                (council.invitation("newco", "other", NEW), "no-consent"),
                (unsigned, "no-consent"),
                (council.invitation("newco", "newco", BOB), "account-exists"),
            ],
        },
        Row {
            works: suspended.clone(),
            rule: URGENT,
            change: shop("active", "suspended"),
            refused: vec![
                (of_name("suspend-organisation", "nobody"), "unknown-organisation"),
                (of_name("suspend-organisation", "NO NAME"), "unknown-organisation"),
                (of_name("suspend-organisation", "acme"), "runs-validator"),
            ],
        },
        Row {
            works: all(&[suspended, of_name("reinstate-organisation", "shop")]),
            rule: URGENT,
            change: shop("suspended", "active"),
            refused: vec![(of_name("reinstate-organisation", "shop"), "wrong-organisation-status")],
        },
        Row {
            works: of_name("remove-organisation", "shop"),
            rule: CRITICAL,
            change: shop("active", "removed"),
            refused: vec![(of_name("remove-organisation", "globex"), "runs-validator")],
        },
    ]
}

fn accounts(council: &Council) -> Vec<Row> {
    let later = council.ledger.chain.header.timestamp_ms + HOUR_MS;
    let roles = |before: &str, after: &str| {
        changed(&format!("roles of account {}", text(SUE)), Some(before), Some(after))
    };
    let status = |account: u8, before: &str, after: &str| {
        changed(&format!("account {}", text(account)), Some(before), Some(after))
    };
    let unfreeze = |account: u8| of_name("unfreeze-account", &text(account));
    vec![
        Row {
            works: grant(SUE, "court", None),
            rule: ORDINARY,
            change: roles("", "court"),
            refused: vec![
                (grant(99, "issuer", None), "unknown-account"),
                (grant(SUE, "clerk", None), "organisation-role"),
                (grant(SUE, MANAGER, None), "organisation-role"),
                (grant(SUE, ADMINISTRATOR, None), "organisation-role"),
                (grant(SUE, "NO NAME", None), "unknown-role"),
                (grant(SUE, "issuer", Some(0)), "wrong-end"),
                (grant(FRED, "issuer", Some(later)), "wrong-status"),
            ],
        },
        Row {
            works: all(&[grant(SUE, "court", None), revoke(SUE, "court")]),
            rule: ORDINARY,
            change: roles("court", ""),
            refused: vec![
                (revoke(SUE, "issuer"), "role-not-held"),
                (revoke(ANN, ADMINISTRATOR), "organisation-role"),
            ],
        },
        Row {
            works: freeze(MAX),
            rule: URGENT,
            change: status(MAX, "active", "frozen"),
            refused: vec![
                (freeze(99), "unknown-account"),
                (freeze(FRED), "wrong-status"),
                (freeze(SAM), "last-administrator"),
            ],
        },
        Row {
            works: unfreeze(FRED),
            rule: URGENT,
            change: status(FRED, "frozen", "active"),
            refused: vec![(unfreeze(SUE), "wrong-status")],
        },
    ]
}

/// With what [`super::modules::with_uploads`] has uploaded.
fn modules() -> Vec<Row> {
    let tally = || install("tally", &compiled(VERSION_1));
    let watcher = || install("watcher", &compiled(WATCHER));
    let active = format!("active, code {}", id(&compiled(VERSION_1)));
    vec![
        Row {
            works: tally(),
            rule: ORDINARY,
            change: changed("module tally", None, Some(&active)),
            refused: vec![
                (install("kernel", &compiled(VERSION_1)), "module-exists"),
                (install("host", &compiled(VERSION_1)), "module-exists"),
                (install("wallet", &compiled(VERSION_1)), "module-exists"),
                (install("NO NAME", &compiled(VERSION_1)), "module-exists"),
                (all(&[tally(), tally()]), "module-exists"),
                (install("tally", &compiled(VERSION_2)), "no-upload"),
                (install("half", &compiled(VERSION_1)), "incomplete"),
                (install("garbage", GARBAGE), "refused"),
                (watcher(), "unlinked"),
                (all(&[watcher(), tally()]), "unlinked"),
                (install("stubborn", &compiled(STUBBORN)), "not-started"),
            ],
        },
        Row {
            works: of_name("pause-module", "wallet"),
            rule: URGENT,
            change: changed("module wallet", Some("active"), Some("paused")),
            refused: vec![
                (of_name("pause-module", "tally"), "unknown-module"),
                (of_name("pause-module", "kernel"), "unknown-module"),
            ],
        },
        Row {
            works: all(&[of_name("pause-module", "wallet"), of_name("resume-module", "wallet")]),
            rule: URGENT,
            change: changed("module wallet", Some("paused"), Some("active")),
            refused: vec![(of_name("resume-module", "wallet"), "wrong-module-status")],
        },
        Row {
            works: of_name("remove-module", "idle"),
            rule: CRITICAL,
            change: changed("module idle", Some("active"), Some("removed")),
            refused: vec![
                (of_name("remove-module", "tally"), "unknown-module"),
                (of_name("remove-module", "wallet"), "holds-value"),
                (all(&[tally(), watcher(), of_name("remove-module", "tally")]), "module-imported"),
                (all(&[tally(), of_name("remove-module", "tally")]), "just-changed"),
                // A name is not used again, also not within one proposal.
                (
                    all(&[of_name("remove-module", "idle"), install("idle", &idle("idle"))]),
                    "module-exists",
                ),
            ],
        },
    ]
}

fn quotas() -> Vec<Row> {
    let quota = |organisation: &str, kind: &str, limit: Option<u64>| {
        let limit = limit.map(|it| it.to_string());
        let quota = json!({ "organisation": organisation, "kind": kind, "limit": limit });
        json!([{ "set-quota": quota }])
    };
    let few = || quota("shop", "accounts", Some(2));
    let (by_parameter, own) = ("1000000 by the parameter, 3 used", "2 of its own, 3 used");
    vec![
        Row {
            works: few(),
            rule: ORDINARY,
            change: changed("quota of shop for accounts", Some(by_parameter), Some(own)),
            refused: vec![
                (quota("nobody", "accounts", Some(2)), "unknown-organisation"),
                (quota("NO NAME", "accounts", Some(2)), "unknown-organisation"),
                (quota("shop", "accounts", Some(100_000_001)), "out-of-range"),
                (quota("shop", "observers", Some(1_025)), "out-of-range"),
                (quota("shop", "code-bytes", Some((1 << 30) + 1)), "out-of-range"),
                (quota("shop", "code-bytes", None), "wrong-parameter"),
                (all(&[few(), few()]), "wrong-parameter"),
            ],
        },
        Row {
            works: all(&[few(), quota("shop", "accounts", None)]),
            rule: ORDINARY,
            change: changed("quota of shop for accounts", Some(own), Some(by_parameter)),
            refused: vec![],
        },
    ]
}

fn validators(council: &Council) -> Vec<Row> {
    let candidate = "a candidate of globex, which has 1 of 5 votes once its node is there";
    let of = |name: &str, before: Option<&str>, after: Option<&str>| {
        changed(&format!("validator {name}"), before, after)
    };
    vec![
        Row {
            works: council.addition("globex", "v5", 80, 1),
            rule: CRITICAL,
            change: of("v5", None, Some(candidate)),
            refused: wrong_additions(council),
        },
        Row {
            works: power("v1", 2),
            rule: CRITICAL,
            change: of("v1", Some("1 of 4 votes"), Some("2 of 5 votes")),
            refused: vec![
                (power("v9", 2), "unknown-validator"),
                (power("NO NAME", 2), "unknown-validator"),
                (power("v1", 1), "wrong-validator"),
                (power("v1", 9), "wrong-step"),
                (power("v1", 0), "wrong-step"),
                (power("v1", u64::MAX), "wrong-step"),
            ],
        },
        Row {
            works: removal("v4"),
            rule: CRITICAL,
            change: of("v4", Some("1 of 4 votes"), None),
            refused: vec![
                (removal("v9"), "unknown-validator"),
                // The majority, in one step.
                (all(&[removal("v4"), removal("v3")]), "wrong-step"),
                (all(&[removal("v4"), removal("v4")]), "unknown-validator"),
            ],
        },
    ]
}

fn case(action: &Value) -> &str {
    action.as_object().unwrap().keys().next().unwrap()
}

/// The kernel's samples are the cases of its WIT, and each has a row.
#[test]
fn each_action_has_a_sample_and_a_row() {
    let council = Council::new();
    let kernel = council.ledger.chain.executor.library().kernel();
    let simulate = kernel.function("simulate-actions").unwrap();
    let Type::List(action) = &simulate.parameters[0].kind else { panic!("{simulate:?}") };
    let Type::Variant(cases) = &**action else { panic!("{action:?}") };
    let cases: Vec<&str> = cases.iter().map(|it| it.name.as_str()).collect();
    let samples = Action::samples(address(SUE), &Policy::Key(secret(NEW).public_key()));
    let shown = simulate.arguments_to_json(Network::Test, &encode(&samples)).unwrap();
    let shown: Vec<&str> = shown["actions"].as_array().unwrap().iter().map(case).collect();
    assert_eq!(shown, cases);
    let rows = rows(&council);
    let mut of_rows: Vec<&str> =
        rows.iter().map(|it| case(it.works.as_array().unwrap().last().unwrap())).collect();
    of_rows.dedup();
    assert_eq!(of_rows, cases);
}

/// The refusals of simulations are in `refused.rs`.
#[test]
fn a_simulation_shows_the_rule_and_the_changes() {
    let council = with_uploads();
    for Row { works, rule: (percent, lock_ms), change, .. } in rows(&council) {
        let shown = council.read("simulate-actions", json!({ "actions": works }));
        let voting_ms = 7 * DAY_MS;
        let rule = json!({
            "percent": percent,
            "lock-ms": lock_ms.to_string(),
            "voting-ms": voting_ms.to_string(),
        });
        assert_eq!(shown["rule"], rule, "{works}");
        let changes = shown["changes"].as_array().unwrap();
        assert_eq!(changes.len(), works.as_array().unwrap().len(), "{works}");
        let (subject, before, after) = change;
        let expected = json!({ "subject": subject, "before": before, "after": after });
        assert_eq!(changes.last(), Some(&expected), "{works}");
    }
    assert_eq!(council.parameters().consensus.seal_ms, 100, "nothing changed");
}

#[test]
fn an_invited_organisation_manages_its_own_accounts() {
    let mut council = Council::new();
    let state = council.pass(council.invitation("newco", "newco", NEW));
    assert_eq!(state, ProposalState::Executed);
    assert_eq!(council.account(NEW).organisation, name("newco"));
    let known = council.read("get-organisation", json!({ "name": "newco" }));
    assert_eq!((&known["accounts"], &known["administrators"]), (&json!(1), &json!(1)));
    assert_eq!(known["status"], "active");
    // Its administrator is one of `newco` and of no other organisation, and has no voting power.
    let role = |account: u8| json!({ "account": text(account), "role": "clerk", "until-ms": null });
    assert_eq!(council.refusal(NEW, "grant-role", role(NEW)), "");
    assert_eq!(council.refusal(NEW, "grant-role", role(SUE)), "unknown-account");
    let id = council.propose(NEW, set("consensus.seal_ms", 50));
    assert_eq!(council.refusal(NEW, "vote", vote(id, true)), "no-voting-power");
    // The invitation is used up.
    let again = proposal(council.invitation("newco", "newco", NEW));
    assert_eq!(council.refusal(ANN, "propose", again), "organisation-exists");
}

#[test]
fn parameters_change_together_from_the_next_block_on() {
    let mut council = Council::new();
    // Each alone would be refused: a window has at least twice the drift.
    let actions = all(&[
        set("consensus.drift_max_ms", 600_000),
        set("modules.window_min_ms", 1_200_000),
        of_name("remove-organisation-role", "clerk"),
    ]);
    assert_eq!(council.pass(actions), ProposalState::Executed);
    let parameters = council.parameters();
    assert_eq!(parameters.consensus.drift_max_ms, 600_000);
    assert!(!parameters.accounts.organisation_roles.contains("clerk"));
    assert_eq!(parameters.check(), Ok(()));
}

#[test]
fn a_suspended_organisation_does_nothing_until_it_is_reinstated() {
    let mut council = Council::new();
    assert_eq!(council.pass(of_name("suspend-organisation", "shop")), ProposalState::Executed);
    assert_eq!(council.account(SAM).status, Status::Suspended);
    let transaction = council.transaction(SAM, "propose", proposal(set("consensus.seal_ms", 50)));
    let signed = transaction.sign(&[&secret(SAM)]);
    let checked = ehb_kernel::admission::check_sender(&council.ledger.state(), &signed);
    assert!(checked.unwrap_err().to_string().contains("the sender's account is suspended"));
    // Its roles come back with it.
    assert_eq!(council.pass(of_name("reinstate-organisation", "shop")), ProposalState::Executed);
    assert_eq!(council.account(SAM).status, Status::Active);
    assert!(council.account(SAM).roles.hold(ADMINISTRATOR, u64::MAX));
}

#[test]
fn a_removed_organisation_is_gone_for_good() {
    let mut council = Council::new();
    let id = council.propose(ANN, of_name("remove-organisation", "shop"));
    assert_eq!(council.proposal(id).rule.percent, 66);
    assert_eq!(council.pass(of_name("remove-organisation", "shop")), ProposalState::Executed);
    let account = council.account(SAM);
    assert!(account.status == Status::Closed && account.roles.is_empty());
    for action in ["reinstate-organisation", "remove-organisation", "suspend-organisation"] {
        let again = proposal(of_name(action, "shop"));
        assert_eq!(council.refusal(ANN, "propose", again), "wrong-organisation-status");
    }
    let again = proposal(council.invitation("shop", "shop", NEW));
    assert_eq!(council.refusal(ANN, "propose", again), "organisation-exists");
    // The other proposal to remove it was accepted too, and finds it gone.
    council.accept(id, &[ANN, BEN, CLO]);
    council.wait(DAY_MS);
    success(&council.run(BOB, "execute-proposal", number(id)));
    assert_eq!(failed(&council.proposal(id).state), (0, "wrong-organisation-status"));
}

#[test]
fn network_roles_are_granted_and_taken() {
    let mut council = Council::new();
    let until_ms = council.ledger.chain.header.timestamp_ms + 30 * DAY_MS;
    assert_eq!(council.pass(grant(SUE, "arbiter", Some(until_ms))), ProposalState::Executed);
    assert!(council.account(SUE).roles.hold("arbiter", until_ms - 1));
    assert!(!council.account(SUE).roles.hold("arbiter", until_ms));
    assert_eq!(council.pass(revoke(SUE, "arbiter")), ProposalState::Executed);
    assert!(council.account(SUE).roles.is_empty());
}

#[test]
fn an_account_is_frozen_at_once_and_its_organisation_cannot_change_that() {
    let mut council = Council::new();
    let id = council.propose(ANN, of_name("freeze-account", &text(SUE)));
    council.accept(id, &[ANN, BEN]);
    assert_eq!(council.account(SUE).status, Status::Active);
    council.accept(id, &[CLO]);
    assert_eq!(
        council.proposal(id).state,
        ProposalState::Executed,
        "with the last vote, without a lock"
    );
    assert_eq!(council.account(SUE).status, Status::Frozen);
    let lifting = json!({ "account": text(SUE), "status": "active" });
    assert_eq!(council.refusal(SAM, "set-status", lifting), "wrong-status");
    assert_eq!(council.pass(of_name("unfreeze-account", &text(SUE))), ProposalState::Executed);
    assert_eq!(council.account(SUE).status, Status::Active);
}
