//! An open-loop load: transactions are sent when they are due, however slow the network is, and each
//! latency counts from the time at which its transaction was *meant* to be sent (so that a stall is
//! seen in every transaction that waits for it, "coordinated omission").

mod audit;
mod flow;
mod flows;
mod load_state;
mod nodes;
mod report;
mod run;
pub(crate) mod senders;
mod source;
mod tracker;
mod transfers;
pub(crate) mod world;

pub use report::{Calls, Ended, Latency, Report};
pub use run::{Plan, Scenario, run};
