//! The library for module authors.
//!
//! A module is a WebAssembly component. Its WIT says what it offers and what it emits; its Rust says
//! what happens: rules over a [`Host`], and where the state is. All that follows from the WIT, [`module!`] writes.
//! A whole module, which is also a test of this crate (its WIT is in `tests/tally`):
//!
//! ```ignore
#![doc = include_str!("../tests/tally.rs")]
//! ```
//!
//! A module of its own is a `no_std` crate for `wasm32` (`#![cfg_attr(target_arch = "wasm32", no_std)]`)
//! with `crate-type = ["cdylib", "rlib"]`, keeps its WIT in a folder `wit` with this crate's `wit/host.wit`
//! and `wit/common` under `wit/deps`, and splits into files as `contracts/wallet` does.
//!
//! Compiled for `wasm32`, the crate also brings what a `no_std` module needs: an allocator that never
//! frees (an instance lives for one call), and a panic handler that traps.
//!
//! In tests, and wherever else the target is not `wasm32`, [`Host`] is a chain in memory: accounts,
//! roles, time and caller are set by hand, and [`Host::call`] undoes what a refused call wrote, as the
//! chain does. A rule that calls another module runs that module's rules there, so that tests run the
//! modules together.
//!
//! An exported function ends with [`answer`], and [`export!`] makes the component's exports of them: one
//! lowering of the module's error type serves all. [`module!`] writes both.
//!
//! Every module follows one contract, `ehb:common` (`wit/common`): it exports the interface `deadlines`, and
//! its error begins with the cases of `refusal`. What that takes is here:
//!
//! - [`Machine`] is a state machine over states and actions; their names, and the kinds of items, are derived
//!   ([`Named`], [`Kind`]), as is how values are stored ([`Pack`]).
//! - [`Deadlines`] is the index with `advance`, `advance-due` and `list-due`, which [`deadlines!`] defines;
//!   [`check_before`] and [`check_due`] compare a deadline with the block's time; [`calendar`] has days and months.
//! - [`parties`] says who acts for whom, [`checks`] refuses what needs no state, [`page()`](page::page) makes pages of lists, [`TreasurerBook`]
//!   counts what treasurers give away, and [`Once`] the keys of callers that repeat a call.
//! - [`payout`] changes where money goes after a notice.
//! - [`ratings`] lets two sides rate each other without reading first what the other says.
//! - [`Map`] and [`Item`] store each value with the version of its layout, and read those of earlier releases;
//!   [`Schema`] migrates what must change at once.
//! - `table` is for tests that are tables, and draws the diagrams of machines; `json` has values of WIT as JSON, for tests
//!   that hand a module's events to programs outside the chain.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;
// The code that the derives write names the crate from outside.
extern crate self as ehb_contract;

use alloc::vec::Vec;

mod address;
#[expect(missing_docs, reason = "generated: the WIT holds the documentation")]
mod bindings;
pub mod calendar;
pub mod checks;
mod cid;
mod daily;
mod deadlines;
#[cfg_attr(
    target_arch = "wasm32",
    expect(unsafe_code, reason = "a module's instance has one thread")
)]
mod export;
#[cfg(target_arch = "wasm32")]
#[expect(unsafe_code, reason = "an allocator hands out raw memory")]
mod guest;
mod host;
#[cfg(not(target_arch = "wasm32"))]
pub mod json;
mod key;
mod machine;
mod map;
mod named;
mod once;
mod pack;
pub mod page;
pub mod parties;
pub mod payout;
mod period;
pub mod ratings;
mod refusal;
mod schema;
#[cfg(not(target_arch = "wasm32"))]
pub mod table;
mod treasurers;

pub use bindings::ehb::host::types;
pub use bindings::ehb::host::types::{Address, Hash};
pub use bindings::shared::ehb::common::types as common;
pub use cid::Cid;
pub use daily::Daily;
pub use deadlines::{Deadlines, check_before, check_due};
pub use ehb_contract_macros::{Json, Kind, Named, Pack, module};
pub use export::answer;
#[cfg(not(target_arch = "wasm32"))]
pub use host::module_address;
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod exported {
    //! The expansion of [`crate::export!`].
    pub use crate::export::{Exported, Refusal, Slot};
}
pub use host::{Emit, Host, trap};
pub use key::{FixedKey, Key};
pub use machine::{Machine, wrong_state, wrong_state_named};
pub use map::{Earlier, Entry, Item, Map, earlier};
pub use named::{Kind, Named};
pub use once::{KEY_WINDOW_MS, Once};
pub use pack::Pack;
pub use period::Window;
pub use schema::Schema;
pub use treasurers::TreasurerBook;

/// The bytes of stored values, as [`Pack`] writes them.
pub type Bytes = Vec<u8>;

/// The longest key of a state entry, bytes, with the first byte that names its map.
pub const KEY_BYTES_MAX: usize = 256;

/// The longest value of a state entry, bytes.
pub const VALUE_BYTES_MAX: usize = 65_536;

/// The most entries that one scan returns.
pub const SCAN_ENTRIES_MAX: u32 = 256;
