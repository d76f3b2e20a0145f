//! A chain with nothing but the modules, and people.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{ExitCode, Termination};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ehb_catalog::get;
use ehb_checks::{Documented, Tree};
use ehb_state::{Changes, MemoryStore, Overlay, StoreError};
use ehb_types::{Account, Address, GasSchedule, Hash, Name, Network, Policy, PublicKey, Status};
use ehb_vm::{CallError, Context, Engine, Module, Modules, Session};
use serde_json::{Value, json};

use super::paid::Counted;
use crate::{Call, Names, PEOPLE, Person, found_asset, mint};

/// The gas limit of a call here: a transaction's default limit.
pub(super) const GAS: u64 = 50_000_000;

/// The number of customers besides [`PEOPLE`]: `crowd-0` and so on.
pub(super) const CROWD: usize = 24;

/// The result of a call.
#[derive(Debug)]
pub(super) struct Answer {
    /// The result, or the typed error; the people in it by their names.
    pub(super) result: Result<Value, Value>,
    /// The events of all modules.
    pub(super) events: Vec<Value>,
    pub(super) gas: u64,
}

pub(super) struct Stage {
    modules: Modules,
    overlay: Overlay,
    names: Names,
    /// Each module's documented interface.
    documented: Arc<BTreeMap<String, Documented>>,
    pub(super) time_ms: u64,
    /// The store's work for the calls so far, in gas, and the gas that they paid.
    work: Arc<AtomicU64>,
    paid: u64,
    /// The functions that were called and refused nothing, with their modules.
    succeeded: BTreeSet<(String, String)>,
}

impl Termination for Stage {
    /// A test that ends with its stage has passed.
    fn report(self) -> ExitCode {
        ExitCode::SUCCESS
    }
}

fn address(place: usize) -> Address {
    Address([u8::try_from(place + 1).unwrap(); 32])
}

/// The place of somebody among everybody.
fn place(name: &str) -> usize {
    everybody().position(|it| it == name).unwrap()
}

/// Everybody's name, in the order of their addresses.
fn everybody() -> impl Iterator<Item = String> {
    let people = PEOPLE.iter().map(|person| person.name.to_owned());
    people.chain((0..CROWD).map(|place| format!("crowd-{place}")))
}

/// The key under which the state has a frozen account. Modules write only under `m/`.
fn frozen_key(account: &Address) -> Vec<u8> {
    [b"frozen/".as_slice(), &account.0].concat()
}

/// The account of one of the people.
fn account(state: &Overlay, wanted: &Address) -> Result<Option<Account>, StoreError> {
    let place = (0..PEOPLE.len() + CROWD).find(|place| address(*place) == *wanted);
    let known = |place| {
        PEOPLE
            .get(place)
            .map_or(("crowd", &[][..]), |person: &Person| (person.organisation, person.roles))
    };
    let is_frozen = state.get(&frozen_key(wanted))?.is_some();
    Ok(place.map(known).map(|(organisation, roles)| Account {
        policy: Policy::Key(PublicKey([0; 32])),
        organisation: Name::new(organisation).unwrap(),
        roles: roles.iter().map(|role| Name::new(*role).unwrap()).collect(),
        status: if is_frozen { Status::Frozen } else { Status::Active },
    }))
}

/// The modules' documented interfaces, by their names.
fn documented(names: &[&str]) -> BTreeMap<String, Documented> {
    // As of the run: a build cache may hold this test from a checkout at another place.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    let tree = Tree::read(&Path::new(&package).join("../..")).unwrap();
    let of = |name: &&str| ((*name).to_owned(), Documented::of_module(&tree, name));
    names.iter().map(of).collect()
}

/// An overlay over the state, and the store's work for it so far, in gas.
fn counted(state: MemoryStore) -> (Arc<AtomicU64>, Overlay) {
    let work = Arc::new(AtomicU64::new(0));
    let overlay = Overlay::new(Arc::new(Counted::new(state, work.clone())));
    (work, overlay)
}

impl Stage {
    /// With these modules, at block time 1000.
    pub(super) fn new(names: &[&str]) -> Self {
        let engine = Engine::new().unwrap();
        let compile = |name: &&str| {
            Module::compile(&engine, Name::new(*name).unwrap(), get(name).unwrap().code).unwrap()
        };
        let modules = Modules::link(&engine, names.iter().map(compile).collect()).unwrap();
        let shown = |(place, name)| (name, address(place).to_text(Network::Test));
        let documented = Arc::new(documented(names));
        let names = Names::new(everybody().enumerate().map(shown));
        let (work, overlay) = counted(MemoryStore::default());
        Self {
            modules,
            overlay,
            names,
            documented,
            time_ms: 1_000,
            work,
            paid: 0,
            succeeded: BTreeSet::new(),
        }
    }

    /// As [`Self::new`], and alice and bob have 10,000.00 euros each.
    pub(super) fn funded(names: &[&str]) -> Self {
        let mut stage = Self::new(names);
        stage.all([found_asset()]);
        stage.all(["alice", "bob"].map(|to| mint(to, 1_000_000)));
        stage
    }

