use std::collections::BTreeMap;

use ehb_contract::TreasurerBook;
use ehb_contract::calendar::{DAY_MS, month};
use ehb_contract::{Address, Daily, Host};
use proptest::prelude::*;

use super::conservation::{all, drive_to_the_end, perform, steps};
use super::table::scene;
use crate::bindings::ehb::credit::events::{AccountLimit, Event};
use crate::bindings::ehb::credit::types::{
    Bill, BillState, Grant, GrantState, Limit, LimitState, Line, LineState, Measure, PricedItem,
    Programme, Source, Statement, Usage, UsageState,
};
use crate::keys::{
    BILL_LINES, BILLS, BOOKS, GRANTS, ITEMS, LINES, METERS, PROGRAMMES, RECEIPTS, STATEMENT_LINES,
    STATEMENTS, TREASURERS, Totals, USAGES,
};
use crate::rules;

/// The tables of a reader of events alone.
#[derive(Debug, Default, PartialEq)]
struct Tables {
    programmes: BTreeMap<u64, Programme>,
    treasurers: BTreeMap<u64, TreasurerBook>,
    items: BTreeMap<(u64, String), PricedItem>,
    meters: BTreeMap<(u64, Address), String>,
    grants: BTreeMap<u64, Grant>,
    usages: BTreeMap<u64, Usage>,
    receipts: BTreeMap<(u64, Address, String), u64>,
    limits: BTreeMap<(u64, Address), Vec<LimitState>>,
    lines: BTreeMap<u64, Line>,
    bills: BTreeMap<u64, Bill>,
    bill_lines: BTreeMap<(u64, u32, String), Totals>,
    items_used: BTreeMap<((u64, Address), u32, String), Totals>,
    /// The month of each account in which something happened last.
    months: BTreeMap<(u64, Address), Statement>,
    /// The months that are over.
    statements: BTreeMap<(u64, Address, u32), Statement>,
}

impl Tables {
    fn of_state(host: &Host) -> Self {
        let mut tables = Self {
            programmes: all(host, &PROGRAMMES).into_iter().collect(),
            treasurers: all(host, &TREASURERS).into_iter().collect(),
            items: all(host, &ITEMS).into_iter().collect(),
            meters: all(host, &METERS).into_iter().collect(),
            usages: all(host, &USAGES).into_iter().collect(),
            receipts: all(host, &RECEIPTS).into_iter().collect(),
            lines: all(host, &LINES).into_iter().collect(),
            bills: all(host, &BILLS).into_iter().collect(),
            bill_lines: all(host, &BILL_LINES).into_iter().collect(),
            items_used: all(host, &STATEMENT_LINES).into_iter().collect(),
            statements: all(host, &STATEMENTS).into_iter().collect(),
            ..Self::default()
        };
        for (id, _) in all(host, &GRANTS) {
            tables.grants.insert(id, rules::get_grant(host, id).unwrap());
        }
        for (key, book) in all(host, &BOOKS) {
            if !book.limits.is_empty() {
                tables.limits.insert(key, book.limits);
            }
            tables.months.insert(key, book.month);
        }
        tables
    }

    /// Enters the events after the first `seen`, all of this block.
    fn follow(&mut self, host: &Host, seen: &mut usize) {
        let events = host.events::<Event>();
        let new = events.iter().skip(*seen).cloned();
        new.for_each(|event| self.enter(event, host.time_ms()));
        *seen = events.len();
    }

    /// An event and the time of its block.
    fn enter(&mut self, event: Event, now_ms: u64) {
        let account = self.account_of(&event);
        if let Some(account) = account {
            self.turn(account, month(now_ms));
        }
        self.change(event, account);
        if let Some(account) = account {
            let closing = self.balance(account);
            self.months.get_mut(&account).unwrap().closing = closing;
        }
    }

