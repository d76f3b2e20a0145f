//! Organisations manage their own accounts during the execution of blocks.

use std::collections::BTreeSet;

use ehb_checks::Documented;
use ehb_types::{ADMINISTRATOR, Account, MANAGER, PolicyConsent, Receipt, Signature};
use serde_json::{Value, json};

use super::rebuild::Tables;
use super::upgrade::{Ledger, VERSION_1, compiled, id, kernel_events, success};
use super::*;

mod nodes;
mod quotas;

/// Alice administers `org`, Mia manages it, Bob and Carol are members; Eve administers `other`.
const MIA: u8 = 60;
const CAROL: u8 = 61;
const EVE: u8 = 62;
/// Keys without an account.
const NEW: u8 = 70;
const NEWER: u8 = 71;

const HOUR_MS: u64 = 3_600_000;

/// A chain, and the tables that a reader of its receipts has.
struct Town {
    ledger: Ledger,
    tables: Tables,
    height: u64,
    /// The refusals so far, by function.
    shown: BTreeSet<(&'static str, String)>,
}

impl Town {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Genesis)) -> Self {
        let mut genesis = genesis();
        genesis.parameters.quotas.accounts = 8;
        genesis
            .parameters
            .accounts
            .organisation_roles
            .extend(many_roles().iter().map(|it| name(it)));
        genesis.parameters.accounts.recovery_notice_ms = HOUR_MS;
        let account = |seed: u8, organisation: &str, roles: &[&str]| GenesisAccount {
            address: text(seed),
            policy: Policy::Key(secret(seed).public_key()),
            organisation: name(organisation),
            roles: roles.iter().map(|role| name(role)).collect(),
            status: Status::Active,
        };
        genesis.accounts[0].roles.insert(name(ADMINISTRATOR));
        genesis.accounts.push(account(MIA, "org", &[MANAGER]));
        genesis.accounts.push(account(CAROL, "org", &[]));
        genesis.accounts.push(account(EVE, "other", &[ADMINISTRATOR]));
        change(&mut genesis);
        let mut code = code();
        let tally = compiled(VERSION_1);
        code.insert(id(&tally), tally);
        let first = GenesisState::build(&Engine::new().unwrap(), &genesis, &code).unwrap();
        let ledger = Ledger::of(&genesis, &code);
        let mut tables = Tables::default();
        tables.read(ledger.chain.executor.library().kernel(), &first.receipts);
        Self { ledger, tables, height: 0, shown: BTreeSet::new() }
    }

    /// Executes a call in its own block; the tables follow.
    fn run(&mut self, from: u8, function: &'static str, arguments: Value) -> Receipt {
        let receipt = self.ledger.run(from, &[("kernel", function, arguments)]);
        let kernel = self.ledger.chain.executor.library().kernel();
        self.tables.read(kernel, std::slice::from_ref(&receipt));
        self.tables.check(&self.ledger.state(), self.height, &[]);
        receipt
    }

    /// The name of the error with which a call is refused; empty if it is not.
    fn refusal(&mut self, from: u8, function: &'static str, arguments: Value) -> String {
        let receipt = self.run(from, function, arguments);
        let Outcome::Failure(failure) = &receipt.outcome else { return String::new() };
        let Some(error) = &failure.error else { panic!("{function}: {failure:?}") };
        let kernel = self.ledger.chain.executor.library().kernel();
        let declared = kernel.function(function).unwrap();
        let name = match declared.error_to_json(Network::Test, &error.data).unwrap() {
            Value::Object(case) => case.keys().next().unwrap().clone(),
            other => other.as_str().unwrap().to_owned(),
        };
        self.shown.insert((function, name.clone()));
        name
    }

    /// The refusal of Mia's call after her account was suspended in the same block.
    fn refusal_of_suspended(&mut self, function: &'static str, arguments: Value) {
        let suspending = ("kernel", "set-status", status(MIA, "suspended"));
        let suspending = self.ledger.transaction(ALICE, 5_000_000, &[suspending]);
        let calling = self.ledger.transaction(MIA, 5_000_000, &[("kernel", function, arguments)]);
        let receipts = self.ledger.block(&[(ALICE, suspending), (MIA, calling)]);
        success(&receipts[0]);
        let Outcome::Failure(failure) = &receipts[1].outcome else { panic!("{function}") };
        assert!(failure.message.contains("the account is suspended"), "{failure:?}");
        self.shown.insert((function, "wrong-status".to_owned()));
        success(&self.ledger.run(ALICE, &[("kernel", "set-status", status(MIA, "active"))]));
    }

    fn account(&self, seed: u8) -> Account {
        accounts::account(&self.ledger.state(), &address(seed)).unwrap().unwrap()
    }

    fn roles(&self, seed: u8) -> Vec<String> {
        self.account(seed).roles.iter().map(|(role, _)| role.to_string()).collect()
    }

    /// The consent of a key to govern an account.
    fn consents(&self, organisation: &str, account: u8, key: u8) -> Value {
        let consent = PolicyConsent {
            organisation: name(organisation),
            account: address(account),
            policy: Policy::Key(secret(key).public_key()),
        };
        let signed = consent.sign(&self.ledger.chain.header.chain, &[&secret(key)]);
        signed
            .iter()
            .map(|it| json!({ "key": it.key, "signature": halves(&it.signature) }))
            .collect()
    }

    fn new_account(&self, key: u8, roles: &[&str]) -> Value {
        json!({
            "policy": { "key": secret(key).public_key() },
            "roles": roles,
            "consents": self.consents("org", key, key),
        })
    }

    fn register(&self, key: u8, roles: &[&str]) -> Value {
        json!({ "accounts": [self.new_account(key, roles)] })
    }

    fn policy(&self, account: u8, key: u8) -> Value {
        json!({
            "account": text(account),
            "policy": { "key": secret(key).public_key() },
            "consents": self.consents("org", account, key),
        })
    }

    fn pass(&mut self, milliseconds: u64) {
        self.ledger.chain.header.timestamp_ms += milliseconds;
    }
}

