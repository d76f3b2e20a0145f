//! The four modules over a state in memory, without blocks or consensus, on which calls are measured.

use std::sync::Arc;

use anyhow::{Context as _, anyhow, ensure};
use ehb_executor::Engine;
use ehb_kernel::accounts;
use ehb_sdk::Interface;
use ehb_state::{Changes, MemoryStore, Overlay};
use ehb_types::{Account, Address, GasSchedule, Hash, Name, Network, Policy, PublicKey, Status};
use ehb_vm::{CallError, Context, Module, Modules, Session};
use serde_json::Value;

use crate::micro::processor_time_us;

/// The time of all blocks here, milliseconds.
pub(super) const NOW_MS: u64 = 1_790_000_000_000;
/// The gas limit of a call here.
const GAS: u64 = 50_000_000;
/// The number of calls before their changes are written to the store.
const CALLS_AT_ONCE: usize = 1_000;
/// The number of repetitions of a measurement.
const ROUNDS: usize = 15;

/// The account that issues the asset and runs store and programme; other accounts follow from 0.
pub(super) const COMPANY: Address = Address([0xc0; 32]);

/// The account of a person. The addresses are spread like hashes.
pub(super) fn person(number: u64) -> Address {
    let mut bytes = [0x11; 32];
    let spread = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bytes[..8].copy_from_slice(&spread.to_be_bytes());
    bytes[8..16].copy_from_slice(&number.to_be_bytes());
    Address(bytes)
}

pub(super) fn text(address: Address) -> String {
    address.to_text(Network::Test)
}

/// Calls of one function: senders and arguments.
pub(super) type Calls = Vec<(Address, Value)>;

/// The costs and results of a function's calls.
pub(super) struct Cost {
    pub(super) what: &'static str,
    /// Gas of a call, the mean.
    pub(super) gas: f64,
    /// Processor time of a call, microseconds.
    pub(super) us: f64,
    /// The results of the calls.
    pub(super) results: Vec<Value>,
}

/// The four modules over a state in memory.
pub(super) struct Chain {
    modules: Modules,
    store: Arc<MemoryStore>,
}

impl Chain {
    pub(super) fn new() -> anyhow::Result<Self> {
        let engine = Engine::new()?;
        let modules = ehb_catalog::all()
            .iter()
            .map(|it| Ok(Module::compile(&engine, Name::new(it.name)?, it.code)?));
        let modules = Modules::link(&engine, modules.collect::<anyhow::Result<_>>()?)?;
        Ok(Self { modules, store: Arc::default() })
    }

    /// Registers accounts: an organisation, and the roles of its members.
    pub(super) fn register(
        &mut self,
        addresses: impl Iterator<Item = Address>,
        organisation: &str,
        roles: &[&str],
    ) -> anyhow::Result<()> {
        let account = Account {
            policy: Policy::Key(PublicKey([0; 32])),
            organisation: Name::new(organisation)?,
            roles: roles.iter().map(|it| Name::new(*it)).collect::<Result<_, _>>()?,
            status: Status::Active,
        };
        let mut overlay = Overlay::new(self.store.clone());
        for address in addresses {
            accounts::put_account(&mut overlay, &address, &account);
        }
        self.write(overlay)
    }

    /// Makes calls of one function that must succeed, and writes their changes.
    pub(super) fn make(
        &mut self,
        what: &str,
        calls: impl Iterator<Item = (Address, Value)>,
    ) -> anyhow::Result<()> {
        let (module, function) = named(what)?;
        let mut calls = calls.peekable();
        while calls.peek().is_some() {
            let mut overlay = Overlay::new(self.store.clone());
            for (sender, arguments) in calls.by_ref().take(CALLS_AT_ONCE) {
                let arguments = self.encoded(module, function, &arguments)?;
                let mut session = self.session(overlay, sender);
                self.call(&mut session, module, function, &arguments)?;
                overlay = session.overlay;
            }
            self.write(overlay)?;
        }
        Ok(())
    }

