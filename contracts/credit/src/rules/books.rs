//! An account's book in a programme: what it can draw, in which order, and what its month adds up to.
//!
//! A usage reads and writes this one entry, however many grants and limits there are: their numbers are
//! bounded.

use alloc::vec::Vec;

use ehb_contract::{Address, Entry, Host};

use crate::bindings::ehb::credit::events::{AccountLimit, Event};
use crate::bindings::ehb::credit::types::{
    Draw, Error, GrantState, Limit, LimitSetter, Programme, Source, Statement,
};
use crate::checks::{self, GRANTS_OPEN_MAX};
use crate::keys::{BOOKS, Book, BookedGrant, STATEMENTS};
use crate::states::{GRANT, GrantAction};
use ehb_contract::calendar::month;

/// A book that is being changed. Nothing is written until [`OpenBook::save`].
pub(super) struct OpenBook {
    entry: Entry<Book>,
    programme: u64,
    account: Address,
    /// The book, in this block's month.
    pub(super) book: Book,
    /// The month before, when this block's is a new one.
    past: Option<Statement>,
    /// The limits that a new book begins with, which are emitted when it is written.
    begun: Vec<Limit>,
}

/// The result of resolving a usage's draws.
pub(super) struct Resolved {
    /// The credits charged to grants.
    pub(super) charged: u64,
    /// The grants that are now used up, or are ending with nothing held any more. They are no longer in
    /// the book.
    pub(super) finished: Vec<BookedGrant>,
}

impl OpenBook {
    /// Opens the book of an account; a new one begins with the programme's default limits, and is made
    /// for an active account only.
    pub(super) fn open(
        host: &Host,
        programme: &Programme,
        account: Address,
    ) -> Result<Self, Error> {
        let entry = BOOKS.entry(&(programme.id, account));
        let now_ms = host.time_ms();
        if let Some(book) = entry.get(host) {
            return Ok(Self::turned(entry, programme.id, account, book, now_ms));
        }
        super::check_active(host, account)?;
        let book = new_book(programme, now_ms);
        let begun = book.limits.iter().map(|state| state.limit.clone()).collect();
        Ok(Self { begun, ..Self::turned(entry, programme.id, account, book, now_ms) })
    }

    /// Opens a book that there is: where there is a grant or a usage, there is a book.
    pub(super) fn known(host: &Host, programme: u64, account: Address) -> Self {
        let entry = BOOKS.entry(&(programme, account));
        let Some(book) = entry.get(host) else {
            ehb_contract::trap("an account has a grant or a usage and no book")
        };
        Self::turned(entry, programme, account, book, host.time_ms())
    }

    fn turned(
        entry: Entry<Book>,
        programme: u64,
        account: Address,
        mut book: Book,
        now_ms: u64,
    ) -> Self {
        let now = month(now_ms);
        let mut past = None;
        if book.month.month != now {
            let opening = book.month.closing;
            past = Some(core::mem::replace(&mut book.month, new_month(now, opening)));
        }
        Self { entry, programme, account, book, past, begun: Vec::new() }
    }

    /// Writes what was changed.
    pub(super) fn save(mut self, host: &mut Host) {
        self.book.month.closing = self.book.balance();
        if let Some(past) = &self.past {
            STATEMENTS.set(host, &(self.programme, self.account, past.month), past);
        }
        self.entry.set(host, &self.book);
        let (programme, account, set_by) = (self.programme, self.account, LimitSetter::Issuer);
        let at_ms = host.time_ms();
        for limit in self.begun {
            host.emit(Event::LimitSet(AccountLimit { programme, account, set_by, limit, at_ms }));
        }
    }
}

fn new_book(programme: &Programme, now_ms: u64) -> Book {
    let mut book = Book {
        grants: Vec::new(),
        limits: Vec::new(),
        line: None,
        month: new_month(month(now_ms), 0),
    };
    for limit in &programme.default_limits {
        // There are at most as many as a side may have.
        let _ = book.set_limit(limit.clone(), LimitSetter::Issuer, now_ms);
    }
    book
}

fn new_month(month: u32, opening: u64) -> Statement {
    Statement {
        month,
        opening,
        granted: 0,
        used: 0,
        expired: 0,
        revoked: 0,
        refunded: 0,
        closing: opening,
        credit_line_used: 0,
    }
}

impl BookedGrant {
    /// Credits that are neither used nor held.
    pub(super) fn rest(&self) -> u64 {
        self.amount - self.used - self.held
    }

