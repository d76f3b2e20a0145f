//! Checks the credit module: grants, credit lines and bills must agree with usages and with each other.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::escrows::{Escrow, check_hold, check_one};
use super::{
    CREDIT, Counted, ModuleReader, Violation, case, number, numbered, pages, readable, text,
    violation,
};

/// In these states a grant can still hold money.
const OPEN_GRANTS: [&str; 5] = ["open", "settling", "expiring", "revoking", "refunding"];

/// Credits that usages charged to or reserved of one grant or line. 128 bits, as sums of 64-bit amounts.
#[derive(Clone, Copy, Default)]
struct Drawn {
    used: u128,
    held: u128,
}

/// The credits drawn, by the number of the grant or line.
#[derive(Default)]
struct Draws {
    grants: BTreeMap<u64, Drawn>,
    lines: BTreeMap<u64, Drawn>,
}

/// The totals of a line's bills, credits.
#[derive(Default)]
struct Billed {
    bills: u64,
    all: u128,
    written_off: u128,
    /// The bills that are due or overdue: number and credits.
    unpaid: Vec<(u64, u64)>,
}

/// Checks that the credits that usages used and reserved equal the amounts in their grants and credit lines,
/// that a purchase's price is in its hold until it is paid out or returned, and that every credit drawn on a
/// line is unbilled, on a bill, or written off. A bill's amount is the price of its credits, and its lines
/// add up to it.
pub fn check_credit<R: ModuleReader>(
    reads: &mut R,
    counted: &mut Counted,
    report: &mut dyn FnMut(Violation),
) -> Result<(), R::Error> {
    let mut draws = Draws::default();
    numbered(reads, ("credit", "get-usage", "usage"), |_, id, found| {
        let subject = format!("usage {id}");
        // It left the state; its grants and line keep what it used of them.
        if found.as_ref().is_err_and(|error| case(error) == "wrong-state") {
            return Ok(());
        }
        if let Some(usage) = readable(&subject, found, report) {
            draws.add(&subject, &usage, report);
        }
        Ok(())
    })?;
    numbered(reads, ("credit", "get-grant", "grant"), |reads, id, found| {
        let subject = format!("grant {id}");
        let Some(grant) = readable(&subject, found, report) else { return Ok(()) };
        check_grant(&subject, &grant, draws.grants.remove(&id).unwrap_or_default(), report);
        let purchase = &grant["purchase"];
        if purchase.is_null() {
            return Ok(());
        }
        let parts = ["price", "settled", "returned"].map(|part| &purchase[part]);
        let (state, open_states) = (&grant["state"], &OPEN_GRANTS[..]);
        let left = Escrow { subject: &subject, state, open_states, parts: &parts };
        let left = check_one(&left, counted, report);
        check_hold(reads, &subject, purchase, left, report)
    })?;
    numbered(reads, ("credit", "get-credit-line", "credit-line"), |reads, id, found| {
        let subject = format!("credit line {id}");
        let Some(line) = readable(&subject, found, report) else { return Ok(()) };
        let billed = add_bills(reads, id, &line, report)?;
        let drawn = draws.lines.remove(&id).unwrap_or_default();
        check_line(&subject, &line, drawn, &billed, report);
        Ok(())
    })?;
    let lost = |kind: &str, id: u64| {
        violation(CREDIT, format!("{kind} {id}"), "usage draws on it, but there is none")
    };
    draws.grants.keys().for_each(|id| report(lost("grant", *id)));
    draws.lines.keys().for_each(|id| report(lost("credit line", *id)));
    Ok(())
}

impl Draws {
    /// Adds a usage: its draws are charged in their order, and the rest of them was returned.
    fn add(&mut self, subject: &str, usage: &Value, report: &mut dyn FnMut(Violation)) {
        let state = case(&usage["state"]);
        let mut charge = if state == "captured" { number(&usage["credits"]) } else { 0 };
        for draw in usage["draws"].as_array().into_iter().flatten() {
            let (source, set_aside) = (&draw["source"], number(&draw["credits"]));
            let of_kind =
                if case(source) == "credit-line" { &mut self.lines } else { &mut self.grants };
            let drawn = of_kind.entry(number(&source[case(source)])).or_default();
            let part = charge.min(set_aside);
            charge -= part;
            drawn.used += u128::from(part);
            if state == "authorised" {
                drawn.held += u128::from(set_aside);
            }
        }
        if charge > 0 {
            let message = format!("{charge} credits were charged to no grant and no line");
            report(violation(CREDIT, subject, message));
        }
    }
}

