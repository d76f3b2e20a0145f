use std::collections::BTreeMap;

use ehb_contract::{Address, Host};
use proptest::prelude::*;

use super::conservation::all;
use super::random::{perform, rows, stage};
use crate::bindings::ehb::wallet::events::Event;
use crate::bindings::ehb::wallet::types::{
    Allowance, Asset, Freeze, Hold, PendingPayment, Permit, PermitState, Request,
};
use crate::keys::{
    ALLOWANCES, ASSETS, AssetId, AssetSlot, BALANCES, FREEZES, HOLDS, PAYMENTS, PERMITS, POLICIES,
    REQUESTS, STATEMENTS, SUPPLIES,
};
use crate::records::{Books, Issued, Parts, Rulebook};
use ehb_contract::calendar;

type Owner = (Address, AssetId);

/// All that the module keeps, as a reader of events knows it.
#[derive(Debug, Default, PartialEq)]
struct Tables {
    assets: BTreeMap<AssetId, Asset>,
    supplies: BTreeMap<AssetId, Issued>,
    balances: BTreeMap<Owner, Parts>,
    statements: BTreeMap<(Address, AssetSlot, u32), Books>,
    freezes: BTreeMap<Owner, Freeze>,
    policies: BTreeMap<Owner, Rulebook>,
    holds: BTreeMap<u64, Hold>,
    allowances: BTreeMap<u64, Allowance>,
    payments: BTreeMap<u64, PendingPayment>,
    requests: BTreeMap<u64, Request>,
    permits: BTreeMap<u64, Permit>,
}

fn id(asset: &str) -> AssetId {
    AssetId::parse(asset).unwrap()
}

impl Tables {
    fn of_state(host: &Host) -> Self {
        Self {
            assets: all(host, &ASSETS).into_iter().collect(),
            supplies: all(host, &SUPPLIES).into_iter().collect(),
            balances: all(host, &BALANCES).into_iter().collect(),
            statements: all(host, &STATEMENTS).into_iter().collect(),
            freezes: all(host, &FREEZES).into_iter().collect(),
            policies: all(host, &POLICIES).into_iter().collect(),
            holds: all(host, &HOLDS).into_iter().collect(),
            allowances: all(host, &ALLOWANCES).into_iter().collect(),
            payments: all(host, &PAYMENTS).into_iter().collect(),
            requests: all(host, &REQUESTS).into_iter().collect(),
            permits: all(host, &PERMITS).into_iter().collect(),
        }
    }

    /// The tables at a time: what ends by time alone is not entered at that moment, and the flags are
    /// the module's short cuts to the other tables.
    fn at(mut self, now_ms: u64) -> Self {
        self.freezes.retain(|_, freeze| now_ms < freeze.until_ms);
        self.policies.values_mut().for_each(|rules| rules.turn(now_ms));
        self.balances.values_mut().for_each(|parts| parts.flags = 0);
        self.balances.retain(|_, parts| *parts != Parts::default());
        self
    }

    fn parts(&mut self, account: Address, asset: &str) -> &mut Parts {
        self.balances.entry((account, id(asset))).or_default()
    }

    /// A credit or debit of this month.
    fn entry(&mut self, account: Address, asset: &str, now_ms: u64) -> &mut Parts {
        let (slot, month) = (AssetSlot(id(asset)), calendar::month(now_ms));
        let parts = *self.parts(account, asset);
        if parts.month != month {
            let (opening, closing) = (parts.opening, parts.available + parts.held);
            if parts.entries > 0 {
                let books = Books { opening, closing, entries: parts.entries };
                self.statements.insert((account, slot, parts.month), books);
            }
            *self.parts(account, asset) = Parts { month, opening: closing, entries: 0, ..parts };
        }
        let parts = self.parts(account, asset);
        parts.entries += 1;
        parts
    }

    fn rules(&mut self, account: Address, asset: &str, now_ms: u64) -> &mut Rulebook {
        let rules = self.policies.entry((account, id(asset))).or_default();
        rules.turn(now_ms);
        rules
    }

    fn enter(&mut self, event: Event, now_ms: u64) {
        match event {
            Event::AssetCreated(asset) => {
                self.supplies.insert(id(&asset.id), Issued::default());
                self.assets.insert(id(&asset.id), asset);
            }
            Event::IssuerChanged(change) => {
                self.assets.get_mut(&id(&change.asset)).unwrap().issuer = change.after;
            }
            Event::SupplyRestricted(change) => {
                self.assets.get_mut(&id(&change.asset)).unwrap().terms.supply = change.supply;
            }
            Event::Minted(minted) => {
                self.supplies.get_mut(&id(&minted.asset)).unwrap().issued += minted.amount;
                self.entry(minted.account, &minted.asset, now_ms).available += minted.amount;
            }
            Event::Burned(burned) => {
                self.supplies.get_mut(&id(&burned.asset)).unwrap().redeemed += burned.amount;
                self.entry(burned.account, &burned.asset, now_ms).available -= burned.amount;
            }
            Event::Transferred(paid) => {
                self.entry(paid.from, &paid.asset, now_ms).available -= paid.amount;
                self.entry(paid.to, &paid.asset, now_ms).available += paid.amount;
            }
            Event::BalanceFrozen(freeze) => {
                self.freezes.insert((freeze.account, id(&freeze.asset)), freeze);
            }
            Event::BalanceThawed(owner) => {
                self.freezes.remove(&(owner.account, id(&owner.asset)));
            }
            Event::PolicySet(set) => {
                let rules = self.rules(set.account, &set.asset, now_ms);
                rules.next = Some(set.change);
                rules.turn(now_ms);
            }
            Event::PolicyChangeCancelled(owner) => {
                self.rules(owner.account, &owner.asset, now_ms).next = None;
            }
            Event::LimitUsed(used) => {
                self.rules(used.account, &used.asset, now_ms).spent = used.spent_today;
            }
            other => self.enter_hold(other, now_ms),
        }
    }

