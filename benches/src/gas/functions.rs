//! Gas measurements of every function of the modules that ship, called as generated business calls it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, anyhow};
use ehb_abi::{Field, Function, Type};
use ehb_executor::Engine;
use ehb_invariants::ModuleReader;
use ehb_kernel::accounts;
use ehb_state::{Changes, Overlay};
use ehb_types::{Account, Address, Header, Name, Network, Policy, PublicKey, Status};
use ehb_vm::{CallError, Module, Modules};
use ehb_workload::{Call, Names, PEOPLE, Step};
use serde_json::{Map, Value, json};

use super::disk::Disk;
use super::probe::session;
use super::{GasLine, measure, thread_time_ns};

/// The gas limit of a call here: the maximum of a transaction.
const GAS: u64 = 50_000_000;
/// The number of steps of generated business, and of steps in a block.
const STEPS: usize = 4_000;
const STEPS_IN_BLOCK: usize = 100;
/// The number of executions of each step on the same state; the fastest counts.
const REPETITIONS: usize = 3;
/// The accounts whose lists are read to the end.
const PAGE: u32 = 100;

/// The modules that ship, with accounts and business in progress.
pub(super) struct Business {
    modules: Modules,
    names: Names,
    pub(super) disk: Disk,
    pub(super) time_ms: u64,
}

/// The outcome of a call.
struct Made {
    gas: u64,
    ns: f64,
    /// The result or the error.
    result: Result<Vec<u8>, String>,
}

fn address(place: usize) -> Address {
    Address([u8::try_from(place + 1).unwrap_or(u8::MAX); 32])
}

fn address_of(name: &str) -> anyhow::Result<Address> {
    let place = PEOPLE.iter().position(|person| person.name == name);
    Ok(address(place.with_context(|| format!("nobody is called {name}"))?))
}

impl Business {
    pub(super) fn new(header: &Header) -> anyhow::Result<Self> {
        let engine = Engine::new()?;
        let compiled = ehb_catalog::all()
            .iter()
            .map(|it| Ok(Module::compile(&engine, Name::new(it.name)?, it.code)?));
        let modules = Modules::link(&engine, compiled.collect::<anyhow::Result<_>>()?)?;
        let shown = |(place, person): (usize, &ehb_workload::Person)| {
            (person.name.to_owned(), address(place).to_text(Network::Test))
        };
        let names = Names::new(PEOPLE.iter().enumerate().map(shown));
        let disk = Disk::new(header, &Changes::default())?;
        let mut business = Self { modules, names, disk, time_ms: 1_000 };
        let mut overlay = business.disk.overlay();
        register(&mut overlay)?;
        let funds =
            ["alice", "bob", "cloud", "sam"].map(|to| ehb_workload::mint(to, 1_000_000_000));
        let first =
            [vec![ehb_workload::found_asset()], funds.into(), ehb_workload::open_shop()].concat();
        let hired = [ehb_workload::hire(1_000), ehb_workload::open_programme()].concat();
        for call in [first, hired, ehb_workload::under_way(1_000)].concat() {
            let Call { who, module, function, arguments } = call;
            business.must(&mut overlay, who, module, function, &arguments)?;
        }
        business.disk.commit(overlay)?;
        // Stock for all orders to come.
        business.all("sam", "marketplace", "add-stock", 1, |_| {
            json!({"variant": "1", "location": "1", "quantity": "1000000", "reason": "", "key": ""})
        })?;
        Ok(business)
    }

    /// Makes calls that must succeed, in their own block.
    pub(super) fn all(
        &mut self,
        who: &str,
        module: &str,
        function: &str,
        count: u64,
        arguments: impl Fn(u64) -> Value,
    ) -> anyhow::Result<()> {
        let mut overlay = self.disk.overlay();
        for number in 0..count {
            self.must(&mut overlay, who, module, function, &arguments(number))?;
        }
        self.disk.commit(overlay)
    }

    /// Makes one call that must succeed.
    pub(super) fn must(
        &self,
        overlay: &mut Overlay,
        who: &str,
        module: &str,
        function: &str,
        arguments: &Value,
    ) -> anyhow::Result<()> {
        let made = self.make(overlay, who, (module, function), arguments)?;
        made.result.map(drop).map_err(|error| anyhow!("{who} {module}.{function}: {error}"))
    }

