//! Keeps who owns what, and who may spend it.
//!
//! `wit/` is the interface and its documentation: `world.wit` says how the module works, `types.wit`,
//! `events.wit` and `queries.wit` hold what their names say, and the other files what can be called. The
//! sources are the same files in every module, which `testnet/checks` verifies: `checks` refuses what needs no
//! state, [`rules`] decides and writes, `states` holds the state machines, [`keys`] says where the state
//! is, [`records`] in which form. All that follows from the WIT is generated.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod checks;
pub mod keys;
pub mod records;
pub mod rules;
#[cfg(not(target_arch = "wasm32"))]
pub mod scene;
mod states;

#[cfg(test)]
mod tests;

ehb_contract::module! {
    Wallet,
    wit: ["../../sdk/contract/wit", "../../sdk/contract/wit/common", "wit"],
}
