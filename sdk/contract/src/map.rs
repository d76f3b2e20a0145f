//! Typed access to a module's state: single values, and maps with scans over their keys.
//!
//! The first byte of a stored value is the version of its layout; values that are empty, as in indexes, have none.
//! A new release of a module that changes the layout of a value says how earlier ones are read, at the map or
//! item; each value gets the new layout when it is next written, so an upgrade costs nothing for each entry:
//!
//! ```
//! use ehb_contract::{Host, Item, Map, Pack, earlier};
//!
//! /// A shop as version 1 stored it.
//! #[derive(Pack)]
//! struct ShopOf1 { name: String }
//!
//! /// A shop.
//! #[derive(Debug, PartialEq, Pack)]
//! struct Shop { name: String, is_open: bool }
//!
//! impl From<ShopOf1> for Shop {
//!     fn from(ShopOf1 { name }: ShopOf1) -> Self {
//!         Self { name, is_open: true }
//!     }
//! }
//!
//! const SHOPS_OF_1: Map<u64, ShopOf1> = Map::new(b's');
//! const SHOPS: Map<u64, Shop> = Map::with_earlier(b's', &[earlier::<ShopOf1, Shop>]);
//!
//! let mut host = Host::new();
//! SHOPS_OF_1.set(&mut host, &1, &ShopOf1 { name: "Acme".to_owned() });
//! assert_eq!(SHOPS.get(&host, &1), Some(Shop { name: "Acme".to_owned(), is_open: true }));
//! ```

use alloc::vec::Vec;
use core::marker::PhantomData;

use crate::common::Refusal;
use crate::{FixedKey, Host, Key, Kind, Pack, trap, wrong_state_named};

#[cfg(test)]
mod tests;

/// The expected size of a key or a small value, bytes: the buffer grows for a longer one.
const EXPECTED_BYTES: usize = 64;

/// Reads a value that an earlier version of its layout stored; `None` when the bytes are not one.
pub type Earlier<V> = fn(&mut &[u8]) -> Option<V>;

/// Reads a value in its earlier layout `Old`.
pub fn earlier<Old: Pack + Into<V>, V: Pack>(bytes: &mut &[u8]) -> Option<V> {
    Old::unpack(bytes).map(Into::into)
}

/// The layouts of stored values: the current one, which is written, and those before it.
struct Layouts<V: 'static> {
    /// How values of version 1 are read, of version 2, and so on.
    earlier: &'static [Earlier<V>],
}

/// One value of the module's state.
pub struct Item<V: 'static> {
    prefix: u8,
    layouts: Layouts<V>,
}

/// Values of the module's state by key.
///
/// Give each map and item of a module its own first byte, all in one file.
pub struct Map<K, V: 'static> {
    prefix: u8,
    layouts: Layouts<V>,
    keys: PhantomData<fn() -> K>,
}

/// One place of a [`Map`], for a rule that reads and then writes it: the key's bytes are made once.
pub struct Entry<V: 'static> {
    key: Vec<u8>,
    layouts: Layouts<V>,
}

impl<V: 'static> Clone for Layouts<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V: 'static> Copy for Layouts<V> {}

impl<V: Pack> Layouts<V> {
    /// The version that is written. There are at most 255.
    fn version(self) -> u8 {
        u8::try_from(self.earlier.len()).map_or(u8::MAX, |earlier| earlier.saturating_add(1))
    }

    fn encode(self, value: &V) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(EXPECTED_BYTES);
        bytes.push(self.version());
        value.pack(&mut bytes);
        if bytes.len() == 1 && self.earlier.is_empty() {
            bytes.clear();
        }
        bytes
    }

    /// The value of stored bytes. Only the module itself writes its state, so bytes that are no value
    /// mean an upgrade that does not know their layout: going on would only do harm.
    fn decode(self, bytes: &[u8]) -> V {
        let (version, mut bytes) = match bytes.split_first() {
            Some((version, rest)) => (*version, rest),
            None => (1, bytes),
        };
        let value = if version == self.version() {
            V::unpack(&mut bytes)
        } else {
            let earlier = usize::from(version).checked_sub(1).and_then(|it| self.earlier.get(it));
            earlier.and_then(|read| read(&mut bytes))
        };
        match value {
            Some(value) if bytes.is_empty() => value,
            _ => trap("a state entry does not hold what the module expects"),
        }
    }
}

impl<V: Pack> Item<V> {
    /// The item under this byte.
    pub const fn new(prefix: u8) -> Self {
        Self::with_earlier(prefix, &[])
    }

