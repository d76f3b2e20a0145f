//! The shortest flow: a single transfer in the wallet.

use serde_json::json;

use super::{Step, step};

/// One payment.
pub(crate) struct Transfer {
    pub(crate) from: usize,
    pub(crate) to: String,
    pub(crate) is_over: bool,
}

impl Transfer {
    pub(super) fn step(&self) -> Option<Step> {
        let arguments = json!({ "to": self.to, "asset": "EUR", "amount": "1" });
        (!self.is_over).then(|| step(self.from, "wallet", "transfer", arguments))
    }

    pub(super) fn go_on(&mut self) {
        self.is_over = true;
    }
}
