//! The settings of wasmtime, its pool of instances, and the limits of concurrent calls and checks.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use wasmtime::{Config, Enabled, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig};

use crate::CompiledCode;
use crate::install::limits::{
    CORE_INSTANCES_MAX, LEAF_SLOTS_MAX, MEMORY_BYTES_MAX, STACK_SLOTS, TABLE_ELEMENTS_MAX,
    TABLES_MAX,
};

/// The maximum depth of calls between modules, that is, of modules active at once.
pub const CALL_DEPTH_MAX: usize = 8;
/// The maximum number of concurrent read-only and simulated calls in a process, and of other calls; further
/// ones wait for their turn.
pub const CALLS_AT_ONCE_MAX: u32 = 4;
/// The maximum number of modules that are checked and compiled at once in a process: one for blocks, one
/// ahead of them, and one for reads of earlier states. So neither of the others delays a block.
pub(crate) const CHECKS_AT_ONCE_MAX: u32 = 3;
/// The native stack that one module's code can use: the slots that the guards permit
/// ([`crate::install::limits::STACK_SLOTS`]), and a quarter more for functions without a guard.
pub(crate) const WASM_STACK_BYTES: usize = 5 << 20;
/// The native stack that is reserved for host functions in addition to each module's.
pub(crate) const HOST_STACK_BYTES: usize = 256 << 10;
/// A thread with this stack size runs calls without mapping another stack.
pub const THREAD_STACK_BYTES: usize = (CALL_DEPTH_MAX + 1) * (WASM_STACK_BYTES + HOST_STACK_BYTES);
/// How much of an instance's memory is zeroed in place rather than returned to the kernel: the initial memory
/// of modules made with the contract SDK, and the same amount again for growth.
const KEEP_RESIDENT_BYTES: usize = 128 << 10;

const _: () = assert!(WASM_STACK_BYTES > 8 * (STACK_SLOTS + 4 * LEAF_SLOTS_MAX) as usize);

/// The engine that runs modules: the compiler and a pool of instances. One for each process.
#[derive(Clone)]
pub struct Engine {
    wasmtime: wasmtime::Engine,
    gates: Arc<[Gate; 2]>,
    checks: Arc<Gate>,
    compiled: Option<Arc<dyn CompiledCode>>,
    is_for_reads: bool,
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
        Ok(Self { wasmtime, gates, checks, compiled: None, is_for_reads: false })
    }

    /// The engine with a cache for compiled code.
    #[must_use]
    pub fn with_compiled(mut self, compiled: Arc<dyn CompiledCode>) -> Self {
        self.compiled = Some(compiled);
        self
    }

    /// The same engine for reads and simulations: what it compiles leaves nothing behind in the cache, and modules
    /// that it links take no turn of a block.
    #[must_use]
    pub fn for_reads(&self) -> Self {
        Self { compiled: None, is_for_reads: true, ..self.clone() }
    }

    pub(crate) fn compiled(&self) -> Option<&dyn CompiledCode> {
        self.compiled.as_deref()
    }

    pub(crate) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.wasmtime
    }

    /// Waits until the pool has enough free instances for one more call with all its nested calls, so that no
    /// call ever fails for lack of one. Reads and simulations do not delay the execution of blocks.
    pub(crate) fn permit(&self, read_only: bool) -> Permit<'_> {
        self.gates[usize::from(read_only || self.is_for_reads)].pass()
    }

    /// Waits until few enough modules are being checked and compiled, because that takes memory.
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

/// The permission to run one call; released when dropped.
pub(crate) struct Permit<'a>(&'a Gate);

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let mut turns = self.0.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.running -= 1;
        // Waking is a system call, so it is skipped if no thread waits.
        if turns.waiting > 0 {
            self.0.freed.notify_one();
        }
    }
}

/// All settings here that affect results or fuel are part of the consensus rules, and so is the version of
/// wasmtime itself.
fn config() -> Config {
    let mut config = Config::new();
    config.consume_fuel(true);
    config.cranelift_nan_canonicalization(true);
    config.cranelift_opt_level(OptLevel::Speed);
    config.memory_init_cow(true);
    config.max_wasm_stack(WASM_STACK_BYTES);
    // Nothing runs on such a stack; it limits the other one.
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
