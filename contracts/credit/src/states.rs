//! The state machines: what can happen in which state, and what comes of it.
//!
//! Each machine is one table, through which all rules go; the diagrams in the README are drawn from
//! these tables by a test.

use ehb_contract::{Machine, names};

use crate::bindings::ehb::credit::types::{
    BillState, GrantState, LineState, ProgrammeState, UsageState,
};

names!(ProgrammeState { Open: "open", Closing: "closing", Closed: "closed" });

names! {
    /// What can happen to a programme.
    pub enum ProgrammeAction {
        /// Its terms of sale are set.
        SetSale = "set-sale",
        /// An item is priced.
        SetPrice = "set-price",
        /// A meter is registered.
        RegisterMeter = "register-meter",
        /// Credits are given.
        Grant = "grant",
        /// Credits are bought.
        Purchase = "purchase",
        /// A line is offered or accepted.
        Lend = "lend",
        /// Usage is authorised or a receipt charged.
        Charge = "charge",
        /// Its end is announced.
        Announce = "announce",
        /// Its end has come.
        End = "end",
    }
}

/// A programme's machine.
pub const PROGRAMME: Machine<ProgrammeState, ProgrammeAction> = {
    use ProgrammeAction::{
        Announce, Charge, End, Grant, Lend, Purchase, RegisterMeter, SetPrice, SetSale,
    };
    use ProgrammeState::{Closed, Closing, Open};
    Machine::new(&[
        (Open, SetSale, Open),
        (Open, SetPrice, Open),
        (Open, RegisterMeter, Open),
        (Open, Grant, Open),
        (Open, Purchase, Open),
        (Open, Lend, Open),
        (Open, Charge, Open),
        (Open, Announce, Closing),
        (Closing, SetPrice, Closing),
        (Closing, RegisterMeter, Closing),
        (Closing, Charge, Closing),
        (Closing, End, Closed),
    ])
};

names!(GrantState {
    Open: "open",
    Spent: "spent",
    Expiring: "expiring",
    Revoking: "revoking",
    Refunding: "refunding",
    Exhausted: "exhausted",
    Expired: "expired",
    Revoked: "revoked",
    Refunded: "refunded"
});

names! {
    /// What can happen to a grant.
    pub enum GrantAction {
        /// Usage sets a part aside.
        Draw = "draw",
        /// The issuer is paid what it earned so far.
        Settle = "settle",
        /// The last credit is used.
        Spend = "spend",
        /// Its time is over.
        Expire = "expire",
        /// The issuer takes the rest back, or its programme is over.
        Revoke = "revoke",
        /// The buyer returns the rest.
        Refund = "refund",
        /// Nothing is held any more, and the price is paid out and returned.
        Close = "close",
    }
}

/// A grant's machine.
pub const GRANT: Machine<GrantState, GrantAction> = {
    use GrantAction::{Close, Draw, Expire, Refund, Revoke, Settle, Spend};
    use GrantState::{
        Exhausted, Expired, Expiring, Open, Refunded, Refunding, Revoked, Revoking, Spent,
    };
    Machine::new(&[
        (Open, Draw, Open),
        (Open, Settle, Open),
        (Open, Spend, Spent),
        (Open, Expire, Expiring),
        (Open, Revoke, Revoking),
        (Open, Refund, Refunding),
        (Spent, Close, Exhausted),
        (Expiring, Settle, Expiring),
        (Expiring, Close, Expired),
        (Revoking, Settle, Revoking),
        (Revoking, Close, Revoked),
        (Refunding, Settle, Refunding),
        (Refunding, Close, Refunded),
    ])
};

names!(UsageState {
    Authorised: "authorised",
    Captured: "captured",
    Voided: "voided",
    TimedOut: "timed-out"
});

names! {
    /// What can happen to a usage.
    pub enum UsageAction {
        /// What was used is charged.
        Capture = "capture",
        /// The meter gives all back.
        Void = "void",
        /// Its time is over.
        TimeOut = "time-out",
    }
}

/// A usage's machine.
pub const USAGE: Machine<UsageState, UsageAction> = {
    use UsageAction::{Capture, TimeOut, Void};
    use UsageState::{Authorised, Captured, TimedOut, Voided};
    Machine::new(&[
        (Authorised, Capture, Captured),
        (Authorised, Void, Voided),
        (Authorised, TimeOut, TimedOut),
    ])
};

names!(LineState {
    Offered: "offered",
    Active: "active",
    Suspended: "suspended",
    Delinquent: "delinquent",
    Closing: "closing",
    Declined: "declined",
    Withdrawn: "withdrawn",
    Lapsed: "lapsed",
    Closed: "closed",
    WrittenOff: "written-off"
});

names! {
    /// What can happen to a credit line.
    pub enum LineAction {
        /// The account accepts the offer.
        Accept = "accept",
        /// The account turns the offer down.
        Decline = "decline",
        /// The issuer takes the offer back.
        Withdraw = "withdraw",
        /// Nobody answered in time.
        Lapse = "lapse",
        /// Usage draws on it.
        Draw = "draw",
        /// A billing period ends.
        Bill = "bill",
        /// The issuer stops draws.
        Suspend = "suspend",
        /// The issuer allows draws again.
        Resume = "resume",
        /// A bill is not paid in time.
        Miss = "miss",
        /// The overdue bill is paid.
        Cure = "cure",
        /// Its term or programme is over, or somebody ends it.
        End = "end",
        /// Everything is paid.
        Close = "close",
        /// The issuer gives up what is not paid, or grace is over.
        WriteOff = "write-off",
    }
}

/// A credit line's machine.
pub const LINE: Machine<LineState, LineAction> = {
    use LineAction::{
        Accept, Bill, Close, Cure, Decline, Draw, End, Lapse, Miss, Resume, Suspend, Withdraw,
        WriteOff,
    };
    use LineState::{
        Active, Closed, Closing, Declined, Delinquent, Lapsed, Offered, Suspended, Withdrawn,
        WrittenOff,
    };
    Machine::new(&[
        (Offered, Accept, Active),
        (Offered, Decline, Declined),
        (Offered, Withdraw, Withdrawn),
        (Offered, Lapse, Lapsed),
        (Active, Draw, Active),
        (Active, Bill, Active),
        (Active, Suspend, Suspended),
        (Active, Miss, Delinquent),
        (Active, End, Closing),
        (Suspended, Bill, Suspended),
        (Suspended, Resume, Active),
        (Suspended, Miss, Delinquent),
        (Suspended, End, Closing),
        (Delinquent, Cure, Active),
        (Delinquent, WriteOff, WrittenOff),
        (Closing, Bill, Closing),
        (Closing, Miss, Delinquent),
        (Closing, Close, Closed),
    ])
};

names!(BillState { Due: "due", Overdue: "overdue", Paid: "paid", WrittenOff: "written-off" });

names! {
    /// What can happen to a bill.
    pub enum BillAction {
        /// A part is paid.
        Pay = "pay",
        /// The rest is paid.
        Settle = "settle",
        /// It is not paid in time.
        Miss = "miss",
        /// The issuer gives up the rest, or grace is over.
        WriteOff = "write-off",
    }
}

/// A bill's machine.
pub const BILL: Machine<BillState, BillAction> = {
    use BillAction::{Miss, Pay, Settle, WriteOff};
    use BillState::{Due, Overdue, Paid, WrittenOff};
    Machine::new(&[
        (Due, Pay, Due),
        (Due, Settle, Paid),
        (Due, Miss, Overdue),
        (Overdue, Pay, Overdue),
        (Overdue, Settle, Paid),
        (Overdue, WriteOff, WrittenOff),
    ])
};
