//! The host's functions about the call: sender, caller, own address, block, transaction and parameters.

use wasmtime::StoreContextMut;
use wasmtime::component::LinkerInstance;

use super::Words;
use crate::frame::{Caller, Frame, charge};

pub(super) fn add(instance: &mut LinkerInstance<'_, Frame>) -> wasmtime::Result<()> {
    add_one(instance, "sender", |frame| Words::from(frame.session.context.sender))?;
    add_one(instance, "caller", |frame| Words::from(frame.caller_address()))?;
    add_one(instance, "caller-module", |frame| match frame.caller {
        Caller::Sender => None,
        Caller::Module(module) => Some(frame.modules.at(module).module.name().to_string()),
    })?;
    add_one(instance, "self-address", |frame| Words::from(frame.linked().address))?;
    add_one(instance, "height", |frame| frame.session.context.height)?;
    add_one(instance, "time-ms", |frame| frame.session.context.time_ms)?;
    add_one(instance, "transaction-id", |frame| Words::from(frame.session.context.transaction))?;
    add_one(instance, "window-min-ms", |frame| frame.session.context.window_min_ms)
}

fn add_one<R>(
    instance: &mut LinkerInstance<'_, Frame>,
    name: &str,
    answer: fn(&Frame) -> R,
) -> wasmtime::Result<()>
where
    R: 'static,
    (R,): wasmtime::component::ComponentNamedList + wasmtime::component::Lower + 'static,
{
    instance.func_wrap(name, move |mut store: StoreContextMut<'_, Frame>, (): ()| {
        let gas = store.data().gas().host_call;
        charge(&mut store, gas)?;
        Ok((answer(store.data()),))
    })
}
