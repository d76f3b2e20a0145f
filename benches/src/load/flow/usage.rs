use std::sync::Arc;

use ehb_sdk::api::LocatedReceipt;
use serde_json::{Value, json};

use super::{Step, result, step};
use crate::load::world::HOUR_MS;

/// A programme of credits.
pub(crate) struct Programme {
    pub(crate) id: Value,
    /// The account that meters its usage.
    pub(crate) meter: usize,
    /// The same, in bech32m.
    pub(crate) meter_text: String,
}

/// How many receipts a batch has.
const RECEIPTS: usize = 4;

/// A usage that is authorised and captured, and a batch of receipts.
pub(crate) struct Usage {
    programme: Arc<Programme>,
    user: usize,
    user_text: String,
    done: u32,
    usage: Value,
    captured_ms: u64,
}

impl Usage {
    /// What is metered, 3 credits for 10.
    pub(crate) const ITEM: &str = "gpt";

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
            2 => (self.programme.meter, "deliver-receipts", self.receipts()),
            _ => return None,
        };
        Some(step(by, "credit", function, arguments))
    }

    fn authorisation(&self) -> Value {
        json!({
            "programme": self.programme.id,
            "account": self.user_text,
            "item": Self::ITEM,
            "quantity-max": "100",
            "meter": self.programme.meter_text,
            "window-ms": HOUR_MS.to_string(),
            "reference": "",
            "key": "",
        })
    }

    /// The usage's number makes the references of its receipts unique.
    fn receipts(&self) -> Value {
        let usage = self.usage.as_str().unwrap_or_default();
        let receipt = |number: usize| {
            json!({
                "account": self.user_text,
                "item": Self::ITEM,
                "quantity": "50",
                "used-ms": self.captured_ms.to_string(),
                "reference": format!("{usage}-{number}"),
            })
        };
        let receipts: Vec<Value> = (0..RECEIPTS).map(receipt).collect();
        json!({ "programme": self.programme.id, "receipts": receipts })
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
