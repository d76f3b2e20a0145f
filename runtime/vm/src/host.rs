//! The host's functions for modules: the interfaces of `ehb:host`, and events.
//!
//! Each function charges its gas before it does its work.

mod context;
mod crypto;
mod events;
mod log;
mod roles;
mod storage;

use ehb_types::{Address, Hash, Name};
use wasmtime::component::{ComponentType, Lift, Linker, Lower};

use crate::InstallError;
use crate::frame::Frame;

pub(crate) use events::emit;
pub(crate) use storage::module_prefix;
pub use storage::{KEY_BYTES_MAX, SCAN_ENTRIES_MAX, VALUE_BYTES_MAX, state_key};

/// Adds one of the host's interfaces, by its full name.
pub(crate) fn link(linker: &mut Linker<Frame>, interface: &str) -> Result<(), InstallError> {
    let add = match interface {
        "ehb:host/context@1.0.0" => context::add,
        "ehb:host/crypto@1.0.0" => crypto::add,
        "ehb:host/log@1.0.0" => log::add,
        "ehb:host/roles@1.0.0" => roles::add,
        "ehb:host/storage@1.0.0" => storage::add,
        unknown => {
            return Err(InstallError::UnknownImport {
                import: unknown.to_owned(),
                reason: "the host has no such interface in this version".to_owned(),
            });
        }
    };
    linker
        .instance(interface)
        .and_then(|mut instance| add(&mut instance))
        .map_err(|error| InstallError::Machine(format!("{error:#}")))
}

/// `address` and `hash` in modules: four big-endian words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(record)]
pub(crate) struct Words {
    a: u64,
    b: u64,
    c: u64,
    d: u64,
}

impl Words {
    fn from_bytes(bytes: [u8; 32]) -> Self {
        let (words, _) = bytes.as_chunks::<8>();
        let word = |index: usize| words.get(index).map_or(0, |word| u64::from_be_bytes(*word));
        Self { a: word(0), b: word(1), c: word(2), d: word(3) }
    }

    fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let (chunks, _) = bytes.as_chunks_mut::<8>();
        for (chunk, word) in chunks.iter_mut().zip([self.a, self.b, self.c, self.d]) {
            *chunk = word.to_be_bytes();
        }
        bytes
    }
}

impl From<Address> for Words {
    fn from(address: Address) -> Self {
        Self::from_bytes(address.0)
    }
}

impl From<Hash> for Words {
    fn from(hash: Hash) -> Self {
        Self::from_bytes(hash.0)
    }
}

impl From<Words> for Address {
    fn from(words: Words) -> Self {
        Self(words.to_bytes())
    }
}

/// The name of the running module.
fn running(frame: &Frame) -> &Name {
    frame.linked().module.name()
}
