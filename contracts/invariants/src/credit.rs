//! Checks the credit module: grants, credit lines and bills must agree with usages and with each other.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::escrows::{Escrow, check_hold, check_one, readable};
use super::{
    CREDIT, Counted, ModuleReader, Violation, case, number, numbered, pages, text, violation,
};

/// In these states of a grant money can still wait.
const OPEN_GRANTS: [&str; 5] = ["open", "spent", "expiring", "revoking", "refunding"];

/// Credits that usages charged to and set aside of one grant or line. Sums of what 64 bits hold.
#[derive(Clone, Copy, Default)]
struct Drawn {
    used: u128,
    held: u128,
}

/// What was drawn, by the number of the grant or line.
#[derive(Default)]
struct Draws {
    grants: BTreeMap<u64, Drawn>,
    lines: BTreeMap<u64, Drawn>,
}

/// What the bills of a line add up to, credits.
#[derive(Default)]
struct Billed {
    bills: u64,
    all: u128,
    written_off: u128,
    /// Those that are due or overdue: number and credits.
    unpaid: Vec<(u64, u64)>,
}

/// Checks that what usages used and set aside is what their grants and credit lines say, that a
/// purchase's price is in its hold until it is paid out or returned, and that what was drawn on a line is
/// unbilled, on a bill, or written off; a bill is what its credits cost, and its lines add up to it.
pub fn check_credit<R: ModuleReader>(
    reads: &mut R,
    counted: &mut Counted,
    tell: &mut dyn FnMut(Violation),
) -> Result<(), R::Error> {
    let mut draws = Draws::default();
    numbered(reads, ("credit", "get-usage", "usage"), |_, id, found| {
        let subject = format!("usage {id}");
        if let Some(usage) = readable(&subject, found, tell) {
            draws.add(&subject, &usage, tell);
        }
        Ok(())
    })?;
    numbered(reads, ("credit", "get-grant", "grant"), |reads, id, found| {
        let subject = format!("grant {id}");
        let Some(grant) = readable(&subject, found, tell) else { return Ok(()) };
        check_grant(&subject, &grant, draws.grants.remove(&id).unwrap_or_default(), tell);
        let purchase = &grant["purchase"];
        if purchase.is_null() {
            return Ok(());
        }
        let parts = ["price", "settled", "returned"].map(|part| &purchase[part]);
        let (state, open_states) = (&grant["state"], &OPEN_GRANTS[..]);
        let left = Escrow { subject: &subject, state, open_states, parts: &parts };
        let left = check_one(&left, counted, tell);
        check_hold(reads, &subject, purchase, left, tell)
    })?;
    numbered(reads, ("credit", "get-line", "line"), |reads, id, found| {
        let subject = format!("line {id}");
        let Some(line) = readable(&subject, found, tell) else { return Ok(()) };
        let billed = add_bills(reads, id, &line, tell)?;
        let drawn = draws.lines.remove(&id).unwrap_or_default();
        check_line(&subject, &line, drawn, &billed, tell);
        Ok(())
    })?;
    let lost = |kind: &str, id: u64| {
        violation(CREDIT, format!("{kind} {id}"), "usage draws on it, but there is none")
    };
    draws.grants.keys().for_each(|id| tell(lost("grant", *id)));
    draws.lines.keys().for_each(|id| tell(lost("line", *id)));
    Ok(())
}

impl Draws {
    /// Adds a usage: its draws are charged in their order, and what is left of them was given back.
    fn add(&mut self, subject: &str, usage: &Value, tell: &mut dyn FnMut(Violation)) {
        let state = case(&usage["state"]);
        let mut charge = if state == "captured" { number(&usage["credits"]) } else { 0 };
        for draw in usage["draws"].as_array().into_iter().flatten() {
            let (source, set_aside) = (&draw["source"], number(&draw["credits"]));
            let of_kind = if case(source) == "line" { &mut self.lines } else { &mut self.grants };
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
            tell(violation(CREDIT, subject, message));
        }
    }
}

fn check_grant(subject: &str, grant: &Value, drawn: Drawn, tell: &mut dyn FnMut(Violation)) {
    let [amount, used, held] = ["amount", "used", "held"].map(|it| u128::from(number(&grant[it])));
    if used + held > amount {
        let message = format!("{used} used and {held} held are more than {amount}");
        tell(violation(CREDIT, subject, message));
    }
    compare(subject, "used", used, drawn.used, tell);
    compare(subject, "held", held, drawn.held, tell);
}

