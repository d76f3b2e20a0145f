//! What business systems do one after the other: an order from its placing to its confirmation, a job
//! from its posting to its pay. A flow gives one call after the other, and learns from the receipt
//! of each what the next one needs.

mod job;
mod order;
mod transfer;
mod usage;

use ehb_sdk::api::LocatedReceipt;
use serde_json::Value;

pub(crate) use job::Job;
pub(crate) use order::{Order, Shop};
pub(crate) use transfer::Transfer;
pub(crate) use usage::{Programme, Usage};

use super::senders::Function;

/// A call that one of the load accounts makes.
pub(crate) struct Step {
    /// The account's place.
    pub(crate) sender: usize,
    pub(crate) function: Function,
    pub(crate) arguments: Value,
}

fn step(sender: usize, module: &'static str, name: &'static str, arguments: Value) -> Step {
    Step { sender, function: Function { module, name }, arguments }
}

/// The kinds of flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Transfer,
    Order,
    Usage,
    Job,
}

/// Calls that belong together.
pub(crate) enum Flow {
    Transfer(Transfer),
    Order(Order),
    Usage(Usage),
    Job(Job),
}

impl Flow {
    /// What is to be called next; none at the end.
    pub(crate) fn step(&self) -> Option<Step> {
        match self {
            Self::Transfer(transfer) => transfer.step(),
            Self::Order(order) => order.step(),
            Self::Usage(usage) => usage.step(),
            Self::Job(job) => job.step(),
        }
    }

    /// Goes on after a step that took effect. What a receipt should have told and did not is null in the
    /// next step's arguments, which is refused there.
    pub(crate) fn go_on(&mut self, located: &LocatedReceipt) {
        match self {
            Self::Transfer(transfer) => transfer.go_on(),
            Self::Order(order) => order.go_on(located),
            Self::Usage(usage) => usage.go_on(located),
            Self::Job(job) => job.go_on(located),
        }
    }
}

/// What the only call of a transaction gave.
fn result(located: &LocatedReceipt) -> Value {
    located.result(0).cloned().unwrap_or_default()
}

/// Something in an event of a module, for instance `/order-placed/sub-orders/0/id`.
fn told(located: &LocatedReceipt, module: &str, pointer: &str) -> Value {
    located.event(module, pointer).cloned().unwrap_or_default()
}
