//! Makes repeated calls safe: stores the results of calls by the caller's idempotency keys, for 7 days.

use alloc::string::String;
use alloc::vec::Vec;

use crate::calendar::{DAY_MS, KEPT_MS};
use crate::common::Refusal;
use crate::{Address, Bytes, Hash, Host, Map, Pack, trap};

#[cfg(test)]
mod tests;

/// How long a key is remembered, milliseconds of block time: 7 days.
pub const KEY_WINDOW_MS: u64 = 7 * DAY_MS;

// A call that is repeated with its key finds what it made.
const _: () = assert!(KEPT_MS > KEY_WINDOW_MS);

/// The longest key, bytes.
const KEY_BYTES_MAX: u64 = 64;

/// How many keys whose time is over one use removes. Each use adds one key, so old ones do not pile
/// up.
const REMOVED_PER_USE: u32 = 4;

/// Idempotency keys: a caller that does not know whether a call went through repeats it with the same
/// key, and gets the first result without any effect.
///
/// A key belongs to the caller and to the transaction's sender: the users of a module that calls this one
/// share no keys. It is remembered for [`KEY_WINDOW_MS`] from its first use. A refused call has no effect, so
/// its key stays free.
pub struct Once {
    /// The call of each used key.
    uses: Map<(u8, Owned), Use>,
    /// The keys by the time of their use.
    by_time: Map<(u8, (u64, Owned)), ()>,
}

/// A key of a caller, in transactions of a sender. The two are the same where an account calls.
type Owned = (Address, Address, String);

/// The part of the state that contains [`Once::uses`], after the first byte.
const USES: u8 = 0;

/// The part of the state that contains [`Once::by_time`].
const BY_TIME: u8 = 1;

/// A call with a key.
#[derive(Pack)]
struct Use {
    /// The hash of the function's name, a zero byte, and all arguments but the key, encoded.
    call: Hash,
    /// The result that it returned.
    result: Bytes,
    /// When.
    time_ms: u64,
}

impl Once {
    /// The keys under this first byte, of which the module has no other map or item.
    pub const fn new(prefix: u8) -> Self {
        Self { uses: Map::new(prefix), by_time: Map::new(prefix) }
    }

    /// Runs a call unless the caller's key says that it ran before; then returns what it returned then.
    ///
    /// - `key`: 0 to 64 bytes; empty means none: the call just runs.
    /// - `function`: the function's name.
    /// - `arguments`: the bytes of all of its arguments but the key, from [`crate::packed!`].
    ///
    /// # Errors
    /// `out-of-range`, `key-reused`, and what `run` returns.
    pub fn run<T: Pack, E: From<Refusal>>(
        &self,
        host: &mut Host,
        key: &str,
        function: &str,
        arguments: &[u8],
        run: impl FnOnce(&mut Host) -> Result<T, E>,
    ) -> Result<T, E> {
        if key.is_empty() {
            return run(host);
        }
        let given = key.len() as u64;
        if given > KEY_BYTES_MAX {
            return Err(Refusal::out_of_range("key", given, 0, KEY_BYTES_MAX).into());
        }
        let now_ms = host.time_ms();
        let owned = (host.caller(), host.sender(), String::from(key));
        let call = digest(host, function, arguments);
        let entry = self.uses.entry(&(USES, owned.clone()));
        if let Some(used) = entry.get(host) {
            if now_ms < used.time_ms.saturating_add(KEY_WINDOW_MS) {
                return if used.call == call {
                    Ok(stored(&used.result))
                } else {
                    Err(Refusal::KeyReused.into())
                };
            }
            self.by_time.remove(host, &(BY_TIME, (used.time_ms, owned.clone())));
        }
        let value = run(host)?;
        let mut result = Bytes::new();
        value.pack(&mut result);
        entry.set(host, &Use { call, result, time_ms: now_ms });
        self.remove_old(host, now_ms);
        self.by_time.set(host, &(BY_TIME, (now_ms, owned)), &());
        Ok(value)
    }

    /// Removes some of the keys whose time is over, oldest first.
    fn remove_old(&self, host: &mut Host, now_ms: u64) {
        for (oldest, ()) in self.by_time.scan_under(host, &BY_TIME, None, REMOVED_PER_USE) {
            if now_ms < oldest.0.saturating_add(KEY_WINDOW_MS) {
                break;
            }
            self.uses.remove(host, &(USES, oldest.1.clone()));
            self.by_time.remove(host, &(BY_TIME, oldest));
        }
    }
}

/// A digest that distinguishes calls.
fn digest(host: &Host, function: &str, arguments: &[u8]) -> Hash {
    let mut bytes = Vec::with_capacity(function.len() + 1 + arguments.len());
    bytes.extend_from_slice(function.as_bytes());
    bytes.push(0);
    bytes.extend_from_slice(arguments);
    host.sha256(&bytes)
}

fn stored<T: Pack>(mut bytes: &[u8]) -> T {
    match T::unpack(&mut bytes) {
        Some(value) if bytes.is_empty() => value,
        _ => trap("a key's result is not what its function returns"),
    }
}