pub(super) fn halves(signature: &Signature) -> Value {
    let half = |bytes: &[u8]| Hash(bytes.try_into().unwrap());
    json!({ "r": half(&signature.0[..32]), "s": half(&signature.0[32..]) })
}

/// As many roles as an account can have.
fn many_roles() -> Vec<String> {
    (0..32).map(|number| format!("role-{number}")).collect()
}

fn grant(account: u8, role: &str, until_ms: Option<u64>) -> Value {
    let until_ms = until_ms.map(|it| it.to_string());
    json!({ "account": text(account), "role": role, "until-ms": until_ms })
}

fn role(account: u8, role: &str) -> Value {
    json!({ "account": text(account), "role": role })
}

fn status(account: u8, status: &str) -> Value {
    json!({ "account": text(account), "status": status })
}

#[test]
fn a_registered_account_transacts_from_the_next_block_on() {
    let mut town = Town::new();
    let registered = town.run(MIA, "register-accounts", town.register(NEW, &["clerk"]));
    assert_eq!(success(&registered), [ehb_types::encode(&vec![address(NEW)])]);
    let events = kernel_events(&town.ledger, &registered);
    assert_eq!(events[0]["account-changed"]["organisation"], "org");
    assert_eq!(town.roles(NEW), ["clerk"]);
    let claim = json!({ "asset": "EUR", "to": text(BOB), "amount": "1" });
    let receipt = town.ledger.run(NEW, &[("wallet", "transfer", claim)]);
    assert!(matches!(receipt.outcome, Outcome::Failure(_)), "it has no money");
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = town.read(
            "list-accounts",
            json!({
                "organisation": "org", "after": after, "limit": 2,
            }),
        );
        found.extend(page["accounts"].as_array().unwrap().iter().map(|it| it["address"].clone()));
        after = page["next"].as_str().map(str::to_owned);
        if after.is_none() {
            break;
        }
    }
    let mut expected = [ALICE, BOB, FRED, MIA, CAROL, NEW].map(|it| (address(it), json!(text(it))));
    expected.sort_by_key(|(address, _)| *address);
    assert_eq!(found, expected.map(|(_, text)| text));
    let organisation = town.read("get-organisation", json!({ "name": "org" }));
    let quota = |kind: &str, used: &str, limit: &str| json!({ "kind": kind, "used": used, "limit": limit, "is-own": false });
    let quotas = [
        quota("accounts", "6", "8"),
        quota("observers", "0", "32"),
        quota("code-bytes", "0", "33554432"),
    ];
    let expected =
        json!({ "accounts": 6, "administrators": 1, "status": "active", "quotas": quotas });
    assert_eq!(organisation, expected);
    assert_eq!(town.read("get-organisation", json!({ "name": "NONE" })), Value::Null);
}

