//! Monthly statements of accounts: what was granted, used and lost, and the services that were used.

use super::period;
use super::rows::{CreditMonth, CreditMonthService, Grant, Usage};
use crate::cell::Number;
use crate::error::Done;
use crate::event::Event;
use crate::table::key;
use crate::tables::Tables;

/// The amounts that an event adds to its month.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Added {
    pub(super) granted: Number,
    pub(super) used: Number,
    pub(super) credit_line_used: Number,
    pub(super) expired: Number,
    pub(super) revoked: Number,
    pub(super) refunded: Number,
}

impl Added {
    /// Credits that a grant loses because of the way in which it ends.
    pub(super) fn lose(&mut self, state: &str, credits: Number) {
        match state {
            "expiring" => self.expired += credits,
            "revoking" => self.revoked += credits,
            "refunding" => self.refunded += credits,
            _ => {}
        }
    }
}

/// Adds to the statement of the account's month, which begins with its first event.
pub(super) fn add(
    tables: &mut Tables,
    event: &Event<'_>,
    programme: Number,
    account: &str,
    added: Added,
) -> Done {
    let account = account.to_owned();
    let month = Number(period::calendar_month(event.time_ms.into()));
    let last = tables.group::<CreditMonth>(&key![programme, account])?.pop();
    let mut row = match last {
        Some(last) if last.month == month => last,
        last => {
            let opening = last.map(|last| last.closing).unwrap_or_default();
            CreditMonth { programme, account, month, opening, ..CreditMonth::default() }
        }
    };
    row.granted += added.granted;
    row.used += added.used;
    row.expired += added.expired;
    row.revoked += added.revoked;
    row.refunded += added.refunded;
    row.credit_line_used += added.credit_line_used;
    row.closing = row.opening + row.granted - row.used - row.expired - row.revoked - row.refunded;
    row.at = event.at;
    tables.put(&row);
    Ok(())
}

/// A grant begins to end; what open usage holds of it is not lost yet.
pub(super) fn end(tables: &mut Tables, event: &Event<'_>, grant: &Grant) -> Done {
    if grant.state == "settling" {
        return Ok(());
    }
    let mut added = Added::default();
    added.lose(&grant.state, grant.amount - grant.used - grant.held);
    add(tables, event, grant.programme, &grant.account, added)
}

/// Counts captured usage into its month's service.
pub(super) fn count_service(tables: &mut Tables, event: &Event<'_>, usage: &Usage) -> Done {
    let month = Number(period::calendar_month(event.time_ms.into()));
    let (programme, account, service) =
        (usage.programme, usage.account.clone(), usage.service.clone());
    let known = tables.get::<CreditMonthService>(key![programme, account, month], key![service])?;
    let known = known.unwrap_or_default();
    tables.put(&CreditMonthService {
        programme,
        account,
        month,
        service,
        usages: known.usages + Number(1),
        quantity: known.quantity + usage.quantity,
        credits: known.credits + usage.credits,
        at: event.at,
    });
    Ok(())
}
