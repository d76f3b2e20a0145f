//! Builds probes from WAT, small modules that repeat one piece of code, and measures them.

use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use ehb_executor::Engine;
use ehb_kernel::accounts;
use ehb_state::Overlay;
use ehb_types::{Address, GasSchedule, Hash, Name};
use ehb_vm::{CallError, Context, Module, Modules, Session};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::disk::Disk;
use super::{GasLine, measure};

const HOST_WIT: &str = include_str!("../../../sdk/contract/wit/host.wit");

const PROBE_WIT: &str = r"
    package ehb:probe@1.0.0;
    interface events { record event { text: string } emit: func(e: event); }
    interface api { run: func(n: u64) -> u64; }
    world probe {
        import ehb:host/context@1.0.0;
        import ehb:host/storage@1.0.0;
        import ehb:host/crypto@1.0.0;
        import ehb:host/roles@1.0.0;
        import ehb:host/log@1.0.0;
        import events;
        import ehb:callee/api@1.0.0;
        export api;
    }";

const CALLEE_WIT: &str = r"
    package ehb:callee@1.0.0;
    interface api { number: func(n: u64) -> u64; text: func(text: string) -> string; }
    world callee { export api; }";

/// An allocator that always returns the same memory, because the host's data is never read. It begins at the
/// third page.
const ALLOCATOR: &str = r#"
    (memory (export "memory") 5)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 131072))"#;

/// All functions that a probe can call.
pub(super) const IMPORTS: &str = r#"
    (import "ehb:host/storage@1.0.0" "get" (func $get (param i32 i32 i32)))
    (import "ehb:host/storage@1.0.0" "set" (func $set (param i32 i32 i32 i32)))
    (import "ehb:host/storage@1.0.0" "remove" (func $remove (param i32 i32)))
    (import "ehb:host/storage@1.0.0" "scan" (func $scan (param i32 i32 i32 i32 i32 i32 i32)))
    (import "ehb:host/context@1.0.0" "sender" (func $sender (param i32)))
    (import "ehb:host/context@1.0.0" "caller" (func $caller (param i32)))
    (import "ehb:host/context@1.0.0" "caller-module" (func $caller-module (param i32)))
    (import "ehb:host/context@1.0.0" "self-address" (func $self-address (param i32)))
    (import "ehb:host/context@1.0.0" "height" (func $height (result i64)))
    (import "ehb:host/context@1.0.0" "time-ms" (func $time-ms (result i64)))
    (import "ehb:host/context@1.0.0" "transaction-id" (func $transaction-id (param i32)))
    (import "ehb:host/context@1.0.0" "window-min-ms" (func $window-min-ms (result i64)))
    (import "ehb:host/crypto@1.0.0" "sha256" (func $sha256 (param i32 i32 i32)))
    (import "ehb:host/roles@1.0.0" "has-role"
        (func $has-role (param i64 i64 i64 i64 i32 i32) (result i32)))
    (import "ehb:host/roles@1.0.0" "is-active"
        (func $is-active (param i64 i64 i64 i64) (result i32)))
    (import "ehb:host/roles@1.0.0" "organisation"
        (func $organisation (param i64 i64 i64 i64 i32)))
    (import "ehb:host/log@1.0.0" "debug" (func $debug (param i32 i32)))
    (import "ehb:probe/events@1.0.0" "emit" (func $emit (param i32 i32)))
    (import "ehb:callee/api@1.0.0" "number" (func $number (param i64) (result i64)))
    (import "ehb:callee/api@1.0.0" "text" (func $text (param i32 i32 i32)))"#;

/// The gas limit of a call here: that of a transaction.
const GAS: u64 = 50_000_000;

/// Makes probes: modules of one function in WAT.
pub(super) struct Probes {
    engine: Engine,
    callee: Module,
}

/// A probe, linked with what it can call.
pub(super) struct Probe(Modules);