impl Town {
    fn read(&self, function: &str, arguments: Value) -> Value {
        let library = self.ledger.chain.executor.library();
        let declared = library.kernel().function(function).unwrap().clone();
        let arguments = declared.arguments_from_json(Network::Test, &arguments).unwrap();
        let (state, head) = (self.ledger.chain.parent.state.clone(), &self.ledger.chain.header);
        let names = ("kernel", function);
        let answer =
            call(&library.for_reads(), state, head, address(BOB), names, &arguments).unwrap();
        declared.output_to_json(Network::Test, &answer.output).unwrap()
    }
}

#[test]
fn who_may_manage_which_accounts() {
    let town = refused_in_rows();
    assert_eq!(town.roles(BOB), [""; 0], "a closed account has no roles");
}

/// Each row: who calls what, and the refusal; none where the call takes effect. All rows run on one chain.
fn refused_in_rows() -> Town {
    let mut town = Town::new();
    let later = town.ledger.chain.header.timestamp_ms + HOUR_MS;
    let mut wrong = town.new_account(NEW, &[]);
    wrong["consents"] = town.consents("other", NEW, NEW);
    let mut missing = town.new_account(NEW, &[]);
    missing["consents"] = json!([]);
    let many: Vec<Value> = (0..65).map(|_| missing.clone()).collect();
    let twice = json!({ "accounts": [town.new_account(NEW, &[]), town.new_account(NEW, &[])] });
    let names = many_roles();
    let wide: Vec<&str> = names.iter().map(String::as_str).collect();
    let too_wide = [&wide[..], &["clerk"]].concat();
    let begin = |town: &Town| town.policy(CAROL, NEW);
    let no_consent = json!({
        "account": text(CAROL),
        "policy": { "key": secret(NEW).public_key() },
        "consents": [],
    });
    let without_account = json!({ "policy": no_consent["policy"], "consents": [] });
    let account = |seed: u8| json!({ "account": text(seed) });
    let of_fred = json!({
        "account": text(FRED),
        "policy": { "key": secret(NEW).public_key() },
        "consents": town.consents("org", FRED, NEW),
    });
    let rows: Vec<(u8, &'static str, Value, &str)> = vec![
        // Registration.
        (BOB, "register-accounts", town.register(NEW, &[]), "missing-role"),
        (MIA, "register-accounts", json!({ "accounts": [] }), "out-of-range"),
        (MIA, "register-accounts", json!({ "accounts": many }), "out-of-range"),
        (MIA, "register-accounts", json!({ "accounts": [wrong] }), "no-consent"),
        (MIA, "register-accounts", json!({ "accounts": [missing] }), "no-consent"),
        (MIA, "register-accounts", twice, "account-exists"),
        (MIA, "register-accounts", town.register(BOB, &[]), "account-exists"),
        (MIA, "register-accounts", town.register(NEW, &[MANAGER]), "missing-role"),
        (MIA, "register-accounts", town.register(NEW, &["issuer"]), "unknown-role"),
        (MIA, "register-accounts", town.register(NEW, &["NO NAME"]), "unknown-role"),
        (MIA, "register-accounts", town.register(NEW, &too_wide), "too-many"),
        (MIA, "register-accounts", town.register(NEW, &["clerk", "clerk"]), ""),
        // Roles.
        (BOB, "grant-role", grant(CAROL, "clerk", None), "missing-role"),
        (EVE, "grant-role", grant(CAROL, "clerk", None), "unknown-account"),
        (MIA, "grant-role", grant(EVE, "clerk", None), "unknown-account"),
        (MIA, "grant-role", grant(99, "clerk", None), "unknown-account"),
        (MIA, "grant-role", grant(MIA, "treasurer", None), "missing-role"),
        (MIA, "grant-role", grant(MIA, ADMINISTRATOR, None), "missing-role"),
        (MIA, "grant-role", grant(CAROL, MANAGER, None), "missing-role"),
        (MIA, "grant-role", grant(CAROL, "issuer", None), "unknown-role"),
        (ALICE, "grant-role", grant(CAROL, "upgrader", None), "unknown-role"),
        (MIA, "grant-role", grant(CAROL, "clerk", Some(0)), "wrong-end"),
        (ALICE, "grant-role", grant(CAROL, ADMINISTRATOR, Some(later)), "wrong-end"),
        (MIA, "grant-role", grant(FRED, "clerk", None), "wrong-status"),
        // In one module; those that manage accounts, and those of the whole network, have none.
        (MIA, "grant-role", grant(CAROL, "clerk@", None), "unknown-role"),
        (MIA, "grant-role", grant(CAROL, "issuer@jobs", None), "unknown-role"),
        (ALICE, "grant-role", grant(CAROL, "manager@jobs", None), "unknown-role"),
        (MIA, "grant-role", grant(CAROL, "clerk@jobs", None), ""),
        (MIA, "revoke-role", role(CAROL, "clerk"), "role-not-held"),
        (MIA, "revoke-role", role(CAROL, "clerk@marketplace"), "role-not-held"),
        (MIA, "revoke-role", role(CAROL, "clerk@jobs"), ""),
        (MIA, "grant-role", grant(CAROL, "clerk", Some(later)), ""),
        (MIA, "revoke-role", role(CAROL, "treasurer"), "role-not-held"),
        (MIA, "revoke-role", role(FRED, "clerk"), "wrong-status"),
        (MIA, "revoke-role", role(EVE, "clerk"), "unknown-account"),
        (MIA, "revoke-role", role(BOB, "issuer"), "missing-role"),
        (MIA, "revoke-role", role(ALICE, ADMINISTRATOR), "missing-role"),
        (ALICE, "revoke-role", role(ALICE, ADMINISTRATOR), "last-administrator"),
        (MIA, "revoke-role", role(CAROL, "clerk"), ""),
        (ALICE, "revoke-role", role(BOB, "issuer"), ""),
        // Status.
        (MIA, "set-status", status(ALICE, "suspended"), "missing-role"),
        (MIA, "set-status", status(MIA, "closed"), "missing-role"),
        (MIA, "set-status", status(EVE, "closed"), "unknown-account"),
        (ALICE, "set-status", status(ALICE, "closed"), "last-administrator"),
        (ALICE, "set-status", status(ALICE, "suspended"), "last-administrator"),
        (MIA, "set-status", status(BOB, "frozen"), "wrong-status"),
        (MIA, "set-status", status(BOB, "active"), "wrong-status"),
        (MIA, "set-status", status(FRED, "active"), "wrong-status"),
        (MIA, "set-status", status(BOB, "suspended"), ""),
        (MIA, "set-status", status(BOB, "active"), ""),
        (MIA, "set-status", status(BOB, "closed"), ""),
        (MIA, "set-status", status(BOB, "active"), "wrong-status"),
        (MIA, "register-accounts", town.register(BOB, &[]), "account-exists"),
        // Keys.
        (CAROL, "set-policy", without_account, "no-consent"),
        (MIA, "begin-recovery", begin(&town), "missing-role"),
        (EVE, "begin-recovery", begin(&town), "unknown-account"),
        (ALICE, "begin-recovery", no_consent, "no-consent"),
        (ALICE, "begin-recovery", of_fred, "wrong-status"),
        (CAROL, "complete-recovery", account(CAROL), "no-change-announced"),
        (CAROL, "cancel-recovery", account(CAROL), "no-change-announced"),
        (ALICE, "begin-recovery", begin(&town), ""),
        (MIA, "complete-recovery", account(CAROL), "recovery-not-due"),
        (MIA, "cancel-recovery", account(CAROL), "missing-role"),
        (EVE, "cancel-recovery", account(CAROL), "unknown-account"),
        (ALICE, "cancel-recovery", account(FRED), "wrong-status"),
        (ALICE, "cancel-recovery", account(CAROL), ""),
        // A second administrator lets the first one go.
        (ALICE, "grant-role", grant(CAROL, ADMINISTRATOR, None), ""),
        (ALICE, "revoke-role", role(ALICE, ADMINISTRATOR), ""),
        (ALICE, "grant-role", grant(CAROL, "clerk", None), "missing-role"),
        (CAROL, "set-status", status(CAROL, "closed"), "last-administrator"),
        // The quota: 8 accounts, of which `org` has 6.
        (CAROL, "register-accounts", town.register(72, &wide), ""),
        (CAROL, "grant-role", grant(72, "clerk", None), "too-many"),
        (CAROL, "register-accounts", town.register(73, &[]), ""),
        (CAROL, "register-accounts", town.register(74, &[]), "quota-reached"),
    ];
    for (index, (from, function, arguments, expected)) in rows.into_iter().enumerate() {
        let refusal = town.refusal(from, function, arguments);
        assert_eq!(refusal, expected, "row {index}: {function}");
    }
    town
}

