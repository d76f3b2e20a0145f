//! Typed access to a module's state: single values, and maps with scans over their keys.

use alloc::vec::Vec;
use core::marker::PhantomData;

use crate::common::Refusal;
use crate::{FixedKey, Host, Key, Kind, Pack, trap};

#[cfg(test)]
mod tests;

/// The expected size of a key or a small value, bytes: the buffer grows for a longer one.
const EXPECTED_BYTES: usize = 64;

/// One value of the module's state.
pub struct Item<V> {
    prefix: u8,
    values: PhantomData<fn() -> V>,
}

/// Values of the module's state by key.
///
/// Give each map and item of a module its own first byte, all in one file.
pub struct Map<K, V> {
    prefix: u8,
    entries: PhantomData<fn() -> (K, V)>,
}

/// One place of a [`Map`], for a rule that reads and then writes it: the key's bytes are made once.
pub struct Entry<V> {
    key: Vec<u8>,
    values: PhantomData<fn() -> V>,
}

impl<V: Pack> Item<V> {
    /// The item under this byte.
    pub const fn new(prefix: u8) -> Self {
        Self { prefix, values: PhantomData }
    }

    /// The value, if it was ever set.
    pub fn get(&self, host: &Host) -> Option<V> {
        host.get(&[self.prefix]).map(|bytes| decode(&bytes))
    }

    /// Sets the value.
    pub fn set(&self, host: &mut Host, value: &V) {
        host.set(&[self.prefix], &encode(value));
    }

    /// Removes the value; nothing happens where there is none.
    pub fn remove(&self, host: &mut Host) {
        host.remove(&[self.prefix]);
    }
}

impl<V: Pack> Map<u64, V> {
    /// The item of a number.
    ///
    /// # Errors
    /// `unknown-item`.
    pub fn find(&self, host: &Host, kind: impl Kind, id: u64) -> Result<V, Refusal> {
        self.get(host, &id).ok_or_else(|| kind.unknown(id))
    }
}

impl<K: Key, V: Pack> Map<K, V> {
    /// The map under this byte.
    pub const fn new(prefix: u8) -> Self {
        Self { prefix, entries: PhantomData }
    }

    /// The place of a key, whether there is a value or not.
    pub fn entry(&self, key: &K) -> Entry<V> {
        Entry { key: self.bytes(key), values: PhantomData }
    }

    /// The value under a key.
    pub fn get(&self, host: &Host, key: &K) -> Option<V> {
        self.entry(key).get(host)
    }

    /// Whether there is a value under a key.
    pub fn contains(&self, host: &Host, key: &K) -> bool {
        host.get(&self.bytes(key)).is_some()
    }

    /// Writes the value under a key.
    pub fn set(&self, host: &mut Host, key: &K, value: &V) {
        self.entry(key).set(host, value);
    }

    /// Removes the value under a key; nothing happens where there is none.
    pub fn remove(&self, host: &mut Host, key: &K) {
        self.entry(key).remove(host);
    }

    /// Up to `limit` entries (at most [`crate::SCAN_ENTRIES_MAX`]) after the key `after`, which
    /// need not exist, or from the beginning; ascending.
    pub fn scan(&self, host: &Host, after: Option<&K>, limit: u32) -> Vec<(K, V)> {
        let after = after.map(|key| self.bytes(key));
        let entries = host.scan(&[self.prefix], after.as_deref(), limit);
        entries.iter().map(|(key, value)| (read(&key[1..]), decode(value))).collect()
    }

    fn bytes(&self, key: &K) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(EXPECTED_BYTES);
        bytes.push(self.prefix);
        key.write(&mut bytes);
        bytes
    }
}

impl<V: Pack> Entry<V> {
    /// The value.
    pub fn get(&self, host: &Host) -> Option<V> {
        host.get(&self.key).map(|bytes| decode(&bytes))
    }

    /// Writes the value.
    pub fn set(&self, host: &mut Host, value: &V) {
        host.set(&self.key, &encode(value));
    }

    /// Removes the value; nothing happens where there is none.
    pub fn remove(&self, host: &mut Host) {
        host.remove(&self.key);
    }
}

impl<A: FixedKey, B: Key, V: Pack> Map<(A, B), V> {
    /// As [`Map::scan`], over the entries whose keys begin with `first`.
    pub fn scan_under(&self, host: &Host, first: &A, after: Option<&B>, limit: u32) -> Vec<(B, V)> {
        scan_under(host, self.prefix, first, after, limit)
    }
}

impl<A: FixedKey, B: FixedKey, C: Key, V: Pack> Map<(A, B, C), V> {
    /// As [`Map::scan`], over the entries whose keys begin with `first`, the whole key but its last
    /// part.
    pub fn scan_under(
        &self,
        host: &Host,
        first: &(A, B),
        after: Option<&C>,
        limit: u32,
    ) -> Vec<(C, V)> {
        scan_under(host, self.prefix, first, after, limit)
    }

    /// As [`Map::scan`], over the entries whose keys begin with `first`, the key's first part alone.
    pub fn scan_under_first(
        &self,
        host: &Host,
        first: &A,
        after: Option<&(B, C)>,
        limit: u32,
    ) -> Vec<((B, C), V)> {
        scan_under(host, self.prefix, first, after, limit)
    }
}

fn scan_under<A: Key, B: Key, V: Pack>(
    host: &Host,
    map: u8,
    first: &A,
    after: Option<&B>,
    limit: u32,
) -> Vec<(B, V)> {
    let mut prefix = Vec::with_capacity(EXPECTED_BYTES);
    prefix.push(map);
    first.write(&mut prefix);
    let after = after.map(|key| {
        let mut bytes = prefix.clone();
        key.write(&mut bytes);
        bytes
    });
    let entries = host.scan(&prefix, after.as_deref(), limit);
    entries.iter().map(|(key, value)| (read(&key[prefix.len()..]), decode(value))).collect()
}

fn encode<V: Pack>(value: &V) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(EXPECTED_BYTES);
    value.pack(&mut bytes);
    bytes
}

/// The value of stored bytes. Only the module itself writes its state, so bytes that are no value
/// mean an upgrade that forgot to migrate them: going on would only do harm.
fn decode<V: Pack>(mut bytes: &[u8]) -> V {
    match V::unpack(&mut bytes) {
        Some(value) if bytes.is_empty() => value,
        _ => trap("a state entry does not hold what the module expects"),
    }
}

fn read<K: Key>(bytes: &[u8]) -> K {
    match K::read(bytes) {
        Some(key) => key,
        None => trap("a state entry's key is not what the module expects"),
    }
}