    /// The account whose book an event concerns.
    fn account_of(&self, event: &Event) -> Option<(u64, Address)> {
        let of_usage = |id: &u64| &self.usages[id];
        Some(match event {
            Event::Granted(it) | Event::Purchased(it) => (it.programme, it.account),
            Event::GrantEnding(it) if it.state != GrantState::Spent => {
                (self.grants[&it.grant].programme, self.grants[&it.grant].account)
            }
            Event::UsageAuthorised(it) | Event::ReceiptCharged(it) => (it.programme, it.account),
            Event::UsageCaptured(it) => {
                (of_usage(&it.usage).programme, of_usage(&it.usage).account)
            }
            Event::UsageVoided(it) | Event::UsageTimedOut(it) => {
                (of_usage(&it.usage).programme, of_usage(&it.usage).account)
            }
            Event::LimitSet(it) | Event::LimitRemoved(it) => (it.programme, it.account),
            Event::LineOffered(it) => (it.programme, it.account),
            _ => return None,
        })
    }

    /// Begins another month of an account.
    fn turn(&mut self, account: (u64, Address), now: u32) {
        let opening = match self.months.get(&account) {
            Some(latest) if latest.month == now => return,
            Some(latest) => latest.closing,
            None => 0,
        };
        let fresh = Statement {
            month: now,
            opening,
            granted: 0,
            used: 0,
            lapsed: 0,
            revoked: 0,
            refunded: 0,
            closing: opening,
            drawn: 0,
        };
        if let Some(past) = self.months.insert(account, fresh) {
            self.statements.insert((account.0, account.1, past.month), past);
        }
    }

    /// The rest of an account's grants, and the credits held of those that ended.
    fn balance(&self, (programme, account): (u64, Address)) -> u64 {
        let own =
            self.grants.values().filter(|it| (it.programme, it.account) == (programme, account));
        own.map(|it| if it.state == GrantState::Open { it.amount - it.used } else { it.held }).sum()
    }

