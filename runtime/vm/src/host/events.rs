//! The host's function by which a module emits an event into the receipt.

use ehb_abi::Type;
use ehb_types::{Code, Event};
use wasmtime::StoreContextMut;
use wasmtime::component::Val;

use super::running;
use crate::frame::{Frame, VALUE_GAS, charge, priced};
use crate::values::{nodes, write_payload};
use crate::{CallError, EVENT_BYTES_MAX, EVENTS_MAX};

/// Emits an event of the running module.
pub(crate) fn emit(
    mut store: StoreContextMut<'_, Frame>,
    kind: &Type,
    parameters: &[Val],
) -> wasmtime::Result<()> {
    let frame = store.data();
    if frame.session.context.read_only {
        let message = format!("{} emits an event in a read-only call", running(frame));
        return Err(CallError::failed(Code::ReadOnly, message).into());
    }
    let emitted = frame.session.events.len();
    let gas = frame.gas();
    // It is stored in the receipt forever.
    let (call, byte) = (gas.host_call, gas.storage_write_byte);
    let passed = parameters.iter().map(nodes).sum::<u64>();
    charge(&mut store, call.saturating_add(passed.saturating_mul(VALUE_GAS)))?;
    let mut data = Vec::with_capacity(64);
    write_payload(Some(kind), parameters.first(), &mut data)
        .map_err(|error| CallError::Machine(error.to_string()))?;
    charge(&mut store, priced(byte, data.len()))?;
    if emitted >= EVENTS_MAX || data.len() > EVENT_BYTES_MAX {
        let message = format!(
            "a transaction emits at most {EVENTS_MAX} events of at most {EVENT_BYTES_MAX} bytes"
        );
        return Err(CallError::failed(Code::StateLimit, message).into());
    }
    let frame = store.data_mut();
    let module = running(frame).clone();
    let call = frame.session.call;
    frame.session.events.push(Event { call, module, data });
    Ok(())
}