    /// Credits that can be drawn now.
    fn free(&self, now_ms: u64) -> u64 {
        let drawable = GRANT.after(self.state, GrantAction::Draw).is_some()
            && self.effective_ms <= now_ms
            && now_ms < self.expires_ms;
        if drawable { self.rest() } else { 0 }
    }

    /// The order of draw-down, which is total: no two grants have one number.
    fn place(&self) -> (u8, u64, u64) {
        (self.priority, self.expires_ms, self.id)
    }
}

impl Book {
    /// Adds a grant in its place.
    pub(super) fn insert(&mut self, grant: BookedGrant) -> Result<(), Error> {
        if self.grants.len() >= GRANTS_OPEN_MAX {
            return Err(checks::too_many("grants", GRANTS_OPEN_MAX));
        }
        let place = self.grants.partition_point(|other| other.place() < grant.place());
        self.grants.insert(place, grant);
        add(&mut self.month.granted, grant.amount);
        Ok(())
    }

    pub(super) fn grant(&self, id: u64) -> Option<&BookedGrant> {
        self.grants.iter().find(|grant| grant.id == id)
    }

    /// The credits of grants that can be drawn now. At most 16 grants of at most 10^15 fit.
    pub(super) fn free(&self, now_ms: u64) -> u64 {
        self.grants.iter().map(|grant| grant.free(now_ms)).sum()
    }

    /// The rest of open grants, drawable now or not, and the held credits.
    pub(crate) fn balance(&self) -> u64 {
        let left = |grant: &BookedGrant| match grant.state {
            GrantState::Open => grant.amount - grant.used,
            _ => grant.held,
        };
        self.grants.iter().map(left).sum()
    }

    /// Sets credits aside from grants, in the order of draw-down. Returns what from where, and how many
    /// they did not have.
    pub(super) fn set_aside(&mut self, now_ms: u64, credits: u64) -> (Vec<Draw>, u64) {
        let mut missing = credits;
        let mut draws = Vec::new();
        for grant in &mut self.grants {
            let part = missing.min(grant.free(now_ms));
            if part > 0 {
                grant.held += part;
                missing -= part;
                draws.push(Draw { source: Source::Grant(grant.id), credits: part });
            }
        }
        (draws, missing)
    }

    /// Charges `charge` of the credits that draws reserved, the first draws first, and returns the rest.
    pub(super) fn resolve(&mut self, draws: &[Draw], charge: u64) -> Resolved {
        let mut missing = charge;
        let mut lost = Vec::new();
        for draw in draws {
            let Source::Grant(id) = draw.source else { continue };
            let Some(grant) = self.grants.iter_mut().find(|grant| grant.id == id) else {
                ehb_contract::trap("usage holds a part of a grant that is not in the book")
            };
            let part = missing.min(draw.credits);
            missing -= part;
            grant.held -= draw.credits;
            grant.used += part;
            lost.push((grant.state, draw.credits - part));
        }
        for (state, credits) in lost {
            self.lose(state, credits);
        }
        let charged = charge - missing;
        add(&mut self.month.used, charged);
        let finished = |grant: &BookedGrant| match grant.state {
            GrantState::Open => grant.used == grant.amount,
            _ => grant.held == 0,
        };
        let (finished, rest) = self.grants.iter().copied().partition(finished);
        self.grants = rest;
        Resolved { charged, finished }
    }

    /// Stops draws on an open grant; `state` says why. What is neither used nor held is lost. Returns the
    /// grant, which is no longer in the book if nothing of it is held.
    pub(super) fn end(&mut self, id: u64, state: GrantState) -> BookedGrant {
        let Some(place) = self.grants.iter().position(|grant| grant.id == id) else {
            ehb_contract::trap("an open grant is not in the book")
        };
        self.grants[place].state = state;
        let grant = self.grants[place];
        if grant.held == 0 {
            self.grants.remove(place);
        }
        self.lose(state, grant.rest());
        grant
    }

    /// Counts credits that a grant lost because of its state.
    fn lose(&mut self, state: GrantState, credits: u64) {
        match state {
            GrantState::Expiring => add(&mut self.month.expired, credits),
            GrantState::Revoking => add(&mut self.month.revoked, credits),
            GrantState::Refunding => add(&mut self.month.refunded, credits),
            _ => {}
        }
    }
}

/// Adds to a statistic, which stops at the largest number: no decision depends on it, and none may be
/// prevented by it.
pub(super) fn add(total: &mut u64, more: u64) {
    *total = total.saturating_add(more);
}
