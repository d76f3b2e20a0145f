//! What accepted proposals do.

use super::*;

fn failed(state: &ProposalState) -> (u32, &str) {
    match state {
        ProposalState::Failed(failed) => (failed.action, &failed.error),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_invited_organisation_manages_its_own_accounts() {
    let mut council = Council::new();
    let state = council.pass(council.invitation("newco", "newco", NEW));
    assert_eq!(state, ProposalState::Executed);
    assert_eq!(council.account(NEW).organisation, name("newco"));
    let known = council.read("get-organisation", json!({ "name": "newco" }));
    assert_eq!(known, json!({ "accounts": 1, "administrators": 1, "status": "active" }));
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
