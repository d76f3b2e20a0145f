//! Validators that are added, join, get other powers, and leave.

use std::collections::BTreeSet;

use ehb_checks::Documented;
use ehb_kernel::{candidates, chain as kernel};
use ehb_types::{Hash, ValidatorConsent};

use super::*;
use crate::is_useful_evidence;

/// The consensus keys of validators that are to join; their node keys are 100 above.
const EVA: u8 = 80;
const FIN: u8 = 81;

impl Council {
    /// The action that adds a validator, signed for an organisation and a name by keys of which the second is the node's.
    fn signed_addition(
        &self,
        (organisation, name_): (&str, &str),
        (consensus, node): (u8, u8),
        power: u64,
    ) -> Value {
        let consent = ValidatorConsent {
            organisation: name(organisation),
            name: name(name_),
            consensus_key: secret(consensus).public_key(),
            node_key: secret(node).public_key(),
        };
        let signatures =
            consent.sign(&self.ledger.chain.header.chain, &secret(consensus), &secret(node));
        json!([{ "add-validator": {
            "organisation": organisation,
            "name": name_,
            "consensus-key": consent.consensus_key,
            "node-key": consent.node_key,
            "power": power.to_string(),
            "consensus-signature": halves(&signatures.consensus),
            "node-signature": halves(&signatures.node),
        } }])
    }

    pub(super) fn addition(&self, organisation: &str, name: &str, key: u8, power: u64) -> Value {
        self.signed_addition((organisation, name), (key, key + 100), power)
    }

    /// The names and powers of the validators of the next height and of the one after it.
    fn seats(&self) -> [String; 2] {
        let state = self.ledger.state();
        let sets = [kernel::validators(&state), kernel::next_validators(&state)];
        sets.map(|set| {
            let set = set.unwrap();
            let mut words: Vec<String> =
                set.validators().iter().map(|it| format!("{}:{}", it.name, it.power)).collect();
            words.sort();
            words.join(" ")
        })
    }

    /// The call with which the node of a candidate joins in the next block.
    fn joining(&self) -> Value {
        let head = &self.ledger.chain.header;
        json!({ "height": head.height.to_string(), "block": head.hash() })
    }

    fn join(&mut self, key: u8) -> String {
        let joining = self.joining();
        self.refusal(key, "join-validators", joining)
    }

    fn is_permitted(&self, key: u8) -> bool {
        let key = secret(key).public_key();
        kernel::node(&self.ledger.state(), &key).unwrap().is_some()
    }
}

pub(super) fn power(name: &str, power: u64) -> Value {
    json!([{ "set-validator-power": { "name": name, "power": power.to_string() } }])
}

pub(super) fn removal(name: &str) -> Value {
    of_name("remove-validator", name)
}

/// Additions that cannot work, with their errors.
pub(super) fn wrong_additions(council: &Council) -> Vec<(Value, &'static str)> {
    let of = |names, keys| council.signed_addition(names, keys, 1);
    let mut forged = council.addition("globex", "v5", EVA, 1);
    forged[0]["add-validator"]["name"] = json!("v6");
    let mut other_node = council.addition("globex", "v5", EVA, 1);
    other_node[0]["add-validator"]["node-key"] = json!(secret(FIN).public_key());
    let mut no_name = council.addition("globex", "v5", EVA, 1);
    no_name[0]["add-validator"]["name"] = json!("NO NAME");
    let suspended = of_name("suspend-organisation", "shop");
    let twice =
        all(&[council.addition("globex", "v5", EVA, 1), council.addition("globex", "v6", EVA, 1)]);
    let quota =
        json!([{ "set-quota": { "organisation": "globex", "kind": "accounts", "limit": "1" } }]);
    vec![
        (of(("nobody", "v5"), (EVA, 180)), "unknown-organisation"),
        // It has an account more than before.
        (all(&[quota, council.addition("globex", "v5", EVA, 1)]), "quota-reached"),
        (all(&[suspended, of(("shop", "v5"), (EVA, 180))]), "wrong-organisation-status"),
        (of(("globex", "v1"), (EVA, 180)), "wrong-validator"),
        // A consensus key or node key of another validator, for either purpose; one key for both.
        (of(("globex", "v5"), (1, 180)), "wrong-validator"),
        (of(("globex", "v5"), (EVA, 101)), "wrong-validator"),
        (of(("globex", "v5"), (EVA, 1)), "wrong-validator"),
        (of(("globex", "v5"), (EVA, EVA)), "wrong-validator"),
        (twice, "wrong-validator"),
        (forged, "wrong-validator"),
        (other_node, "wrong-validator"),
        (no_name, "wrong-validator"),
        (council.addition("globex", "v5", EVA, 0), "wrong-validator"),
        // The key of an account of another organisation.
        (of(("globex", "v5"), (BOB, 180)), "account-exists"),
        // The four of now would have four of six votes.
        (council.addition("globex", "v5", EVA, 2), "wrong-step"),
        (council.addition("globex", "v5", EVA, u64::MAX), "wrong-step"),
    ]
}