impl Probes {
    pub(super) fn new() -> anyhow::Result<Self> {
        let engine = Engine::new()?;
        let functions = r#"
            (func (export "ehb:callee/api@1.0.0#number") (param i64) (result i64) (local.get 0))
            (func (export "ehb:callee/api@1.0.0#text") (param $at i32) (param $length i32) (result i32)
              (i32.store (i32.const 16) (local.get $at))
              (i32.store (i32.const 20) (local.get $length))
              (i32.const 16))"#;
        let code = component(&[], CALLEE_WIT, functions)?;
        let callee = Module::compile(&engine, Name::new("callee")?, &code)?;
        Ok(Self { engine, callee })
    }

    /// A probe that runs `body` `n` times; before it, `first` once.
    pub(super) fn repeating(&self, first: &str, body: &str) -> anyhow::Result<Probe> {
        self.repeating_beside("", first, body)
    }

    /// Like [`Self::repeating`], with more functions and tables next to the one that runs.
    pub(super) fn repeating_beside(
        &self,
        beside: &str,
        first: &str,
        body: &str,
    ) -> anyhow::Result<Probe> {
        self.of(&format!(
            r#"{beside} (func (export "ehb:probe/api@1.0.0#run") (param $n i64) (result i64)
              (local $i i32) (local $x i64)
              {first}
              (loop $again
                {body}
                (local.set $n (i64.sub (local.get $n) (i64.const 1)))
                (br_if $again (i64.ne (local.get $n) (i64.const 0))))
              (local.get $x))"#
        ))
    }

    /// A probe of these functions, which must export `run`.
    fn of(&self, functions: &str) -> anyhow::Result<Probe> {
        let code = component(&[CALLEE_WIT], PROBE_WIT, functions)?;
        let probe = Module::compile(&self.engine, Name::new("probe")?, &code)?;
        Ok(Probe(Modules::link(&self.engine, vec![self.callee.clone(), probe])?))
    }
}

fn component(dependencies: &[&str], wit: &str, functions: &str) -> anyhow::Result<Vec<u8>> {
    let imports = if dependencies.is_empty() { "" } else { IMPORTS };
    let mut core = wat::parse_str(format!("(module {imports} {ALLOCATOR} {functions})"))?;
    let mut resolve = Resolve::default();
    for (index, text) in [HOST_WIT].iter().chain(dependencies).enumerate() {
        resolve.push_str(format!("{index}.wit"), text)?;
    }
    let package = resolve.push_str("probe.wit", wit)?;
    let world = resolve.select_world(&[package], None)?;
    embed_component_metadata(&mut core, &resolve, world, StringEncoding::UTF8)?;
    ComponentEncoder::default().module(&core)?.encode()
}

impl Probe {
    /// Measures `n` repetitions on a state, after `prepare` in the same block.
    pub(super) fn measure(
        &self,
        what: &str,
        disk: &Disk,
        n: u64,
        prepare: impl Fn(&mut Overlay),
    ) -> anyhow::Result<GasLine> {
        let session = || {
            let mut overlay = disk.overlay();
            prepare(&mut overlay);
            Ok(session(overlay, Address([0xa1; 32]), 1_000))
        };
        measure(what, session, |session| self.run(session, n))
    }

    /// Measures a number of calls, each in its own instance.
    pub(super) fn measure_calls(
        &self,
        what: &str,
        disk: &Disk,
        calls: u64,
    ) -> anyhow::Result<GasLine> {
        let session = || Ok(session(disk.overlay(), Address([0xa1; 32]), 1_000));
        measure(what, session, |session| (0..calls).map(|_| self.run(session, 1)).sum())
    }

    /// Runs it, and returns the gas that it used.
    fn run(&self, session: &mut Session, n: u64) -> anyhow::Result<u64> {
        let mut gas = GAS;
        match self.0.call(session, "probe", "run", &n.to_le_bytes(), &mut gas) {
            Ok(_) => Ok(GAS - gas),
            Err(CallError::Failed(failure)) => Err(anyhow!(failure.message)),
            Err(other) => Err(other).context("the probe"),
        }
    }
}

/// A session of an account on a state.
pub(super) fn session(overlay: Overlay, sender: Address, time_ms: u64) -> Session {
    let context = Context {
        sender,
        height: 1,
        time_ms,
        transaction: Hash::ZERO,
        read_only: false,
        gas: GasSchedule::default(),
        window_min_ms: 1_000,
        accounts: accounts::account,
    };
    Session::new(overlay, Arc::new(context))
}
