//! The state of a running instance, and the gas for memory, tables and work of the host.

use ehb_types::{Address, GasSchedule};
use wasmtime::{ResourceLimiter, StoreContextMut};

use crate::install::limits::{MEMORY_BYTES_MAX, TABLE_ELEMENTS_MAX};
use crate::link::{Linked, Modules};
use crate::{CallError, Session};

/// The cost of each value that passes between two modules, or a module and the host, if the functions are
/// linked by type description: about 20 ns.
pub const VALUE_GAS: u64 = 20;
/// The cost of a page of 64 KiB of memory: faults for, and zeroing of, sixteen kernel pages.
pub const MEMORY_PAGE_GAS: u64 = 16_000;
/// The memory that is included in the price of a call: the part that stays resident between calls.
const MEMORY_INCLUDED_BYTES: usize = 128 << 10;
const MEMORY_PAGE_BYTES: usize = 64 << 10;
/// The cost of an element of a table, which is cleared for each call.
pub const TABLE_ELEMENT_GAS: u64 = 1;
/// The number of table elements that are included in the price of a call.
const TABLE_INCLUDED_ELEMENTS: usize = 1_024;
/// The maximum size of values passed at once in the host's memory, by wasmtime's count: 40 bytes for an
/// element of a list, a byte for one of a string.
pub(crate) const PASSED_BYTES_MAX: usize = 128 << 10;

/// The state of one running instance; the data of its store.
pub(crate) struct Frame {
    pub(crate) session: Session,
    pub(crate) modules: Modules,
    /// The running module, by position.
    pub(crate) module: usize,
    pub(crate) caller: Caller,
    pub(crate) growth: Growth,
}

/// The caller of the running function.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Caller {
    /// The transaction's sender.
    Sender,
    /// The module at this position.
    Module(usize),
}

impl Frame {
    pub(crate) fn linked(&self) -> &Linked {
        self.modules.at(self.module)
    }

    pub(crate) fn gas(&self) -> &GasSchedule {
        &self.session.context.gas
    }

    pub(crate) fn caller_address(&self) -> Address {
        match self.caller {
            Caller::Sender => self.session.context.sender,
            Caller::Module(module) => self.modules.at(module).address,
        }
    }
}

/// Charges gas for host work that is about to be done, and for memory that has grown since the last charge.
pub(crate) fn charge(store: &mut StoreContextMut<'_, Frame>, gas: u64) -> wasmtime::Result<()> {
    let unpaid = store.data_mut().growth.take_unpaid();
    let left = store.get_fuel()?.checked_sub(gas.saturating_add(unpaid));
    store.set_fuel(left.unwrap_or(0))?;
    match left {
        Some(_) => Ok(()),
        None => Err(CallError::out_of_gas().into()),
    }
}

/// The cost of `count` items at `price` each.
pub(crate) fn priced(price: u64, count: usize) -> u64 {
    price.saturating_mul(u64::try_from(count).unwrap_or(u64::MAX))
}

/// Limits an instance's memory and tables, and records the cost of their growth.
#[derive(Debug, Default)]
pub(crate) struct Growth {
    unpaid: u64,
}

impl Growth {
    pub(crate) fn take_unpaid(&mut self) -> u64 {
        std::mem::take(&mut self.unpaid)
    }
}

impl ResourceLimiter for Growth {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > MEMORY_BYTES_MAX.min(maximum.unwrap_or(usize::MAX)) {
            return Ok(false);
        }
        let new = desired.saturating_sub(current.max(MEMORY_INCLUDED_BYTES));
        self.unpaid += priced(MEMORY_PAGE_GAS, new.div_ceil(MEMORY_PAGE_BYTES));
        Ok(true)
    }

    /// Growth that `memory_growing` permitted and the machine rejected. Another machine might not reject it,
    /// so the module must not see it.
    fn memory_grow_failed(&mut self, error: wasmtime::Error) -> wasmtime::Result<()> {
        let message = error.to_string();
        if message == BEYOND_ADDRESSES {
            return Ok(());
        }
        Err(CallError::Machine(message).into())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let bound = usize::try_from(TABLE_ELEMENTS_MAX).unwrap_or(usize::MAX);
        if desired > bound.min(maximum.unwrap_or(usize::MAX)) {
            return Ok(false);
        }
        let new = desired.saturating_sub(current.max(TABLE_INCLUDED_ELEMENTS));
        self.unpaid += priced(TABLE_ELEMENT_GAS, new);
        Ok(true)
    }
}

/// Wasmtime's error for growth beyond 32-bit addresses, for which it does not call `memory_growing`. A test
/// checks the text.
const BEYOND_ADDRESSES: &str = "memory growth exceeds memory type's limits";