fn check_grant(subject: &str, grant: &Value, drawn: Drawn, report: &mut dyn FnMut(Violation)) {
    let [amount, used, held] = ["amount", "used", "held"].map(|it| u128::from(number(&grant[it])));
    if used + held > amount {
        let message = format!("{used} used and {held} held are more than {amount}");
        report(violation(CREDIT, subject, message));
    }
    let removed = u128::from(number(&grant["used-removed"]));
    compare(subject, "used", used, drawn.used + removed, report);
    compare(subject, "held", held, drawn.held, report);
}

/// Compares the credits in a record with the sum over the usages.
fn compare(
    subject: &str,
    what: &str,
    stated: u128,
    drawn: u128,
    report: &mut dyn FnMut(Violation),
) {
    if stated != drawn {
        let message = format!("{stated} credits are {what}, but by the usages it is {drawn}");
        report(violation(CREDIT, subject, message));
    }
}

/// Checks a line's bills and adds them up.
fn add_bills<R: ModuleReader>(
    reads: &mut R,
    line_id: u64,
    line: &Value,
    report: &mut dyn FnMut(Violation),
) -> Result<Billed, R::Error> {
    let mut bills = Vec::new();
    let of = json!({ "credit-line": line_id.to_string() });
    pages(reads, ("credit", "list-bills"), &of, "bills", report, |bill| bills.push(bill.clone()))?;
    let mut billed = Billed::default();
    for bill in &bills {
        let (id, credits) = (number(&bill["id"]), number(&bill["credits"]));
        billed.bills += 1;
        billed.all += u128::from(credits);
        match case(&bill["state"]) {
            "due" | "overdue" => billed.unpaid.push((id, credits)),
            "written-off" | "recovered" => billed.written_off += u128::from(credits),
            _ => {}
        }
        let subject = format!("bill {id}");
        check_bill(&subject, bill, &line["terms"], report);
        let mut by_service = 0;
        let of = json!({ "bill": bill["id"] });
        pages(reads, ("credit", "list-bill-lines"), &of, "lines", report, |service| {
            by_service += u128::from(number(&service["credits"]));
        })?;
        if by_service != u128::from(credits) {
            let message =
                format!("{credits} credits are on it, but its services add up to {by_service}");
            report(violation(CREDIT, subject, message));
        }
    }
    Ok(billed)
}

fn check_bill(subject: &str, bill: &Value, terms: &Value, report: &mut dyn FnMut(Violation)) {
    let [credits, amount, paid] = ["credits", "amount", "paid"].map(|part| number(&bill[part]));
    let [price, per] = ["price", "per"].map(|part| u128::from(number(&terms[part])));
    let cost = (u128::from(credits) * price).div_ceil(per.max(1));
    if u128::from(amount) != cost {
        let message = format!("{credits} credits cost {cost}, but the bill is over {amount}");
        report(violation(CREDIT, subject, message));
    }
    let state = text(&bill["state"]);
    if paid > amount || (paid == amount) != matches!(state, "paid" | "recovered") {
        let message = format!("{paid} is paid of {amount}, and it is {state}");
        report(violation(CREDIT, subject, message));
    }
}

fn check_line(
    subject: &str,
    line: &Value,
    drawn: Drawn,
    billed: &Billed,
    report: &mut dyn FnMut(Violation),
) {
    let part = |name: &str| u128::from(number(&line[name]));
    let [held, unbilled, open] = ["held", "unbilled", "billed"].map(part);
    let limit = u128::from(number(&line["terms"]["limit"]));
    if held + unbilled + open > limit {
        let message = format!(
            "{held} held, {unbilled} unbilled and {open} billed are more than the limit of {limit}"
        );
        report(violation(CREDIT, subject, message));
    }
    compare(subject, "held", held, drawn.held, report);
    // Credits that were never billed are written off with the last bill.
    let gone = part("written-off");
    if gone < billed.written_off {
        let message = format!("{gone} is written off, but the bills of {} are", billed.written_off);
        report(violation(CREDIT, subject, message));
        return;
    }
    let stated = unbilled + billed.all + (gone - billed.written_off);
    let used = drawn.used + part("used-removed");
    compare(subject, "unbilled, billed or written off", stated, used, report);
    let bill = &line["bill"];
    let expected: Vec<(u64, u64)> =
        if bill.is_null() { Vec::new() } else { vec![(number(bill), number(&line["billed"]))] };
    if billed.unpaid != expected || (bill.is_null() && open > 0) {
        let message = format!(
            "its unpaid bills are {:?} (number, credits), but it says {expected:?}",
            billed.unpaid
        );
        report(violation(CREDIT, subject, message));
    }
    if part("bills") != u128::from(billed.bills) {
        let message = format!("it has {} bills, but says {}", billed.bills, part("bills"));
        report(violation(CREDIT, subject, message));
    }
}
