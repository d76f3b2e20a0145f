//! How proposals are decided and executed.

use super::*;

/// Two proposals that work alone and not together: the second one fails as a whole, with its error.
#[test]
fn an_action_that_fails_undoes_those_before_it() {
    let mut council = Council::new();
    let invited = council.invitation("newco", "newco", NEW);
    let first = council.propose(ANN, invited.clone());
    let second = council.propose(BEN, all(&[set("consensus.seal_ms", 50), invited]));
    for id in [first, second] {
        council.accept(id, &[ANN, BEN, CLO]);
    }
    council.wait(DAY_MS);
    // In one block.
    let calls =
        [first, second].map(|id| (SUE, council.transaction(SUE, "execute-proposal", number(id))));
    let receipts = council.block(&calls);
    success(&receipts[0]);
    success(&receipts[1]);
    assert_eq!(council.proposal(first).state, ProposalState::Executed);
    let state = council.proposal(second).state;
    assert_eq!(failed(&state), (1, "organisation-exists"));
    assert_eq!(council.parameters().consensus.seal_ms, 100, "the action before it is undone");
    let events = kernel_events(&council.ledger, &receipts[1]);
    assert_eq!(events.len(), 1, "only the proposal changed: {events:?}");
    let text = "no new organisation can be called \"newco\": the name is taken, or is no name";
    assert_eq!(events[0]["proposal-changed"]["state"]["failed"]["message"], text);
}

/// A chain with an accepted proposal whose lock is over.
fn with_accepted() -> (Council, u64) {
    let mut council = Council::new();
    let id = council.propose(ANN, council.invitation("newco", "newco", NEW));
    council.accept(id, &[ANN, BEN, CLO]);
    council.wait(DAY_MS);
    (council, id)
}

/// An execution with too little gas fails as a transaction: the proposal stays accepted.
#[test]
fn too_little_gas_does_not_fail_a_proposal() {
    let (mut enough, id) = with_accepted();
    let used = enough.run(SUE, "execute-proposal", number(id)).gas_used;
    assert_eq!(enough.proposal(id).state, ProposalState::Executed);
    let (mut council, id) = with_accepted();
    let accepted = council.proposal(id);
    for gas_limit in [used / 2, used / 10 * 8, used - 1] {
        let call = ("kernel", "execute-proposal", number(id));
        let transaction = council.ledger.transaction(SUE, gas_limit, &[call]);
        let receipt = council.block(&[(SUE, transaction)]).remove(0);
        let Outcome::Failure(failure) = receipt.outcome else { panic!("{gas_limit} of {used}") };
        assert_eq!(failure.code, Code::OutOfGas);
        assert_eq!(council.proposal(id), accepted);
    }
    success(&council.run(SUE, "execute-proposal", number(id)));
    assert_eq!(council.proposal(id).state, ProposalState::Executed);
}

#[test]
fn a_proposal_is_decided_by_the_rule_that_it_was_made_under() {
    let mut council = Council::with(|genesis| genesis.validators[0].power = 2);
    // With 2 of 5, 51 % need three more of the powers.
    let looser = council.propose(ANN, set("governance.lock_ms", 0));
    assert_eq!(council.proposal(looser).rule.percent, 66, "the critical one");
    let other = council.propose(ANN, set("consensus.seal_ms", 50));
    let rule = council.proposal(other).rule;
    council.accept(looser, &[ANN, BEN]);
    assert_eq!(council.proposal(looser).state, ProposalState::Voting, "60 % are not enough");
    council.accept(other, &[ANN, BEN]);
    assert!(matches!(council.proposal(other).state, ProposalState::Accepted(_)));
    council.accept(looser, &[CLO]);
    council.wait(DAY_MS / 2);
    // The lock that the change removes protects the change itself, and what was proposed before.
    let refusal = council.refusal(SUE, "execute-proposal", number(looser));
    assert_eq!(refusal, "too-early");
    council.wait(DAY_MS / 2);
    success(&council.run(SUE, "execute-proposal", number(looser)));
    assert_eq!(council.parameters().governance.lock_ms, 0);
    assert_eq!(council.proposal(other).rule, rule);
    let new = council.propose(ANN, set("consensus.seal_ms", 60));
    council.accept(new, &[ANN, BEN]);
    assert_eq!(council.proposal(new).state, ProposalState::Executed);
}

#[test]
fn enough_power_against_it_rejects_a_proposal_and_late_votes_count_nothing() {
    let mut council = Council::new();
    let id = council.propose(ANN, set("consensus.seal_ms", 50));
    for voter in [BEN, CLO] {
        success(&council.run(voter, "vote", vote(id, false)));
    }
    assert_eq!(council.proposal(id).state, ProposalState::Rejected);
    assert_eq!(council.refusal(DAN, "vote", vote(id, true)), "wrong-state");

    let id = council.propose(ANN, set("consensus.seal_ms", 50));
    council.accept(id, &[ANN, BEN]);
    council.wait(7 * DAY_MS);
    assert_eq!(council.refusal(CLO, "vote", vote(id, true)), "wrong-state");

    // Accepted, and not executed in time.
    let id = council.propose(ANN, set("consensus.seal_ms", 50));
    council.accept(id, &[ANN, BEN, CLO]);
    council.wait(8 * DAY_MS);
    assert_eq!(council.refusal(SUE, "execute-proposal", number(id)), "wrong-state");
    assert_eq!(council.parameters().consensus.seal_ms, 100);
}

#[test]
fn two_administrators_of_an_organisation_have_one_vote() {
    let mut council = Council::with(|genesis| {
        genesis.accounts.push(member(NEW, "acme", &[ADMINISTRATOR]));
    });
    let id = council.propose(ANN, set("consensus.seal_ms", 50));
    council.accept(id, &[ANN, BEN]);
    assert_eq!(council.refusal(NEW, "vote", vote(id, true)), "voted-already");
    // The second one takes the vote of both back.
    success(&council.run(NEW, "vote", vote(id, false)));
    council.accept(id, &[CLO]);
    assert_eq!(council.proposal(id).state, ProposalState::Voting);
    assert_eq!(council.proposal(id).ballots.len(), 3);
}

#[test]
fn proposals_are_listed_from_the_last_one_on() {
    let mut council = Council::new();
    for value in 1..=5 {
        council.propose(ANN, set("consensus.seal_ms", value));
    }
    let mut found = Vec::new();
    let mut before = Value::Null;
    loop {
        let page = council.read("list-proposals", json!({ "before": before, "limit": 2 }));
        let proposals = page["proposals"].as_array().unwrap().iter();
        found.extend(proposals.map(|it| it["id"].as_str().unwrap().to_owned()));
        before = page["next"].clone();
        if before.is_null() {
            break;
        }
    }
    assert_eq!(found, ["5", "4", "3", "2", "1"]);
    assert_eq!(council.read("get-proposal", number(6)), Value::Null);
    let powers = council.read("list-voting-powers", json!({}));
    let names: Vec<&str> =
        powers.as_array().unwrap().iter().map(|it| it["organisation"].as_str().unwrap()).collect();
    assert_eq!(names, ["acme", "courier", "globex", "initech"]);
}
