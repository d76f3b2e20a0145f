//! The host's functions for a module's own entries in the state, and their limits.

use std::ops::ControlFlow;

use ehb_state::Entry;
use ehb_types::{Code, Name};
use wasmtime::StoreContextMut;
use wasmtime::component::{LinkerInstance, WasmList};

use super::running;
use crate::CallError;
use crate::frame::{Frame, charge, priced};

/// The longest key that a module can use, bytes.
pub const KEY_BYTES_MAX: usize = 256;
/// The longest value that a module can write, bytes.
pub const VALUE_BYTES_MAX: usize = 65_536;
/// The maximum number of entries that a scan returns.
pub const SCAN_ENTRIES_MAX: u32 = 256;

/// The key of a module's entry in the whole state.
pub fn state_key(module: &Name, key: &[u8]) -> Vec<u8> {
    let mut full = module_prefix(module);
    full.extend_from_slice(key);
    full
}

/// The prefix of all keys of a module.
pub(crate) fn module_prefix(module: &Name) -> Vec<u8> {
    [b"m/", module.as_str().as_bytes(), b"/"].concat()
}

pub(super) fn add(instance: &mut LinkerInstance<'_, Frame>) -> wasmtime::Result<()> {
    instance.func_wrap("get", get)?;
    instance.func_wrap("set", set)?;
    instance.func_wrap("remove", remove)?;
    instance.func_wrap("scan", scan)
}

fn get(
    mut store: StoreContextMut<'_, Frame>,
    (key,): (WasmList<u8>,),
) -> wasmtime::Result<(Option<Vec<u8>>,)> {
    let gas = store.data().gas();
    let (read, byte) = (gas.storage_read, gas.storage_read_byte);
    charge(&mut store, read.saturating_add(priced(byte, key.len())))?;
    let key = full_key(&store, &key)?;
    let value = store.data().session.overlay.get(&key).map_err(CallError::Store)?;
    if let Some(value) = &value {
        charge(&mut store, priced(byte, value.len()))?;
    }
    Ok((value,))
}

fn set(
    mut store: StoreContextMut<'_, Frame>,
    (key, value): (WasmList<u8>, WasmList<u8>),
) -> wasmtime::Result<()> {
    refuse_read_only(store.data())?;
    let gas = store.data().gas();
    let bytes = key.len().saturating_add(value.len());
    let gas = gas.storage_write.saturating_add(priced(gas.storage_write_byte, bytes));
    charge(&mut store, gas)?;
    let full = full_key(&store, &key)?;
    if value.len() > VALUE_BYTES_MAX {
        let message = format!("a value has {} bytes; at most {VALUE_BYTES_MAX}", value.len());
        return Err(limit(store.data(), &message).into());
    }
    let value = value.as_le_slice(&store).to_vec();
    store.data_mut().session.overlay.set(full, value);
    Ok(())
}

fn remove(mut store: StoreContextMut<'_, Frame>, (key,): (WasmList<u8>,)) -> wasmtime::Result<()> {
    refuse_read_only(store.data())?;
    let gas = store.data().gas();
    let gas = gas.storage_write.saturating_add(priced(gas.storage_write_byte, key.len()));
    charge(&mut store, gas)?;
    let full = full_key(&store, &key)?;
    store.data_mut().session.overlay.remove(full);
    Ok(())
}

fn scan(
    mut store: StoreContextMut<'_, Frame>,
    (prefix, after, limit): (WasmList<u8>, Option<WasmList<u8>>, u32),
) -> wasmtime::Result<(Vec<Entry>,)> {
    let limit = limit.min(SCAN_ENTRIES_MAX) as usize;
    let gas = store.data().gas();
    let (read, entry, byte) = (gas.storage_read, gas.scan_entry, gas.storage_read_byte);
    let asked = prefix.len().saturating_add(after.as_ref().map_or(0, WasmList::len));
    charge(&mut store, read.saturating_add(priced(byte, asked)))?;
    let prefix = full_key(&store, &prefix)?;
    let after = after.map(|after| full_key(&store, &after)).transpose()?;
    if limit == 0 {
        return Ok((Vec::new(),));
    }
    let left = store.get_fuel()?;
    let own = store.data().linked().prefix.len();
    let (mut found, mut spent) = (Vec::new(), 0u64);
    // Each entry is paid for before it is copied.
    let visit = |key: &[u8], value: &[u8]| {
        let key = key.get(own..).unwrap_or_default();
        spent = spent.saturating_add(entry).saturating_add(priced(byte, key.len() + value.len()));
        if spent > left {
            return ControlFlow::Break(());
        }
        found.push((key.to_vec(), value.to_vec()));
        if found.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let overlay = &mut store.data_mut().session.overlay;
    overlay.visit(&prefix, after.as_deref(), visit).map_err(CallError::Store)?;
    charge(&mut store, spent)?;
    Ok((found,))
}

/// The state key of a key of the running module.
fn full_key(store: &StoreContextMut<'_, Frame>, key: &WasmList<u8>) -> Result<Vec<u8>, CallError> {
    let frame = store.data();
    if key.len() > KEY_BYTES_MAX {
        let message = format!("a key has {} bytes; at most {KEY_BYTES_MAX}", key.len());
        return Err(limit(frame, &message));
    }
    let prefix = &frame.linked().prefix;
    let mut full = Vec::with_capacity(prefix.len() + key.len());
    full.extend_from_slice(prefix);
    full.extend_from_slice(key.as_le_slice(store));
    Ok(full)
}

fn refuse_read_only(frame: &Frame) -> Result<(), CallError> {
    if frame.session.context.read_only {
        let message = format!("{} writes to the state in a read-only call", running(frame));
        return Err(CallError::failed(Code::ReadOnly, message));
    }
    Ok(())
}

fn limit(frame: &Frame, message: &str) -> CallError {
    CallError::failed(Code::StateLimit, format!("{}: {message}", running(frame)))
}
