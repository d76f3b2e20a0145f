//! Keeps who owns what, and who may spend it.
//!
//! `wit/` is the interface and its documentation: `world.wit` says how the module works, `types.wit`,
//! `events.wit` and `queries.wit` hold what their names say, and the other files what can be called. Every module
//! has these sources, which `testnet/checks` verifies: `checks` refuses what needs no state, [`rules`] decides and
//! writes, `states` holds the state machines, [`keys`] says where the state is. Two more are of this module alone:
//! [`records`], the form of entries that the WIT does not declare, and `scene`, with which tests of other modules set
//! up a wallet. All that follows from the WIT is generated.
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
