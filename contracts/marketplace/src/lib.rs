//! Keeps stores, stock, orders in escrow, returns, disputes and ratings.
//!
//! `wit/` is the interface and its documentation: `world.wit` says how the module works, `types.wit`,
//! `events.wit` and `queries.wit` hold what their names say, and the other files what can be called. The
//! sources are the same files in every module, which `testnet/checks` verifies: `checks` refuses what needs no
//! state, [`rules`] decides and writes, `states` holds the state machines, [`keys`] says where the state
//! is. All that follows from the WIT is generated.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod checks;
pub mod keys;
pub mod rules;
pub mod states;

#[cfg(test)]
mod tests;

ehb_contract::module! {
    Marketplace,
    wit: [
        "../../sdk/contract/wit",
        "../../sdk/contract/wit/common",
        "../wallet/wit",
        "../dispute/wit",
        "wit",
    ],
    types: { "ehb:dispute/types@1.0.0": ehb_dispute::types },
    calls: { wallet: ehb_contract_wallet },
}