    fn enter_hold(&mut self, event: Event, now_ms: u64) {
        match event {
            Event::HoldPlaced(hold) => {
                let parts = self.parts(hold.payer, &hold.asset);
                parts.available -= hold.amount;
                parts.held += hold.amount;
                assert!(self.holds.insert(hold.id, hold).is_none());
            }
            Event::HoldPaid(payment) => {
                // One that was resolved before is not there any more.
                let hold = self.holds.remove(&payment.hold).unwrap();
                self.entry(hold.payer, &hold.asset, now_ms).held -= payment.amount;
                self.entry(payment.to, &hold.asset, now_ms).available += payment.amount;
                let remaining = hold.remaining - payment.amount;
                assert_eq!(remaining, payment.remaining);
                if remaining > 0 {
                    self.holds.insert(hold.id, Hold { remaining, ..hold });
                }
            }
            Event::HoldReleased(back) | Event::HoldExpired(back) => {
                let hold = self.holds.remove(&back.hold).unwrap();
                assert_eq!(hold.remaining, back.amount);
                let parts = self.parts(hold.payer, &hold.asset);
                parts.held -= back.amount;
                parts.available += back.amount;
            }
            other => self.enter_agreement(other),
        }
    }

    fn enter_agreement(&mut self, event: Event) {
        match event {
            Event::AllowanceGranted(allowance) => {
                self.allowances.insert(allowance.id, allowance);
            }
            Event::AllowanceUsed(draw) => {
                let allowance = self.allowances.get_mut(&draw.allowance).unwrap();
                allowance.spent = draw.spent;
                allowance.period_start_ms = draw.period_start_ms;
            }
            Event::AllowanceClosed(id) => {
                self.allowances.remove(&id).unwrap();
            }
            Event::PaymentProposed(payment) => {
                let parts = self.parts(payment.payer, &payment.asset);
                parts.available -= payment.amount;
                parts.held += payment.amount;
                self.payments.insert(payment.id, payment);
            }
            Event::PaymentApproved(approval) => {
                let payment = self.payments.get_mut(&approval.payment).unwrap();
                payment.approved_by.push(approval.approver);
            }
            Event::PaymentEnded(end) => {
                let payment = self.payments.get_mut(&end.payment).unwrap();
                payment.state = end.state;
                let payment = payment.clone();
                // The amount goes back; if it was paid, the transfer event moves it on.
                let parts = self.parts(payment.payer, &payment.asset);
                parts.held -= payment.amount;
                parts.available += payment.amount;
            }
            Event::PermitAsked(permit) => {
                self.permits.insert(permit.id, permit);
            }
            Event::PermitApproved(approval) => {
                let permit = self.permits.get_mut(&approval.permit).unwrap();
                permit.approved_by.push(approval.approver);
                permit.state = approval.state;
            }
            Event::PermitUsed(used) => {
                self.permits.get_mut(&used.permit).unwrap().state = PermitState::Used;
            }
            Event::PermitEnded(end) => {
                self.permits.get_mut(&end.permit).unwrap().state = end.state;
            }
            Event::PaymentRequested(request) => {
                self.requests.insert(request.id, request);
            }
            Event::RequestPaid(paid) => {
                let request = self.requests.get_mut(&paid.request).unwrap();
                request.paid += paid.amount;
                request.state = paid.state;
            }
            Event::RequestEnded(end) => {
                self.requests.get_mut(&end.request).unwrap().state = end.state;
            }
            _ => unreachable!(),
        }
    }
}

proptest! {
    /// All tables can be rebuilt from the events and their times alone.
    #[test]
    fn the_events_tell_everything(rows in rows()) {
        let mut host = stage();
        let mut tables = Tables::default();
        let mut seen = 0;
        let mut follow = |host: &Host| {
            let events = host.events::<Event>();
            for event in &events[seen..] {
                tables.enter(event.clone(), host.time_ms());
            }
            seen = events.len();
        };
        follow(&host);
        for row in rows {
            perform(&mut host, &row);
            follow(&host);
        }
        let now_ms = host.time_ms();
        prop_assert_eq!(tables.at(now_ms), Tables::of_state(&host).at(now_ms));
    }
}