    fn declared(&self, module: &str, function: &str) -> anyhow::Result<&Function> {
        let module = self.modules.get(module).with_context(|| format!("no module {module}"))?;
        module.interface().function(function).with_context(|| format!("no function {function}"))
    }

    /// Makes a call, and measures it alone.
    fn make(
        &self,
        overlay: &mut Overlay,
        who: &str,
        (module, function): (&str, &str),
        arguments: &Value,
    ) -> anyhow::Result<Made> {
        let arguments = self.names.to_addresses(arguments);
        let declared = self.declared(module, function)?;
        let encoded = declared.arguments_from_json(Network::Test, &arguments);
        let encoded = encoded.with_context(|| format!("the arguments of {module}.{function}"))?;
        let empty = Overlay::new(overlay.base().clone());
        let taken = std::mem::replace(overlay, empty);
        let mut session = session(taken, address_of(who)?, self.time_ms);
        let mut gas = GAS;
        let before = thread_time_ns()?;
        let result = self.modules.call(&mut session, module, function, &encoded, &mut gas);
        let ns = thread_time_ns()? - before;
        session.overlay.keep();
        *overlay = session.overlay;
        let result = match result {
            Ok(bytes) => Ok(bytes),
            Err(CallError::Failed(failure)) => Err(failure.message),
            Err(other) => return Err(other).with_context(|| format!("{module}.{function}")),
        };
        Ok(Made { gas: GAS - gas, ns, result })
    }

    /// Measures a plain transfer.
    pub(super) fn transfer(&self) -> anyhow::Result<GasLine> {
        let transfer = json!({"to": "@bob", "asset": ehb_workload::ASSET, "amount": "1"});
        self.repeated("wallet.transfer", "alice", &transfer, 500, |_| Ok(()))
    }

    /// Measures `count` equal calls in one block, after `prepare`. The result is also converted to JSON, as
    /// for a reader. The function's name ends at a comma.
    pub(super) fn repeated(
        &self,
        what: &str,
        who: &str,
        arguments: &Value,
        count: u64,
        prepare: impl Fn(&mut Overlay) -> anyhow::Result<()>,
    ) -> anyhow::Result<GasLine> {
        let name = what.split(',').next().unwrap_or_default();
        let called = name.split_once('.').context("a line that names no function")?;
        let declared = self.declared(called.0, called.1)?;
        let overlay = || {
            let mut overlay = self.disk.overlay();
            prepare(&mut overlay)?;
            Ok(overlay)
        };
        measure(what, overlay, |overlay| {
            let mut gas = 0;
            for _ in 0..count {
                let made = self.make(overlay, who, called, arguments)?;
                gas += made.gas;
                let result = made.result.map_err(|error| anyhow!("{what}: {error}"))?;
                declared.output_to_json(Network::Test, &result)?;
            }
            Ok(gas)
        })
    }

    /// Measures every function: as generated business calls it, and the others with any arguments of the
    /// right types. Rejected calls of a function are counted separately.
    pub(super) fn lines(mut self) -> anyhow::Result<Vec<GasLine>> {
        let mut sums = BTreeMap::new();
        let mut seed = 1u64;
        let mut number = |below: u64| {
            seed = seed.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            (seed >> 33) % below
        };
        for step in 0..STEPS / STEPS_IN_BLOCK {
            let mut overlay = self.disk.overlay();
            for _ in 0..STEPS_IN_BLOCK {
                let step = Step {
                    kind: number(Step::KINDS as u64) as usize,
                    who: number(64) as usize,
                    id: 1 + number(9 + step as u64),
                    amount: number(3_000),
                };
                let call = step.call(&mut Reading { business: &self, overlay: &overlay })?;
                if let Some(Call { who, module, function, arguments }) = call {
                    let called = (module, function);
                    self.sum(&mut sums, &mut overlay, who, called, &arguments)?;
                }
            }
            self.disk.commit(overlay)?;
            self.time_ms += number(3_000);
        }
        self.rest(&mut sums)?;
        let shown = |((what, refused), (gas, ns)): ((String, bool), (f64, f64))| {
            let what = if refused { format!("{what}, refused") } else { what };
            GasLine { what, gas, ns }
        };
        Ok(sums.into_iter().map(shown).collect())
    }

