//! An open-loop load: transactions are sent when they are due, however slow the network is, and each
//! latency counts from the time at which its transaction was *meant* to be sent (so that a stall is
//! seen in every transaction that waits for it, "coordinated omission").

mod audit;
mod prepare;
mod report;
mod run;
mod tracker;

pub use report::{Latency, Report};
pub use run::{Plan, Scenario, run};