/// What the kernel's WIT documents of each function of `accounts` is what the rows above show, and no other refusal is
/// shown.
#[test]
fn each_documented_refusal_is_shown() {
    let mut town = Town::new();
    let policy = town.policy(MIA, NEW);
    let own = json!({ "policy": policy["policy"], "consents": policy["consents"] });
    let account = json!({ "account": text(CAROL) });
    town.refusal_of_suspended("register-accounts", town.register(NEW, &[]));
    town.refusal_of_suspended("grant-role", grant(CAROL, "clerk", None));
    town.refusal_of_suspended("revoke-role", role(CAROL, "clerk"));
    town.refusal_of_suspended("set-status", status(CAROL, "closed"));
    town.refusal_of_suspended("set-policy", own);
    town.refusal_of_suspended("begin-recovery", policy);
    town.refusal_of_suspended("cancel-recovery", account.clone());
    town.refusal_of_suspended("complete-recovery", account);
    let mut shown = std::mem::take(&mut town.shown);
    shown.extend(refused_in_rows().shown);
    let documented = Documented::in_wit([include_str!("../../wit/kernel.wit")]);
    let documented: BTreeSet<(&str, String)> = documented
        .pairs_of("accounts")
        .map(|(function, name)| (function, name.to_owned()))
        .collect();
    assert_eq!(shown, documented);
}

