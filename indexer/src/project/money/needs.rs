//! Parses the wallet's events, and determines which rows must be loaded before they are applied.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::events::{Event, MODULE, NAMES};
use super::{Amount, At, Money, Owner};
use crate::project::{EventRow, ProjectError};

/// The rows that events read or change, besides those of balances: see [`Needs::balances`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Assets, and supplies of them.
    pub assets: BTreeSet<String>,
    /// Holds.
    pub holds: BTreeSet<Amount>,
    /// Freezes.
    pub freezes: BTreeSet<Owner>,
    /// Allowances.
    pub allowances: BTreeSet<Amount>,
    /// Pending payments.
    pub payments: BTreeSet<Amount>,
    /// Requests.
    pub requests: BTreeSet<Amount>,
    balances: BTreeSet<Owner>,
}

/// The money events among all events.
#[derive(Clone, Debug, Default)]
pub struct MoneyEvents(pub(super) Vec<(At, i64, Event)>);

impl MoneyEvents {
    /// Parses them. Errors: an event of a known name with other content.
    pub fn read(rows: &[EventRow]) -> Result<Self, ProjectError> {
        let known = |row: &&EventRow| row.module == MODULE && NAMES.contains(&row.name.as_str());
        let read = |row: &EventRow| {
            let value = json!({ row.name.clone(): row.value.clone().unwrap_or(Value::Null) });
            let at = At { at_height: row.height, at_index: row.index, at_event: row.event };
            let event = serde_json::from_value(value).map_err(|error| ProjectError::Money {
                event: row.name.clone(),
                at,
                reason: error.to_string(),
            })?;
            Ok((at, row.timestamp_ms, event))
        };
        Ok(Self(rows.iter().filter(known).map(read).collect::<Result<_, _>>()?))
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rows that must be loaded before the events are applied.
    pub fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        for (_, _, event) in &self.0 {
            needs.add(event);
        }
        needs
    }
}

impl Needs {
    fn add(&mut self, event: &Event) {
        match event {
            Event::AssetCreated(it) => drop(self.assets.insert(it.id.clone())),
            Event::IssuerChanged(it) => drop(self.assets.insert(it.asset.clone())),
            Event::SupplyRestricted(it) => drop(self.assets.insert(it.asset.clone())),
            Event::Minted(it) | Event::Burned(it) => {
                self.assets.insert(it.asset.clone());
                self.balance(&it.account, &it.asset);
            }
            Event::Transferred(it) => {
                self.balance(&it.from, &it.asset);
                self.balance(&it.to, &it.asset);
            }
            Event::HoldPlaced(it) => self.balance(&it.payer, &it.asset),
            Event::HoldPaid(it) => drop(self.holds.insert(it.hold)),
            Event::HoldReleased(it) | Event::HoldExpired(it) => drop(self.holds.insert(it.hold)),
            Event::BalanceFrozen(_) | Event::AllowanceGranted(_) | Event::PaymentRequested(_) => {}
            Event::BalanceThawed(it) => {
                self.freezes.insert((it.account.clone(), it.asset.clone()));
            }
            Event::AllowanceUsed(it) => drop(self.allowances.insert(it.allowance)),
            Event::AllowanceClosed(id) => drop(self.allowances.insert(*id)),
            Event::PaymentProposed(it) => self.balance(&it.payer, &it.asset),
            Event::PaymentApproved(_) => {}
            Event::PaymentEnded(it) => drop(self.payments.insert(it.payment)),
            Event::RequestPaid(it) => drop(self.requests.insert(it.request)),
            Event::RequestEnded(it) => drop(self.requests.insert(it.request)),
        }
    }

    fn balance(&mut self, account: &str, asset: &str) {
        self.balances.insert((account.to_owned(), asset.to_owned()));
    }

    /// The balances that the events change. For payments out of holds and ended payments, the rows loaded
    /// before determine the accounts.
    pub fn balances(&self, events: &MoneyEvents, loaded: &Money) -> BTreeSet<Owner> {
        let mut balances = self.balances.clone();
        let owner = |account: &str, asset: &str| (account.to_owned(), asset.to_owned());
        let holds = loaded.holds.values().map(|it| (it.id, (it.payer.clone(), it.asset.clone())));
        let mut holds: BTreeMap<Amount, Owner> = holds.collect();
        balances.extend(holds.values().cloned());
        balances.extend(loaded.payments.values().map(|it| owner(&it.payer, &it.asset)));
        for (_, _, event) in &events.0 {
            match event {
                Event::HoldPlaced(it) => {
                    holds.insert(it.id, owner(&it.payer, &it.asset));
                }
                Event::HoldPaid(it) => {
                    balances.extend(holds.get(&it.hold).map(|(_, asset)| owner(&it.to, asset)));
                }
                _ => {}
            }
        }
        balances
    }
}
