//! The host's functions about accounts: their roles, status and organisation.

use ehb_types::{Account, Address, Status};
use wasmtime::StoreContextMut;
use wasmtime::component::{LinkerInstance, WasmStr};

use super::Words;
use crate::CallError;
use crate::frame::{Frame, charge, priced};

pub(super) fn add(instance: &mut LinkerInstance<'_, Frame>) -> wasmtime::Result<()> {
    instance.func_wrap("has-role", has_role)?;
    instance.func_wrap("is-active", is_active)?;
    instance.func_wrap("organisation", organisation)
}

fn has_role(
    mut store: StoreContextMut<'_, Frame>,
    (account, role): (Words, WasmStr),
) -> wasmtime::Result<(bool,)> {
    let account = read(&mut store, account.into())?;
    let byte = store.data().gas().host_byte;
    let role = role.to_str(&store)?;
    let now_ms = store.data().session.context.time_ms;
    let module = store.data().linked().module.name().as_str();
    let held = account.is_some_and(|account| account.roles.hold_in(module, &role, now_ms));
    let cost = priced(byte, role.len());
    charge(&mut store, cost)?;
    Ok((held,))
}

fn is_active(
    mut store: StoreContextMut<'_, Frame>,
    (account,): (Words,),
) -> wasmtime::Result<(bool,)> {
    let address = account.into();
    let account = read(&mut store, address)?;
    let active = match account {
        Some(account) => account.status == Status::Active,
        None => store.data().modules.is_module(&address),
    };
    Ok((active,))
}

fn organisation(
    mut store: StoreContextMut<'_, Frame>,
    (account,): (Words,),
) -> wasmtime::Result<(Option<String>,)> {
    let account = read(&mut store, account.into())?;
    Ok((account.map(|account| account.organisation.to_string()),))
}

fn read(
    store: &mut StoreContextMut<'_, Frame>,
    address: Address,
) -> wasmtime::Result<Option<Account>> {
    let gas = store.data().gas().storage_read;
    charge(store, gas)?;
    let session = &store.data().session;
    let account = (session.context.accounts)(&session.overlay, &address);
    Ok(account.map_err(CallError::Store)?)
}
