//! Settings of the platform, and limits of treasurers: what several modules have.

use serde_json::Value;

use crate::cell::{Cell, Field, Number};
use crate::event::Event;
use crate::proof::{Comparison, Row};
use crate::table::{Record, Table, key, table};
use crate::tables::{Done, Tables};

/// The tables.
pub(crate) const TABLES: &[&Table] = &[Setting::TABLE, TreasurerLimit::TABLE, TreasurerUse::TABLE];

/// A day, milliseconds.
const DAY_MS: i128 = 24 * 60 * 60 * 1_000;

table! {
    /// A setting of the platform.
    Setting = current "emo.setting" by (module, name) {
        module: String,
        /// As the module's record names it.
        name: String,
        value: Value,
    }
}

table! {
    /// The most that treasurers may give away, and what they gave on the last day on which they did.
    TreasurerLimit = current "emo.treasurer_limit" by (module, subject, asset) {
        module: String,
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
        /// What they gave on that day.
        given: Number,
    }
}

table! {
    /// A part of a treasurers' limit that was used.
    TreasurerUse = history "emo.treasurer_use" by (module, subject, asset; at_height, at_index, at_event) {
        module: String,
        subject: Number,
        asset: String,
        by: String,
        amount: Number,
        /// What treasurers gave on that day, with this.
        given_today: Number,
        at_ms: Number,
    }
}

/// Writes each field of a record as a setting.
pub(crate) fn set_all(tables: &mut Tables, event: &Event<'_>, record: &Value) {
    for (name, value) in record.as_object().into_iter().flatten() {
        let (module, name, value) = (event.module.to_owned(), name.clone(), value.clone());
        tables.put(&Setting { module, name, value, at: event.at });
    }
}

/// A treasurers' limit was set or used. `subject` is the field with the store or programme, `amount` that with what was
/// given.
pub(crate) fn enter_treasurers(
    tables: &mut Tables,
    event: &Event<'_>,
    subject: &'static str,
    amount: &'static str,
) -> Done {
    let module = event.module.to_owned();
    let subject: Number = event.get(subject)?;
    let asset = event.get::<Option<String>>("asset")?.unwrap_or_default();
    let known = tables.get::<TreasurerLimit>(key![module, subject, asset], key![])?;
    let mut row = known.unwrap_or_else(|| TreasurerLimit {
        module: module.clone(),
        subject,
        asset: asset.clone(),
        ..TreasurerLimit::default()
    });
    row.at = event.at;
    if event.name == "treasurer-gave" {
        let at_ms: Number = event.get("at-ms")?;
        row.day = Number(at_ms.0.div_euclid(DAY_MS));
        row.given = event.get("given-today")?;
        let (by, amount, given_today) = (event.get("by")?, event.get(amount)?, row.given);
        let at = event.at;
        tables.append(&TreasurerUse { module, subject, asset, by, amount, given_today, at_ms, at });
    } else {
        let limit: Option<Value> = event.get("limit")?;
        let limit = limit.as_ref().unwrap_or(&Value::Null);
        row.single_max = event.of(limit, "single-max")?;
        row.daily_max = event.of(limit, "daily-max")?;
        if row.single_max.is_none() {
            // What they gave is forgotten with the limit.
            (row.day, row.given) = (Number(0), Number(0));
        }
    }
    tables.put(&row);
    Ok(())
}

/// Compares a setting with the field of the record.
pub(crate) fn compare(comparison: &mut Comparison<'_>, row: &Row<'_>, record: &Value, _: i128) {
    let Cell::Text(name) = row.cell("name") else { return };
    let field = record.get(name).cloned().unwrap_or_default();
    comparison.same(name, row.cell("value"), &Cell::Json(field));
}

/// Compares a limit of treasurers with its status.
pub(crate) fn compare_treasurers(
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
    let given = Cell::Number(if is_today { row.number("given") } else { 0 });
    let theirs = Number::read(status.get("given-today")).unwrap_or_default();
    comparison.same("given", &given, &theirs.cell());
}
