//! The client that freezes accounts, pauses the tally and changes validators: by proposals for the whole network, and as a
//! manager in its own organisation.

use ehb_kernel::chain::{self, InstalledModule};
use ehb_kernel::governance::{self, Proposal};
use ehb_state::{Overlay, StoreError};
use ehb_types::Name;
use ehb_workload::PEOPLE;
use serde_json::{Value, json};

use super::{Asked, GAS};
use crate::accounts::is_active;
use crate::genesis::{GOVERNING, UPGRADING};
use crate::releases::TALLY;
use crate::world::World;

impl World<'_> {
    /// The next step of the account that governs, in the view of a node. Its organisation runs all validators, so
    /// its vote decides.
    pub(super) fn governing(&mut self, node: usize) -> Result<Option<Asked>, String> {
        let Some(replica) = self.nodes[node].replica.as_ref() else { return Ok(None) };
        let state = Overlay::new(replica.head().state.clone());
        let latest = latest(&state).map_err(|error| error.to_string())?;
        let open = latest.filter(|it| !it.is_over(replica.head().header.timestamp_ms));
        let (function, arguments) = match open {
            Some(Proposal { id, .. }) if self.dice.chance(200) => {
                ("withdraw-proposal", json!({ "proposal": id.to_string() }))
            }
            Some(Proposal { id, .. }) => {
                ("vote", json!({ "proposal": id.to_string(), "accepts": true }))
            }
            None if self.dice.chance(300) => {
                // Its own organisation's other account, which also upgrades modules: soon active again.
                let suspends = self.is_active(&state, UPGRADING)? && self.dice.chance(500);
                let status = if suspends { "suspended" } else { "active" };
                let account = format!("@{UPGRADING}");
                ("set-status", json!({ "account": account, "status": status }))
            }
            None => {
                let (reason, action) = if self.changing.is_some() && self.dice.chance(700) {
                    ("growth", self.change_of_validators(&state)?)
                } else if self.dice.chance(200) {
                    ("court order", Some(pause(&state).map_err(|error| error.to_string())?))
                } else {
                    ("court order", self.freeze(&state)?)
                };
                let Some(action) = action else { return Ok(None) };
                ("propose", json!({ "reason": reason, "actions": [action] }))
            }
        };
        let call = self.setup.call("kernel", function, &arguments)?;
        Ok(Some(Asked { who: GOVERNING, call, gas: GAS }))
    }

    /// A freeze of one of the accounts, or the end of its freeze.
    fn freeze(&mut self, state: &Overlay) -> Result<Option<Value>, String> {
        let others: Vec<&str> =
            PEOPLE.iter().map(|person| person.name).filter(|name| *name != GOVERNING).collect();
        let Some(name) = self.dice.pick(&others) else { return Ok(None) };
        let action =
            if self.is_active(state, name)? { "freeze-account" } else { "unfreeze-account" };
        Ok(Some(json!({ action: format!("@{name}") })))
    }

    fn is_active(&self, state: &Overlay, name: &str) -> Result<bool, String> {
        is_active(state, &self.setup.account(name)?.address)
    }
}

/// A pause of the tally, or the end of its pause.
fn pause(state: &Overlay) -> Result<Value, StoreError> {
    let is_paused = |(name, it): &(Name, InstalledModule)| name.as_str() == TALLY && it.is_paused;
    let action = match chain::modules(state)?.iter().any(is_paused) {
        true => "resume-module",
        false => "pause-module",
    };
    Ok(json!({ action: TALLY }))
}

/// The last proposal.
fn latest(state: &Overlay) -> Result<Option<Proposal>, StoreError> {
    match governance::count(state)? {
        0 => Ok(None),
        id => governance::proposal(state, id),
    }
}
