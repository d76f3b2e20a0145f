//! An event as the projection reads it: decoded by the interface of its height, and read by the names of its fields, so
//! that fields which a later version adds change nothing.

use ehb_types::Network;
use serde_json::Value;

use crate::cell::Field;
use crate::error::{Done, ProjectError};
use crate::table::{At, Record};

/// An event.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// The module that emitted it.
    pub module: &'a str,
    /// The name of its case.
    pub name: &'a str,
    /// Its payload, null if it has none.
    pub value: &'a Value,
    /// Its position.
    pub at: At,
    /// The block's time, milliseconds since 1970 (UTC).
    pub time_ms: i64,
    /// The class of network, which addresses as text depend on.
    pub network: Network,
    /// The sender of the transaction; none for changes by genesis and the kernel.
    pub sender: Option<&'a str>,
}

impl<'a> Event<'a> {
    /// A field of the payload.
    pub(crate) fn get<F: Field>(&self, name: &'static str) -> Done<F> {
        self.of(self.value, name)
    }

    /// A field of a part of the payload.
    pub(crate) fn of<F: Field>(&self, value: &Value, name: &'static str) -> Done<F> {
        F::read(value.get(name)).map_err(|reason| self.unfit(name, reason).into())
    }

    /// The payload itself.
    pub(crate) fn payload<F: Field>(&self) -> Done<F> {
        F::read(Some(self.value)).map_err(|reason| self.unfit("payload", reason).into())
    }

    /// A part of the payload.
    pub(crate) fn part(&self, name: &'static str) -> Done<&'a Value> {
        self.value.get(name).ok_or_else(|| self.unfit(name, "it is missing").into())
    }

    /// The elements of a list in the payload.
    pub(crate) fn list(&self, name: &'static str) -> Done<&'a [Value]> {
        self.list_of(self.value, name)
    }

    /// The elements of a list in a part of the payload.
    pub(crate) fn list_of<'b>(&self, value: &'b Value, name: &'static str) -> Done<&'b [Value]> {
        let list = value.get(name).and_then(Value::as_array);
        list.map(Vec::as_slice).ok_or_else(|| self.unfit(name, "it is no list").into())
    }

    /// The row of a record in the payload.
    pub(crate) fn record<T: Record>(&self, record: &Value) -> Done<T> {
        T::read(record, self.at).map_err(|(column, reason)| self.unfit(column, reason).into())
    }

    /// The event lacks what the tables need.
    pub(crate) fn unfit(&self, field: &str, reason: &str) -> ProjectError {
        ProjectError::Event {
            event: self.name.to_owned(),
            module: self.module.to_owned(),
            at: self.at,
            field: field.to_owned(),
            reason: reason.to_owned(),
        }
    }
}