    /// The item under this byte, whose layout has changed: `earlier` reads version 1, version 2, and so on.
    pub const fn with_earlier(prefix: u8, earlier: &'static [Earlier<V>]) -> Self {
        Self { prefix, layouts: Layouts { earlier } }
    }

    /// The value, if it was ever set.
    pub fn get(&self, host: &Host) -> Option<V> {
        host.get(&[self.prefix]).map(|bytes| self.layouts.decode(&bytes))
    }

    /// Sets the value.
    pub fn set(&self, host: &mut Host, value: &V) {
        host.set(&[self.prefix], &self.layouts.encode(value));
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

    /// The item of a number, where those that are over leave the state after a time; numbers are given in order, and
    /// `latest` reads the latest.
    ///
    /// # Errors
    /// `wrong-state`, whose state is `removed`, for an item that left the state, and `unknown-item`.
    pub fn find_kept(
        &self,
        host: &Host,
        kind: impl Kind,
        id: u64,
        latest: impl FnOnce(&Host) -> Option<u64>,
    ) -> Result<V, Refusal> {
        self.get(host, &id).ok_or_else(|| {
            if (1..=latest(host).unwrap_or(0)).contains(&id) {
                wrong_state_named(kind.item(id), "removed", "read")
            } else {
                kind.unknown(id)
            }
        })
    }
}

impl<K: Key, V: Pack> Map<K, V> {
    /// The map under this byte.
    pub const fn new(prefix: u8) -> Self {
        Self::with_earlier(prefix, &[])
    }

    /// The map under this byte, the layout of whose values has changed: `earlier` reads version 1, version 2, and
    /// so on.
    pub const fn with_earlier(prefix: u8, earlier: &'static [Earlier<V>]) -> Self {
        Self { prefix, layouts: Layouts { earlier }, keys: PhantomData }
    }

    /// The place of a key, whether there is a value or not.
    pub fn entry(&self, key: &K) -> Entry<V> {
        Entry { key: self.bytes(key), layouts: self.layouts }
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
        let value = |value: &[u8]| self.layouts.decode(value);
        entries.iter().map(|(key, bytes)| (read(&key[1..]), value(bytes))).collect()
    }

    /// All entries, ascending; natively, for tests.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn all(&self, host: &Host) -> Vec<(K, V)> {
        let mut all: Vec<(K, V)> = Vec::new();
        loop {
            let after = all.last().map(|(key, _)| key);
            let more = self.scan(host, after, crate::SCAN_ENTRIES_MAX);
            if more.is_empty() {
                return all;
            }
            all.extend(more);
        }
    }

    /// All keys, ascending; natively, for tests.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn keys(&self, host: &Host) -> Vec<K> {
        self.all(host).into_iter().map(|(key, _)| key).collect()
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
        host.get(&self.key).map(|bytes| self.layouts.decode(&bytes))
    }

    /// Writes the value.
    pub fn set(&self, host: &mut Host, value: &V) {
        host.set(&self.key, &self.layouts.encode(value));
    }

    /// Removes the value; nothing happens where there is none.
    pub fn remove(&self, host: &mut Host) {
        host.remove(&self.key);
    }
}

impl<A: FixedKey, B: Key, V: Pack> Map<(A, B), V> {
    /// As [`Map::scan`], over the entries whose keys begin with `first`.
    pub fn scan_under(&self, host: &Host, first: &A, after: Option<&B>, limit: u32) -> Vec<(B, V)> {
        scan_under(host, self.prefix, self.layouts, first, after, limit)
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
        scan_under(host, self.prefix, self.layouts, first, after, limit)
    }

    /// As [`Map::scan`], over the entries whose keys begin with `first`, the key's first part alone.
    pub fn scan_under_first(
        &self,
        host: &Host,
        first: &A,
        after: Option<&(B, C)>,
        limit: u32,
    ) -> Vec<((B, C), V)> {
        scan_under(host, self.prefix, self.layouts, first, after, limit)
    }
}

fn scan_under<A: Key, B: Key, V: Pack>(
    host: &Host,
    map: u8,
    layouts: Layouts<V>,
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
    let value = |value: &[u8]| layouts.decode(value);
    entries.iter().map(|(key, bytes)| (read(&key[prefix.len()..]), value(bytes))).collect()
}

fn read<K: Key>(bytes: &[u8]) -> K {
    match K::read(bytes) {
        Some(key) => key,
        None => trap("a state entry's key is not what the module expects"),
    }
}
