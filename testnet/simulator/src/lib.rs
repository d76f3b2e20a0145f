//! Runs many replicas in one thread under faults, from one seed.
//!
//! The replicas are those that ship, with the real executor; time, network and disk are simulated. [`run`]
//! runs one seed: for some virtual seconds faults happen (`faults`) and up to a third of the power breaks the
//! rules (`byzantine`); then the faults end, and the chain must make progress. Meanwhile accounts trade,
//! hire, pay and meter usage with the modules that ship, time jumps by hours and months, and modules are
//! upgraded. The invariants are in `checks`. Read `world` first, then `perform`, which performs effects for a
//! simulated node as the node's program does for a real one.

mod accounts;
mod afterwards;
mod batch;
mod byzantine;
mod checks;
mod clients;
mod crashes;
mod dice;
mod digest;
mod disk;
mod executions;
mod fates;
mod faults;
mod genesis;
mod links;
mod mutation;
mod node;
mod perform;
mod plan;
mod releases;
mod run;
mod setup;
mod sim_event;
mod state_reader;
mod upgrade;
mod verdict;
mod world;

pub use batch::{Batch, Timed};
pub use byzantine::Behaviour;
pub use checks::{Rule, Violation};
pub use crashes::{CrashPoint, CrashPoints, Moment};
pub use faults::{Fired, Kind};
pub use mutation::{MUTATIONS, Mutation};
pub use run::{Calls, Options, Outcome, run};
pub use setup::{NODES_MAX, Setup, SetupError};

#[cfg(test)]
mod tests;
