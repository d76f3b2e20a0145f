//! Runs a module's function, metered and sandboxed.
//!
//! A module is a WebAssembly component. [`Module::compile`] checks a single one, [`Modules::link`] a set of
//! them against each other, and [`Modules::call`] runs a function: arguments are canonical bytes (see
//! [`ehb_abi`]), reads and writes go to a [`Session`], and gas is counted in wasmtime's fuel, one for one.
//!
//! Every call gets a fresh instance, including calls from one module to another. The result and the cost of a
//! call are equal on all machines. Failures that differ between machines (a full address space, a damaged
//! disk) never become a result: see [`CallError`].
//!
//! Reading order: `session` (the state of a call), `install` (the checks of modules), `link`, `call`, `host`
//! (the functions for modules).

mod call;
mod compiled;
mod engine;
mod failure;
mod frame;
mod host;
mod install;
mod link;
mod module;
mod session;
mod stack;
mod values;
mod verify;

pub use compiled::CompiledCode;
pub use engine::{CALL_DEPTH_MAX, CALLS_AT_ONCE_MAX, Engine, EngineError, THREAD_STACK_BYTES};
pub use failure::{CallError, CallFailure};
pub use frame::{MEMORY_PAGE_GAS, TABLE_ELEMENT_GAS, VALUE_GAS};
pub use host::{KEY_BYTES_MAX, SCAN_ENTRIES_MAX, VALUE_BYTES_MAX, state_key};
pub use install::{
    DOCUMENTATION_SECTION, Detail, InstallCode, InstallError, TypeProblem, declared, limits,
};
pub use link::Modules;
pub use module::Module;
pub use session::{Context, EVENT_BYTES_MAX, EVENTS_MAX, MESSAGE_BYTES_MAX, MESSAGES_MAX, Session};

#[cfg(test)]
mod tests;