/// A proposal makes a candidate, which counts nothing until its node names a block of the chain.
#[test]
fn a_validator_counts_once_its_node_is_there() {
    let mut council = Council::new();
    let four = "v1:1 v2:1 v3:1 v4:1";
    let addition = council.addition("globex", "v5", EVA, 1);
    assert_eq!(council.pass(addition.clone()), ProposalState::Executed);
    for _ in 0..3 {
        assert_eq!(council.seats(), [four, four]);
        council.block(&[]);
    }
    assert!(council.is_permitted(180));
    let listed = council.read("list-candidates", json!({}));
    assert_eq!(listed[0]["name"], "v5");
    // Its organisation cannot remove its node like an observer.
    let node = json!({ "key": secret(180).public_key() });
    assert_eq!(council.refusal(BEN, "remove-observer", node), "unknown-node");
    assert_eq!(council.refusal(ANN, "propose", proposal(addition)), "wrong-validator");
    let suspension = proposal(of_name("suspend-organisation", "globex"));
    assert_eq!(council.refusal(ANN, "propose", suspension), "runs-validator");

    // Nobody else joins, and not with a block that does not exist.
    assert_eq!(council.join(ANN), "not-a-candidate");
    let mut wrong = council.joining();
    wrong["block"] = json!(Hash([9; 32]));
    assert_eq!(council.refusal(EVA, "join-validators", wrong), "unknown-block");
    assert_eq!(council.seats(), [four, four]);

    assert_eq!(council.join(EVA), "");
    let five = format!("{four} v5:1");
    assert_eq!(council.seats(), [four, &five]);
    assert!(candidates::list(&council.ledger.state()).unwrap().is_empty());
    assert_eq!(council.join(EVA), "not-a-candidate");
    assert_eq!(council.seats(), [five.as_str(); 2]);
    let powers = council.read("list-voting-powers", json!({}));
    let globex = powers.as_array().unwrap().iter().find(|it| it["organisation"] == "globex");
    assert_eq!(globex.unwrap()["power"], "2");
}

#[test]
fn a_removed_validator_leaves_after_the_last_height_that_it_decides() {
    let mut council = Council::new();
    let equivocation = |height: u64| {
        let [a, b] = [1, 2].map(|block| {
            let validator = secret(4).public_key();
            let block = Some(Hash([block; 32]));
            let vote = Vote { kind: VoteKind::Prevote, height, round: 0, block, validator };
            vote.sign(&genesis().hash(), &secret(4))
        });
        Evidence::Votes(a, b)
    };
    assert_eq!(council.pass(removal("v4")), ProposalState::Executed);
    let height = council.ledger.chain.header.height;
    assert_eq!(council.seats(), ["v1:1 v2:1 v3:1 v4:1", "v1:1 v2:1 v3:1"]);
    assert!(council.is_permitted(104), "it decides {}", height + 1);
    council.block(&[]);
    assert_eq!(council.seats(), ["v1:1 v2:1 v3:1", "v1:1 v2:1 v3:1"]);
    assert!(!council.is_permitted(104));
    // Evidence is judged by the validators of its height.
    council.block(&[]);
    council.block(&[]);
    let state = council.ledger.state();
    let next = council.ledger.chain.header.height + 1;
    let is_useful = |at: u64| is_useful_evidence(&state, &equivocation(at), next).unwrap();
    assert!(is_useful(height) && is_useful(height + 1) && !is_useful(height + 2));
    // Its organisation has no vote any more, and a new validator can have the keys.
    let id = council.propose(ANN, set("consensus.seal_ms", 50));
    assert_eq!(council.refusal(DAN, "vote", vote(id, true)), "no-voting-power");
    let again = council.addition("courier", "v4", 4, 1);
    assert_eq!(council.pass(power("v1", 2)), ProposalState::Executed);
    assert_eq!(council.pass(again), ProposalState::Executed);
    assert_eq!(council.join(4), "");
}

/// A candidate that does not come is removed like a validator, and its node with it.
#[test]
fn a_candidate_can_be_removed_and_have_another_power() {
    let mut council = Council::new();
    council.pass(council.addition("globex", "v5", EVA, 1));
    assert_eq!(council.pass(power("v1", 2)), ProposalState::Executed);
    assert_eq!(council.pass(power("v5", 2)), ProposalState::Executed);
    assert_eq!(candidates::list(&council.ledger.state()).unwrap()[0].power, 2);
    let again = proposal(power("v5", 2));
    assert_eq!(council.refusal(ANN, "propose", again), "wrong-validator");
    assert_eq!(council.refusal(ANN, "propose", proposal(power("v5", 3))), "wrong-step");
    assert_eq!(council.pass(removal("v5")), ProposalState::Executed);
    assert!(!council.is_permitted(180));
    assert_eq!(council.join(EVA), "not-a-candidate");
}

