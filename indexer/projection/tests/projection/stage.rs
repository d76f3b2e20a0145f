//! A chain with nothing but the modules, and the tables that its events lead to.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;

use ehb_catalog::get;
use ehb_invariants::ModuleReader;
use ehb_projection::cell::Cell;
use ehb_projection::proof::{Difference, Subject};
use ehb_projection::table::At;
use ehb_projection::text::escape_json;
use ehb_projection::{Changes, Event, SUBJECTS, Tables, advance};
use ehb_state::{Changes as StateChanges, MemoryStore, Overlay, StoreError};
use ehb_types::{Account, Address, GasSchedule, Hash, Name, Network, Policy, PublicKey, Status};
use ehb_vm::{CallError, Context, Engine, Module, Modules, Session};
use ehb_workload::{Call, Names, PEOPLE, Person};
use serde_json::Value;

const MODULES: [&str; 4] = ["wallet", "marketplace", "jobs", "credit"];
const GAS: u64 = 50_000_000;

/// An event of a call, with its payload.
type Emitted = (String, String, Value);

pub(crate) struct Stage {
    modules: Modules,
    overlay: Overlay,
    names: Names,
    pub(crate) time_ms: u64,
    pub(crate) tables: Tables,
    height: i64,
    /// The modules' events so far, by module and name.
    pub(crate) seen: BTreeSet<(String, String)>,
    /// The number of comparisons by table.
    pub(crate) compared: BTreeMap<&'static str, usize>,
}

fn address(place: usize) -> Address {
    Address([u8::try_from(place + 1).unwrap(); 32])
}

fn account(_: &Overlay, wanted: &Address) -> Result<Option<Account>, StoreError> {
    let person = PEOPLE.iter().enumerate().find(|(place, _)| address(*place) == *wanted);
    Ok(person.map(|(_, person)| Account {
        policy: Policy::Key(PublicKey([0; 32])),
        organisation: Name::new(person.organisation).unwrap(),
        roles: person.roles.iter().map(|role| Name::new(*role).unwrap()).collect(),
        status: Status::Active,
    }))
}

impl Stage {
    /// With the modules that ship, at block time 1000.
    pub(crate) fn new() -> Self {
        let engine = Engine::new().unwrap();
        let compile = |name: &str| {
            Module::compile(&engine, Name::new(name).unwrap(), get(name).unwrap().code).unwrap()
        };
        let modules = Modules::link(&engine, MODULES.into_iter().map(compile).collect()).unwrap();
        let shown = |(place, person): (usize, &Person)| {
            (person.name, address(place).to_text(Network::Test))
        };
        Self {
            modules,
            overlay: Overlay::new(Arc::new(MemoryStore::default())),
            names: Names::new(PEOPLE.iter().enumerate().map(shown)),
            time_ms: 1_000,
            tables: Tables::in_memory(),
            height: 0,
            seen: BTreeSet::new(),
            compared: BTreeMap::new(),
        }
    }

    /// A copy, to continue in another way.
    pub(crate) fn fork(&self) -> Self {
        let entries = self.overlay.clone().into_entries();
        let mut state = MemoryStore::default();
        state.apply(&StateChanges { entries, ..StateChanges::default() });
        Self {
            modules: self.modules.clone(),
            overlay: Overlay::new(Arc::new(state)),
            names: self.names.clone(),
            time_ms: self.time_ms,
            tables: self.tables.clone(),
            height: self.height,
            seen: self.seen.clone(),
            compared: BTreeMap::new(),
        }
    }

