//! The tables of money, from the events of the module `wallet`.

mod agreements;
mod proof;
pub(crate) mod rows;

use crate::cell::Number;
use crate::error::Done;
use crate::event::Event;
use crate::table::{Record, Table, key};
use crate::tables::Tables;
pub(crate) use proof::SUBJECTS;
use rows::{Asset, Balance, Entry, Freeze, Hold, Supply};

/// The module whose events are about money.
pub(crate) const MODULE: &str = "wallet";

pub(crate) const TABLES: &[&Table] = &[
    Asset::TABLE,
    Supply::TABLE,
    Balance::TABLE,
    Entry::TABLE,
    Hold::TABLE,
    Freeze::TABLE,
    rows::Policy::TABLE,
    rows::PolicyUse::TABLE,
    rows::Allowance::TABLE,
    rows::AllowanceUse::TABLE,
    rows::PendingPayment::TABLE,
    rows::Approval::TABLE,
    rows::Permit::TABLE,
    rows::PermitApproval::TABLE,
    rows::Request::TABLE,
    rows::RequestPayment::TABLE,
];

pub(crate) fn enter(tables: &mut Tables, event: &Event<'_>) -> Done {
    match event.name {
        "asset-created" => {
            let asset: Asset = tables.put_record(event, event.value)?;
            tables.put(&Supply { asset: asset.id, at: event.at, ..Supply::default() });
        }
        "issuer-changed" => {
            let mut asset = asset(tables, event)?;
            (asset.issuer, asset.at) = (event.get("after")?, event.at);
            tables.put(&asset);
        }
        "supply-restricted" => {
            let mut asset = asset(tables, event)?;
            (asset.supply_policy, asset.at) = (event.get("supply")?, event.at);
            tables.put(&asset);
        }
        "minted" => issue(tables, event, true)?,
        "burned" => issue(tables, event, false)?,
        "transferred" => transfer(tables, event)?,
        "balance-frozen" => drop(tables.put_record::<Freeze>(event, event.value)?),
        "balance-unfrozen" => {
            let (account, asset): (String, String) = (event.get("account")?, event.get("asset")?);
            let mut freeze: Freeze = tables.known(key![account, asset], key![], event.at)?;
            (freeze.unfrozen, freeze.at) = (true, event.at);
            tables.put(&freeze);
        }
        "hold-placed" => {
            let mut hold: Hold = event.record(event.value)?;
            "open".clone_into(&mut hold.state);
            tables.put(&hold);
            let change = Change {
                kind: "hold-placed",
                other: Some(&hold.controller),
                reference: Some(&hold.reference),
                hold: Some(hold.id),
                ..Change::new(&hold.payer, &hold.asset, -hold.amount, hold.amount)
            };
            change.enter(tables, event)?;
        }
        "hold-paid" => pay_hold(tables, event)?,
        "hold-released" => return_hold(tables, event, "released")?,
        "hold-expired" => return_hold(tables, event, "expired")?,
        _ => agreements::enter(tables, event)?,
    }
    Ok(())
}

fn asset(tables: &mut Tables, event: &Event<'_>) -> Done<Asset> {
    tables.known(key![event.get::<String>("asset")?], key![], event.at)
}

fn issue(tables: &mut Tables, event: &Event<'_>, comes: bool) -> Done {
    let (asset, account): (String, String) = (event.get("asset")?, event.get("account")?);
    let amount: Number = event.get("amount")?;
    tables.want::<Balance>(&key![account, asset]);
    let mut supply: Supply = tables.known(key![asset], key![], event.at)?;
    let (kind, sum, change) = match comes {
        true => ("minted", &mut supply.minted, amount),
        false => ("burned", &mut supply.burned, -amount),
    };
    *sum += amount;
    supply.at = event.at;
    tables.put(&supply);
    Change { kind, ..Change::new(&account, &asset, change, Number(0)) }.enter(tables, event)
}

