//! Checks what must be true of the modules' state at any time: value is conserved.
//!
//! Everything is read through the modules' own functions, page by page, so that what is checked is what the modules
//! return and no second reading of their state. Tests check it after every step of generated business, the
//! simulator at the end of a run; `ehb-node audit` checks a real chain.

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

/// How many entries a page has.
const PAGE: u64 = 100;

/// Where the modules' functions are read.
pub trait ModuleReader {
    /// Why a function could not be read at all.
    type Error;

    /// Whether a module has a function.
    fn has(&self, module: &str, function: &str) -> bool;

    /// What a function gives that only reads, or the error that it returns; both in their JSON form.
    fn read(
        &mut self,
        module: &str,
        function: &str,
        arguments: &Value,
    ) -> Result<Result<Value, Value>, Self::Error>;

    /// The block time, milliseconds since 1970 (UTC).
    fn time_ms(&self) -> u64;
}

/// Something that may not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule that is broken; stable.
    pub code: &'static str,
    /// What it is about: an asset, an order, and so on, by its number.
    pub subject: String,
    /// What was found, with the amounts.
    pub message: String,
}

/// For every asset, balances and holds are not what was issued less what was redeemed.
pub const SUPPLY: &str = "SUPPLY";
/// What an account holds is not what its holds and pending payments have set aside.
pub const HELD: &str = "HELD";
/// A hold was resolved more than once.
pub const RESOLVED_TWICE: &str = "RESOLVED_TWICE";
/// An escrow gave more than it got, kept something in a final state, or is not what its hold holds.
pub const ESCROW: &str = "ESCROW";
/// Pieces of an order's line do not add up, or what is reserved of a stock is not what orders reserve.
pub const STOCK: &str = "STOCK";
/// Credits that were used or set aside are not those of the grants, lines and bills that they come from.
pub const CREDIT: &str = "CREDIT";
/// A module's function did not say what it must.
pub const UNREADABLE: &str = "UNREADABLE";

/// How much was looked at.
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
    /// How many of them are not over.
    pub open: u64,
}

/// Checks the books of all modules that are there, and tells what may not be.
pub fn check<R: ModuleReader>(
    reads: &mut R,
    mut tell: impl FnMut(Violation),
) -> Result<Counted, R::Error> {
    let mut counted = Counted::default();
    if reads.has("wallet", "list-owned") {
        check_wallet(reads, &mut counted, &mut tell)?;
    }
    check_escrows(reads, &mut counted, &mut tell)?;
    check_credit(reads, &mut counted, &mut tell)?;
    Ok(counted)
}

fn violation(
    code: &'static str,
    subject: impl Into<String>,
    message: impl Into<String>,
) -> Violation {
    Violation { code, subject: subject.into(), message: message.into() }
}

/// A number, which JSON holds as text where it has 64 bits. What is none counts as the largest, which
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

/// Visits all entries of a list that comes in pages. `of` are the arguments but for `after` and `limit`.
fn pages<R: ModuleReader>(
    reads: &mut R,
    (module, function): (&str, &str),
    of: &Value,
    list: &str,
    tell: &mut dyn FnMut(Violation),
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
                tell(violation(UNREADABLE, format!("{module}.{function}"), error.to_string()));
                return Ok(());
            }
        };
        page[list].as_array().into_iter().flatten().for_each(&mut visit);
        let next = &page["next"];
        if next.is_null() {
            return Ok(());
        }
        if *next == after {
            let message = format!("the page behind {after} leads to itself");
            tell(violation(UNREADABLE, format!("{module}.{function}"), message));
            return Ok(());
        }
        after = next.clone();
    }
}

/// Visits all things of a kind, which are numbered from 1 on: what the function gives, or the error that it
/// returns, until it knows no such thing.
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
