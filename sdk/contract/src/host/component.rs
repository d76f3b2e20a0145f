//! The host of a component: the imports themselves.

use alloc::string::String;
use alloc::vec::Vec;

use super::{Emit, Entry};
use crate::bindings::ehb::host::{context, crypto, log, roles, storage};
use crate::{Address, Hash};

#[derive(Default)]
pub(super) struct Imports;

impl Imports {
    pub(super) fn sender(&self) -> Address {
        context::sender()
    }

    pub(super) fn caller(&self) -> Address {
        context::caller()
    }

    pub(super) fn caller_module(&self) -> Option<String> {
        context::caller_module()
    }

    pub(super) fn self_address(&self) -> Address {
        context::self_address()
    }

    pub(super) fn height(&self) -> u64 {
        context::height()
    }

    pub(super) fn time_ms(&self) -> u64 {
        context::time_ms()
    }

    pub(super) fn transaction_id(&self) -> Hash {
        context::transaction_id()
    }

    pub(super) fn window_min_ms(&self) -> u64 {
        context::window_min_ms()
    }

    pub(super) fn has_role(&self, account: Address, role: &str) -> bool {
        roles::has_role(account, role)
    }

    pub(super) fn is_active(&self, account: Address) -> bool {
        roles::is_active(account)
    }

    pub(super) fn organisation(&self, account: Address) -> Option<String> {
        roles::organisation(account)
    }

    pub(super) fn sha256(&self, data: &[u8]) -> Hash {
        crypto::sha256(data)
    }

    pub(super) fn emit<E: Emit>(&mut self, event: E) {
        event.emit();
    }

    pub(super) fn debug(&self, message: &str) {
        log::debug(message);
    }

    pub(super) fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        storage::get(key)
    }

    pub(super) fn set(&mut self, key: &[u8], value: &[u8]) {
        storage::set(key, value);
    }

    pub(super) fn remove(&mut self, key: &[u8]) {
        storage::remove(key);
    }

    pub(super) fn scan(&self, prefix: &[u8], after: Option<&[u8]>, limit: u32) -> Vec<Entry> {
        storage::scan(prefix, after, limit)
    }
}

pub(super) fn trap(message: &str) -> ! {
    log::debug(message);
    core::arch::wasm32::unreachable()
}
