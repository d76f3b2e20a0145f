//! The tables of money: a pure function of the wallet's events and the rows that they change.

mod amount;
mod events;
mod needs;
mod rows;

use std::collections::BTreeMap;

use super::ProjectError;
pub use amount::Amount;
pub use events::MODULE;
use events::{Event, SupplyPolicy};
pub use needs::{MoneyEvents, Needs};
pub use rows::{
    AllowanceRow, AllowanceUseRow, ApprovalRow, AssetRow, At, BalanceRow, EntryRow, FreezeRow,
    HoldRow, PendingPaymentRow, RequestPaymentRow, RequestRow, SupplyRow,
};

/// An account and an asset.
pub type Owner = (String, String);

/// Rows of money: the loaded ones, updated by events.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the tables of schema emo")]
pub struct Money {
    pub assets: BTreeMap<String, AssetRow>,
    pub supplies: BTreeMap<String, SupplyRow>,
    pub balances: BTreeMap<Owner, BalanceRow>,
    pub holds: BTreeMap<Amount, HoldRow>,
    pub freezes: BTreeMap<Owner, FreezeRow>,
    pub allowances: BTreeMap<Amount, AllowanceRow>,
    pub payments: BTreeMap<Amount, PendingPaymentRow>,
    pub requests: BTreeMap<Amount, RequestRow>,
    pub entries: Vec<EntryRow>,
    pub allowance_uses: Vec<AllowanceUseRow>,
    pub approvals: Vec<ApprovalRow>,
    pub request_payments: Vec<RequestPaymentRow>,
}

/// A change of one balance.
struct Change<'a> {
    kind: &'static str,
    account: &'a str,
    asset: &'a str,
    other: Option<&'a str>,
    available: i128,
    held: i128,
    reference: Option<&'a str>,
    hold: Option<Amount>,
    payment: Option<Amount>,
}

impl Money {
    /// Applies the events in order.
    pub fn enter(&mut self, events: &MoneyEvents) -> Result<(), ProjectError> {
        for (at, time_ms, event) in &events.0 {
            self.enter_one(*at, *time_ms, event)?;
        }
        Ok(())
    }

    fn enter_one(&mut self, at: At, time_ms: i64, event: &Event) -> Result<(), ProjectError> {
        match event {
            Event::AssetCreated(it) => {
                let (supply_policy, supply_cap) = policy(&it.terms.supply);
                let row = AssetRow {
                    id: it.id.clone(),
                    name: it.name.clone(),
                    precision: it.precision,
                    issuer: it.issuer.clone(),
                    kind: it.terms.kind.clone(),
                    supply_policy,
                    supply_cap,
                    freezable: it.terms.freezable,
                    at,
                };
                self.assets.insert(it.id.clone(), row);
                self.supply(&it.id, at);
            }
            Event::IssuerChanged(it) => {
                let asset = known(self.assets.get_mut(&it.asset), "asset", &it.asset, at)?;
                (asset.issuer, asset.at) = (it.after.clone(), at);
            }
            Event::SupplyRestricted(it) => {
                let asset = known(self.assets.get_mut(&it.asset), "asset", &it.asset, at)?;
                (asset.supply_policy, asset.supply_cap) = policy(&it.supply);
                asset.at = at;
            }
            Event::Minted(it) => {
                self.supply(&it.asset, at).issued.0 += it.amount.0;
                self.change(
                    at,
                    time_ms,
                    &Change::new("minted", &it.account, &it.asset, it.amount.0, 0),
                );
            }
            Event::Burned(it) => {
                self.supply(&it.asset, at).redeemed.0 += it.amount.0;
                self.change(
                    at,
                    time_ms,
                    &Change::new("burned", &it.account, &it.asset, -it.amount.0, 0),
                );
            }
            Event::Transferred(it) => {
                let reference = it.reference.as_deref();
                let amount = it.amount.0;
                let paid = Change::new("paid", &it.from, &it.asset, -amount, 0);
                self.change(at, time_ms, &Change { other: Some(&it.to), reference, ..paid });
                let received = Change::new("received", &it.to, &it.asset, amount, 0);
                self.change(at, time_ms, &Change { other: Some(&it.from), reference, ..received });
            }
            Event::BalanceFrozen(it) => {
                let row = FreezeRow {
                    account: it.account.clone(),
                    asset: it.asset.clone(),
                    until_ms: it.until_ms,
                    reason: it.reason.clone(),
                    thawed: false,
                    at,
                };
                self.freezes.insert((it.account.clone(), it.asset.clone()), row);
            }
            Event::BalanceThawed(it) => {
                let owner = (it.account.clone(), it.asset.clone());
                let freeze = known(self.freezes.get_mut(&owner), "freeze", &it.account, at)?;
                (freeze.thawed, freeze.at) = (true, at);
            }
            other => return self.enter_hold(at, time_ms, other),
        }
        Ok(())
    }

