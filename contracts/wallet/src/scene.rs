//! Money for the table tests of modules that call the wallet, and what accounts do there by themselves.

use alloc::string::String;
use alloc::vec::Vec;

use ehb_contract::calendar::DAY_MS;
use ehb_contract::table::{Cast, number, text};
use ehb_contract::{Address, Host};

use crate::bindings::ehb::wallet::types::Error;
use crate::rules;

/// Creates the asset `EUR`, with cents, and mints some for accounts. The caller becomes its issuer, and needs the role.
///
/// # Errors
/// As `create-asset` and `mint`.
pub fn issue_euros(host: &mut Host, to: &[(Address, u64)]) -> Result<(), Error> {
    let issuer = host.caller();
    host.call_module("wallet", |host| {
        rules::create_asset(host, text("EUR"), text("Euro"), 2, issuer)?;
        to.iter()
            .try_for_each(|(account, amount)| rules::mint(host, text("EUR"), *account, *amount))
    })
}

/// An account's euros: available and held.
///
/// # Errors
/// As `get-balance`.
pub fn euros(host: &mut Host, account: Address) -> Result<(u64, u64), Error> {
    let balance =
        host.call_module("wallet", |host| rules::get_balance(host, account, text("EUR")))?;
    Ok((balance.available, balance.held))
}

/// Makes the call of a row, if it is one of these:
///
/// - `WHO grant-allowance SPENDER LIMIT`: in `EUR`, for a day and any payee.
/// - `WHO use-allowance ALLOWANCE AMOUNT-MAX`: what modules then take in this transaction is the owner's money.
pub fn act(cast: &Cast, host: &mut Host, action: &str, arguments: &[&str]) -> Option<String> {
    match (action, arguments) {
        ("grant-allowance", [spender, limit]) => {
            let (spender, limit) = (cast.address(spender), number(limit));
            let (expires_ms, none) = (host.time_ms().saturating_add(DAY_MS), String::new);
            Some(cast.outcome(&host.call_module("wallet", |host| {
                let eur = text("EUR");
                rules::grant_allowance(
                    host,
                    spender,
                    eur,
                    limit,
                    None,
                    expires_ms,
                    Vec::new(),
                    none(),
                    none(),
                )
            })))
        }
        ("use-allowance", [id, amount_max]) => {
            let (id, amount_max) = (number(id), number(amount_max));
            Some(cast.outcome(
                &host.call_module("wallet", |host| rules::use_allowance(host, id, amount_max)),
            ))
        }
        _ => None,
    }
}
