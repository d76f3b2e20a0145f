//! The state machines: what can happen in which state, and what comes of it.
//!
//! Each machine is one table, through which all rules go; the diagrams in the README are drawn from
//! these tables by a test.

use ehb_contract::{Machine, Named};

use crate::bindings::ehb::credit::types::{
    BillState, CreditLineState, GrantState, ProgrammeState, UsageState,
};

/// Actions on a programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
pub enum ProgrammeAction {
    /// Its terms of sale are set.
    SetSaleTerms,
    /// A service is priced.
    SetPrice,
    /// A meter is registered.
    RegisterMeter,
    /// Credits are given.
    Grant,
    /// Credits are bought.
    Purchase,
    /// A line is offered or accepted.
    Lend,
    /// Usage is authorised or a report charged.
    Charge,
    /// Its end is announced.
    Announce,
    /// Its end has come.
    End,
}

/// A programme's machine.
pub const PROGRAMME: Machine<ProgrammeState, ProgrammeAction> = {
    use ProgrammeAction::{
        Announce, Charge, End, Grant, Lend, Purchase, RegisterMeter, SetPrice, SetSaleTerms,
    };
    use ProgrammeState::{Closed, Closing, Open};
    Machine::new(&[
        (Open, SetSaleTerms, Open),
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

/// Actions on a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
pub enum GrantAction {
    /// Usage sets a part aside.
    Draw,
    /// The issuer is paid what it earned so far.
    Settle,
    /// The last credit is used.
    Spend,
    /// Its time is over.
    Expire,
    /// The issuer takes the rest back, or its programme is over.
    Revoke,
    /// The buyer returns the rest.
    Refund,
    /// Nothing is held any more, and the price is paid out and returned.
    Close,
}

/// A grant's machine.
pub const GRANT: Machine<GrantState, GrantAction> = {
    use GrantAction::{Close, Draw, Expire, Refund, Revoke, Settle, Spend};
    use GrantState::{
        Exhausted, Expired, Expiring, Open, Refunded, Refunding, Revoked, Revoking, Settling,
    };
    Machine::new(&[
        (Open, Draw, Open),
        (Open, Settle, Open),
        (Open, Spend, Settling),
        (Open, Expire, Expiring),
        (Open, Revoke, Revoking),
        (Open, Refund, Refunding),
        (Settling, Close, Exhausted),
        (Expiring, Settle, Expiring),
        (Expiring, Close, Expired),
        (Revoking, Settle, Revoking),
        (Revoking, Close, Revoked),
        (Refunding, Settle, Refunding),
        (Refunding, Close, Refunded),
    ])
};

/// Actions on a usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
pub enum UsageAction {
    /// The used credits are charged.
    Capture,
    /// The meter returns all.
    Void,
    /// Its time is over.
    TimeOut,
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

/// Actions on a credit line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
pub enum CreditLineAction {
    /// The account accepts the offer.
    Accept,
    /// The account turns the offer down.
    Decline,
    /// The issuer takes the offer back.
    Withdraw,
    /// Nobody answered in time.
    Expire,
    /// Usage draws on it.
    Draw,
    /// A billing period ends.
    Bill,
    /// The issuer stops draws.
    Suspend,
    /// The issuer allows draws again.
    Resume,
    /// A bill is not paid in time.
    Miss,
    /// The overdue bill is paid.
    Cure,
    /// The overdue bill of a line that was suspended before is paid.
    CureSuspended,
    /// Its term or programme is over, or somebody ends it.
    End,
    /// Everything is paid.
    Close,
    /// The issuer writes off the unpaid rest, or grace is over.
    WriteOff,
}

/// A credit line's machine.
pub const LINE: Machine<CreditLineState, CreditLineAction> = {
    use CreditLineAction::{
        Accept, Bill, Close, Cure, CureSuspended, Decline, Draw, End, Expire, Miss, Resume,
        Suspend, Withdraw, WriteOff,
    };
    use CreditLineState::{
        Active, Closed, Closing, Declined, Delinquent, Expired, Offered, Suspended, Withdrawn,
        WrittenOff,
    };
    Machine::new(&[
        (Offered, Accept, Active),
        (Offered, Decline, Declined),
        (Offered, Withdraw, Withdrawn),
        (Offered, Expire, Expired),
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
        (Delinquent, CureSuspended, Suspended),
        (Delinquent, WriteOff, WrittenOff),
        (Closing, Bill, Closing),
        (Closing, Miss, Delinquent),
        (Closing, Close, Closed),
    ])
};

/// Actions on a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
pub enum BillAction {
    /// A part is paid.
    Pay,
    /// The rest is paid.
    Settle,
    /// It is not paid in time.
    Miss,
    /// The issuer writes off the rest, or grace is over.
    WriteOff,
}

/// A bill's machine.
pub const BILL: Machine<BillState, BillAction> = {
    use BillAction::{Miss, Pay, Settle, WriteOff};
    use BillState::{Due, Overdue, Paid, Recovered, WrittenOff};
    Machine::new(&[
        (Due, Pay, Due),
        (Due, Settle, Paid),
        (Due, Miss, Overdue),
        (Overdue, Pay, Overdue),
        (Overdue, Settle, Paid),
        (Overdue, WriteOff, WrittenOff),
        (WrittenOff, Pay, WrittenOff),
        (WrittenOff, Settle, Recovered),
    ])
};