    /// Makes calls that must not be refused.
    pub(super) fn all(&mut self, calls: impl IntoIterator<Item = Call>) {
        for call in calls {
            self.done(call.who, call.module, call.function, call.arguments);
        }
    }

    /// A copy of the stage, to continue in another way. The writes so far become its base state, so that a
    /// call does not copy them.
    pub(super) fn fork(&self) -> Self {
        let entries = self.overlay.clone().into_entries();
        let mut state = MemoryStore::default();
        state.apply(&Changes { entries, ..Changes::default() });
        let (work, overlay) = counted(state);
        Self {
            modules: self.modules.clone(),
            overlay,
            names: self.names.clone(),
            documented: self.documented.clone(),
            time_ms: self.time_ms,
            work,
            paid: 0,
            succeeded: BTreeSet::new(),
        }
    }

    /// The store's work for the calls so far, in gas.
    pub(super) fn work(&self) -> u64 {
        self.work.load(Ordering::Relaxed)
    }

    /// Whether a call of this function succeeded.
    pub(super) fn has_done(&self, module: &str, function: &str) -> bool {
        self.succeeded.contains(&(module.to_owned(), function.to_owned()))
    }

    pub(super) fn has_function(&self, module: &str, function: &str) -> bool {
        let module = self.modules.get(module);
        module.is_some_and(|module| module.interface().function(function).is_some())
    }

    /// Freezes somebody's account, or ends its freeze, as the network's governance does.
    pub(super) fn freeze(&mut self, who: &str, frozen: bool) {
        let key = frozen_key(&address(place(who)));
        match frozen {
            true => self.overlay.set(key, Vec::new()),
            false => self.overlay.remove(key),
        }
    }

    pub(super) fn is_frozen(&self, who: &str) -> bool {
        self.overlay.get(&frozen_key(&address(place(who)))).unwrap().is_some()
    }

    /// Calls a function as somebody, with arguments by name in which `@alice` stands for her address.
    /// A refusal undoes what the call did, and must be documented.
    pub(super) fn call(
        &mut self,
        sender: &str,
        module: &str,
        function: &str,
        arguments: Value,
    ) -> Answer {
        let modules = self.modules.clone();
        let described = modules.get(module).unwrap().interface().function(function).unwrap();
        let arguments = self.names.to_addresses(&arguments);
        let arguments = described.arguments_from_json(Network::Test, &arguments).unwrap();
        let context = Context {
            sender: address(place(sender)),
            height: 1,
            time_ms: self.time_ms,
            transaction: Hash::ZERO,
            read_only: false,
            gas: GasSchedule::default(),
            window_min_ms: 1_000,
            accounts: account,
        };
        let mut session = Session::new(self.overlay.clone(), Arc::new(context));
        let mut gas = GAS;
        let result = self.modules.call(&mut session, module, function, &arguments, &mut gas);
        let result = match result {
            Ok(bytes) => Ok(described.output_to_json(Network::Test, &bytes).unwrap()),
            Err(CallError::Failed(failure)) => {
                let error =
                    failure.error.unwrap_or_else(|| panic!("{function}: {}", failure.message));
                Err(described.error_to_json(Network::Test, &error.data).unwrap())
            }
            Err(other) => panic!("{function}: {other:?}"),
        };
        let event = |event: &ehb_types::Event| {
            let interface = self.modules.get(event.module.as_str()).unwrap().interface();
            self.names
                .to_names(&interface.event_to_json(Network::Test, &event.data).unwrap().unwrap())
        };
        let events = session.events.iter().map(event).collect();
        let result = match result {
            Ok(value) => Ok(self.names.to_names(&value)),
            Err(error) => Err(self.names.to_names(&error)),
        };
        if let Err(error) = &result {
            let known = self.documented[module].allows(function, case(error));
            assert!(known, "{module}.{function} does not document its refusal: {error}");
        }
        if result.is_ok() {
            self.overlay = session.overlay;
            self.succeeded.insert((module.to_owned(), function.to_owned()));
        }
        self.paid += GAS - gas;
        assert!(self.work() <= self.paid, "{function}: the store did more than was paid");
        Answer { result, events, gas: GAS - gas }
    }

    /// As [`Self::call`], for a call that must not be refused.
    pub(super) fn done(
        &mut self,
        sender: &str,
        module: &str,
        function: &str,
        arguments: Value,
    ) -> Value {
        let answer = self.call(sender, module, function, arguments);
        answer.result.unwrap_or_else(|error| panic!("{sender} {function}: {error}"))
    }

    /// Somebody's balance of the asset EUR: available and held.
    pub(super) fn balance(&mut self, account: &str) -> (u64, u64) {
        let arguments = json!({"account": format!("@{account}"), "asset": "EUR"});
        let balance = self.done("alice", "wallet", "get-balance", arguments);
        (number(&balance["available"]), number(&balance["held"]))
    }
}

/// The name of a refusal.
fn case(error: &Value) -> &str {
    match error {
        Value::Object(members) => members.keys().next().map_or("", String::as_str),
        plain => plain.as_str().unwrap_or_default(),
    }
}

/// A number, which is a string in JSON if it has 64 bits.
pub(super) fn number(value: &Value) -> u64 {
    value.as_str().map_or_else(|| value.as_u64().unwrap(), |text| text.parse().unwrap())
}