    fn change(&mut self, event: Event, account: Option<(u64, Address)>) {
        match event {
            Event::ProgrammeCreated(it)
            | Event::TreasuryChangeCancelled(it)
            | Event::TreasurySet(it)
            | Event::SaleSet(it)
            | Event::DefaultLimitsSet(it)
            | Event::ProgrammeClosing(it)
            | Event::ProgrammeClosed(it) => drop(self.programmes.insert(it.id, it)),
            Event::TreasurerLimitSet(it) => {
                let known = self.treasurers.remove(&it.programme);
                let given = known.map_or_else(Daily::default, |book| book.given);
                if let Some(limit) = it.limit {
                    self.treasurers.insert(it.programme, TreasurerBook { limit, given });
                }
            }
            Event::TreasurerGave(it) => {
                let book = self.treasurers.get_mut(&it.programme).unwrap();
                book.given = Daily { day: it.at_ms / DAY_MS, sum: it.given_today };
            }
            Event::ItemPriced(it) | Event::ItemRetired(it) => {
                self.items.insert((it.programme, it.id.clone()), it);
            }
            Event::MeterRegistered(it) => {
                self.meters.insert((it.programme, it.account), it.name);
            }
            Event::MeterRemoved(it) => drop(self.meters.remove(&(it.programme, it.account))),
            Event::Granted(it) | Event::Purchased(it) => {
                self.month(account).granted += it.amount;
                self.grants.insert(it.id, it);
            }
            Event::GrantClosed(it) => drop(self.grants.insert(it.id, it)),
            Event::PurchaseSettled(it) => {
                let grant = self.grants.get_mut(&it.grant).unwrap();
                grant.purchase.as_mut().unwrap().settled += it.amount;
            }
            Event::GrantEnding(it) => {
                let grant = self.grants.get_mut(&it.grant).unwrap();
                grant.state = it.state;
                let lost = grant.amount - grant.used - grant.held;
                self.set_due(it.grant, it.at_ms);
                if let Some(account) = account {
                    self.lose(account, it.state, lost);
                }
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

    fn month(&mut self, account: Option<(u64, Address)>) -> &mut Statement {
        self.months.get_mut(&account.unwrap()).unwrap()
    }

    /// Credits that a grant lost because of the way it ended.
    fn lose(&mut self, account: (u64, Address), state: GrantState, credits: u64) {
        let month = self.month(Some(account));
        match state {
            GrantState::Expiring => month.lapsed += credits,
            GrantState::Revoking => month.revoked += credits,
            GrantState::Refunding => month.refunded += credits,
            _ => {}
        }
    }

    fn authorised(&mut self, usage: Usage) {
        for state in self.limits.entry((usage.programme, usage.account)).or_default() {
            state.turn(usage.at_ms);
            state.counted +=
                measured(&state.limit, &usage, usage.quantity_max, usage.credits_max, 1);
        }
        self.limits.retain(|_, limits| !limits.is_empty());
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
        let account = (usage.programme, usage.account);
        let captured = state == UsageState::Captured;
        for known in self.limits.get_mut(&account).into_iter().flatten() {
            let (rest, free) = (usage.quantity_max - quantity, usage.credits_max - credits);
            let unused = measured(&known.limit, &usage, rest, free, u64::from(!captured));
            known.uncount(usage.at_ms, unused);
        }
        let mut missing = credits;
        for draw in &usage.draws {
            let charged = missing.min(draw.credits);
            missing -= charged;
            match draw.source {
                Source::Grant(id) => {
                    let grant = self.grants.get_mut(&id).unwrap();
                    grant.held -= draw.credits;
                    grant.used += charged;
                    let ended = grant.state;
                    if ended != GrantState::Open {
                        self.set_due(id, at_ms);
                        self.lose(account, ended, draw.credits - charged);
                    }
                    self.month(Some(account)).used += charged;
                }
                Source::Line(id) => {
                    self.month(Some(account)).drawn += charged;
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
        if captured {
            let key = (account, self.months[&account].month, usage.item);
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
        let AccountLimit { set_by, limit, at_ms, .. } = it;
        let same = |old: &LimitState| {
            let same_kind = old.limit.measure == limit.measure && old.set_by == set_by;
            same_kind && old.limit.item == limit.item && old.limit.period == limit.period
        };
        match (limits.iter().position(same), set) {
            (Some(place), true) => limits[place].limit.max = limit.max,
            (None, true) => {
                limits.push(LimitState::new(limit, set_by, at_ms));
            }
            (Some(place), false) => drop(limits.remove(place)),
            (None, false) => panic!("a limit is removed that was not there"),
        }
        if limits.is_empty() {
            self.limits.remove(&(it.programme, it.account));
        }
    }
}

/// The amount of a usage that a limit counts.
fn measured(limit: &Limit, usage: &Usage, quantity: u64, credits: u64, uses: u64) -> u64 {
    match limit.measure {
        _ if limit.item.as_ref().is_some_and(|item| *item != usage.item) => 0,
        Measure::Credits => credits,
        Measure::Quantity => quantity,
        Measure::Uses => uses,
    }
}

fn add(totals: &mut Totals, uses: u64, quantity: u64, credits: u64) {
    totals.uses += uses;
    totals.quantity += quantity;
    totals.credits += credits;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    /// All tables can be rebuilt from the events and the times of their blocks.
    #[test]
    fn tables_are_rebuilt_from_events(steps in steps()) {
        let mut host = scene();
        let (mut tables, mut seen) = (Tables::default(), 0);
        tables.follow(&host, &mut seen);
        for step in steps {
            perform(&mut host, &step);
            tables.follow(&host, &mut seen);
        }
        prop_assert_eq!(&tables, &Tables::of_state(&host));
        drive_to_the_end(&mut host, |host| tables.follow(host, &mut seen));
        prop_assert_eq!(tables, Tables::of_state(&host));
    }
}
