//! Prepares the chain in memory for tests: accounts, callers, blocks, and calls between modules.

use std::any::Any;

use ehb_crypto::Domain;

use super::{Host, trap};
use crate::{Address, Hash};

/// The address under which the module of this name acts, as the chain derives it.
pub fn module_address(name: &str) -> Address {
    Address::from_bytes(ehb_crypto::hash(Domain::ModuleAddress, name.as_bytes()).as_bytes())
}

/// The second part, for tests: what the chain around the module looks like.
impl Host {
    /// An empty chain in memory on which the module of this name runs: what [`Host::enter_module`]
    /// runs then sees it as its caller.
    pub fn for_module(name: &str) -> Self {
        let mut host = Self::new();
        host.install(module_address(name));
        host.imports.self_address = module_address(name);
        name.clone_into(&mut host.imports.name);
        host
    }

    /// Registers an account with an organisation, active and without roles.
    pub fn register(&mut self, account: Address, organisation: &str) {
        organisation
            .clone_into(&mut self.imports.accounts.entry(account).or_default().organisation);
    }

    /// Grants a role to an account, which is registered if it was not: in all modules, or in one, `role@module`.
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

    /// The first bytes of the entries of the module that runs: its tables that are not empty.
    pub fn tables(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> =
            self.imports.entries.keys().filter_map(|key| key.first()).copied().collect();
        bytes.dedup();
        bytes
    }

    /// Sets the shortest window, milliseconds. Without it a chain in memory has one of a second.
    pub fn set_window_min_ms(&mut self, window_min_ms: u64) {
        self.imports.window_min_ms = Some(window_min_ms);
    }

    /// Lets further calls be of the transaction with this id.
    pub fn set_transaction_id(&mut self, id: Hash) {
        self.imports.transaction_id = id;
    }

    /// Runs a function as the chain runs a call: its writes and events are undone when it returns
    /// an error.
    pub fn call<T, E>(&mut self, run: impl FnOnce(&mut Self) -> Result<T, E>) -> Result<T, E> {
        let entries = self.imports.entries.clone();
        let others = self.imports.others.clone();
        let events = self.imports.events.len();
        let result = run(self);
        if result.is_err() {
            self.imports.entries = entries;
            self.imports.others = others;
            self.imports.events.truncate(events);
        }
        result
    }

    /// Runs a rule of another module as a nested call of the running one: the other module has a
    /// state of its own, sees the running module as its caller and the same sender, and its
    /// writes and events are undone when it returns an error. Natively this stands for the import that a
    /// component calls.
    ///
    /// # Panics
    /// Where the chain would refuse the call: a module that waits for a call to return cannot be
    /// entered.
    pub fn enter_module<T, E>(
        &mut self,
        name: &str,
        run: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let caller = (self.imports.self_address, Some(self.imports.name.clone()));
        self.run_in(name, caller, run)
    }

    /// Runs a rule of another module as the acting account calls it itself, in its own transaction:
    /// how a test pays an account money in the wallet before it calls the module under test.
    ///
    /// # Panics
    /// As [`Host::enter_module`].
    pub fn call_module<T, E>(
        &mut self,
        name: &str,
        run: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let caller = (self.imports.sender, None);
        self.run_in(name, caller, run)
    }

    fn run_in<T, E>(
        &mut self,
        name: &str,
        (caller, caller_module): (Address, Option<String>),
        run: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let imports = &mut self.imports;
        let from = imports.name.clone();
        if from == name || !imports.waiting.insert(from.clone()) || imports.waiting.contains(name) {
            trap("a module that waits for a call to return cannot be entered");
        }
        let address = module_address(name);
        imports.modules.insert(address);
        imports.modules.insert(imports.self_address);
        let entries = imports.others.remove(name).unwrap_or_default();
        imports.others.insert(from.clone(), std::mem::replace(&mut imports.entries, entries));
        let name = std::mem::replace(&mut imports.name, name.to_owned());
        let self_address = std::mem::replace(&mut imports.self_address, address);
        let caller = std::mem::replace(&mut imports.caller, caller);
        let caller_module = std::mem::replace(&mut imports.caller_module, caller_module);

        let result = self.call(run);

        let imports = &mut self.imports;
        let entries = imports.others.remove(&from).unwrap_or_default();
        let entries = std::mem::replace(&mut imports.entries, entries);
        let entered = std::mem::replace(&mut imports.name, name);
        imports.others.insert(entered, entries);
        imports.self_address = self_address;
        imports.caller = caller;
        imports.caller_module = caller_module;
        imports.waiting.remove(&from);
        result
    }

    /// The events of this type so far, oldest first.
    pub fn events<E: Any + Clone>(&self) -> Vec<E> {
        self.imports.events.iter().filter_map(|event| event.downcast_ref::<E>().cloned()).collect()
    }

    /// How many state entries were read and how many written or removed so far: what a call costs
    /// most. Scans do not count.
    pub fn storage_calls(&self) -> (u64, u64) {
        (self.imports.reads.get(), self.imports.writes)
    }
}
