//! Calls functions of modules, from transactions and from other modules, each in a fresh instance.

use ehb_abi::Type;
use ehb_types::{Code, Name, TypedError};
use wasmtime::component::Val;
use wasmtime::{Store, StoreContextMut, Trap};

use crate::engine::CALL_DEPTH_MAX;
use crate::frame::{Caller, Frame, Growth, PASSED_BYTES_MAX, VALUE_GAS, charge, priced};
use crate::link::{Linked, Modules};
use crate::stack::with_room;
use crate::values::{self, nodes, read_arguments};
use crate::{CallError, CallFailure, Session};

/// A function of a linked module, both by position.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) module: usize,
    pub(crate) function: usize,
}

impl Modules {
    /// Calls a function by name with canonical arguments.
    ///
    /// Returns the function's output (the payload of `ok`, or the plain result) in canonical bytes. `gas` is
    /// the available gas, and afterwards the remaining gas. If the call fails, the session's state and events
    /// are unchanged.
    pub fn call(
        &self,
        session: &mut Session,
        module: &str,
        function: &str,
        arguments: &[u8],
        gas: &mut u64,
    ) -> Result<Vec<u8>, CallError> {
        let target = self.target(module, function)?;
        if self.is_paused_at(target.module) && !session.context.read_only {
            let message = format!("the network paused the module {module}");
            return Err(CallError::failed(Code::ModulePaused, message));
        }
        let declared = &self.at(target.module).module.interface().functions[target.function];
        let arguments = read_arguments(&declared.parameters, arguments).map_err(|error| {
            CallError::failed(Code::BadArguments, format!("{module}.{function}: {error}"))
        })?;
        let mark = session.mark();
        let _permit = self.engine().permit(session.context.read_only || session.simulated);
        let outcome = with_room(|| {
            let value = self.invoke(session, target, Caller::Sender, &arguments, gas)?;
            // The result is stored in the receipt forever.
            self.output(target, value, gas, session.context.gas.storage_write_byte)
        });
        if outcome.is_err() {
            session.rollback(mark);
        }
        outcome
    }

    fn target(&self, module: &str, function: &str) -> Result<Target, CallError> {
        let position = self.position(module).ok_or_else(|| {
            CallError::failed(Code::UnknownModule, format!("no module is named {module:?}"))
        })?;
        let functions = &self.at(position).module.interface().functions;
        let found = functions.binary_search_by(|known| known.name.as_str().cmp(function));
        let function = found.map_err(|_| {
            let message = format!("the module {module} has no function {function:?}");
            CallError::failed(Code::UnknownFunction, message)
        })?;
        Ok(Target { module: position, function })
    }

    /// The output bytes of a call, or the error that it returned.
    fn output(
        &self,
        target: Target,
        value: Option<Val>,
        gas: &mut u64,
        byte_gas: u64,
    ) -> Result<Vec<u8>, CallError> {
        let module = &self.at(target.module).module;
        let function = &module.interface().functions[target.function];
        let mut bytes = Vec::new();
        let (kind, payload, is_error) = match &value {
            Some(Val::Result(Ok(payload))) => (function.output(), payload.as_deref(), false),
            Some(Val::Result(Err(payload))) => (function.error(), payload.as_deref(), true),
            plain => (function.output(), plain.as_ref(), false),
        };
        values::write_payload(kind, payload, &mut bytes)
            .map_err(|error| CallError::Machine(error.to_string()))?;
        pay(gas, priced(byte_gas, bytes.len()))?;
        if is_error {
            return Err(returned_error(module.name(), &function.name, kind, payload, bytes));
        }
        Ok(bytes)
    }

    /// Runs a function in a fresh instance. Writes and events stay in the session, whatever the outcome: the
    /// caller must undo them.
    fn invoke(
        &self,
        session: &mut Session,
        target: Target,
        caller: Caller,
        arguments: &[Val],
        gas: &mut u64,
    ) -> Result<Option<Val>, CallError> {
        let passed = arguments.iter().map(nodes).sum::<u64>();
        let made = self.at(target.module).module.instance_gas();
        let price = session.context.gas.call.saturating_add(made);
        pay(gas, price.saturating_add(passed.saturating_mul(VALUE_GAS)))?;
        session.active.push(target.module);
        let frame = Frame {
            session: session.take(),
            modules: self.clone(),
            module: target.module,
            caller,
            growth: Growth::default(),
        };
        let mut store = Store::new(self.engine().wasmtime(), frame);
        let outcome = run(&mut store, self.at(target.module), target, arguments, gas);
        let unpaid = store.data_mut().growth.take_unpaid();
        *session = store.into_data().session;
        session.active.pop();
        let value = outcome?;
        let returned = value.as_ref().map_or(0, nodes).saturating_mul(VALUE_GAS);
        pay(gas, returned.saturating_add(unpaid))?;
        Ok(value)
    }
}