/// Compares what a record says of its credits with what the usages add up to.
fn compare(subject: &str, what: &str, told: u128, drawn: u128, tell: &mut dyn FnMut(Violation)) {
    if told != drawn {
        let message = format!("{told} credits are {what}, but by the usages it is {drawn}");
        tell(violation(CREDIT, subject, message));
    }
}

/// Checks a line's bills, and adds them up.
fn add_bills<R: ModuleReader>(
    reads: &mut R,
    line_id: u64,
    line: &Value,
    tell: &mut dyn FnMut(Violation),
) -> Result<Billed, R::Error> {
    let mut bills = Vec::new();
    let of = json!({ "line": line_id.to_string() });
    pages(reads, ("credit", "list-bills"), &of, "bills", tell, |bill| bills.push(bill.clone()))?;
    let mut billed = Billed::default();
    for bill in &bills {
        let (id, credits) = (number(&bill["id"]), number(&bill["credits"]));
        billed.bills += 1;
        billed.all += u128::from(credits);
        match case(&bill["state"]) {
            "due" | "overdue" => billed.unpaid.push((id, credits)),
            "written-off" => billed.written_off += u128::from(credits),
            _ => {}
        }
        let subject = format!("bill {id}");
        check_bill(&subject, bill, &line["terms"], tell);
        let mut by_item = 0;
        let of = json!({ "bill": bill["id"] });
        pages(reads, ("credit", "list-bill-lines"), &of, "lines", tell, |item| {
            by_item += u128::from(number(&item["credits"]));
        })?;
        if by_item != u128::from(credits) {
            let message = format!("{credits} credits are on it, but its items add up to {by_item}");
            tell(violation(CREDIT, subject, message));
        }
    }
    Ok(billed)
}

fn check_bill(subject: &str, bill: &Value, terms: &Value, tell: &mut dyn FnMut(Violation)) {
    let [credits, amount, paid] = ["credits", "amount", "paid"].map(|part| number(&bill[part]));
    let [price, per] = ["price", "per"].map(|part| u128::from(number(&terms[part])));
    let cost = (u128::from(credits) * price).div_ceil(per.max(1));
    if u128::from(amount) != cost {
        let message = format!("{credits} credits cost {cost}, but the bill is over {amount}");
        tell(violation(CREDIT, subject, message));
    }
    let state = text(&bill["state"]);
    if paid > amount || (paid == amount) != (state == "paid") {
        let message = format!("{paid} is paid of {amount}, and it is {state}");
        tell(violation(CREDIT, subject, message));
    }
}

fn check_line(
    subject: &str,
    line: &Value,
    drawn: Drawn,
    billed: &Billed,
    tell: &mut dyn FnMut(Violation),
) {
    let part = |name: &str| u128::from(number(&line[name]));
    let [held, unbilled, open] = ["held", "unbilled", "billed"].map(part);
    let limit = u128::from(number(&line["terms"]["limit"]));
    if held + unbilled + open > limit {
        let message = format!(
            "{held} held, {unbilled} unbilled and {open} billed are more than the limit of {limit}"
        );
        tell(violation(CREDIT, subject, message));
    }
    compare(subject, "held", held, drawn.held, tell);
    // What was never billed is written off with the last bill.
    let gone = part("written-off");
    if gone < billed.written_off {
        let message = format!("{gone} is written off, but the bills of {} are", billed.written_off);
        tell(violation(CREDIT, subject, message));
        return;
    }
    let told = unbilled + billed.all + (gone - billed.written_off);
    compare(subject, "unbilled, billed or written off", told, drawn.used, tell);
    let bill = &line["bill"];
    let expected: Vec<(u64, u64)> =
        if bill.is_null() { Vec::new() } else { vec![(number(bill), number(&line["billed"]))] };
    if billed.unpaid != expected || (bill.is_null() && open > 0) {
        let message = format!(
            "its unpaid bills are {:?} (number, credits), but it says {expected:?}",
            billed.unpaid
        );
        tell(violation(CREDIT, subject, message));
    }
    if part("bills") != u128::from(billed.bills) {
        let message = format!("it has {} bills, but says {}", billed.bills, part("bills"));
        tell(violation(CREDIT, subject, message));
    }
}
