//! Quotas of organisations: what they have is counted, and bounded by what governance decides.

use ehb_kernel::governance;
use ehb_kernel::quota::{self, QuotaKind};
use ehb_kernel::upload::Upload;
use ehb_types::decode;

use super::super::rebuild::Random;
use super::nodes::WATCH;
use super::*;
use crate::UPGRADER;

const DAY_MS: u64 = 24 * HOUR_MS;
const MIB: usize = 1 << 20;

impl Town {
    /// Sets a limit of an organisation. Alice's organisation runs the only validator.
    fn set_quota(&mut self, organisation: &str, kind: &str, limit: Option<u64>) {
        let limit = limit.map(|it| it.to_string());
        let quota = json!({ "organisation": organisation, "kind": kind, "limit": limit });
        let proposed = json!({ "reason": "", "actions": [{ "set-quota": quota }] });
        success(&self.run(ALICE, "propose", proposed));
        let id = governance::count(&self.ledger.state()).unwrap().to_string();
        let vote = json!({ "proposal": id, "accepts": true });
        success(&self.run(ALICE, "vote", vote));
        self.pass(DAY_MS);
        success(&self.run(ALICE, "execute-proposal", json!({ "proposal": id })));
    }

    /// What an organisation has and can have: of accounts, observers and bytes of code.
    fn quotas(&self, organisation: &str) -> [(u64, u64); 3] {
        let state = self.ledger.state();
        let parameters = ehb_kernel::chain::parameters(&state).unwrap().quotas;
        QuotaKind::ALL.map(|kind| {
            let known = quota::of(&state, &parameters, &name(organisation), kind).unwrap();
            (known.used, known.limit)
        })
    }

    /// Compares what is counted with the entries of the state.
    fn check_counts(&self) {
        let state = self.ledger.state();
        let organisation_of =
            |account: &Address| accounts::account(&state, account).unwrap().unwrap().organisation;
        let mut found: BTreeMap<Name, [u64; 3]> = BTreeMap::new();
        for (key, _) in state.scan(b"k/account/", None, usize::MAX).unwrap() {
            let address = Address(key[b"k/account/".len()..].try_into().unwrap());
            found.entry(organisation_of(&address)).or_default()[0] += 1;
        }
        for (key, node) in ehb_kernel::chain::nodes(&state).unwrap() {
            if key != secret(2).public_key() {
                found.entry(node.organisation).or_default()[1] += 1;
            }
        }
        for (key, value) in state.scan(b"k/upload/", None, usize::MAX).unwrap() {
            let (owner, _) = key[b"k/upload/".len()..].split_first_chunk::<32>().unwrap();
            let upload: Upload = decode(&value).unwrap();
            found.entry(organisation_of(&Address(*owner))).or_default()[2] +=
                u64::from(upload.size);
        }
        for (organisation, expected) in found {
            let counted = self.quotas(organisation.as_str()).map(|(used, _)| used);
            assert_eq!(counted, expected, "{organisation}");
        }
    }
}

/// The first part of an upload of this size, which is one byte.
fn upload(module: &str, size: usize) -> Value {
    let code = Hash([u8::try_from(size % 256).unwrap(); 32]);
    json!({ "module": module, "code": code, "size": size, "offset": 0, "part": "0x01" })
}

fn drop_upload(module: &str) -> Value {
    json!({ "module": module })
}

/// With two modules, and Alice and Carol who can upgrade them.
fn upgrading() -> Town {
    Town::with(|genesis| {
        genesis.parameters.quotas.code_bytes = 2 * MIB as u64;
        let code = id(&compiled(VERSION_1));
        genesis.modules.push(GenesisModule { name: name("tally"), code });
        for seed in [ALICE, CAROL] {
            let account = genesis.accounts.iter_mut().find(|it| it.address == text(seed));
            account.unwrap().roles.insert(name(UPGRADER));
        }
    })
}

#[test]
fn governance_sets_a_limit_of_one_organisation_and_lifts_it() {
    let mut town = Town::new();
    assert_eq!(town.quotas("org")[0], (5, 8));
    town.set_quota("org", "accounts", Some(6));
    assert_eq!((town.quotas("org")[0], town.quotas("other")[0]), ((5, 6), (1, 8)));
    let read = town.read("get-organisation", json!({ "name": "org" }));
    let expected = json!({ "kind": "accounts", "used": "5", "limit": "6", "is-own": true });
    assert_eq!(read["quotas"][0], expected);
    // One account fits; of two none is registered.
    let both = json!({ "accounts": [town.new_account(72, &[]), town.new_account(73, &[])] });
    assert_eq!(town.refusal(MIA, "register-accounts", both), "quota-reached");
    assert_eq!(town.refusal(MIA, "register-accounts", town.register(72, &[])), "");
    // A limit below what there is takes nothing away.
    town.set_quota("org", "accounts", Some(1));
    assert_eq!(town.quotas("org")[0], (6, 1));
    assert_eq!(town.refusal(MIA, "register-accounts", town.register(73, &[])), "quota-reached");
    assert_eq!(town.refusal(MIA, "set-status", status(72, "closed")), "");
    assert_eq!(town.quotas("org")[0], (6, 1), "a closed account counts");
    town.set_quota("org", "accounts", None);
    assert_eq!(town.quotas("org")[0], (6, 8));
    assert_eq!(town.refusal(MIA, "register-accounts", town.register(73, &[])), "");
    town.check_counts();
}

