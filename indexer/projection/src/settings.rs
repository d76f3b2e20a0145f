//! Settings of the platform, and limits of treasurers: what several modules have.

use serde_json::Value;

use crate::cell::{Cell, Field, Number};
use crate::error::Done;
use crate::event::Event;
use crate::proof::{Comparison, Row};
use crate::table::{Record, Table, key, table};
use crate::tables::Tables;

pub(crate) const TABLES: &[&Table] =
    &[Setting::TABLE, RoleLimit::TABLE, RoleLimitUse::TABLE, RatingMinimum::TABLE];

/// A day, milliseconds.
const DAY_MS: i128 = 24 * 60 * 60 * 1_000;

table! {
    /// A setting of the platform. In force is the largest version that is not cancelled and has begun; one begins at
    /// `effective_ms` without an event.
    Setting = current "emo.setting" by (module, name; version) {
        module: String,
        /// As the module's record names it.
        name: String,
        version: Number,
        value: Value,
        effective_ms: Number,
        /// Whether another version replaced it before it began.
        cancelled: bool,
    }
}

table! {
    /// The most that treasurers or clerks may give away, and what they gave on the last day on which they did.
    RoleLimit = current "emo.role_limit" by (module, role, subject, asset) {
        module: String,
        /// `treasurer` or `clerk`.
        role: String,
        /// The store of the marketplace, or the programme of credits.
        subject: Number,
        /// Empty for credits.
        asset: String,
        /// The most at a time; none without a limit.
        single_max: Option<Number>,
        /// The most on one day; none without a limit.
        daily_max: Option<Number>,
        /// Days since 1970 (UTC).
        day: Number,
        /// What of it they used on that day.
        used: Number,
    }
}

table! {
    /// A part of a limit of treasurers or clerks that was used.
    RoleLimitUse = history "emo.role_limit_use" by (module, role, subject, asset; at_height, at_index, at_event) {
        module: String,
        role: String,
        subject: Number,
        asset: String,
        by: String,
        amount: Number,
        /// What of it was used on that day, with this.
        used_today: Number,
        at_ms: Number,
    }
}

table! {
    /// The least that an order or contract must have paid in an asset for ratings.
    RatingMinimum = current "emo.rating_minimum" by (module, asset) {
        module: String = "",
        asset: String,
        /// None: there are no ratings in the asset any more.
        paid_min: Option<Number>,
    }
}

/// Another minimum for ratings.
pub(crate) fn enter_rating_minimum(tables: &mut Tables, event: &Event<'_>) -> Done {
    let module = event.module.to_owned();
    tables.put(&RatingMinimum { module, ..event.record(event.value)? });
    Ok(())
}

/// A module answers with the minimum of an asset.
pub(crate) fn compare_rating_minimum(
    comparison: &mut Comparison<'_>,
    row: &Row<'_>,
    answer: &Value,
    _: i128,
) {
    let theirs = Number::read(Some(answer)).map_or(Cell::Null, |it| it.cell());
    comparison.same("paid_min", row.cell("paid_min"), &theirs);
}

/// Writes each field of a record as a setting. Versions that have not begun are replaced.
pub(crate) fn set_all(
    tables: &mut Tables,
    event: &Event<'_>,
    record: &Value,
    version: Number,
    effective_ms: Number,
) -> Done {
    let now = Number(event.time_ms.into());
    for (name, value) in record.as_object().into_iter().flatten() {
        let (module, name, value) = (event.module.to_owned(), name.clone(), value.clone());
        for waits in tables.group::<Setting>(&key![module, name])? {
            if waits.effective_ms > now && !waits.cancelled {
                tables.put(&Setting { cancelled: true, at: event.at, ..waits });
            }
        }
        let cancelled = false;
        tables.put(&Setting {
            module,
            name,
            version,
            value,
            effective_ms,
            cancelled,
            at: event.at,
        });
    }
    Ok(())
}

/// The next version of a setting of a module that does not count them.
pub(crate) fn next_version(tables: &mut Tables, event: &Event<'_>, name: &str) -> Done<Number> {
    let known = tables.group::<Setting>(&key![event.module.to_owned(), name.to_owned()])?;
    Ok(known.last().map_or(Number(0), |last| last.version) + Number(1))
}