fn transfer(tables: &mut Tables, event: &Event<'_>) -> Done {
    let (asset, amount): (String, Number) = (event.get("asset")?, event.get("amount")?);
    let (from, to): (String, String) = (event.get("from")?, event.get("to")?);
    let reference: Option<String> = event.get("reference")?;
    let reference = reference.as_deref();
    tables.want::<Balance>(&key![from, asset]);
    tables.want::<Balance>(&key![to, asset]);
    let paid = Change { kind: "paid", other: Some(&to), reference, ..Change::of(&from, &asset) };
    Change { available: -amount, ..paid }.enter(tables, event)?;
    let received =
        Change { kind: "received", other: Some(&from), reference, ..Change::of(&to, &asset) };
    Change { available: amount, ..received }.enter(tables, event)
}

fn pay_hold(tables: &mut Tables, event: &Event<'_>) -> Done {
    let (id, to): (Number, String) = (event.get("hold")?, event.get("to")?);
    let amount: Number = event.get("amount")?;
    let mut hold: Hold = tables.known(key![id], key![], event.at)?;
    (hold.remaining, hold.at) = (event.get("remaining")?, event.at);
    if hold.remaining == Number(0) {
        "paid".clone_into(&mut hold.state);
    }
    tables.put(&hold);
    let (asset, reference) = (&hold.asset, Some(hold.reference.as_str()));
    tables.want::<Balance>(&key![to, hold.asset]);
    let paid = Change { kind: "hold-paid", reference, hold: Some(id), ..Change::of(&to, asset) };
    let paid = Change { account: &hold.payer, other: Some(&to), held: -amount, ..paid };
    paid.enter(tables, event)?;
    let received = Change { kind: "received", reference, hold: Some(id), ..Change::of(&to, asset) };
    let received = Change { other: Some(&hold.payer), available: amount, ..received };
    received.enter(tables, event)
}

fn return_hold(tables: &mut Tables, event: &Event<'_>, state: &'static str) -> Done {
    let (id, amount): (Number, Number) = (event.get("hold")?, event.get("amount")?);
    let mut hold: Hold = tables.known(key![id], key![], event.at)?;
    (hold.remaining, hold.at) = (Number(0), event.at);
    state.clone_into(&mut hold.state);
    tables.put(&hold);
    let kind = if state == "released" { "hold-released" } else { "hold-expired" };
    let change = Change::new(&hold.payer, &hold.asset, amount, -amount);
    Change { kind, hold: Some(id), ..change }.enter(tables, event)
}

/// A change of a balance.
struct Change<'a> {
    kind: &'static str,
    account: &'a str,
    asset: &'a str,
    other: Option<&'a str>,
    available: Number,
    held: Number,
    reference: Option<&'a str>,
    hold: Option<Number>,
    payment: Option<Number>,
}

impl<'a> Change<'a> {
    fn of(account: &'a str, asset: &'a str) -> Self {
        Self::new(account, asset, Number(0), Number(0))
    }

    fn new(account: &'a str, asset: &'a str, available: Number, held: Number) -> Self {
        let (other, reference, hold, payment) = (None, None, None, None);
        Self { kind: "", account, asset, other, available, held, reference, hold, payment }
    }

    /// Changes the balance, and appends an entry with the balance after it.
    fn enter(&self, tables: &mut Tables, event: &Event<'_>) -> Done {
        let (account, asset) = (self.account.to_owned(), self.asset.to_owned());
        let known = tables.get::<Balance>(key![account, asset], key![])?;
        let mut balance = known.unwrap_or_else(|| Balance { account, asset, ..Balance::default() });
        balance.available += self.available;
        balance.held += self.held;
        balance.entries = balance.entries.saturating_add(1);
        balance.at = event.at;
        tables.put(&balance);
        tables.append(&Entry {
            account: balance.account,
            asset: balance.asset,
            n: balance.entries,
            kind: self.kind.to_owned(),
            other: self.other.map(str::to_owned),
            available_change: self.available,
            held_change: self.held,
            available: balance.available,
            held: balance.held,
            reference: self.reference.filter(|text| !text.is_empty()).map(str::to_owned),
            hold: self.hold,
            payment: self.payment,
            time_ms: event.time_ms,
            at: event.at,
        });
        Ok(())
    }
}
