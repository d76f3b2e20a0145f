//! The host's function `debug`, whose messages are kept in the session and are part of no result.

use wasmtime::StoreContextMut;
use wasmtime::component::{LinkerInstance, WasmStr};

use super::running;
use crate::frame::{Frame, charge, priced};
use crate::{MESSAGE_BYTES_MAX, MESSAGES_MAX};

pub(super) fn add(instance: &mut LinkerInstance<'_, Frame>) -> wasmtime::Result<()> {
    instance.func_wrap("debug", debug)
}

fn debug(mut store: StoreContextMut<'_, Frame>, (message,): (WasmStr,)) -> wasmtime::Result<()> {
    let gas = store.data().gas();
    let (call, byte) = (gas.host_call, gas.host_byte);
    charge(&mut store, call)?;
    let text = message.to_str(&store)?;
    let cost = priced(byte, text.len());
    let kept = text[..text.floor_char_boundary(MESSAGE_BYTES_MAX)].to_owned();
    charge(&mut store, cost)?;
    let frame = store.data_mut();
    if frame.session.messages.len() < MESSAGES_MAX {
        let module = running(frame).clone();
        frame.session.messages.push((module, kept));
    }
    Ok(())
}
