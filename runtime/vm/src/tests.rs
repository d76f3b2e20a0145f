//! Tests with components written in WIT and WAT.

#![expect(clippy::panic, reason = "a test says by a panic what it did not expect")]

mod build;
mod compiled;
mod depth;
mod documentation;
mod frames;
mod gas;
mod host;
mod hostile;
mod install;
mod instances;
mod limits;
mod link;
mod nested;
mod pointers;
mod scan;
mod turns;
mod values;

use std::sync::{Arc, LazyLock};

use ehb_state::{MemoryStore, Overlay};
use ehb_types::{
    Account, Address, Code, GasSchedule, Hash, Name, Network, Policy, RoleName, Roles, Status,
};

use crate::{CallError, CallFailure, Context, Engine, InstallError, Module, Modules, Session};

pub(crate) use build::{PRELUDE, component, probe, probe_with};

/// Enough gas for everything that ends.
pub(crate) const GAS: u64 = 50_000_000;
pub(crate) const NETWORK: Network = Network::Test;
/// A registered account with the role `issuer`.
pub(crate) const ALICE: Address = Address([0xa1; 32]);
/// A registered and frozen account.
pub(crate) const FRED: Address = Address([0xf1; 32]);

/// One engine for all tests of the process, as in a node.
pub(crate) fn engine() -> &'static Engine {
    static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new().unwrap());
    &ENGINE
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn compile(module: &str, code: &[u8]) -> Result<Module, InstallError> {
    Module::compile(engine(), name(module), code)
}

/// Compiles and links modules.
pub(crate) fn link(modules: &[(&str, Vec<u8>)]) -> Result<Modules, InstallError> {
    let compiled = modules.iter().map(|(name, code)| compile(name, code));
    Modules::link(engine(), compiled.collect::<Result<_, _>>()?)
}

/// `issuer` in all modules, `clerk` in one of the tests, `seller` in another.
fn roles() -> Roles {
    let mut roles = Roles::from([name("issuer")]);
    for role in ["clerk@probe", "seller@shop"] {
        roles.grant(RoleName::new(role).unwrap(), None);
    }
    roles
}

fn account(_: &Overlay, address: &Address) -> Result<Option<Account>, ehb_state::StoreError> {
    // Nothing is signed here, so any bytes do.
    let key = ehb_types::PublicKey([1; 32]);
    let account = |status| Account {
        policy: Policy::Key(key),
        organisation: name("acme"),
        roles: roles(),
        status,
    };
    Ok(match *address {
        ALICE => Some(account(Status::Active)),
        FRED => Some(account(Status::Frozen)),
        _ => None,
    })
}

pub(crate) fn context() -> Context {
    Context {
        sender: ALICE,
        height: 7,
        time_ms: 1_700_000_000_000,
        transaction: Hash([9; 32]),
        read_only: false,
        gas: GasSchedule::default(),
        window_min_ms: 1_000,
        accounts: account,
    }
}

pub(crate) fn session() -> Session {
    session_with(context())
}

pub(crate) fn session_with(context: Context) -> Session {
    Session::new(Overlay::new(Arc::new(MemoryStore::default())), Arc::new(context))
}

/// Calls `probe.run(n)`; returns its result and the used gas.
pub(crate) fn run(
    modules: &Modules,
    session: &mut Session,
    n: u64,
) -> (Result<u64, CallFailure>, u64) {
    run_of(modules, session, "probe", n)
}

pub(crate) fn run_of(
    modules: &Modules,
    session: &mut Session,
    module: &str,
    n: u64,
) -> (Result<u64, CallFailure>, u64) {
    let mut gas = GAS;
    let result = modules.call(session, module, "run", &n.to_le_bytes(), &mut gas);
    let result = match result {
        Ok(bytes) => Ok(u64::from_le_bytes(bytes.try_into().unwrap())),
        Err(CallError::Failed(failure)) => Err(failure),
        Err(other) => panic!("{other}"),
    };
    (result, GAS - gas)
}

/// Runs a probe with this body once, in its own session.
pub(crate) fn run_body(body: &str, n: u64) -> (Result<u64, CallFailure>, u64) {
    let modules = link(&[("probe", probe("", body))]).unwrap();
    run(&modules, &mut session(), n)
}

pub(crate) fn failure(code: Code, message: &str) -> CallFailure {
    CallFailure { code, message: message.to_owned(), error: None }
}