/// Instantiates and calls; always sets `gas` to the remaining gas.
fn run(
    store: &mut Store<Frame>,
    linked: &Linked,
    target: Target,
    arguments: &[Val],
    gas: &mut u64,
) -> Result<Option<Val>, CallError> {
    let machine = |error: wasmtime::Error| CallError::Machine(format!("{error:#}"));
    store.limiter(|frame| &mut frame.growth);
    store.set_hostcall_fuel(PASSED_BYTES_MAX);
    // Fuel is set after instantiation, whose cost depends on how the machine maps memory.
    store.set_fuel(u64::MAX).map_err(machine)?;
    let instance = linked.instances.instantiate(&mut *store).map_err(machine)?;
    pay(gas, store.data_mut().growth.take_unpaid())?;
    store.set_fuel(*gas).map_err(machine)?;
    let function = instance
        .get_func(&mut *store, linked.module.export(target.function))
        .ok_or_else(|| CallError::Machine("an export is gone".to_owned()))?;
    let declared = &linked.module.interface().functions[target.function];
    let mut results = [Val::Bool(false)];
    let count = usize::from(declared.result.is_some());
    let called = function.call(&mut *store, arguments, &mut results[..count]);
    *gas = store.get_fuel().map_err(machine)?;
    match called {
        Ok(()) => {
            let [value] = results;
            Ok(declared.result.is_some().then_some(value))
        }
        Err(error) => Err(trapped(error, linked.module.name(), &declared.name, gas)),
    }
}

/// A call from one module to another, in its own store. An error that the callee returns undoes the callee's
/// changes, and the caller decides what to do; any other failure fails the caller too.
pub(crate) fn nested(
    mut store: StoreContextMut<'_, Frame>,
    target: Target,
    arguments: &[Val],
    results: &mut [Val],
) -> wasmtime::Result<()> {
    charge(&mut store, 0)?;
    let mut gas = store.get_fuel()?;
    let frame = store.data_mut();
    let active = &frame.session.active;
    let name = |position: usize| frame.modules.at(position).module.name();
    if active.contains(&target.module) {
        let (callee, caller) = (name(target.module), name(frame.module));
        let message = format!("{caller} calls {callee}, which is waiting for a call to return");
        return Err(CallError::failed(Code::Reentrancy, message).into());
    }
    if frame.modules.is_paused_at(target.module) && !frame.session.context.read_only {
        let (callee, caller) = (name(target.module), name(frame.module));
        let message = format!("{caller} calls {callee}, which the network paused");
        return Err(CallError::failed(Code::ModulePaused, message).into());
    }
    if active.len() >= CALL_DEPTH_MAX {
        let message = format!("calls between modules nest deeper than {CALL_DEPTH_MAX}");
        return Err(CallError::failed(Code::CallDepth, message).into());
    }
    let modules = frame.modules.clone();
    let caller = Caller::Module(frame.module);
    let mut session = frame.session.take();
    let mark = session.mark();
    let outcome = with_room(|| modules.invoke(&mut session, target, caller, arguments, &mut gas));
    if let Ok(Some(Val::Result(Err(_)))) = outcome {
        session.rollback(mark);
    }
    store.data_mut().session = session;
    store.set_fuel(gas)?;
    if let (Some(value), Some(result)) = (outcome?, results.first_mut()) {
        *result = value;
    }
    Ok(())
}

fn pay(gas: &mut u64, amount: u64) -> Result<(), CallError> {
    let left = gas.checked_sub(amount);
    *gas = left.unwrap_or(0);
    left.map(drop).ok_or_else(CallError::out_of_gas)
}

/// Converts a failed run to an error.
///
/// Fuel is exact if the host or the `unreachable` instruction stopped the module. At other traps wasmtime has
/// not recorded all used fuel, so they cost all available gas.
fn trapped(error: wasmtime::Error, module: &Name, function: &str, gas: &mut u64) -> CallError {
    let error = match error.downcast::<CallError>() {
        Ok(known) => return known,
        Err(error) => error,
    };
    let failed =
        |code, reason: &str| CallError::failed(code, format!("{module}.{function}: {reason}"));
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => {
            *gas = 0;
            CallError::out_of_gas()
        }
        Some(Trap::StackOverflow) => {
            CallError::Machine(format!("{module}.{function} reached the end of the native stack"))
        }
        Some(Trap::UnreachableCodeReached) => failed(Code::Trap, "the module stopped itself"),
        Some(trap) => {
            *gas = 0;
            // The guards that are compiled in at installation divide like this; see `install::guard`.
            let reason = match trap {
                Trap::IntegerOverflow => "its calls nest too deeply, or a division overflowed",
                other => &other.to_string(),
            };
            failed(Code::Trap, reason)
        }
        None if error.is::<wasmtime::error::OutOfMemory>() => {
            CallError::Machine(format!("{error:#}"))
        }
        None => failed(Code::Trap, "a value it passed is malformed or too large"),
    }
}

/// The failure of a function that returned an error; the message contains its case or text.
fn returned_error(
    module: &Name,
    function: &str,
    kind: Option<&Type>,
    payload: Option<&Val>,
    data: Vec<u8>,
) -> CallError {
    let said = match (kind, payload) {
        (_, Some(Val::Variant(case, _) | Val::Enum(case))) => case.as_str(),
        (_, Some(Val::String(text))) => text.as_str(),
        _ => "an error",
    };
    let message = format!("{module}.{function}: {said}");
    let error = Name::new(function).ok().map(|function| TypedError {
        module: module.clone(),
        function,
        data,
    });
    CallError::Failed(CallFailure { code: Code::ModuleError, message, error })
}