/// A limit of treasurers or clerks was set or used. `subject` is the field with the store or programme, `amount` that with what was
/// given.
pub(crate) fn enter_limit(
    tables: &mut Tables,
    event: &Event<'_>,
    role: &str,
    subject: &'static str,
    amount: &'static str,
) -> Done {
    let (module, role) = (event.module.to_owned(), role.to_owned());
    let subject: Number = event.get(subject)?;
    let asset = event.get::<Option<String>>("asset")?.unwrap_or_default();
    let known = tables.get::<RoleLimit>(key![module, role, subject, asset], key![])?;
    let mut row = known.unwrap_or_else(|| RoleLimit {
        module: module.clone(),
        role: role.clone(),
        subject,
        asset: asset.clone(),
        ..RoleLimit::default()
    });
    row.at = event.at;
    if event.name.ends_with("-limit-used") {
        let at_ms: Number = event.get("at-ms")?;
        row.day = Number(at_ms.0.div_euclid(DAY_MS));
        row.used = event.get("used-today")?;
        let (by, amount, used_today) = (event.get("by")?, event.get(amount)?, row.used);
        let at = event.at;
        tables.append(&RoleLimitUse {
            module,
            role,
            subject,
            asset,
            by,
            amount,
            used_today,
            at_ms,
            at,
        });
    } else {
        let limit: Option<Value> = event.get("limit")?;
        let limit = limit.as_ref().unwrap_or(&Value::Null);
        row.single_max = event.of(limit, "single-max")?;
        row.daily_max = event.of(limit, "daily-max")?;
        if row.single_max.is_none() {
            // The sum is forgotten with the limit.
            (row.day, row.used) = (Number(0), Number(0));
        }
    }
    tables.put(&row);
    Ok(())
}

/// Compares the version that is in force and the one that waits with a record of both.
pub(crate) fn compare_versions(
    comparison: &mut Comparison<'_>,
    row: &Row<'_>,
    status: &Value,
    now_ms: i128,
) {
    let next = status.get("next").unwrap_or(&Value::Null);
    compare_version(comparison, row, status.get("settings"), next.get("settings"), now_ms);
}

/// Compares the latest version with a record of it.
pub(crate) fn compare_latest(
    comparison: &mut Comparison<'_>,
    row: &Row<'_>,
    record: &Value,
    now_ms: i128,
) {
    compare_version(comparison, row, Some(record), None, now_ms);
}

fn compare_version(
    comparison: &mut Comparison<'_>,
    row: &Row<'_>,
    in_force: Option<&Value>,
    waiting: Option<&Value>,
    now_ms: i128,
) {
    let rows = comparison.rows(row, Setting::TABLE);
    let kept = rows.iter().filter_map(|row| Setting::of_cells(row)).filter(|it| !it.cancelled);
    let (begun, waits): (Vec<_>, Vec<_>) = kept.partition(|it| it.effective_ms.0 <= now_ms);
    for (what, ours, theirs) in
        [("in force", begun.last(), in_force), ("announced", waits.last(), waiting)]
    {
        let Cell::Text(name) = row.cell("name") else { return };
        let ours = ours.map_or(Cell::Null, |it| Cell::Json(it.value.clone()));
        let theirs = theirs.and_then(|it| it.get(name));
        let theirs = theirs.map_or(Cell::Null, |value| Cell::Json(value.clone()));
        comparison.same(&format!("{name} {what}"), &ours, &theirs);
    }
}

/// Compares a limit of treasurers or clerks with its status.
pub(crate) fn compare_limit(
    comparison: &mut Comparison<'_>,
    row: &Row<'_>,
    status: &Value,
    now_ms: i128,
) {
    let limit = status.get("limit").unwrap_or(&Value::Null);
    for (column, field) in [("single_max", "single-max"), ("daily_max", "daily-max")] {
        let theirs = Option::<Number>::read(limit.get(field)).unwrap_or_default();
        comparison.same(column, row.cell(column), &theirs.cell());
    }
    let is_today = row.number("day") == now_ms.div_euclid(DAY_MS);
    let used = Cell::Number(if is_today { row.number("used") } else { 0 });
    let theirs = Number::read(status.get("used-today")).unwrap_or_default();
    comparison.same("used", &used, &theirs.cell());
}
