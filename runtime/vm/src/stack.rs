//! Ensures that a thread has enough native stack to run a module.

use crate::engine::{HOST_STACK_BYTES, THREAD_STACK_BYTES, WASM_STACK_BYTES};

/// Runs `work` with enough native stack for one module's code and the host functions it calls, on any thread;
/// if the thread has too little, a stack is mapped temporarily.
pub(crate) fn with_room<R>(work: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(WASM_STACK_BYTES + HOST_STACK_BYTES, THREAD_STACK_BYTES, work)
}
