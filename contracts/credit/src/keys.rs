//! Where the module's state lies, and nowhere else.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::{
    Address, Deadlines, Item, Map, Once, Schema, TreasurerBook, kinds, pack_record, pack_variant,
};

use crate::bindings::ehb::credit::types::{
    Bill, BillState, Draw, Grant, GrantState, Limit, LimitState, Line, LineState, LineTerms,
    Measure, Price, PricedItem, Programme, ProgrammeState, Purchase, Sale, Side, Source, Statement,
    Usage, UsageState,
};

kinds! {
    /// The kinds of items.
    pub enum Kind {
        /// A programme.
        Programme = "programme",
        /// A grant.
        Grant = "grant",
        /// A usage.
        Usage = "usage",
        /// A credit line.
        Line = "line",
        /// A bill; its deadline is its line's.
        Bill = "bill",
    }
}

/// The version of what is stored, under the first byte 0.
pub const SCHEMA: Schema = Schema::new(&[]);

/// The keys of callers that repeat a call.
pub const KEYS: Once = Once::new(b'k');

/// Programmes by number.
pub const PROGRAMMES: Map<u64, Programme> = Map::new(b'p');

/// What treasurers may give away, by programme, where they have a limit.
pub const TREASURERS: Map<u64, TreasurerBook> = Map::new(b'y');

/// Price lists by programme and item.
pub const ITEMS: Map<(u64, String), PricedItem> = Map::new(b'i');

/// The names of the meters, by programme and account.
pub const METERS: Map<(u64, Address), String> = Map::new(b'm');

/// What an account has in a programme and what each of its usages reads and writes, in one entry.
pub const BOOKS: Map<(u64, Address), Book> = Map::new(b'a');

/// Grants by number. While a grant is in its account's [`Book`], `used` and `held` are those there.
pub const GRANTS: Map<u64, Grant> = Map::new(b'g');

/// The numbers of an account's grants in a programme.
pub const GRANTS_OF: Map<(u64, Address, u64), ()> = Map::new(b'h');

/// Usages by number.
pub const USAGES: Map<u64, Usage> = Map::new(b'u');

/// The usage of each receipt, by programme, meter and reference.
pub const RECEIPTS: Map<(u64, Address, String), u64> = Map::new(b'r');

/// Credit lines by number.
pub const LINES: Map<u64, Line> = Map::new(b'l');

/// The numbers of an account's lines in a programme.
pub const LINES_OF: Map<(u64, Address, u64), ()> = Map::new(b'o');

/// Bills by number.
pub const BILLS: Map<u64, Bill> = Map::new(b'b');

/// The numbers of a line's bills.
pub const BILLS_OF: Map<(u64, u64), ()> = Map::new(b'c');

/// What is or will be on a line's bills by item: line, the bill's number by line, item.
pub const BILL_LINES: Map<(u64, u32, String), Totals> = Map::new(b'd');

/// The months of an account in a programme that are over. The latest one is in its [`Book`].
pub const STATEMENTS: Map<(u64, Address, u32), Statement> = Map::new(b's');

/// What an account used by programme, account and month, and by item.
pub const STATEMENT_LINES: Map<((u64, Address), u32, String), Totals> = Map::new(b't');

/// The deadlines of what is not over. A bill's is its line's.
pub const DEADLINES: Deadlines<Kind> = Deadlines::new(b'z');

/// The number of the latest programme.
pub const LATEST_PROGRAMME: Item<u64> = Item::new(b'P');

/// The number of the latest grant.
pub const LATEST_GRANT: Item<u64> = Item::new(b'G');

/// The number of the latest usage.
pub const LATEST_USAGE: Item<u64> = Item::new(b'U');

/// The number of the latest line.
pub const LATEST_LINE: Item<u64> = Item::new(b'L');

/// The number of the latest bill.
pub const LATEST_BILL: Item<u64> = Item::new(b'B');