    /// Calls a function; addresses stay as they are. The events are those of the call if it succeeded.
    fn call(
        &mut self,
        sender: usize,
        module: &str,
        function: &str,
        arguments: &Value,
    ) -> (Result<Value, Value>, Vec<Emitted>) {
        let described = self.modules.get(module).unwrap().interface().function(function).unwrap();
        let arguments = described.arguments_from_json(Network::Test, arguments);
        let arguments = arguments.unwrap_or_else(|error| panic!("{module}.{function}: {error}"));
        let context = Context {
            sender: address(sender),
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
        match result {
            Ok(bytes) => {
                let events = session.events.iter().map(|event| self.decode(event)).collect();
                self.overlay = session.overlay;
                (Ok(described.output_to_json(Network::Test, &bytes).unwrap()), events)
            }
            Err(CallError::Failed(failure)) => {
                let error =
                    failure.error.unwrap_or_else(|| panic!("{function}: {}", failure.message));
                (Err(described.error_to_json(Network::Test, &error.data).unwrap()), Vec::new())
            }
            Err(other) => panic!("{function}: {other:?}"),
        }
    }

    fn decode(&self, event: &ehb_types::Event) -> Emitted {
        let interface = self.modules.get(event.module.as_str()).unwrap().interface();
        let mut value = interface.event_to_json(Network::Test, &event.data).unwrap().unwrap();
        escape_json(&mut value);
        let (name, payload) = match value {
            Value::Object(cases) => cases.into_iter().next().unwrap(),
            Value::String(name) => (name, Value::Null),
            other => panic!("{other}"),
        };
        (event.module.to_string(), name, payload)
    }

    /// Makes a call, applies its events to the tables, and compares each changed row with what the module returns.
    /// Returns whether the call succeeded.
    pub(crate) fn act(&mut self, call: &Call) -> bool {
        let Call { who, module, function, arguments } = call;
        let sender = PEOPLE.iter().position(|person| person.name == *who).unwrap();
        let arguments = self.names.to_addresses(arguments);
        let (result, events) = self.call(sender, module, function, &arguments);
        if result.is_err() {
            return false;
        }
        self.height += 1;
        let sender = address(sender).to_text(Network::Test);
        let changes = self.apply(&events, &sender);
        for (table, (_, rows)) in &changes {
            for row in rows {
                self.compare(table, row, &format!("{who} {module}.{function} {arguments}"));
            }
        }
        true
    }

    fn apply(&mut self, events: &[Emitted], sender: &str) -> Changes {
        let time_ms = i64::try_from(self.time_ms).unwrap();
        let events: Vec<Event<'_>> = events
            .iter()
            .zip(0..)
            .map(|((module, name, value), event)| {
                self.seen.insert((module.clone(), name.clone()));
                let at = At { height: self.height, index: 0, event };
                let (network, sender) = (Network::Test, Some(sender));
                Event { module, name, value, at, time_ms, network, sender }
            })
            .collect();
        let needs = advance(&mut self.tables, &events);
        assert!(needs.unwrap_or_else(|error| panic!("{error}: {events:#?}")).is_empty());
        self.tables.take_changes()
    }

    /// Compares all rows.
    pub(crate) fn compare_all(&mut self) {
        let tables: BTreeSet<&str> =
            SUBJECTS.iter().copied().flatten().map(|it| it.table.name).collect();
        for subject in SUBJECTS.iter().copied().flatten() {
            if tables.contains(subject.table.name) {
                for row in self.tables.all(subject.table) {
                    self.compare(subject.table.name, &row, "at the end");
                }
            }
        }
    }

    /// What differs between a row and the answer of its module.
    pub(crate) fn differences(&mut self, subject: &Subject, row: &[Cell]) -> Vec<Difference> {
        let answer = self.ask(subject.module, subject.function, &subject.arguments(row));
        subject.compare(&self.tables, row, &answer, self.time_ms)
    }

    /// Whether the module has a record of the row.
    pub(crate) fn is_kept(&mut self, subject: &Subject, row: &[Cell]) -> bool {
        let answer = self.ask(subject.module, subject.function, &subject.arguments(row));
        answer.is_ok_and(|record| !record.is_null())
    }

    fn compare(&mut self, table: &str, row: &[Cell], step: &str) {
        let subjects = SUBJECTS.iter().copied().flatten();
        for subject in subjects.filter(|it| it.table.name == table && it.has(row)) {
            let differences = self.differences(subject, row);
            assert_eq!(differences, [], "after {step}");
            *self.compared.entry(subject.table.name).or_default() += 1;
        }
    }

    fn ask(&mut self, module: &str, function: &str, arguments: &Value) -> Result<Value, Value> {
        let overlay = self.overlay.clone();
        let answer = self.call(0, module, function, arguments).0;
        self.overlay = overlay;
        answer
    }
}

impl ModuleReader for Stage {
    type Error = Infallible;

    fn has(&self, module: &str, function: &str) -> bool {
        let module = self.modules.get(module);
        module.is_some_and(|module| module.interface().function(function).is_some())
    }

    fn read(
        &mut self,
        module: &str,
        function: &str,
        arguments: &Value,
    ) -> Result<Result<Value, Value>, Infallible> {
        let arguments = self.names.to_addresses(arguments);
        Ok(match self.ask(module, function, &arguments) {
            Ok(value) => Ok(self.names.to_names(&value)),
            Err(error) => Err(self.names.to_names(&error)),
        })
    }

    fn time_ms(&self) -> u64 {
        self.time_ms
    }
}
