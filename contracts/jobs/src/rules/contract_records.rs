//! Contracts as they are stored: what their state allows, and writing them, with what follows from their end.

use ehb_contract::Host;
use ehb_contract::common::Refusal;
use ehb_contract::ratings::check_worth;

use super::ratings;
use crate::bindings::ehb::jobs::events::{ContractChange, Event};
use crate::bindings::ehb::jobs::types::{Contract, ContractState, Error};
use crate::checks::KEPT_MS;
use crate::keys::{CONTRACTS, DEADLINES, Kind, RATING_MINIMUMS};
use crate::states::{CONTRACT, ContractAction};

/// Where an action leads.
pub(super) fn find(contract: &Contract, action: ContractAction) -> Result<ContractState, Refusal> {
    CONTRACT.next(|| Kind::Contract.item(contract.id), contract.state, action)
}

/// Writes a contract whose milestones changed: it ends with the last of them.
pub(super) fn store(host: &mut Host, mut contract: Contract) -> Result<(), Error> {
    if contract.open_milestones > 0 {
        write(host, &contract);
        return Ok(());
    }
    let action = if contract.paid > 0 { ContractAction::Complete } else { ContractAction::Expire };
    contract.state = find(&contract, action)?;
    contract.cancellation = None;
    close(host, contract);
    Ok(())
}

/// Writes a contract that ended; where enough was paid to another organisation, the parties can rate each other.
pub(super) fn close(host: &mut Host, mut contract: Contract) {
    let ended_ms = host.time_ms();
    contract.ended_ms = Some(ended_ms);
    DEADLINES.add(host, Kind::Contract, contract.id, ended_ms + KEPT_MS);
    write(host, &contract);
    if check_worth(&RATING_MINIMUMS, host, &contract.terms.asset, contract.paid).is_ok() {
        ratings::open(host, &contract);
    }
}

/// Writes a contract and emits its change.
pub(super) fn write(host: &mut Host, contract: &Contract) {
    CONTRACTS.set(host, &contract.id, contract);
    let Contract { id, state, open_milestones, paid, cancellation, .. } = *contract;
    let change = ContractChange { contract: id, state, open_milestones, paid, cancellation };
    host.emit(Event::ContractChanged(change));
}
