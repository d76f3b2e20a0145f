//! Compiles components, or loads their code from a cache that survives restarts.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use ehb_crypto::{Domain, Hash, Hasher, hash};
use wasmtime::component::Component;

use crate::install::{Detail, apart};
use crate::{Engine, InstallError};

/// The stack of a thread that compiles; the checks limit the nesting of code.
const COMPILER_STACK_BYTES: usize = 64 << 20;

/// A cache of compiled code between starts: compiling takes a second for each 400 KB.
///
/// # Safety
///
/// The returned code is run as machine code. It must be the unaltered result of `compile` for the same key,
/// now or earlier, and only those who can run code as this user anyway must be able to change it.
#[expect(unsafe_code, reason = "the cached code is run and cannot be checked")]
pub unsafe trait CompiledCode: Send + Sync {
    /// The compiled code under a key, from `compile` if there is none yet. The key covers the module's code,
    /// the version of the compiler, its settings and the processor.
    fn get_or_compile(
        &self,
        key: &Hash,
        compile: &mut dyn FnMut() -> Result<Vec<u8>, InstallError>,
    ) -> Result<Vec<u8>, InstallError>;
}

/// Compiles a guarded component, or uses the result of an earlier start.
pub(crate) fn component(engine: &Engine, guarded: &[u8]) -> Result<Component, InstallError> {
    let wasmtime = engine.wasmtime();
    let compile = || for_a_while(|| Component::new(wasmtime, guarded));
    let Some(kept) = engine.compiled() else { return compile() };
    let mut precompile = || for_a_while(|| wasmtime.precompile_component(guarded));
    let compiled = kept.get_or_compile(&key(engine, guarded), &mut precompile)?;
    #[expect(unsafe_code, reason = "compiled code cannot be checked; see CompiledCode")]
    // SAFETY: the implementation of `CompiledCode` guarantees it. Wasmtime itself detects another version or
    // processor.
    let component = unsafe { Component::deserialize(engine.wasmtime(), &compiled) };
    component.or_else(|_| compile())
}

/// Runs the compiler on separate threads that end with it: the memory that they would keep is more than an
/// idle node uses.
fn for_a_while<T: Send>(
    compile: impl FnOnce() -> wasmtime::Result<T> + Send,
) -> Result<T, InstallError> {
    let panicked = InstallError::NotCompiled(Detail::of(&"it panicked"));
    apart(panicked, || {
        rayon::ThreadPoolBuilder::new()
            .stack_size(COMPILER_STACK_BYTES)
            .build_scoped(rayon::ThreadBuilder::run, |threads| threads.install(compile))
            .map_err(|error| InstallError::Machine(format!("no thread to compile: {error}")))?
            .map_err(|error| not_compiled(&error))
    })
}

fn key(engine: &Engine, guarded: &[u8]) -> Hash {
    let mut compatible = DefaultHasher::new();
    engine.wasmtime().precompile_compatibility_hash().hash(&mut compatible);
    Hasher::new(Domain::CompiledCode)
        .with(&compatible.finish().to_le_bytes())
        .with(&hash(Domain::ModuleCode, guarded).0)
        .finish()
}

/// The compiler is the same on every node (its version is pinned, see the root manifest), so it rejects the
/// same code everywhere. Only a lack of memory makes it fail on a single machine.
fn not_compiled(error: &wasmtime::Error) -> InstallError {
    let is_machine = error.is::<std::io::Error>() || error.is::<wasmtime::error::OutOfMemory>();
    match is_machine {
        true => InstallError::Machine(format!("{error:#}")),
        false => InstallError::NotCompiled(Detail::of(error)),
    }
}
