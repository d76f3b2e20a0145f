//! Checks the escrows of marketplace and jobs against the wallet's holds, with helpers for other escrows.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::stock::Reserved;
use super::{
    Counted, ESCROW, ModuleReader, Violation, case, number, numbered, readable, violation,
};

/// In these states a sub-order or a milestone can still hold money.
const OPEN_ORDERS: [&str; 10] = [
    "placed",
    "accepted",
    "partially-shipped",
    "shipped",
    "delivered",
    "return-requested",
    "return-approved",
    "return-shipped",
    "return-declined",
    "disputed",
];
const OPEN_MILESTONES: [&str; 6] =
    ["pending", "funded", "submitted", "revising", "approved", "disputed"];

/// An escrow, as its module returns it.
pub(super) struct Escrow<'a> {
    pub(super) subject: &'a str,
    pub(super) state: &'a Value,
    pub(super) open_states: &'a [&'a str],
    /// The amount that went in, and then the amounts that went out.
    pub(super) parts: &'a [&'a Value],
}

/// The rest in the escrows that share a hold.
struct Held {
    left: u128,
    /// When the hold expires; after that anyone may have resolved it.
    expires_ms: u64,
}

/// Checks the escrows of orders and milestones: deposits less payouts are not negative, are 0 in a final
/// state, and equal the amount of the wallet's hold. Also checks that stock is reserved as the orders
/// require, and that a contract's totals match its milestones.
pub fn check_escrows<R: ModuleReader>(
    reads: &mut R,
    counted: &mut Counted,
    report: &mut dyn FnMut(Violation),
) -> Result<(), R::Error> {
    let mut reserved = Reserved::default();
    numbered(reads, ("marketplace", "get-order", "order"), |reads, id, found| {
        check_order(reads, id, found, &mut reserved, counted, report)
    })?;
    reserved.check(reads, report)?;
    let mut contracts: BTreeMap<u64, Milestones> = BTreeMap::new();
    numbered(reads, ("jobs", "get-milestone", "milestone"), |reads, id, found| {
        let subject = format!("milestone {id}");
        let Some(milestone) = readable(&subject, found, report) else { return Ok(()) };
        let (escrow, state) = (&milestone["escrow"], &milestone["state"]);
        let of_contract = contracts.entry(number(&milestone["contract"])).or_default();
        of_contract.open += u64::from(OPEN_MILESTONES.contains(&case(state)));
        if escrow.is_null() {
            return Ok(());
        }
        of_contract.paid +=
            u128::from(number(&escrow["paid"])) + u128::from(number(&escrow["fee"]));
        let parts = ["funded", "paid", "fee", "refunded"].map(|part| &escrow[part]);
        let open_states = &OPEN_MILESTONES[..];
        let left = Escrow { subject: &subject, state, open_states, parts: &parts };
        let left = check_one(&left, counted, report);
        check_hold(reads, &subject, escrow, left, report)
    })?;
    numbered(reads, ("jobs", "get-dispute", "dispute"), |reads, id, found| {
        check_deposits(reads, &format!("dispute {id}"), found, None, report)
    })?;
    numbered(reads, ("jobs", "get-contract", "contract"), |_, id, found| {
        let subject = format!("contract {id}");
        let Some(contract) = readable(&subject, found, report) else { return Ok(()) };
        let Milestones { open, paid } = contracts.remove(&id).unwrap_or_default();
        let stated = (number(&contract["open-milestones"]), u128::from(number(&contract["paid"])));
        if stated != (open, paid) {
            let message = format!(
                "it has {} open milestones and paid {}, but by the milestones it is {open} and {paid}",
                stated.0, stated.1
            );
            report(violation(ESCROW, subject, message));
        }
        Ok(())
    })
}

/// The milestones of a contract.
#[derive(Default)]
struct Milestones {
    /// The number of those that are not in a final state.
    open: u64,
    /// The amount that the contractor and the platform got.
    paid: u128,
}