/// What an account has in a programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    /// The grants that can be drawn or are held, in the order of draw-down, 16 at most.
    pub grants: Vec<BookedGrant>,
    /// Both sides' limits, 8 at most.
    pub limits: Vec<LimitState>,
    /// The latest credit line, whether it is over or not.
    pub line: Option<u64>,
    /// The latest month in which something happened; its `closing` is what was left then.
    pub month: Statement,
}

/// A grant in a [`Book`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// What was used.
    pub used: u64,
    /// What open usage has set aside.
    pub held: u64,
    /// Open, or ending with a part held.
    pub state: GrantState,
}

/// What was used of an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many usages.
    pub uses: u64,
    /// How much of the item.
    pub quantity: u64,
    /// What it cost.
    pub credits: u64,
}

pack_variant!(ProgrammeState { 0: Open, 1: Closing, 2: Closed });
pack_variant!(GrantState {
    0: Open,
    1: Spent,
    2: Expiring,
    3: Revoking,
    4: Refunding,
    5: Exhausted,
    6: Expired,
    7: Revoked,
    8: Refunded,
});
pack_variant!(UsageState { 0: Authorised, 1: Captured, 2: Voided, 3: TimedOut });
pack_variant!(LineState {
    0: Offered,
    1: Active,
    2: Suspended,
    3: Delinquent,
    4: Closing,
    5: Declined,
    6: Withdrawn,
    7: Lapsed,
    8: Closed,
    9: WrittenOff,
});
pack_variant!(BillState { 0: Due, 1: Overdue, 2: Paid, 3: WrittenOff });
pack_variant!(Measure { 0: Credits, 1: Quantity, 2: Uses });
pack_variant!(Side { 0: Issuer, 1: Account });
pack_variant!(Source { 0: Grant(grant), 1: Line(line) });

pack_record!(Price { version, credits, per, from_ms });
pack_record!(PricedItem { programme, id, prices, retired_ms });
pack_record!(Sale {
    asset,
    price,
    per,
    credits_min,
    credits_max,
    lasts_ms,
    priority,
    refund_ms,
    refund_fee,
    breakage,
});
pack_record!(Programme {
    id,
    issuer,
    treasury,
    name,
    unit,
    state,
    closes_ms,
    sale,
    default_limits,
});
pack_record!(Limit { item, measure, period_ms, max });
pack_record!(LimitState { limit, set_by, since_ms, window_ms, counted });
pack_record!(Purchase {
    buyer,
    hold,
    hold_expires_ms,
    asset,
    price,
    settled,
    returned,
    refund_until_ms,
    refund_fee,
    breakage,
});
pack_record!(Grant {
    id,
    programme,
    account,
    amount,
    used,
    held,
    priority,
    effective_ms,
    expires_ms,
    state,
    due_ms,
    purchase,
    reference,
});
pack_record!(Draw { source, credits });
pack_record!(Usage {
    id,
    programme,
    account,
    item,
    meter,
    price,
    quantity_max,
    credits_max,
    quantity,
    credits,
    draws,
    state,
    at_ms,
    expires_ms,
    reference,
});
pack_record!(LineTerms { limit, asset, price, per, cycle_ms, payment_ms, grace_ms, term_ms });
pack_record!(Line {
    id,
    programme,
    account,
    terms,
    state,
    offer_expires_ms,
    ends_ms,
    cycle,
    cycle_from_ms,
    cycle_ends_ms,
    held,
    unbilled,
    unbilled_from_ms,
    bills,
    bill,
    billed,
    due_ms,
    written_off,
});
pack_record!(Bill { id, line, number, from_ms, until_ms, credits, amount, paid, due_ms, state });
pack_record!(Statement {
    month,
    opening,
    granted,
    used,
    lapsed,
    revoked,
    refunded,
    closing,
    drawn,
});
pack_record!(Book { grants, limits, line, month });
pack_record!(BookedGrant { id, priority, effective_ms, expires_ms, amount, used, held, state });
pack_record!(Totals { uses, quantity, credits });
