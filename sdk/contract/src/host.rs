//! The chain's functions for a module: imports in a component, a chain in memory elsewhere.

use alloc::string::String;
use alloc::vec::Vec;

use crate::deadlines::Advancing;
use crate::{Address, Hash};

#[cfg(target_arch = "wasm32")]
#[path = "host/component.rs"]
mod imports;
#[cfg(not(target_arch = "wasm32"))]
#[path = "host/memory.rs"]
mod imports;
#[cfg(not(target_arch = "wasm32"))]
mod scene;
#[cfg(test)]
mod tests;

use imports::Imports;
#[cfg(not(target_arch = "wasm32"))]
pub use scene::module_address;

/// An entry of the module's state: key and value.
pub(crate) type Entry = (Vec<u8>, Vec<u8>);

/// The chain as a module sees it: who calls, the module's own state, accounts and roles.
///
/// In a component its methods are imports. Elsewhere it is a chain in
/// memory, which the methods of the second part below set up for tests.
#[derive(Default)]
pub struct Host {
    imports: Imports,
    /// The item that is advanced.
    pub(crate) advancing: Option<Advancing>,
}

/// How a module's event type reaches the chain: by the `emit` of its own `events` interface.
///
/// The only implementation that makes sense is to call that generated function.
pub trait Emit {
    /// Emits the event to the chain.
    fn emit(&self);
}

impl Host {
    /// The chain that runs this call; elsewhere than in a component, an empty chain in memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// The account whose transaction this is; the zero address in a read without a sender.
    pub fn sender(&self) -> Address {
        self.imports.sender()
    }

    /// The caller of this function: the sender's account, or a module.
    pub fn caller(&self) -> Address {
        self.imports.caller()
    }

    /// The name of the calling module; `None` when an account called.
    pub fn caller_module(&self) -> Option<String> {
        self.imports.caller_module()
    }

    /// The address under which this module acts.
    pub fn self_address(&self) -> Address {
        self.imports.self_address()
    }

    /// The height of the block that is executed.
    pub fn height(&self) -> u64 {
        self.imports.height()
    }

    /// The block's time, milliseconds since 1970 (UTC).
    pub fn time_ms(&self) -> u64 {
        self.imports.time_ms()
    }

    /// The id of the transaction that is executed.
    pub fn transaction_id(&self) -> Hash {
        self.imports.transaction_id()
    }

    /// The shortest window in which a party can act, milliseconds: a parameter of the chain. [`checks::window`]
    /// refuses shorter ones.
    ///
    /// [`checks::window`]: crate::checks::window
    pub fn window_min_ms(&self) -> u64 {
        self.imports.window_min_ms()
    }

    /// Whether the account is registered and holds the role, in all modules or in this one.
    pub fn has_role(&self, account: Address, role: &str) -> bool {
        self.imports.has_role(account, role)
    }

    /// Whether the address is that of a registered account, frozen or not, or of a module.
    pub fn is_registered(&self, account: Address) -> bool {
        // A registered account has an organisation; an active one is registered, or a module.
        self.is_active(account) || self.organisation(account).is_some()
    }

    /// Whether the account is registered and not frozen; true for a module's address.
    pub fn is_active(&self, account: Address) -> bool {
        self.imports.is_active(account)
    }

    /// The organisation of a registered account.
    pub fn organisation(&self, account: Address) -> Option<String> {
        self.imports.organisation(account)
    }

    /// SHA-256 under the domain of module data.
    pub fn sha256(&self, data: &[u8]) -> Hash {
        self.imports.sha256(data)
    }

    /// Emits an event, which becomes part of the receipt.
    pub fn emit<E: Emit + 'static>(&mut self, event: E) {
        self.imports.emit(event);
    }

    /// Shows a message in the node's debug log; not part of the result.
    pub fn debug(&self, message: &str) {
        self.imports.debug(message);
    }

    pub(crate) fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.imports.get(key)
    }

    pub(crate) fn set(&mut self, key: &[u8], value: &[u8]) {
        self.imports.set(key, value);
    }

    pub(crate) fn remove(&mut self, key: &[u8]) {
        self.imports.remove(key);
    }

    pub(crate) fn scan(&self, prefix: &[u8], after: Option<&[u8]>, limit: u32) -> Vec<Entry> {
        self.imports.scan(prefix, after, limit)
    }
}

/// Ends the call and undoes the transaction: for what the module's own rules make impossible. The
/// message goes to the debug log.
///
/// # Panics
/// Always; in a component the panic is a trap.
pub fn trap(message: &str) -> ! {
    imports::trap(message)
}