#[test]
fn a_role_ends_at_its_time() {
    let mut town = Town::new();
    let until_ms = town.ledger.chain.header.timestamp_ms + HOUR_MS;
    assert_eq!(town.refusal(ALICE, "grant-role", grant(BOB, MANAGER, Some(until_ms))), "");
    assert_eq!(town.refusal(BOB, "grant-role", grant(CAROL, "clerk", None)), "");
    town.pass(HOUR_MS);
    assert_eq!(town.refusal(BOB, "grant-role", grant(CAROL, "seller", None)), "missing-role");
    assert_eq!(town.roles(BOB), ["issuer", MANAGER], "it is still listed with its end");
    assert_eq!(town.refusal(ALICE, "grant-role", grant(BOB, "clerk", None)), "");
    assert_eq!(town.roles(BOB), ["clerk", "issuer"], "and leaves with the next change");
}

#[test]
fn an_account_that_is_not_active_sends_nothing_more() {
    let mut town = Town::new();
    let pay = json!({ "asset": "EUR", "to": text(ALICE), "amount": "1" });
    for status_text in ["suspended", "closed"] {
        assert_eq!(town.refusal(MIA, "set-status", status(BOB, status_text)), "");
        let transaction =
            town.ledger.transaction(BOB, 1_000_000, &[("wallet", "transfer", pay.clone())]);
        let checked = ehb_kernel::admission::check_sender(
            &town.ledger.state(),
            &transaction.sign(&[&secret(BOB)]),
        );
        let message = format!("the sender's account is {status_text}");
        assert!(checked.unwrap_err().to_string().contains(&message));
    }
    // Suspended by the first transaction of a block, a manager manages nothing in the second.
    let suspending = town.ledger.transaction(
        ALICE,
        5_000_000,
        &[("kernel", "set-status", status(MIA, "suspended"))],
    );
    let granting = town.ledger.transaction(
        MIA,
        5_000_000,
        &[("kernel", "grant-role", grant(CAROL, "clerk", None))],
    );
    let receipts = town.ledger.block(&[(ALICE, suspending), (MIA, granting)]);
    success(&receipts[0]);
    assert!(matches!(receipts[1].outcome, Outcome::Failure(_)));
}

