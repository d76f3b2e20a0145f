//! The host of a test: a chain in memory, with the chain's own limits.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use ehb_crypto::Domain;

use super::{Emit, Entry};
use crate::{Address, Hash, KEY_BYTES_MAX, SCAN_ENTRIES_MAX, VALUE_BYTES_MAX};

/// The shortest window of a test's chain, milliseconds, unless the test sets another.
const WINDOW_MIN_MS: u64 = 1_000;

/// An account on the chain.
#[derive(Default)]
pub(super) struct Account {
    pub(super) organisation: String,
    pub(super) roles: BTreeSet<String>,
    pub(super) frozen: bool,
}

/// The state of one module.
pub(super) type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

#[derive(Default)]
pub(super) struct Imports {
    /// The module that runs; the empty name is one that was given none.
    pub(super) name: String,
    pub(super) sender: Address,
    pub(super) caller: Address,
    pub(super) caller_module: Option<String>,
    pub(super) self_address: Address,
    pub(super) height: u64,
    pub(super) time_ms: u64,
    pub(super) transaction_id: Hash,
    pub(super) window_min_ms: Option<u64>,
    pub(super) accounts: BTreeMap<Address, Account>,
    pub(super) modules: BTreeSet<Address>,
    pub(super) entries: Entries,
    /// The states of the modules that do not run now.
    pub(super) others: BTreeMap<String, Entries>,
    /// The modules that wait for a call to return.
    pub(super) waiting: BTreeSet<String>,
    pub(super) events: Vec<Box<dyn Any>>,
    pub(super) reads: std::cell::Cell<u64>,
    pub(super) writes: u64,
}

impl Imports {
    pub(super) fn sender(&self) -> Address {
        self.sender
    }

    pub(super) fn caller(&self) -> Address {
        self.caller
    }

    pub(super) fn caller_module(&self) -> Option<String> {
        self.caller_module.clone()
    }

    pub(super) fn self_address(&self) -> Address {
        self.self_address
    }

    pub(super) fn height(&self) -> u64 {
        self.height
    }

    pub(super) fn time_ms(&self) -> u64 {
        self.time_ms
    }

    pub(super) fn transaction_id(&self) -> Hash {
        self.transaction_id
    }

    pub(super) fn window_min_ms(&self) -> u64 {
        self.window_min_ms.unwrap_or(WINDOW_MIN_MS)
    }

    pub(super) fn has_role(&self, account: Address, role: &str) -> bool {
        let Some(Account { roles, .. }) = self.accounts.get(&account) else { return false };
        !role.contains('@')
            && (roles.contains(role) || roles.contains(&format!("{role}@{}", self.name)))
    }

    pub(super) fn is_active(&self, account: Address) -> bool {
        self.modules.contains(&account)
            || self.accounts.get(&account).is_some_and(|known| !known.frozen)
    }

    pub(super) fn organisation(&self, account: Address) -> Option<String> {
        self.accounts.get(&account).map(|known| known.organisation.clone())
    }

    pub(super) fn sha256(&self, data: &[u8]) -> Hash {
        Hash::from_bytes(ehb_crypto::hash(Domain::ModuleData, data).as_bytes())
    }

    pub(super) fn emit<E: Emit + 'static>(&mut self, event: E) {
        self.events.push(Box::new(event));
    }

    #[expect(clippy::unused_self, reason = "the other host needs it")]
    #[expect(clippy::print_stderr, reason = "this host serves tests, which show it on failure")]
    pub(super) fn debug(&self, message: &str) {
        eprintln!("{message}");
    }

    pub(super) fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        check_key(key);
        self.reads.set(self.reads.get() + 1);
        self.entries.get(key).cloned()
    }

    pub(super) fn set(&mut self, key: &[u8], value: &[u8]) {
        check_key(key);
        if value.len() > VALUE_BYTES_MAX {
            trap("the value is longer than the chain stores");
        }
        self.writes += 1;
        self.entries.insert(key.to_vec(), value.to_vec());
    }

    pub(super) fn remove(&mut self, key: &[u8]) {
        check_key(key);
        self.writes += 1;
        self.entries.remove(key);
    }

    pub(super) fn scan(&self, prefix: &[u8], after: Option<&[u8]>, limit: u32) -> Vec<Entry> {
        check_key(prefix);
        let start = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        self.entries
            .range::<[u8], _>((start, Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(prefix))
            .take(limit.min(SCAN_ENTRIES_MAX) as usize)
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }
}

fn check_key(key: &[u8]) {
    if key.len() > KEY_BYTES_MAX {
        trap("the key is longer than the chain stores");
    }
}

#[expect(clippy::panic, reason = "a test sees a trap as a panic")]
pub(super) fn trap(message: &str) -> ! {
    panic!("trap: {message}")
}