    fn enter_hold(&mut self, at: At, time_ms: i64, event: &Event) -> Result<(), ProjectError> {
        match event {
            Event::HoldPlaced(it) => {
                let row = HoldRow {
                    id: it.id,
                    state: "open".to_owned(),
                    payer: it.payer.clone(),
                    controller: it.controller.clone(),
                    payee: it.payee.clone(),
                    asset: it.asset.clone(),
                    amount: it.amount,
                    remaining: it.remaining,
                    expires_ms: it.expires_ms,
                    reference: it.reference.clone(),
                    at,
                };
                self.holds.insert(it.id, row);
                let amount = it.amount.0;
                let change = Change::new("hold-placed", &it.payer, &it.asset, -amount, amount);
                let other = Some(it.controller.as_str());
                let reference = Some(it.reference.as_str());
                self.change(at, time_ms, &Change { other, reference, hold: Some(it.id), ..change });
            }
            Event::HoldPaid(it) => {
                let hold = self.hold(it.hold, it.remaining, "paid", at)?;
                let (amount, reference) = (it.amount.0, Some(hold.reference.as_str()));
                let paid = Change::new("hold-paid", &hold.payer, &hold.asset, 0, -amount);
                let paid = Change { other: Some(&it.to), reference, hold: Some(it.hold), ..paid };
                self.change(at, time_ms, &paid);
                let received = Change::new("received", &it.to, &hold.asset, amount, 0);
                let other = Some(hold.payer.as_str());
                let received = Change { other, reference, hold: Some(it.hold), ..received };
                self.change(at, time_ms, &received);
            }
            Event::HoldReleased(it) => {
                self.give_back(at, time_ms, it, "released", "hold-released")?
            }
            Event::HoldExpired(it) => self.give_back(at, time_ms, it, "expired", "hold-expired")?,
            other => return self.enter_agreement(at, time_ms, other),
        }
        Ok(())
    }

    fn give_back(
        &mut self,
        at: At,
        time_ms: i64,
        back: &events::HoldReturn,
        state: &str,
        kind: &'static str,
    ) -> Result<(), ProjectError> {
        let hold = self.hold(back.hold, Amount(0), state, at)?;
        let amount = back.amount.0;
        let change = Change::new(kind, &hold.payer, &hold.asset, amount, -amount);
        self.change(at, time_ms, &Change { hold: Some(back.hold), ..change });
        Ok(())
    }

    /// Sets the remaining amount of a hold; if it is zero, the hold gets the state. Returns the row.
    fn hold(
        &mut self,
        id: Amount,
        remaining: Amount,
        state: &str,
        at: At,
    ) -> Result<HoldRow, ProjectError> {
        let hold = known(self.holds.get_mut(&id), "hold", &id.0.to_string(), at)?;
        (hold.remaining, hold.at) = (remaining, at);
        if remaining.0 == 0 {
            state.clone_into(&mut hold.state);
        }
        Ok(hold.clone())
    }

    fn enter_agreement(&mut self, at: At, time_ms: i64, event: &Event) -> Result<(), ProjectError> {
        match event {
            Event::AllowanceGranted(it) => {
                let row = AllowanceRow {
                    id: it.id,
                    closed: false,
                    owner: it.owner.clone(),
                    spender: it.spender.clone(),
                    asset: it.asset.clone(),
                    limit: it.limit,
                    period_ms: it.period_ms,
                    spent: it.spent,
                    period_start_ms: it.period_start_ms,
                    granted_ms: it.granted_ms,
                    expires_ms: it.expires_ms,
                    payees: it.payees.clone(),
                    reference: it.reference.clone(),
                    at,
                };
                self.allowances.insert(it.id, row);
            }
            Event::AllowanceUsed(it) => {
                let id = it.allowance;
                let row = known(self.allowances.get_mut(&id), "allowance", &id.0.to_string(), at)?;
                (row.spent, row.period_start_ms, row.at) = (it.spent, it.period_start_ms, at);
                let (amount, spent) = (it.amount, it.spent);
                self.allowance_uses.push(AllowanceUseRow { allowance: id, amount, spent, at });
            }
            Event::AllowanceClosed(id) => {
                let row = known(self.allowances.get_mut(id), "allowance", &id.0.to_string(), at)?;
                (row.closed, row.at) = (true, at);
            }
            other => return self.enter_payment(at, time_ms, other),
        }
        Ok(())
    }