/// The parts of an order can share a hold.
fn check_order<R: ModuleReader>(
    reads: &mut R,
    id: u64,
    found: Result<Value, Value>,
    reserved: &mut Reserved,
    counted: &mut Counted,
    report: &mut dyn FnMut(Violation),
) -> Result<(), R::Error> {
    let subject = format!("order {id}");
    let Some(order) = readable(&subject, found, report) else { return Ok(()) };
    let mut holds: BTreeMap<u64, Held> = BTreeMap::new();
    for part in order["sub-orders"].as_array().into_iter().flatten() {
        let subject = format!("sub-order {}", number(part));
        let arguments = json!({ "sub-order": part });
        let found = reads.read("marketplace", "get-sub-order", &arguments)?;
        let Some(part) = readable(&subject, found, report) else { continue };
        // A sub-order that was in dispute has one of its number.
        if matches!(case(&part["state"]), "disputed" | "resolved" | "hold-expired") {
            let dispute =
                reads.read("marketplace", "get-dispute", &json!({ "dispute": part["id"] }))?;
            if dispute.is_ok() {
                check_deposits(reads, &subject, dispute, Some(&part["state"]), report)?;
            }
        }
        let open = OPEN_ORDERS.contains(&case(&part["state"]));
        reserved.add(&subject, &part, open, report);
        let escrow = &part["escrow"];
        let parts = ["funded", "refunded", "paid", "fee"].map(|part| &escrow[part]);
        let (state, open_states) = (&part["state"], &OPEN_ORDERS[..]);
        let left = Escrow { subject: &subject, state, open_states, parts: &parts };
        let left = check_one(&left, counted, report);
        let expires_ms = number(&part["hold-expires-ms"]);
        let held = holds.entry(number(&part["hold"])).or_insert(Held { left: 0, expires_ms });
        held.left += u128::from(left);
    }
    for (hold, Held { left, expires_ms }) in holds {
        compare_hold(reads, &subject, hold, left, expires_ms, report)?;
    }
    Ok(())
}

/// Deposits of the parties to a dispute are in its holds until the dispute ends, and then are not: by its outcome, or
/// where its subject's hold expired.
fn check_deposits<R: ModuleReader>(
    reads: &mut R,
    subject: &str,
    found: Result<Value, Value>,
    state_of_subject: Option<&Value>,
    report: &mut dyn FnMut(Violation),
) -> Result<(), R::Error> {
    let Some(dispute) = readable(subject, found, report) else { return Ok(()) };
    let hold_expired = state_of_subject.is_some_and(|state| case(state) == "hold-expired");
    let is_over = hold_expired || !dispute["outcome"].is_null();
    for deposit in dispute["deposits"].as_array().into_iter().flatten() {
        let left = if is_over { 0 } else { number(&deposit["amount"]) };
        check_hold(reads, &format!("deposit of {subject}"), deposit, left, report)?;
    }
    Ok(())
}

/// Checks one escrow alone; returns the rest in it.
pub(super) fn check_one(
    escrow: &Escrow<'_>,
    counted: &mut Counted,
    report: &mut dyn FnMut(Violation),
) -> u64 {
    let Escrow { subject, state, open_states, parts } = escrow;
    counted.escrows += 1;
    let mut amounts = parts.iter().map(|part| number(part));
    let into = amounts.next().unwrap_or_default();
    let out: u128 = amounts.map(u128::from).sum();
    let open = open_states.contains(&case(state));
    counted.open += u64::from(open);
    let left = u64::try_from(out).ok().and_then(|out| into.checked_sub(out));
    match left {
        None => {
            let message = format!("{into} went in, and {out} out");
            report(violation(ESCROW, *subject, message));
        }
        Some(left) if left > 0 && !open => {
            let message = format!("{left} is left of {into}, but it is {}", case(state));
            report(violation(ESCROW, *subject, message));
        }
        Some(_) => {}
    }
    left.unwrap_or(0)
}

/// Compares the rest with the hold that a record names.
pub(super) fn check_hold<R: ModuleReader>(
    reads: &mut R,
    subject: &str,
    record: &Value,
    left: u64,
    report: &mut dyn FnMut(Violation),
) -> Result<(), R::Error> {
    let (hold, expires_ms) = (number(&record["hold"]), number(&record["hold-expires-ms"]));
    compare_hold(reads, subject, hold, left.into(), expires_ms, report)
}

fn compare_hold<R: ModuleReader>(
    reads: &mut R,
    subject: &str,
    hold: u64,
    left: u128,
    expires_ms: u64,
    report: &mut dyn FnMut(Violation),
) -> Result<(), R::Error> {
    let found = reads.read("wallet", "get-hold", &json!({ "hold": hold.to_string() }))?;
    let remaining = match found {
        Ok(hold) => number(&hold["remaining"]),
        // A hold that was not resolved in time went back to the payer.
        Err(_) if reads.time_ms() >= expires_ms => return Ok(()),
        Err(_) => 0,
    };
    if u128::from(remaining) != left {
        let message = format!("{left} is left in escrow, but the hold {hold} holds {remaining}");
        report(violation(ESCROW, subject, message));
    }
    Ok(())
}
