//! Sequences of calls of business systems: an order from placement to confirmation, a job from posting to
//! payment. A flow returns one call after the other, and takes the inputs of the next one from the receipt of
//! each.

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
    /// The next call; none at the end.
    pub(crate) fn step(&self) -> Option<Step> {
        match self {
            Self::Transfer(transfer) => transfer.step(),
            Self::Order(order) => order.step(),
            Self::Usage(usage) => usage.step(),
            Self::Job(job) => job.step(),
        }
    }

    /// Continues after a successful step. A value that is missing in the receipt becomes null in the next
    /// step's arguments, where it is rejected.
    pub(crate) fn go_on(&mut self, located: &LocatedReceipt) {
        match self {
            Self::Transfer(transfer) => transfer.go_on(),
            Self::Order(order) => order.go_on(located),
            Self::Usage(usage) => usage.go_on(located),
            Self::Job(job) => job.go_on(located),
        }
    }
}

/// The result of the only call of a transaction.
fn result(located: &LocatedReceipt) -> Value {
    located.result(0).cloned().unwrap_or_default()
}

/// A value in an event of a module, for example `/order-placed/sub-orders/0/id`.
fn event_field(located: &LocatedReceipt, module: &str, pointer: &str) -> Value {
    located.event(module, pointer).cloned().unwrap_or_default()
}
