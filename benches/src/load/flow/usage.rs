//! The flow of metered usage of a credit programme, and the programme itself.

use std::sync::Arc;

use ehb_sdk::api::LocatedReceipt;
use serde_json::{Value, json};

use super::{Step, result, step};
use crate::business;

/// A programme of credits.
pub(crate) struct Programme {
    pub(crate) id: Value,
    /// The account that meters its usage.
    pub(crate) meter: usize,
    /// The same, in bech32m.
    pub(crate) meter_text: String,
}

/// A usage that is authorised and captured, and a batch of reports.
pub(crate) struct Usage {
    programme: Arc<Programme>,
    user: usize,
    user_text: String,
    done: u32,
    usage: Value,
    captured_ms: u64,
}

impl Usage {
    pub(crate) fn new(programme: Arc<Programme>, user: usize, user_text: &str) -> Self {
        let user_text = user_text.to_owned();
        Self { programme, user, user_text, done: 0, usage: Value::Null, captured_ms: 0 }
    }

    pub(super) fn step(&self) -> Option<Step> {
        let (by, function, arguments) = match self.done {
            0 => (self.user, "authorise-usage", self.authorisation()),
            1 => {
                let capture = json!({ "usage": self.usage, "quantity": "50", "key": "" });
                (self.programme.meter, "capture-usage", capture)
            }
            2 => (self.programme.meter, "report-usage", self.reports()),
            _ => return None,
        };
        Some(step(by, "credit", function, arguments))
    }

    fn authorisation(&self) -> Value {
        let Programme { id, meter_text, .. } = &*self.programme;
        business::usage(id, &self.user_text, meter_text)
    }

    /// The usage's number makes the references of its reports unique.
    fn reports(&self) -> Value {
        let usage = self.usage.as_str().unwrap_or_default();
        business::reports(&self.programme.id, &self.user_text, self.captured_ms, usage)
    }

    pub(super) fn go_on(&mut self, located: &LocatedReceipt) {
        match self.done {
            0 => self.usage = result(located),
            1 => self.captured_ms = located.timestamp_ms,
            _ => {}
        }
        self.done += 1;
    }
}
