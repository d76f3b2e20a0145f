//! Checks what must be true of the modules' state at any time: value is conserved.
//!
//! Everything is read through the modules' own functions, page by page, so that the checks see what the
//! modules return and need no second decoder of their state. Tests check it after every step of generated
//! business, the simulator at the end of a run; `ehb-node audit` checks a real chain.

mod credit;
mod escrows;
mod stock;
mod wallet;

#[cfg(test)]
mod tests;

use serde_json::{Value, json};

pub use credit::check_credit;
pub use escrows::check_escrows;
pub use wallet::{Resolutions, check_wallet};

/// The number of entries of a page.
const PAGE: u64 = 100;

/// Calls the modules' read-only functions.
pub trait ModuleReader {
    /// Why a function could not be called at all.
    type Error;

    /// Whether a module has a function.
    fn has(&self, module: &str, function: &str) -> bool;

    /// The result of a read-only function, or the error that it returns; both in their JSON form.
    fn read(
        &mut self,
        module: &str,
        function: &str,
        arguments: &Value,
    ) -> Result<Result<Value, Value>, Self::Error>;

    /// The block time, milliseconds since 1970 (UTC).
    fn time_ms(&self) -> u64;
}

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule's code; stable.
    pub code: &'static str,
    /// The subject: an asset, an order, and so on, by its number.
    pub subject: String,
    /// Details, with the amounts.
    pub message: String,
}

/// An asset's balances and holds do not add up to the amount minted less the amount burned.
pub const SUPPLY: &str = "SUPPLY";
/// The held part of an account's balance is not the sum of its holds and pending payments.
pub const HELD: &str = "HELD";
/// A hold was resolved more than once.
pub const RESOLVED_TWICE: &str = "RESOLVED_TWICE";
/// An escrow paid out more than it got, kept money in a final state, or differs from its hold.
pub const ESCROW: &str = "ESCROW";
/// The pieces of an order's line do not add up, or a stock level's reserved pieces are not those that orders
/// reserve.
pub const STOCK: &str = "STOCK";
/// Used or reserved credits are not those of the grants, lines and bills that they come from.
pub const CREDIT: &str = "CREDIT";
/// A module's function returned an error or a value that cannot be read.
pub const UNREADABLE: &str = "UNREADABLE";

/// How much was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Assets.
    pub assets: u64,
    /// Balances of accounts.
    pub balances: u64,
    /// Holds, resolved ones included.
    pub holds: u64,
    /// Escrows of orders, milestones and purchases.
    pub escrows: u64,
    /// The number of escrows that are not in a final state.
    pub open: u64,
}

/// Checks the state of all modules that are installed, and reports every violation.
pub fn check<R: ModuleReader>(
    reads: &mut R,
    mut report: impl FnMut(Violation),
) -> Result<Counted, R::Error> {
    let mut counted = Counted::default();
    if reads.has("wallet", "list-all-balances") {
        check_wallet(reads, &mut counted, &mut report)?;
    }
    check_escrows(reads, &mut counted, &mut report)?;
    check_credit(reads, &mut counted, &mut report)?;
    Ok(counted)
}

fn violation(
    code: &'static str,
    subject: impl Into<String>,
    message: impl Into<String>,
) -> Violation {
    Violation { code, subject: subject.into(), message: message.into() }
}

/// A number, which is a string in JSON if it has 64 bits. Anything else counts as the largest number, which
/// breaks every sum.
fn number(value: &Value) -> u64 {
    let number = value.as_str().map_or_else(|| value.as_u64(), |text| text.parse().ok());
    number.unwrap_or(u64::MAX)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The name of an error's or variant's case.
fn case(value: &Value) -> &str {
    match value {
        Value::Object(members) => members.keys().next().map_or("", String::as_str),
        plain => text(plain),
    }
}

/// Visits all entries of a list, page by page. `of` are the arguments without `after` and `limit`.
fn pages<R: ModuleReader>(
    reads: &mut R,
    (module, function): (&str, &str),
    of: &Value,
    list: &str,
    report: &mut dyn FnMut(Violation),
    mut visit: impl FnMut(&Value),
) -> Result<(), R::Error> {
    let mut after = Value::Null;
    loop {
        let mut arguments = of.clone();
        arguments["after"] = after.clone();
        arguments["limit"] = PAGE.into();
        let page = match reads.read(module, function, &arguments)? {
            Ok(page) => page,
            Err(error) => {
                report(violation(UNREADABLE, format!("{module}.{function}"), error.to_string()));
                return Ok(());
            }
        };
        page[list].as_array().into_iter().flatten().for_each(&mut visit);
        let next = &page["next"];
        if next.is_null() {
            return Ok(());
        }
        if *next == after {
            let message = format!("the page after {after} leads to itself");
            report(violation(UNREADABLE, format!("{module}.{function}"), message));
            return Ok(());
        }
        after = next.clone();
    }
}

/// Whether an item left the state, long after it was over.
fn is_removed(error: &Value) -> bool {
    error["wrong-state"]["state"] == "removed"
}

/// The record that a read found, none where the item left the state; one that its module cannot read is a violation.
fn readable(
    subject: &str,
    found: Result<Value, Value>,
    report: &mut dyn FnMut(Violation),
) -> Option<Value> {
    if found.as_ref().is_err_and(is_removed) {
        return None;
    }
    found.map_err(|error| report(violation(UNREADABLE, subject, error.to_string()))).ok()
}

/// Visits all items of a kind, which are numbered from 1 on, until the function returns that there is no such
/// item: its result, or the error that it returns.
fn numbered<R: ModuleReader>(
    reads: &mut R,
    (module, function, parameter): (&str, &str, &str),
    mut visit: impl FnMut(&mut R, u64, Result<Value, Value>) -> Result<(), R::Error>,
) -> Result<(), R::Error> {
    if !reads.has(module, function) {
        return Ok(());
    }
    for id in 1..u64::MAX {
        let found = reads.read(module, function, &json!({ parameter: id.to_string() }))?;
        if found.as_ref().err().is_some_and(|error| case(error).starts_with("unknown")) {
            break;
        }
        visit(reads, id, found)?;
    }
    Ok(())
}
