use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use ehb_crypto::{Domain, Hash, Hasher, hash};
use wasmtime::component::Component;

use crate::install::{Detail, apart};
use crate::{Engine, InstallError};

/// The stack of a thread that compiles; the checks bound how deep code nests.
const COMPILER_STACK_BYTES: usize = 64 << 20;

/// Keeps compiled code from one start to the next: compiling takes a second for each 400 KB.
///
/// # Safety
///
/// What is given is run as machine code. It must be what `compile` gave for the same key, now or
/// earlier, unaltered, and nobody may be able to change it who could not run code as this user anyway.
#[expect(unsafe_code, reason = "what is kept is run, and nothing can check it")]
pub unsafe trait CompiledCode: Send + Sync {
    /// The compiled code under a key, from `compile` where there is none yet. The key stands for the
    /// module's code, the version of the compiler, its settings and the processor.
    fn get_or_compile(
        &self,
        key: &Hash,
        compile: &mut dyn FnMut() -> Result<Vec<u8>, InstallError>,
    ) -> Result<Vec<u8>, InstallError>;
}

/// Compiles a guarded component, or takes what an earlier start compiled.
pub(crate) fn component(engine: &Engine, guarded: &[u8]) -> Result<Component, InstallError> {
    let wasmtime = engine.wasmtime();
    let compile = || for_a_while(|| Component::new(wasmtime, guarded));
    let Some(kept) = engine.compiled() else { return compile() };
    let mut precompile = || for_a_while(|| wasmtime.precompile_component(guarded));
    let compiled = kept.get_or_compile(&key(engine, guarded), &mut precompile)?;
    #[expect(unsafe_code, reason = "compiled code cannot be checked; see CompiledCode")]
    // SAFETY: who implements `CompiledCode` vouches for it. That it is of another version or for
    // another processor is found by wasmtime itself.
    let component = unsafe { Component::deserialize(engine.wasmtime(), &compiled) };
    component.or_else(|_| compile())
}

/// Runs the compiler on threads of its own, which end with it: what they keep of the memory that it took
/// is more than an idle node has.
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

/// The compiler is the same on every node (its version is pinned, see the root manifest), so that what
/// it refuses it refuses everywhere. Only for want of memory or pages it fails on one machine alone.
fn not_compiled(error: &wasmtime::Error) -> InstallError {
    let is_machine = error.is::<std::io::Error>() || error.is::<wasmtime::error::OutOfMemory>();
    match is_machine {
        true => InstallError::Machine(format!("{error:#}")),
        false => InstallError::NotCompiled(Detail::of(error)),
    }
}
