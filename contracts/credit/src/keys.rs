//! Where the module's state is stored, and nowhere else.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::{Address, Deadlines, Item, Map, Named, Once, Pack, Schema, TreasurerBook};

use crate::bindings::ehb::credit::types::{
    Bill, CreditLine, Grant, GrantState, LimitState, PricedService, Programme, Statement, Usage,
};

/// The kinds of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named, ehb_contract::Kind)]
pub enum Kind {
    /// A programme.
    Programme,
    /// A grant.
    Grant,
    /// A usage.
    Usage,
    /// A credit line; while its bills leave the state, its number stands for them.
    CreditLine,
    /// A bill; its deadline is its line's.
    Bill,
    /// What leaves the state after a time: [`REMOVED_USAGES`] or [`REMOVED_REFERENCES`].
    Removal,
}

/// The version of what is stored, under the first byte 0.
pub const SCHEMA: Schema = Schema::new(&[]);

/// The keys of callers that repeat a call.
pub const KEYS: Once = Once::new(b'k');

/// Programmes by number.
pub const PROGRAMMES: Map<u64, Programme> = Map::new(b'p');

/// The programmes that are closed and whose grants and lines are being ended: how far that is.
pub const ENDING: Map<u64, Progress> = Map::new(b'e');

/// The amounts that treasurers may give away, by programme, where they have a limit.
pub const TREASURERS: Map<u64, TreasurerBook> = Map::new(b'y');

/// Price lists by programme and service.
pub const SERVICES: Map<(u64, String), PricedService> = Map::new(b'i');

/// The names of the meters, by programme and account.
pub const METERS: Map<(u64, Address), String> = Map::new(b'm');

/// An account's book in a programme, which each of its usages reads and writes: one entry.
pub const BOOKS: Map<(u64, Address), Book> = Map::new(b'a');

/// Grants by number. While a grant is in its account's [`Book`], `used` and `held` are those there.
pub const GRANTS: Map<u64, Grant> = Map::new(b'g');

/// The numbers of an account's grants in a programme.
pub const GRANTS_OF: Map<(u64, Address, u64), ()> = Map::new(b'h');

/// Usages by number.
pub const USAGES: Map<u64, Usage> = Map::new(b'u');

/// The usage of each report, by programme, meter and reference.
pub const REPORTS: Map<(u64, Address, String), u64> = Map::new(b'r');

/// Credit lines by number.
pub const LINES: Map<u64, CreditLine> = Map::new(b'l');

/// The numbers of an account's lines in a programme.
pub const LINES_OF: Map<(u64, Address, u64), ()> = Map::new(b'o');

/// Bills by number.
pub const BILLS: Map<u64, Bill> = Map::new(b'b');

/// The numbers of a line's bills.
pub const BILLS_OF: Map<(u64, u64), ()> = Map::new(b'c');

/// The credit lines that left the state and whose bills still leave it.
pub const LEAVING: Map<u64, Leaving> = Map::new(b'v');

/// The services on a line's past and next bills: line, the bill's number by line, service.
pub const BILL_LINES: Map<(u64, u32, String), Totals> = Map::new(b'd');

/// The months of an account in a programme that are over. The latest one is in its [`Book`].
pub const STATEMENTS: Map<(u64, Address, u32), Statement> = Map::new(b's');

/// Usage by programme, account and month, and by service.
pub const STATEMENT_LINES: Map<((u64, Address), u32, String), Totals> = Map::new(b't');

/// The deadlines of what is not over. A bill's is its line's.
pub const DEADLINES: Deadlines<Kind> = Deadlines::new(b'z');

/// The number of the latest programme.
pub const LATEST_PROGRAMME: Item<u64> = Item::new(b'P');

/// The number of the latest grant.
pub const LATEST_GRANT: Item<u64> = Item::new(b'G');

/// The numbers of usages. One entry, which each new usage reads and writes.
pub const USAGE_NUMBERS: Item<UsageNumbers> = Item::new(b'U');

/// The number of the removal of usages.
pub const REMOVED_USAGES: u64 = 1;

/// The number of the removal of reports' references.
pub const REMOVED_REFERENCES: u64 = 2;

/// The number of the latest line.
pub const LATEST_LINE: Item<u64> = Item::new(b'L');

/// The number of the latest bill.
pub const LATEST_BILL: Item<u64> = Item::new(b'B');

/// The numbers of usages, which are given in the order of time: the oldest leave the state first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pack)]
pub struct UsageNumbers {
    /// The latest.
    pub latest: u64,
    /// The latest that left the state.
    pub removed: u64,
    /// The latest whose report's reference left the state, where it had one; not below `removed`.
    pub unreferenced: u64,
}

/// What is left of a credit line that left the state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pack)]
pub struct Leaving {
    /// The deadline at which it left, which it keeps until nothing is left.
    pub due_ms: u64,
    /// The number, by line, of the bill that was never made: what was written off with the last one is under it.
    pub unmade: u32,
}

/// How far the grants and lines of a closed programme have been ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pack)]
pub struct Progress {
    /// Whether the grants are done and the lines go on.
    pub is_at_lines: bool,
    /// The account and number of the latest grant or line that was looked at.
    pub after: Option<(Address, u64)>,
}

/// An account's grants, limits and statement in a programme.
#[derive(Clone, Debug, PartialEq, Eq, Pack)]
pub struct Book {
    /// The grants that can be drawn or are held, in the order of draw-down, 16 at most.
    pub grants: Vec<BookedGrant>,
    /// The limits of issuer, account and treasurer, 12 at most.
    pub limits: Vec<LimitState>,
    /// The latest credit line, whether it is over or not.
    pub line: Option<u64>,
    /// The latest month in which something happened; its `closing` is what was left then.
    pub month: Statement,
}

/// A grant in a [`Book`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pack)]
pub struct BookedGrant {
    /// Its number.
    pub id: u64,
    /// Its place in the order of draw-down.
    pub priority: u8,
    /// From when on it can be drawn.
    pub effective_ms: u64,
    /// From when on it cannot.
    pub expires_ms: u64,
    /// How many credits there were at first.
    pub amount: u64,
    /// Used credits.
    pub used: u64,
    /// Credits that open usages have reserved.
    pub held: u64,
    /// Open, or ending with a part held.
    pub state: GrantState,
}

/// The usage of a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Pack)]
pub struct Totals {
    /// How many usages.
    pub usages: u64,
    /// How much of the service.
    pub quantity: u64,
    /// Its cost.
    pub credits: u64,
}