#[test]
fn a_refusal_says_what_is_limited_and_what_would_be_needed() {
    let mut town = Town::new();
    town.set_quota("org", "observers", Some(0));
    let receipt = town.run(MIA, "add-observer", town.observer("org", "watch", WATCH));
    let Outcome::Failure(failure) = &receipt.outcome else { panic!("{receipt:?}") };
    assert_eq!(
        failure.message,
        "kernel.add-observer: the quota of the organisation for observers is 0, and it would have 1"
    );
    let kernel = town.ledger.chain.executor.library().kernel();
    let declared = kernel.function("add-observer").unwrap();
    let typed = failure.error.as_ref().unwrap();
    let error = declared.error_to_json(Network::Test, &typed.data).unwrap();
    let excess = json!({ "kind": "observers", "limit": "0", "needed": "1" });
    assert_eq!(error, json!({ "quota-reached": excess }));
}

#[test]
fn uploads_count_as_announced_until_they_are_dropped() {
    let mut town = upgrading();
    assert_eq!(town.refusal(ALICE, "upload-code", upload("wallet", MIB)), "");
    assert_eq!(town.refusal(CAROL, "upload-code", upload("wallet", MIB - 1)), "");
    assert_eq!(town.quotas("org")[2], (2 * MIB as u64 - 1, 2 * MIB as u64));
    assert_eq!(town.refusal(CAROL, "upload-code", upload("tally", 2)), "quota-reached");
    assert_eq!(town.quotas("org")[2].0, 2 * MIB as u64 - 1, "a refusal counts nothing");
    // Another upload for the module takes the place of the first.
    assert_eq!(town.refusal(CAROL, "upload-code", upload("wallet", MIB)), "");
    assert_eq!(town.quotas("org")[2].0, 2 * MIB as u64);
    assert_eq!(town.refusal(ALICE, "drop-upload", drop_upload("wallet")), "");
    assert_eq!(town.quotas("org")[2].0, MIB as u64);
    town.check_counts();
    // That of a closed account is dropped with it.
    assert_eq!(town.refusal(ALICE, "set-status", status(CAROL, "closed")), "");
    assert_eq!(town.quotas("org")[2].0, 0);
    assert!(town.ledger.state().scan(b"k/upload", None, 9).unwrap().is_empty());
}

#[test]
fn counts_are_those_of_the_state_whatever_happens() {
    for seed in 1..=3 {
        let (mut town, mut random) = (upgrading(), Random(seed));
        let mut refused = 0;
        for _ in 0..60 {
            let module = ["wallet", "tally"][random.below(2) as usize];
            let from = [ALICE, CAROL][random.below(2) as usize];
            let size = 1 + random.below(MIB as u64) as usize;
            let number = 200 + random.below(4) as u8;
            let observer = town.observer("org", "watch", number);
            let (function, arguments) = match random.below(6) {
                0 | 1 => ("upload-code", upload(module, size)),
                2 => ("drop-upload", drop_upload(module)),
                3 => ("add-observer", observer),
                4 => ("remove-observer", json!({ "key": observer["key"] })),
                _ => ("register-accounts", town.register(number, &[])),
            };
            let manages =
                matches!(function, "add-observer" | "remove-observer" | "register-accounts");
            let from = if manages { MIA } else { from };
            refused += usize::from(!town.refusal(from, function, arguments).is_empty());
            town.check_counts();
        }
        assert!((5..55).contains(&refused), "seed {seed}: {refused}");
    }
}

#[test]
fn a_removed_organisation_has_no_observers() {
    let mut town = Town::new();
    let observer = town.observer("other", "watch", WATCH);
    assert_eq!(town.refusal(EVE, "add-observer", observer), "");
    let removing = json!({ "reason": "", "actions": [{ "remove-organisation": "other" }] });
    success(&town.run(ALICE, "propose", removing));
    success(&town.run(ALICE, "vote", json!({ "proposal": "1", "accepts": true })));
    town.pass(DAY_MS);
    let receipt = town.run(ALICE, "execute-proposal", json!({ "proposal": "1" }));
    let removed = json!({ "node-removed": secret(WATCH).public_key() });
    assert!(kernel_events(&town.ledger, &receipt).contains(&removed));
    assert_eq!(town.quotas("other")[1].0, 0);
}
