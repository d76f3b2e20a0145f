//! Monthly statements: an account's opening and closing balance of one asset.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::page::{page, values};
use ehb_contract::{Address, Host, calendar};

use super::balances;
use crate::bindings::ehb::wallet::types::{Error, Statement};
use crate::bindings::exports::ehb::wallet::queries::StatementPage;
use crate::checks;
use crate::keys::{AssetSlot, STATEMENTS};
use crate::records::{Books, Parts};

/// See `queries.get-statement`.
pub fn get_statement(
    host: &Host,
    account: Address,
    asset: String,
    month: u32,
) -> Result<Statement, Error> {
    let id = checks::asset_id(&asset)?;
    let latest = calendar::month(host.time_ms());
    checks::range("month", u64::from(month), u64::from(calendar::month(0)), u64::from(latest))?;
    let parts = balances::read(host, account, id).unwrap_or_default();
    if month == parts.month {
        return Ok(running(parts));
    }
    if month > parts.month {
        return Ok(quiet(month, parts.owned()));
    }
    // The first month with entries from here on: it is this one, or began with what was owned in it.
    let before = month - 1;
    let party = (account, AssetSlot(id));
    let found = STATEMENTS.scan_under(host, &party, Some(&before), 1);
    Ok(match found.first() {
        Some((later, books)) if *later == month => closed(month, *books),
        Some((_, books)) => quiet(month, books.opening),
        None => quiet(month, parts.opening),
    })
}

/// See `queries.list-statements`.
pub fn list_statements(
    host: &Host,
    account: Address,
    asset: String,
    after: Option<u32>,
    limit: u32,
) -> Result<StatementPage, Error> {
    let id = checks::asset_id(&asset)?;
    let party = (account, AssetSlot(id));
    let (statements, next) = page(limit, |limit| {
        let found = STATEMENTS.scan_under(host, &party, after.as_ref(), limit);
        let mut statements: Vec<(u32, Statement)> =
            found.into_iter().map(|(month, books)| (month, closed(month, books))).collect();
        // The running month is the last.
        let parts = balances::read(host, account, id).unwrap_or_default();
        if parts.entries > 0 && after.is_none_or(|after| parts.month > after) {
            statements.push((parts.month, running(parts)));
        }
        statements
    })?;
    Ok(StatementPage { statements: values(statements), next })
}

/// The month in which something was credited or debited last.
fn running(parts: Parts) -> Statement {
    let (opening, closing) = (parts.opening, parts.owned());
    Statement { month: parts.month, opening, closing, entries: parts.entries }
}

/// A month that is over.
fn closed(month: u32, books: Books) -> Statement {
    let Books { opening, closing, entries } = books;
    Statement { month, opening, closing, entries }
}

/// A month without an entry.
fn quiet(month: u32, owned: u64) -> Statement {
    Statement { month, opening: owned, closing: owned, entries: 0 }
}
