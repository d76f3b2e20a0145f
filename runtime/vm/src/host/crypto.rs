//! The host's function `sha256`, which hashes a module's data under its own domain.

use ehb_crypto::{Domain, hash};
use wasmtime::StoreContextMut;
use wasmtime::component::{LinkerInstance, WasmList};

use super::Words;
use crate::frame::{Frame, charge, priced};

pub(super) fn add(instance: &mut LinkerInstance<'_, Frame>) -> wasmtime::Result<()> {
    instance.func_wrap("sha256", sha256)
}

fn sha256(
    mut store: StoreContextMut<'_, Frame>,
    (data,): (WasmList<u8>,),
) -> wasmtime::Result<(Words,)> {
    let gas = store.data().gas();
    let gas = gas.host_call.saturating_add(priced(gas.host_byte, data.len()));
    charge(&mut store, gas)?;
    Ok((hash(Domain::ModuleData, data.as_le_slice(&store)).into(),))
}
