//! Finds the addresses in decoded values, for the rows of `chain.mention`.

use std::collections::BTreeSet;

use ehb_abi::{Case, Field, Type};
use serde_json::Value;

/// Collects the addresses that a value contains, by its type: a text that only looks like an address does not
/// count.
pub(crate) fn of_value(kind: &Type, value: &Value, found: &mut BTreeSet<String>) {
    match (kind, value) {
        (Type::Address, Value::String(address)) => {
            found.insert(address.clone());
        }
        (Type::List(element), Value::Array(items)) => {
            items.iter().for_each(|item| of_value(element, item, found));
        }
        (Type::Option(inner), value) if !value.is_null() => {
            // An option within an option is an object with `some`.
            match (&**inner, value.get("some")) {
                (Type::Option(_), Some(some)) => of_value(inner, some, found),
                _ => of_value(inner, value, found),
            }
        }
        (Type::Result { ok, err }, Value::Object(_)) => {
            for (name, payload) in [("ok", ok), ("err", err)] {
                if let (Some(payload), Some(value)) = (payload, value.get(name)) {
                    of_value(payload, value, found);
                }
            }
        }
        (Type::Tuple(kinds), Value::Array(items)) => {
            kinds.iter().zip(items).for_each(|(kind, item)| of_value(kind, item, found));
        }
        (Type::Record(fields), value) => of_fields(fields, value, found),
        (Type::Variant(cases), Value::Object(_)) => {
            for Case { name, kind } in cases {
                if let (Some(kind), Some(value)) = (kind, value.get(name)) {
                    of_value(kind, value, found);
                }
            }
        }
        _ => {}
    }
}

/// Like [`of_value`], for a record or a function's arguments.
pub(crate) fn of_fields(fields: &[Field], value: &Value, found: &mut BTreeSet<String>) {
    for field in fields {
        if let Some(value) = value.get(&field.name) {
            of_value(&field.kind, value, found);
        }
    }
}
