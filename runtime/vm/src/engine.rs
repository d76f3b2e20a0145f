use std::sync::{Arc, Condvar, Mutex, PoisonError};

use wasmtime::{Config, Enabled, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

use crate::CompiledCode;
use crate::install::limits::{
    CORE_INSTANCES_MAX, LEAF_SLOTS_MAX, MEMORY_BYTES_MAX, STACK_SLOTS, TABLE_ELEMENTS_MAX,
    TABLES_MAX,
};

/// How deep calls between modules can nest: the modules that are active at once.
pub const CALL_DEPTH_MAX: usize = 8;
/// How many read-only and simulated calls, and as many others, run at once in a process; more wait for their
/// turn.
pub const CALLS_AT_ONCE_MAX: u32 = 4;
/// How many modules are checked and compiled at once in a process: one for blocks, one ahead of them.
const CHECKS_AT_ONCE_MAX: u32 = 2;
/// The native stack that one module's code can take: what the guards of
/// [`crate::install::limits::STACK_SLOTS`] let it ask for, and a quarter more for what has no guard.
pub(crate) const WASM_STACK_BYTES: usize = 5 << 20;
/// The native stack that is kept for host functions beside each module's.
pub(crate) const HOST_STACK_BYTES: usize = 256 << 10;
/// A thread with this much stack runs calls without another stack being mapped for them.
pub const THREAD_STACK_BYTES: usize = (CALL_DEPTH_MAX + 1) * (WASM_STACK_BYTES + HOST_STACK_BYTES);
/// How much of an instance's memory is zeroed in place rather than given back to the kernel: what
/// modules made with the contract SDK start with, and as much again for those that grow.
const KEEP_RESIDENT_BYTES: usize = 128 << 10;

const _: () = assert!(WASM_STACK_BYTES > 8 * (STACK_SLOTS + 4 * LEAF_SLOTS_MAX) as usize);

/// What runs modules: the compiler, and a pool of instances. One for each process.
#[derive(Clone)]
pub struct Engine {
    wasmtime: wasmtime::Engine,
    gates: Arc<[Gate; 2]>,
    checks: Arc<Gate>,
    compiled: Option<Arc<dyn CompiledCode>>,
}

/// This machine cannot run modules.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the WebAssembly engine could not be started: {0}")]
pub struct EngineError(String);

impl Engine {
    /// Starts an engine. It reserves address space for its instances, but no memory yet.
    pub fn new() -> Result<Self, EngineError> {
        let engine = wasmtime::Engine::new(&config());
        let wasmtime = engine.map_err(|error| EngineError(format!("{error:#}")))?;
        let gates = Arc::new([Gate::of(CALLS_AT_ONCE_MAX), Gate::of(CALLS_AT_ONCE_MAX)]);
        let checks = Arc::new(Gate::of(CHECKS_AT_ONCE_MAX));
        Ok(Self { wasmtime, gates, checks, compiled: None })
    }

    /// The engine with a place where compiled code is kept.
    #[must_use]
    pub fn with_compiled(mut self, compiled: Arc<dyn CompiledCode>) -> Self {
        self.compiled = Some(compiled);
        self
    }

    pub(crate) fn compiled(&self) -> Option<&dyn CompiledCode> {
        self.compiled.as_deref()
    }

    pub(crate) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.wasmtime
    }

    /// Waits until the pool has instances left for one more call with all that it can nest, so that
    /// no call ever fails for want of one. Reads and simulations do not keep the execution of blocks waiting.
    pub(crate) fn permit(&self, read_only: bool) -> Permit<'_> {
        self.gates[usize::from(read_only)].pass()
    }

    /// Waits until few enough modules are being checked and compiled, which takes memory.
    pub(crate) fn check_permit(&self) -> Permit<'_> {
        self.checks.pass()
    }
}

struct Gate {
    at_once_max: u32,
    turns: Mutex<Turns>,
    freed: Condvar,
}

impl Gate {
    fn of(at_once_max: u32) -> Self {
        Self { at_once_max, turns: Mutex::default(), freed: Condvar::new() }
    }

    fn pass(&self) -> Permit<'_> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.waiting += 1;
        while turns.running >= self.at_once_max {
            turns = self.freed.wait(turns).unwrap_or_else(PoisonError::into_inner);
        }
        turns.waiting -= 1;
        turns.running += 1;
        Permit(self)
    }
}

#[derive(Default)]
struct Turns {
    running: u32,
    waiting: u32,
}

/// The right to run one call; given back when dropped.
pub(crate) struct Permit<'a>(&'a Gate);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut turns = self.0.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.running -= 1;
        // Waking is a system call, so it is left out where nobody waits.
        if turns.waiting > 0 {
            self.0.freed.notify_one();
        }
    }
}

/// Everything here that decides about results or fuel is part of the consensus rules, and so is the
/// version of wasmtime itself.
fn config() -> Config {
    let mut config = Config::new();
    config.consume_fuel(true);
    config.cranelift_nan_canonicalization(true);
    config.cranelift_opt_level(OptLevel::Speed);
    config.memory_init_cow(true);
    config.max_wasm_stack(WASM_STACK_BYTES);
    // Nothing runs on such a stack; it bounds the other one.
    config.async_stack_size(WASM_STACK_BYTES + HOST_STACK_BYTES);
    config.concurrency_support(false);
    config.wasm_backtrace_max_frames(None);
    config.wasm_relaxed_simd(false);
    config.wasm_simd(false);
    config.wasm_multi_memory(false);
    config.wasm_memory64(false);
    config.wasm_tail_call(false);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
    config
}

fn pool() -> PoolingAllocationConfig {
    let modules = u32::try_from(CALL_DEPTH_MAX).unwrap_or(u32::MAX);
    let per_module = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let instances = 2 * CALLS_AT_ONCE_MAX * modules;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances);
    pool.total_core_instances(instances * per_module(CORE_INSTANCES_MAX));
    pool.max_core_instances_per_component(per_module(CORE_INSTANCES_MAX));
    pool.total_memories(instances);
    pool.max_memories_per_component(1);
    pool.max_memory_size(MEMORY_BYTES_MAX);
    pool.linear_memory_keep_resident(KEEP_RESIDENT_BYTES);
    pool.total_tables(instances * per_module(TABLES_MAX));
    pool.max_tables_per_component(per_module(TABLES_MAX));
    pool.max_tables_per_module(per_module(TABLES_MAX));
    pool.table_elements(usize::try_from(TABLE_ELEMENTS_MAX).unwrap_or(usize::MAX));
    pool.table_keep_resident(KEEP_RESIDENT_BYTES);
    pool.pagemap_scan(Enabled::No);
    pool
}
