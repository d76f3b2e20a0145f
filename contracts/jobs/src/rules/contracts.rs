//! Contracts: starting one from an accepted offer, and cancelling or terminating it.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::{Host, packed};

use super::contract_records::{close, find, store, write};
use super::{milestones, parties, take_numbers};
use crate::bindings::ehb::jobs::events::{Event, Start};
use crate::bindings::ehb::jobs::types::{
    CancellationProposal, Contract, ContractState, Error, Milestone, MilestoneState, Offer, Side,
};
use crate::checks::{self, CANCELLATION_MS};
use crate::keys::{CONTRACTS, CONTRACTS_OF, DEADLINES, KEYS, Kind, MILESTONES};
use crate::states::{ContractAction, MilestoneAction};

/// Starts the contract of an offer that was accepted.
pub(super) fn start(host: &mut Host, offer: Offer) -> u64 {
    let id = take_numbers(host, Kind::Contract, 1);
    let count = offer.milestones.len() as u64;
    let first = take_numbers(host, Kind::Milestone, count);
    let milestones: Vec<Milestone> = (first..first + count)
        .zip(offer.milestones)
        .map(|(id_of_milestone, plan)| Milestone {
            id: id_of_milestone,
            contract: id,
            state: MilestoneState::Pending,
            deadline_ms: Some(plan.due_ms),
            plan,
            revisions: 0,
            deliverable: None,
            escrow: None,
            dispute: None,
        })
        .collect();
    for milestone in &milestones {
        DEADLINES.change(host, Kind::Milestone, milestone.id, None, milestone.deadline_ms);
        MILESTONES.set(host, &milestone.id, milestone);
    }
    let contract = Contract {
        id,
        posting: offer.posting,
        offer: offer.id,
        client: offer.client,
        client_organisation: offer.client_organisation,
        contractor: offer.contractor,
        contractor_organisation: offer.contractor_organisation,
        terms: offer.terms,
        platform_fee: offer.platform_fee,
        milestones: (first..first + count).collect(),
        state: ContractState::Active,
        // At most MILESTONES_MAX.
        open_milestones: u32::try_from(count).unwrap_or(u32::MAX),
        paid: 0,
        cancellation: None,
        ended_ms: None,
    };
    CONTRACTS.set(host, &id, &contract);
    let client = parties::key(host, contract.client_organisation.as_ref(), contract.client);
    CONTRACTS_OF.set(host, &(client, Side::Client as u8, id), &());
    let organisation = contract.contractor_organisation.as_ref();
    let contractor = parties::key(host, organisation, contract.contractor);
    CONTRACTS_OF.set(host, &(contractor, Side::Contractor as u8, id), &());
    host.emit(Event::ContractStarted(Start { contract, milestones }));
    id
}

/// See `contracts.propose-cancellation`.
pub fn propose_cancellation(host: &mut Host, id: u64, to_client: u16) -> Result<(), Error> {
    let mut contract = super::known(host, &CONTRACTS, Kind::Contract, id)?;
    let by = parties::side(host, &contract, parties::TREASURER)?;
    contract.state = find(&contract, ContractAction::Propose)?;
    checks::part("to-client", to_client)?;
    let expires_ms = host.time_ms().saturating_add(CANCELLATION_MS);
    contract.cancellation = Some(CancellationProposal { by, to_client, expires_ms });
    write(host, &contract);
    Ok(())
}

/// See `contracts.accept-cancellation`.
pub fn accept_cancellation(
    host: &mut Host,
    id: u64,
    to_client: u16,
    key: String,
) -> Result<(), Error> {
    let arguments = packed!(id, to_client);
    KEYS.run(host, &key, "accept-cancellation", &arguments, |host| cancel(host, id, to_client))
}

fn cancel(host: &mut Host, id: u64, to_client: u16) -> Result<(), Error> {
    let mut contract = super::known(host, &CONTRACTS, Kind::Contract, id)?;
    let by = parties::side(host, &contract, parties::TREASURER)?;
    let state = find(&contract, ContractAction::Cancel)?;
    let now_ms = host.time_ms();
    let proposal = contract.cancellation.take();
    let Some(proposal) = proposal.filter(|it| it.by != by && now_ms < it.expires_ms) else {
        return Err(Error::NoProposal);
    };
    if proposal.to_client != to_client {
        return Err(Error::ProposalMismatch(proposal.to_client));
    }
    let all: Vec<Milestone> =
        contract.milestones.iter().filter_map(|id| MILESTONES.get(host, id)).collect();
    if let Some(disputed) = all.iter().find(|it| it.state == MilestoneState::Disputed) {
        return Err(Error::InDispute(disputed.id));
    }
    for milestone in all {
        let amount = milestone.plan.amount;
        let (action, to_contractor) = match milestone.state {
            MilestoneState::Pending => (MilestoneAction::Void, 0),
            MilestoneState::Approved => (MilestoneAction::Pay, amount),
            MilestoneState::Funded | MilestoneState::Submitted | MilestoneState::Revising => {
                (MilestoneAction::Cancel, ehb_dispute::split(amount, to_client).to_payee)
            }
            _ => continue,
        };
        milestones::end(host, &mut contract, milestone, action, to_contractor)?;
    }
    contract.state = state;
    close(host, contract);
    Ok(())
}

/// See `contracts.terminate-contract`.
pub fn terminate_contract(host: &mut Host, id: u64) -> Result<(), Error> {
    let mut contract = super::known(host, &CONTRACTS, Kind::Contract, id)?;
    parties::side(host, &contract, parties::TREASURER)?;
    contract.state = find(&contract, ContractAction::Terminate)?;
    for id in contract.milestones.clone() {
        let milestone = super::known(host, &MILESTONES, Kind::Milestone, id)?;
        if milestone.state == MilestoneState::Pending {
            milestones::end(host, &mut contract, milestone, MilestoneAction::Void, 0)?;
        }
    }
    store(host, contract)
}
