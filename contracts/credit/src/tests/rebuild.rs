use std::collections::BTreeMap;

use ehb_contract::{Address, Host};
use proptest::prelude::*;

use super::conservation::{all, drive_to_the_end, perform, steps};
use super::table::scene;
use crate::bindings::ehb::credit::events::{AccountLimit, Event};
use crate::bindings::ehb::credit::types::{
    Bill, BillState, Grant, GrantState, Item, Limit, Line, LineState, Programme, Side, Source,
    Usage, UsageState,
};
use crate::keys::{
    BILL_LINES, BILLS, BOOKS, GRANTS, ITEMS, LINES, METERS, PROGRAMMES, RECEIPTS, STATEMENT_LINES,
    Totals, USAGES,
};
use crate::rules;

/// A limit without what it has counted: side, item, measure, period, maximum.
type KnownLimit = (Side, Option<String>, u8, u64, u64);

/// What a reader of events alone knows.
#[derive(Debug, Default, PartialEq)]
struct Tables {
    programmes: BTreeMap<u64, Programme>,
    items: BTreeMap<(u64, String), Item>,
    meters: BTreeMap<(u64, Address), String>,
    grants: BTreeMap<u64, Grant>,
    usages: BTreeMap<u64, Usage>,
    receipts: BTreeMap<(u64, Address, String), u64>,
    limits: BTreeMap<(u64, Address), Vec<KnownLimit>>,
    lines: BTreeMap<u64, Line>,
    bills: BTreeMap<u64, Bill>,
    bill_lines: BTreeMap<(u64, u32, String), Totals>,
    /// By programme, account and item, over all months.
    items_used: BTreeMap<(u64, Address, String), Totals>,
}

fn known(limit: &Limit, set_by: Side) -> KnownLimit {
    (set_by, limit.item.clone(), limit.measure as u8, limit.period_ms, limit.max)
}

impl Tables {
    fn of_state(host: &Host) -> Self {
        let mut tables = Self {
            programmes: all(host, &PROGRAMMES).into_iter().collect(),
            items: all(host, &ITEMS).into_iter().collect(),
            meters: all(host, &METERS).into_iter().collect(),
            usages: all(host, &USAGES).into_iter().collect(),
            receipts: all(host, &RECEIPTS).into_iter().collect(),
            lines: all(host, &LINES).into_iter().collect(),
            bills: all(host, &BILLS).into_iter().collect(),
            bill_lines: all(host, &BILL_LINES).into_iter().collect(),
            ..Self::default()
        };
        for (id, _) in all(host, &GRANTS) {
            tables.grants.insert(id, rules::get_grant(host, id).unwrap());
        }
        for (key, book) in all(host, &BOOKS) {
            let limits: Vec<_> =
                book.limits.iter().map(|state| known(&state.limit, state.set_by)).collect();
            if !limits.is_empty() {
                tables.limits.insert(key, limits);
            }
        }
        for (((programme, account), _, item), totals) in all(host, &STATEMENT_LINES) {
            let sum = tables.items_used.entry((programme, account, item)).or_default();
            add(sum, totals.uses, totals.quantity, totals.credits);
        }
        tables
    }

    fn of_events(events: &[Event]) -> Self {
        let mut tables = Self::default();
        events.iter().cloned().for_each(|event| tables.enter(event));
        tables
    }

    fn enter(&mut self, event: Event) {
        match event {
            Event::ProgrammeCreated(it)
            | Event::TreasurySet(it)
            | Event::SaleSet(it)
            | Event::DefaultLimitsSet(it)
            | Event::ProgrammeClosing(it)
            | Event::ProgrammeClosed(it) => drop(self.programmes.insert(it.id, it)),
            Event::ItemPriced(it) | Event::ItemRetired(it) => {
                self.items.insert((it.programme, it.id.clone()), it);
            }
            Event::MeterRegistered(it) => {
                self.meters.insert((it.programme, it.account), it.name);
            }
            Event::MeterRemoved(it) => drop(self.meters.remove(&(it.programme, it.account))),
            Event::Granted(it) | Event::Purchased(it) | Event::GrantClosed(it) => {
                self.grants.insert(it.id, it);
            }
            Event::PurchaseSettled(it) => {
                let grant = self.grants.get_mut(&it.grant).unwrap();
                grant.purchase.as_mut().unwrap().settled += it.amount;
            }
            Event::GrantEnding(it) => {
                let grant = self.grants.get_mut(&it.grant).unwrap();
                grant.state = it.state;
                self.set_due(it.grant, it.at_ms);
            }
            Event::UsageAuthorised(it) => self.authorised(it),
            Event::ReceiptCharged(it) => {
                let key = (it.programme, it.meter, it.reference.clone());
                assert_eq!(self.receipts.insert(key, it.id), None);
                let (id, quantity, credits, at_ms) = (it.id, it.quantity, it.credits, it.at_ms);
                self.authorised(it);
                self.resolved(id, UsageState::Captured, quantity, credits, at_ms);
            }
            Event::UsageCaptured(it) => {
                self.resolved(it.usage, UsageState::Captured, it.quantity, it.credits, it.at_ms);
            }
            Event::UsageVoided(it) => self.resolved(it.usage, UsageState::Voided, 0, 0, it.at_ms),
            Event::UsageTimedOut(it) => {
                self.resolved(it.usage, UsageState::TimedOut, 0, 0, it.at_ms);
            }
            Event::LimitSet(it) => self.limit(it, true),
            Event::LimitRemoved(it) => self.limit(it, false),
            Event::LineOffered(it)
            | Event::LineAccepted(it)
            | Event::LineDeclined(it)
            | Event::LineWithdrawn(it)
            | Event::LineLapsed(it)
            | Event::LineSuspended(it)
            | Event::LineResumed(it)
            | Event::CycleEnded(it)
            | Event::LineCured(it)
            | Event::LineClosing(it)
            | Event::LineClosed(it) => drop(self.lines.insert(it.id, it)),
            Event::LineBilled(it) | Event::LineDelinquent(it) | Event::LineWrittenOff(it) => {
                self.bills.insert(it.bill.id, it.bill);
                self.lines.insert(it.line.id, it.line);
            }
            Event::BillPaid(it) => {
                let before = self.bills.insert(it.bill.id, it.bill).unwrap();
                assert_eq!(before.paid + it.amount, it.bill.paid);
                assert_ne!(before.state, BillState::Paid);
                self.lines.insert(it.line.id, it.line);
            }
        }
    }

