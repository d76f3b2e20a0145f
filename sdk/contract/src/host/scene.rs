use std::any::Any;

use super::Host;
use crate::{Address, Hash};

/// The second part, for tests: what the chain around the module looks like.
impl Host {
    /// Registers an account with an organisation, active and without roles.
    pub fn register(&mut self, account: Address, organisation: &str) {
        organisation
            .clone_into(&mut self.imports.accounts.entry(account).or_default().organisation);
    }

    /// Grants a role to an account, which is registered if it was not.
    pub fn grant(&mut self, account: Address, role: &str) {
        self.imports.accounts.entry(account).or_default().roles.insert(role.to_owned());
    }

    /// Freezes an account, or makes it active again.
    pub fn set_frozen(&mut self, account: Address, frozen: bool) {
        self.imports.accounts.entry(account).or_default().frozen = frozen;
    }

    /// Makes an address that of a module, which is always active.
    pub fn install(&mut self, module: Address) {
        self.imports.modules.insert(module);
    }

    /// The following calls come from this account.
    pub fn act_as(&mut self, sender: Address) {
        self.imports.sender = sender;
        self.imports.caller = sender;
        self.imports.caller_module = None;
    }

    /// The following calls come from a module, inside a transaction of `sender`.
    pub fn act_through(&mut self, name: &str, module: Address, sender: Address) {
        self.imports.sender = sender;
        self.imports.caller = module;
        self.imports.caller_module = Some(name.to_owned());
    }

    /// Sets the address under which the module itself acts.
    pub fn set_self_address(&mut self, address: Address) {
        self.imports.self_address = address;
    }

    /// Sets the height and the time of the block, milliseconds since 1970 (UTC).
    pub fn set_block(&mut self, height: u64, time_ms: u64) {
        self.imports.height = height;
        self.imports.time_ms = time_ms;
    }

    /// Sets the id of the transaction.
    pub fn set_transaction_id(&mut self, id: Hash) {
        self.imports.transaction_id = id;
    }

    /// Runs a function as the chain runs a call: what it wrote and told is undone when it returns
    /// an error.
    pub fn call<T, E>(&mut self, run: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        let entries = self.imports.entries.clone();
        let events = self.imports.events.len();
        let result = run(self);
        if result.is_err() {
            self.imports.entries = entries;
            self.imports.events.truncate(events);
        }
        result
    }

    /// The events told so far that are of this type, oldest first.
    pub fn events<E: Any + Clone>(&self) -> Vec<E> {
        self.imports.events.iter().filter_map(|event| event.downcast_ref::<E>().cloned()).collect()
    }

    /// How many state entries were read and how many written or removed so far: what a call costs
    /// most. Scans do not count.
    pub fn storage_calls(&self) -> (u64, u64) {
        (self.imports.reads.get(), self.imports.writes)
    }
}