/// Each of two changes is possible, and both in one block are not: the second proposal fails when it is executed.
#[test]
fn proposals_that_fit_alone_and_not_together_fail_at_their_execution() {
    let mut council = Council::new();
    let ids = ["v3", "v4"].map(|name| council.propose(ANN, removal(name)));
    for id in ids {
        council.accept(id, &[ANN, BEN, CLO]);
    }
    council.wait(DAY_MS);
    let executions = [(SUE, ids[0]), (BOB, ids[1])].map(|(from, id)| {
        let execution = council.transaction(from, "execute-proposal", number(id));
        (from, execution)
    });
    council.block(&executions);
    assert_eq!(council.proposal(ids[0]).state, ProposalState::Executed);
    assert_eq!(failed(&council.proposal(ids[1]).state), (0, "wrong-step"));
    assert_eq!(council.seats()[1], "v1:1 v2:1 v4:1");
}

/// Two candidates fit one after the other, and not in one block.
#[test]
fn candidates_join_one_after_the_other() {
    let mut council = Council::new();
    council.pass(council.addition("globex", "v5", EVA, 1));
    council.pass(council.addition("acme", "v6", FIN, 1));
    let joining = council.joining();
    let calls = [EVA, FIN].map(|from| {
        let joining = council.transaction(from, "join-validators", joining.clone());
        (from, joining)
    });
    let receipts = council.block(&calls);
    success(&receipts[0]);
    assert_eq!(council.refusal_in("join-validators", &receipts[1]), "wrong-step");
    assert_eq!(council.join(FIN), "");
    assert_eq!(council.seats()[1], "v1:1 v2:1 v3:1 v4:1 v5:1 v6:1");
}

#[test]
fn a_refused_step_says_which_one_is_possible() {
    let mut council = Council::new();
    let simulate = |council: &mut Council, actions: Value| -> String {
        let receipt = council.run(BOB, "simulate-actions", json!({ "actions": actions }));
        match receipt.outcome {
            Outcome::Failure(failure) => failure.message,
            Outcome::Success(_) => String::new(),
        }
    };
    let addition = council.addition("globex", "v5", EVA, 9);
    let message = simulate(&mut council, addition);
    assert!(message.contains("at most 1"), "{message}");
    let message = simulate(&mut council, power("v1", 9));
    assert!(message.contains("the nearest power that is possible now is 4"), "{message}");
    let mut council = Council::with(|genesis| genesis.validators[0].power = 4);
    let message = simulate(&mut council, removal("v1"));
    assert!(message.contains("lower its power to 1 first"), "{message}");

    let alone = |genesis: &mut Genesis| genesis.validators.truncate(1);
    let mut council = Council::with(alone);
    let message = simulate(&mut council, removal("v1"));
    assert!(message.contains("the last validator cannot be removed"), "{message}");
    let addition = council.addition("acme", "v2", EVA, 1);
    let message = simulate(&mut council, addition.clone());
    assert!(message.contains("raise the power of others first"), "{message}");
    assert_eq!(simulate(&mut council, all(&[power("v1", 10), addition])), "");
}

/// What the WIT documents is what this shows.
#[test]
fn each_documented_refusal_of_joining_is_shown() {
    let mut council = Council::new();
    let mut seen = BTreeSet::new();
    seen.insert(council.join(BOB));
    council.pass(council.addition("globex", "v5", EVA, 1));
    let unknown = json!({ "height": "0", "block": Hash([1; 32]) });
    seen.insert(council.refusal(EVA, "join-validators", unknown));
    // The powers have changed since it was accepted.
    council.pass(removal("v4"));
    council.pass(removal("v3"));
    seen.insert(council.join(EVA));
    let suspended = json!({ "account": text(EVA), "status": "suspended" });
    let suspending = council.transaction(BEN, "set-status", suspended);
    let joining = council.joining();
    let joining = council.transaction(EVA, "join-validators", joining);
    let receipts = council.block(&[(BEN, suspending), (EVA, joining)]);
    seen.insert(council.refusal_in("join-validators", &receipts[1]));
    let documented = Documented::in_wit([include_str!("../../../wit/kernel.wit")]);
    let documented: BTreeSet<(&str, String)> = documented
        .pairs_of("validators")
        .map(|(function, name)| (function, name.to_owned()))
        .collect();
    let seen: BTreeSet<(&str, String)> =
        seen.into_iter().map(|name| ("join-validators", name)).collect();
    assert_eq!(seen, documented);
}
