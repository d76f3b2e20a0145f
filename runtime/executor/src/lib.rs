//! Applies a block to a state: receipts and roots.
//!
//! [`check_block`] decides whether validators can vote for a block, [`Executor`] executes it. Neither uses a
//! clock, a file or a peer: the same block on the same state produces the same bytes everywhere.

mod apply;
mod check;
mod events;
mod genesis;
mod library;
mod native;
mod query;
mod receipts;

pub use apply::{Execution, Executor, Installation, Parent, Removal};
pub use check::{BlockError, EVIDENCE_MAX, Roots, check_block, check_rounds, is_useful_evidence};
pub use ehb_kernel::upload::completed as completed_uploads;
pub use ehb_vm::{
    CompiledCode, EVENTS_MAX, Engine, EngineError, InstallError, Module, Modules,
    THREAD_STACK_BYTES,
};
pub use events::{DecodedEvent, module_events};
pub use genesis::{GenesisFailure, GenesisState};
pub use library::{Library, LoadError, ReadLibrary, load_modules};
pub use native::{DEPLOYER, KERNEL, UPGRADER};
pub use query::{Answer, QUERY_GAS_MAX, QueryError, Simulated, call, call_past, simulate};

#[cfg(test)]
mod tests;