    /// The functions that business did not call.
    fn rest(&self, sums: &mut Sums) -> anyhow::Result<()> {
        let done: BTreeSet<String> = sums.keys().map(|(what, _)| what.clone()).collect();
        for entry in ehb_catalog::all() {
            let module = self.modules.get(entry.name).context("a module is missing")?;
            for function in &module.interface().functions {
                if done.contains(&format!("{}.{}", entry.name, function.name)) {
                    continue;
                }
                let arguments = any_of_fields(&function.parameters);
                let called = (entry.name, function.name.as_str());
                self.sum(sums, &mut self.disk.overlay(), "alice", called, &arguments)?;
            }
        }
        Ok(())
    }

    /// Measures a call on some copies of the state, and executes it.
    fn sum(
        &self,
        sums: &mut Sums,
        overlay: &mut Overlay,
        who: &str,
        called: (&str, &str),
        arguments: &Value,
    ) -> anyhow::Result<()> {
        let mut best = f64::INFINITY;
        for _ in 0..REPETITIONS {
            best = best.min(self.make(&mut overlay.clone(), who, called, arguments)?.ns);
        }
        let made = self.make(overlay, who, called, arguments)?;
        let what = format!("{}.{}", called.0, called.1);
        let sum = sums.entry((what, made.result.is_err())).or_insert((0.0, 0.0));
        *sum = (sum.0 + made.gas as f64, sum.1 + best.min(made.ns));
        Ok(())
    }
}

/// Gas and nanoseconds of the calls of each function, separately for successful and rejected calls.
type Sums = BTreeMap<(String, bool), (f64, f64)>;

struct Reading<'a> {
    business: &'a Business,
    overlay: &'a Overlay,
}

impl ModuleReader for Reading<'_> {
    type Error = anyhow::Error;

    fn has(&self, module: &str, function: &str) -> bool {
        self.business.declared(module, function).is_ok()
    }

    fn read(
        &mut self,
        module: &str,
        function: &str,
        arguments: &Value,
    ) -> anyhow::Result<Result<Value, Value>> {
        let business = self.business;
        let mut overlay = self.overlay.clone();
        let made = business.make(&mut overlay, "bank", (module, function), arguments)?;
        let declared = business.declared(module, function)?;
        Ok(match made.result {
            Ok(bytes) => {
                let value = declared.output_to_json(Network::Test, &bytes)?;
                Ok(business.names.to_names(&value))
            }
            Err(message) => Err(message.into()),
        })
    }

    fn time_ms(&self) -> u64 {
        self.business.time_ms
    }
}

fn register(overlay: &mut Overlay) -> anyhow::Result<()> {
    for (place, person) in PEOPLE.iter().enumerate() {
        let roles = person.roles.iter().map(|role| Name::new(*role));
        let account = Account {
            policy: Policy::Key(PublicKey([0; 32])),
            organisation: Name::new(person.organisation)?,
            roles: roles.collect::<Result<_, _>>()?,
            status: Status::Active,
        };
        accounts::put_account(overlay, &address(place), &account);
    }
    Ok(())
}

/// Arguments of these types: ids are 1, pages have the maximum length, and optional values are omitted.
fn any_of_fields(fields: &[Field]) -> Value {
    let member = |field: &Field| (field.name.clone(), any(&field.name, &field.kind));
    Value::Object(fields.iter().map(member).collect::<Map<_, _>>())
}

fn any(name: &str, kind: &Type) -> Value {
    match kind {
        Type::Bool => json!(false),
        Type::U8 | Type::U16 | Type::S8 | Type::S16 | Type::S32 => json!(1),
        Type::U32 if name == "limit" => json!(PAGE),
        Type::U32 => json!(1),
        Type::U64 | Type::S64 => json!("1"),
        Type::Char => json!("x"),
        Type::String if name == "asset" => json!(ehb_workload::ASSET),
        Type::String => json!(""),
        Type::Address => json!(address(5).to_text(Network::Test)),
        Type::Hash => json!("00".repeat(32)),
        Type::List(_) => json!([]),
        Type::Option(_) => Value::Null,
        Type::Tuple(kinds) => kinds.iter().map(|kind| any(name, kind)).collect(),
        Type::Record(fields) => any_of_fields(fields),
        Type::Enum(names) => json!(names.first()),
        Type::Flags(_) => json!([]),
        Type::Variant(cases) => {
            let case = cases.first();
            let (name, kind) = (case.map(|it| &it.name), case.and_then(|it| it.kind.as_ref()));
            match (name, kind) {
                (Some(name), Some(kind)) => json!({ name: any(name, kind) }),
                (name, _) => json!(name),
            }
        }
        Type::Result { .. } => Value::Null,
    }
}