    fn enter_payment(&mut self, at: At, time_ms: i64, event: &Event) -> Result<(), ProjectError> {
        match event {
            Event::PaymentProposed(it) => {
                let row = PendingPaymentRow {
                    id: it.id,
                    state: it.state.clone(),
                    payer: it.payer.clone(),
                    payee: it.to.clone(),
                    asset: it.asset.clone(),
                    amount: it.amount,
                    reference: it.reference.clone(),
                    request: it.request,
                    approvers: it.approvers.clone(),
                    expires_ms: it.expires_ms,
                    at,
                };
                self.payments.insert(it.id, row);
                let amount = it.amount.0;
                let change = Change::new("payment-proposed", &it.payer, &it.asset, -amount, amount);
                let (other, payment) = (Some(it.to.as_str()), Some(it.id));
                let reference = Some(it.reference.as_str());
                self.change(at, time_ms, &Change { other, reference, payment, ..change });
            }
            Event::PaymentApproved(it) => {
                let (payment, approver) = (it.payment, it.approver.clone());
                self.approvals.push(ApprovalRow { payment, approver, at });
            }
            Event::PaymentEnded(it) => {
                let id = it.payment;
                let row = known(self.payments.get_mut(&id), "payment", &id.0.to_string(), at)?;
                (row.state, row.at) = (it.state.clone(), at);
                let row = row.clone();
                // The amount goes back; if it was paid, the following transfer moves it.
                let amount = row.amount.0;
                let change = Change::new("payment-ended", &row.payer, &row.asset, amount, -amount);
                self.change(at, time_ms, &Change { payment: Some(id), ..change });
            }
            Event::PaymentRequested(it) => {
                let row = RequestRow {
                    id: it.id,
                    state: it.state.clone(),
                    payee: it.payee.clone(),
                    payer: it.payer.clone(),
                    asset: it.asset.clone(),
                    amount: it.amount,
                    paid: it.paid,
                    parts: it.parts,
                    due_ms: it.due_ms,
                    reference: it.reference.clone(),
                    document: it.document.clone(),
                    at,
                };
                self.requests.insert(it.id, row);
            }
            Event::RequestPaid(it) => {
                let id = it.request;
                let row = known(self.requests.get_mut(&id), "request", &id.0.to_string(), at)?;
                row.paid.0 += it.amount.0;
                (row.state, row.at) = (it.state.clone(), at);
                let (payer, amount) = (it.payer.clone(), it.amount);
                self.request_payments.push(RequestPaymentRow { request: id, payer, amount, at });
            }
            Event::RequestEnded(it) => {
                let id = it.request;
                let row = known(self.requests.get_mut(&id), "request", &id.0.to_string(), at)?;
                (row.state, row.at) = (it.state.clone(), at);
            }
            _ => {}
        }
        Ok(())
    }

    fn supply(&mut self, asset: &str, at: At) -> &mut SupplyRow {
        let supply = self.supplies.entry(asset.to_owned()).or_insert_with(|| SupplyRow {
            asset: asset.to_owned(),
            issued: Amount(0),
            redeemed: Amount(0),
            at,
        });
        supply.at = at;
        supply
    }

    fn change(&mut self, at: At, time_ms: i64, change: &Change<'_>) {
        let owner = (change.account.to_owned(), change.asset.to_owned());
        let balance = self.balances.entry(owner).or_insert_with(|| BalanceRow {
            account: change.account.to_owned(),
            asset: change.asset.to_owned(),
            available: Amount(0),
            held: Amount(0),
            entries: 0,
            at,
        });
        balance.available.0 += change.available;
        balance.held.0 += change.held;
        balance.entries += 1;
        balance.at = at;
        self.entries.push(EntryRow {
            account: change.account.to_owned(),
            asset: change.asset.to_owned(),
            n: balance.entries,
            kind: change.kind.to_owned(),
            other: change.other.map(str::to_owned),
            available_change: Amount(change.available),
            held_change: Amount(change.held),
            available: balance.available,
            held: balance.held,
            reference: change.reference.filter(|text| !text.is_empty()).map(str::to_owned),
            hold: change.hold,
            payment: change.payment,
            time_ms,
            at,
        });
    }
}

impl<'a> Change<'a> {
    fn new(
        kind: &'static str,
        account: &'a str,
        asset: &'a str,
        available: i128,
        held: i128,
    ) -> Self {
        let (other, reference, hold, payment) = (None, None, None, None);
        Self { kind, account, asset, other, available, held, reference, hold, payment }
    }
}

fn policy(supply: &SupplyPolicy) -> (String, Option<Amount>) {
    match supply {
        SupplyPolicy::Unlimited => ("unlimited".to_owned(), None),
        SupplyPolicy::Capped(cap) => ("capped".to_owned(), Some(*cap)),
        SupplyPolicy::Closed => ("closed".to_owned(), None),
    }
}

/// A row that an event is about.
fn known<'a, T>(
    row: Option<&'a mut T>,
    table: &'static str,
    id: &str,
    at: At,
) -> Result<&'a mut T, ProjectError> {
    row.ok_or_else(|| ProjectError::MissingRow { table, id: id.to_owned(), at })
}