    fn authorised(&mut self, usage: Usage) {
        for draw in &usage.draws {
            match draw.source {
                Source::Grant(id) => self.grants.get_mut(&id).unwrap().held += draw.credits,
                Source::Line(id) => self.lines.get_mut(&id).unwrap().held += draw.credits,
            }
        }
        assert!(self.usages.insert(usage.id, usage).is_none());
    }

    fn resolved(&mut self, id: u64, state: UsageState, quantity: u64, credits: u64, at_ms: u64) {
        let usage = self.usages.get_mut(&id).unwrap();
        usage.state = state;
        usage.quantity = quantity;
        usage.credits = credits;
        let usage = usage.clone();
        let mut missing = credits;
        for draw in &usage.draws {
            let charged = missing.min(draw.credits);
            missing -= charged;
            match draw.source {
                Source::Grant(id) => {
                    let grant = self.grants.get_mut(&id).unwrap();
                    grant.held -= draw.credits;
                    grant.used += charged;
                    if grant.state != GrantState::Open {
                        self.set_due(id, at_ms);
                    }
                }
                Source::Line(id) => {
                    let line = self.lines.get_mut(&id).unwrap();
                    line.held -= draw.credits;
                    match line.state {
                        LineState::WrittenOff => line.written_off += charged,
                        _ => line.unbilled += charged,
                    }
                    if charged > 0 && line.state != LineState::WrittenOff {
                        let key = (id, line.bills + 1, usage.item.clone());
                        add(self.bill_lines.entry(key).or_default(), 1, quantity, charged);
                    }
                }
            }
        }
        if state == UsageState::Captured {
            let key = (usage.programme, usage.account, usage.item);
            add(self.items_used.entry(key).or_default(), 1, quantity, credits);
        }
    }

    /// A grant that is no longer open is due at once, unless usage holds a part of it.
    fn set_due(&mut self, id: u64, at_ms: u64) {
        let grant = self.grants.get_mut(&id).unwrap();
        grant.due_ms = (grant.held == 0).then_some(at_ms);
    }

    fn limit(&mut self, it: AccountLimit, set: bool) {
        let limits = self.limits.entry((it.programme, it.account)).or_default();
        let new = known(&it.limit, it.set_by);
        let same =
            |old: &KnownLimit| (old.0, &old.1, old.2, old.3) == (new.0, &new.1, new.2, new.3);
        match (limits.iter().position(same), set) {
            (Some(place), true) => limits[place] = new,
            (None, true) => limits.push(new),
            (Some(place), false) => drop(limits.remove(place)),
            (None, false) => panic!("a limit is removed that was not there"),
        }
        if limits.is_empty() {
            self.limits.remove(&(it.programme, it.account));
        }
    }
}

fn add(totals: &mut Totals, uses: u64, quantity: u64, credits: u64) {
    totals.uses += uses;
    totals.quantity += quantity;
    totals.credits += credits;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    /// The events alone tell all tables.
    #[test]
    fn tables_are_rebuilt_from_events(steps in steps()) {
        let mut host = scene();
        for step in steps {
            perform(&mut host, &step);
        }
        prop_assert_eq!(Tables::of_events(&host.events::<Event>()), Tables::of_state(&host));
        drive_to_the_end(&mut host);
        prop_assert_eq!(Tables::of_events(&host.events::<Event>()), Tables::of_state(&host));
    }
}