/// Whether the transaction of an account that a key signs is authorised.
fn authorised(town: &mut Town, account: u8, key: u8) -> bool {
    let mut transaction = town.ledger.transaction(account, 1_000_000, &[]);
    transaction.sender = address(account);
    let signed = transaction.sign(&[&secret(key)]);
    ehb_kernel::admission::check_sender(&town.ledger.state(), &signed).is_ok()
}

#[test]
fn an_account_replaces_its_own_keys_and_keeps_its_address() {
    let mut town = Town::new();
    let mut arguments = town.policy(BOB, NEW);
    arguments.as_object_mut().unwrap().remove("account");
    let mut stolen = arguments.clone();
    stolen["consents"] = town.consents("org", CAROL, NEW);
    assert_eq!(town.refusal(BOB, "set-policy", stolen), "no-consent", "it is for another account");
    assert_eq!(town.refusal(BOB, "set-policy", arguments), "");
    assert!(authorised(&mut town, BOB, NEW) && !authorised(&mut town, BOB, BOB));
    let again = town.register(BOB, &[]);
    assert_eq!(town.refusal(MIA, "register-accounts", again), "account-exists");
}

#[test]
fn an_administrator_replaces_lost_keys_after_the_notice_unless_the_account_objects() {
    let mut town = Town::new();
    let policy = |town: &Town, key| town.policy(BOB, key);
    let account = json!({ "account": text(BOB) });
    let begin = policy(&town, NEW);
    assert_eq!(town.refusal(MIA, "begin-recovery", begin.clone()), "missing-role");
    assert_eq!(town.refusal(EVE, "begin-recovery", begin.clone()), "unknown-account");
    assert_eq!(town.refusal(CAROL, "complete-recovery", account.clone()), "no-change-announced");
    assert_eq!(town.refusal(ALICE, "begin-recovery", begin.clone()), "");
    assert_eq!(town.refusal(CAROL, "complete-recovery", account.clone()), "recovery-not-due");
    let announced = town.read("get-recovery", account.clone());
    assert_eq!(announced["by"], text(ALICE));
    // The account still has its key, and objects.
    assert_eq!(town.refusal(CAROL, "cancel-recovery", account.clone()), "missing-role");
    assert_eq!(town.refusal(BOB, "cancel-recovery", account.clone()), "");
    town.pass(HOUR_MS);
    assert_eq!(town.refusal(CAROL, "complete-recovery", account.clone()), "no-change-announced");
    // It replaced its key itself: an objection too.
    assert_eq!(town.refusal(ALICE, "begin-recovery", begin.clone()), "");
    let mut own = policy(&town, BOB);
    own.as_object_mut().unwrap().remove("account");
    assert_eq!(town.refusal(BOB, "set-policy", own), "");
    assert_eq!(town.read("get-recovery", account.clone()), Value::Null);
    // Its key is lost: nobody objects. The last announcement counts.
    assert_eq!(town.refusal(ALICE, "begin-recovery", begin), "");
    let newer = policy(&town, NEWER);
    assert_eq!(town.refusal(ALICE, "begin-recovery", newer), "");
    town.pass(HOUR_MS);
    assert_eq!(town.refusal(CAROL, "complete-recovery", account.clone()), "");
    assert!(authorised(&mut town, BOB, NEWER) && !authorised(&mut town, BOB, BOB));
    assert_eq!(town.refusal(CAROL, "complete-recovery", account), "no-change-announced");
}