    /// Measures calls of one function, the best of some rounds from the same state, and writes the changes of
    /// one round. The function is named `module.function`; the name ends at a comma.
    pub(super) fn measure(&mut self, what: &'static str, calls: &Calls) -> anyhow::Result<Cost> {
        let (module, function) = named(what)?;
        let encoded = calls
            .iter()
            .map(|(sender, arguments)| Ok((*sender, self.encoded(module, function, arguments)?)));
        let encoded = encoded.collect::<anyhow::Result<Vec<_>>>()?;
        let mut best_us = f64::INFINITY;
        let mut last = None;
        for _ in 0..ROUNDS {
            let mut overlay = Overlay::new(self.store.clone());
            let mut outputs = Vec::with_capacity(encoded.len());
            let mut gas = 0;
            let before = processor_time_us()?;
            for (sender, arguments) in &encoded {
                let mut session = self.session(overlay, *sender);
                let (output, used) = self.call(&mut session, module, function, arguments)?;
                outputs.push(output);
                gas += used;
                overlay = session.overlay;
            }
            best_us = best_us.min(processor_time_us()? - before);
            last = Some((overlay, outputs, gas));
        }
        let (overlay, outputs, gas) = last.context("a measurement without rounds")?;
        let described = self.described(module)?.function(function);
        let described = described.with_context(|| format!("{module} has no {function}"))?;
        let results = outputs.iter().map(|it| Ok(described.output_to_json(Network::Test, it)?));
        let results = results.collect::<anyhow::Result<_>>()?;
        self.write(overlay)?;
        let calls = calls.len() as f64;
        Ok(Cost { what, gas: gas as f64 / calls, us: best_us / calls, results })
    }

    fn described(&self, module: &str) -> anyhow::Result<&Interface> {
        let module = self.modules.get(module).with_context(|| format!("there is no {module}"))?;
        Ok(module.interface())
    }

    fn encoded(&self, module: &str, function: &str, arguments: &Value) -> anyhow::Result<Vec<u8>> {
        let described = self.described(module)?.function(function);
        let described = described.with_context(|| format!("{module} has no {function}"))?;
        let encoded = described.arguments_from_json(Network::Test, arguments);
        encoded.with_context(|| format!("the arguments of {module}.{function}"))
    }

    fn session(&self, overlay: Overlay, sender: Address) -> Session {
        let context = Context {
            sender,
            height: 1,
            time_ms: NOW_MS,
            transaction: Hash::ZERO,
            read_only: false,
            gas: GasSchedule::default(),
            window_min_ms: 1_000,
            accounts: accounts::account,
        };
        Session::new(overlay, Arc::new(context))
    }

    /// Calls a function and returns its output and the used gas.
    fn call(
        &self,
        session: &mut Session,
        module: &str,
        function: &str,
        arguments: &[u8],
    ) -> anyhow::Result<(Vec<u8>, u64)> {
        let mut gas = GAS;
        let called = self.modules.call(session, module, function, arguments, &mut gas);
        session.overlay.keep();
        match called {
            Ok(output) => Ok((output, GAS - gas)),
            Err(CallError::Failed(failure)) => {
                let error = failure.error.and_then(|error| {
                    let described = self.described(module).ok()?.function(function)?;
                    described.error_to_json(Network::Test, &error.data).ok()
                });
                Err(anyhow!("{module}.{function}: {} {error:?}", failure.message))
            }
            Err(other) => Err(anyhow!("{module}.{function}: {other:?}")),
        }
    }

    fn write(&mut self, overlay: Overlay) -> anyhow::Result<()> {
        let changes = Changes { entries: overlay.into_entries(), ..Changes::default() };
        let store = Arc::get_mut(&mut self.store);
        ensure!(store.is_some(), "the state is still being read");
        store.into_iter().for_each(|store| store.apply(&changes));
        Ok(())
    }
}

/// Module and function of a call.
fn named(what: &str) -> anyhow::Result<(&str, &str)> {
    let name = what.split(',').next().unwrap_or_default();
    name.split_once('.').with_context(|| format!("{what:?} names no function"))
}
