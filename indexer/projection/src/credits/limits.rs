//! Limits of accounts: what their windows count.

use serde_json::Value;

use super::period::{self, Window};
use super::rows::{AccountLimit, Usage};
use crate::cell::Number;
use crate::error::Done;
use crate::event::Event;
use crate::table::key;
use crate::tables::Tables;

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
        service: event.of(limit, "service")?,
        measure: event.of(limit, "measure")?,
        period: event.of(limit, "period")?,
        max: event.of(limit, "max")?,
        since_ms: at_ms,
        window_start_ms: Number(slot(event, event.of(limit, "period")?, at_ms)?.start_ms),
        counted: Number(0),
        counted_before: Number(0),
        counted_earlier: Number(0),
        listed: true,
        at: event.at,
    };
    let same = known.into_iter().filter(|it| it.listed).find(|it| {
        (&it.set_by, &it.service, &it.measure, &it.period)
            == (&new.set_by, &new.service, &new.measure, &new.period)
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
        turn(event, &mut limit, usage.at_ms)?;
        limit.counted += measured(&limit, usage, usage.quantity_max, usage.credits_max, 1);
        limit.at = event.at;
        tables.put(&limit);
    }
    Ok(())
}

/// Gives back what a usage, which is resolved, did not use, if its window still counts.
pub(super) fn give_back(tables: &mut Tables, event: &Event<'_>, usage: &Usage) -> Done {
    for mut limit in of(tables, usage)? {
        if usage.at_ms < limit.since_ms {
            continue;
        }
        let rest = usage.quantity_max - usage.quantity;
        let free = usage.credits_max - usage.credits;
        let usages = i128::from(usage.state != "captured");
        let unused = measured(&limit, usage, rest, free, usages);
        let latest = slot(event, limit.period.clone(), limit.window_start_ms)?.number;
        let counted_in = slot(event, limit.period.clone(), usage.at_ms)?.number;
        let count = match (latest - counted_in, period::is_span(&limit.period)) {
            (0, _) => &mut limit.counted,
            (1, true) => &mut limit.counted_before,
            (2, true) => &mut limit.counted_earlier,
            _ => continue,
        };
        *count = (*count - unused).max(Number(0));
        limit.at = event.at;
        tables.put(&limit);
    }
    Ok(())
}

/// The window, or half of a span, in which a time counts.
fn slot(event: &Event<'_>, period: Value, time_ms: Number) -> Done<Window> {
    let window = period::slot(&period, time_ms.0);
    Ok(window.ok_or_else(|| event.unfit("period", "it is no span, days, weeks or months"))?)
}

/// Begins the window of a time, unless it has begun.
fn turn(event: &Event<'_>, limit: &mut AccountLimit, now_ms: Number) -> Done {
    let latest = slot(event, limit.period.clone(), limit.window_start_ms)?;
    let now = slot(event, limit.period.clone(), now_ms)?;
    let none = Number(0);
    let (before, earlier) = match (now.number - latest.number, period::is_span(&limit.period)) {
        (..=0, _) => return Ok(()),
        (1, true) => (limit.counted, limit.counted_before),
        (2, true) => (none, limit.counted),
        _ => (none, none),
    };
    (limit.counted, limit.counted_before, limit.counted_earlier) = (none, before, earlier);
    limit.window_start_ms = Number(now.start_ms);
    Ok(())
}

/// The amount of a usage that a limit counts.
fn measured(
    limit: &AccountLimit,
    usage: &Usage,
    quantity: Number,
    credits: Number,
    usages: i128,
) -> Number {
    if limit.service.as_ref().is_some_and(|service| *service != usage.service) {
        return Number(0);
    }
    match limit.measure.as_str() {
        "credits" => credits,
        "quantity" => quantity,
        _ => Number(usages),
    }
}
