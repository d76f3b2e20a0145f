//! Limits of accounts: what their windows count.

use serde_json::Value;

use super::rows::{AccountLimit, Usage};
use crate::cell::Number;
use crate::event::Event;
use crate::table::key;
use crate::tables::{Done, Tables};

/// A limit is set or removed.
pub(super) fn set(tables: &mut Tables, event: &Event<'_>) -> Done {
    let (programme, account): (Number, String) = (event.get("programme")?, event.get("account")?);
    let known = tables.group::<AccountLimit>(&key![programme, account])?;
    let n = known.last().map_or(0, |last| last.n).saturating_add(1);
    let (limit, at_ms): (&Value, Number) = (event.part("limit")?, event.get("at-ms")?);
    let new = AccountLimit {
        programme,
        account,
        n,
        set_by: event.get("set-by")?,
        item: event.of(limit, "item")?,
        measure: event.of(limit, "measure")?,
        period_ms: event.of(limit, "period-ms")?,
        max: event.of(limit, "max")?,
        since_ms: at_ms,
        window_ms: window(at_ms, event.of(limit, "period-ms")?),
        counted: Number(0),
        listed: true,
        at: event.at,
    };
    let same = known.into_iter().filter(|it| it.listed).find(|it| {
        (&it.set_by, &it.item, &it.measure, it.period_ms)
            == (&new.set_by, &new.item, &new.measure, new.period_ms)
    });
    match (same, event.name == "limit-set") {
        (Some(old), true) => tables.put(&AccountLimit { max: new.max, at: event.at, ..old }),
        (Some(old), false) => tables.put(&AccountLimit { listed: false, at: event.at, ..old }),
        (None, true) => tables.put(&new),
        (None, false) => {}
    }
    Ok(())
}

/// The limits of the account of a usage.
fn of(tables: &mut Tables, usage: &Usage) -> Done<Vec<AccountLimit>> {
    let limits = tables.group::<AccountLimit>(&key![usage.programme, usage.account])?;
    Ok(limits.into_iter().filter(|it| it.listed).collect())
}

/// A usage counts with the most that it can use.
pub(super) fn count(tables: &mut Tables, event: &Event<'_>, usage: &Usage) -> Done {
    for mut limit in of(tables, usage)? {
        let window_ms = window(usage.at_ms, limit.period_ms);
        if limit.window_ms != window_ms {
            (limit.window_ms, limit.counted) = (window_ms, Number(0));
        }
        limit.counted += measured(&limit, usage, usage.quantity_max, usage.credits_max, 1);
        limit.at = event.at;
        tables.put(&limit);
    }
    Ok(())
}

/// Gives back what a usage, which is resolved, did not use, if its window still counts.
pub(super) fn give_back(tables: &mut Tables, event: &Event<'_>, usage: &Usage) -> Done {
    for mut limit in of(tables, usage)? {
        let counts = window(usage.at_ms, limit.period_ms) == limit.window_ms;
        if counts && usage.at_ms >= limit.since_ms {
            let rest = usage.quantity_max - usage.quantity;
            let free = usage.credits_max - usage.credits;
            let uses = i128::from(usage.state != "captured");
            let unused = measured(&limit, usage, rest, free, uses);
            limit.counted = (limit.counted - unused).max(Number(0));
            limit.at = event.at;
            tables.put(&limit);
        }
    }
    Ok(())
}

/// The start of a time's window.
fn window(time_ms: Number, period_ms: Number) -> Number {
    Number(time_ms.0 - time_ms.0.checked_rem(period_ms.0).unwrap_or(0))
}

/// The amount of a usage that a limit counts.
fn measured(
    limit: &AccountLimit,
    usage: &Usage,
    quantity: Number,
    credits: Number,
    uses: i128,
) -> Number {
    if limit.item.as_ref().is_some_and(|item| *item != usage.item) {
        return Number(0);
    }
    match limit.measure.as_str() {
        "credits" => credits,
        "quantity" => quantity,
        _ => Number(uses),
    }
}
