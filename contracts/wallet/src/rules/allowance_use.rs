//! Use of allowances: how much the spender can take, and the count of how much it took.

use alloc::string::String;

use ehb_contract::common::{LimitUsage, Party};
use ehb_contract::{Address, Host, check_before};

use crate::bindings::ehb::wallet::events::{AllowanceUse, Event};
use crate::bindings::ehb::wallet::types::{Allowance, Error};
use crate::checks;
use crate::keys::{ALLOWANCES, Kind, LATEST_ALLOWANCE};
use crate::states::{ALLOWANCE, AllowanceAction, AllowanceState};

/// Counts an amount that is spent by `spender`, and returns whose money it is, and the asset.
pub(super) fn draw(
    host: &mut Host,
    id: u64,
    amount: u64,
    payee: Address,
    spender: Address,
) -> Result<(Address, String), Error> {
    checks::amount(amount)?;
    let mut allowance = active(host, id, AllowanceAction::Draw)?;
    if spender != allowance.spender {
        return Err(Error::WrongParty(Party::account(allowance.spender)));
    }
    let now_ms = host.time_ms();
    check_before(host, || Kind::Allowance.item(id), allowance.expires_ms)?;
    // A freeze of the owner's account also stops spending by others.
    super::check_active(host, allowance.owner)?;
    if !allowance.payees.is_empty() && !allowance.payees.contains(&payee) {
        return Err(Error::PayeeNotAllowed(payee));
    }
    let start_ms = period_start(&allowance, now_ms);
    if allowance.period_start_ms != start_ms {
        (allowance.period_start_ms, allowance.spent) = (start_ms, 0);
    }
    let spent = allowance.spent.checked_add(amount).filter(|spent| *spent <= allowance.limit);
    let Some(spent) = spent else {
        let used = LimitUsage::new(allowance.limit, allowance.spent, amount);
        return Err(Error::OverAllowance(used));
    };
    allowance.spent = spent;
    ALLOWANCES.set(host, &id, &allowance);
    let period_start_ms = start_ms;
    host.emit(Event::AllowanceUsed(AllowanceUse { allowance: id, amount, spent, period_start_ms }));
    Ok((allowance.owner, allowance.asset))
}

/// The allowance of a number, while it is active; see [`super::holds::open_hold`] for the others.
pub(super) fn active(host: &Host, id: u64, action: AllowanceAction) -> Result<Allowance, Error> {
    let item = || Kind::Allowance.item(id);
    let Some(allowance) = ALLOWANCES.get(host, &id) else {
        let latest = LATEST_ALLOWANCE.get(host).unwrap_or(0);
        return Err(match ALLOWANCE.next(item, AllowanceState::Closed, action) {
            Err(refusal) if (1..=latest).contains(&id) => refusal.into(),
            _ => Kind::Allowance.unknown(id).into(),
        });
    };
    ALLOWANCE.next(item, AllowanceState::Active, action)?;
    Ok(allowance)
}

/// When the period that contains this time began.
fn period_start(allowance: &Allowance, now_ms: u64) -> u64 {
    let Some(period_ms) = allowance.period_ms else { return allowance.granted_ms };
    now_ms - (now_ms - allowance.granted_ms) % period_ms
}
