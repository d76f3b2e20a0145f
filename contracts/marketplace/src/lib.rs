//! Keeps stores, stock, orders in escrow, returns, disputes and ratings.
//!
//! `wit/` is the interface and its documentation: `world.wit` says how the module works, `types.wit`,
//! `events.wit` and `queries.wit` hold what their names say, and the other files what can be called. The
//! sources are the same files in every module, which `testnet/checks` verifies: `checks` refuses what needs no state, [`rules`] decides and writes, `states` holds the
//! state machines, [`keys`] says where the state is, `errors` converts refusals, `events` emits, and
//! `wallet` is the only file that calls the wallet.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

#[expect(missing_docs, reason = "generated: the WIT holds the documentation")]
pub mod bindings {
    //! The module's WIT as Rust.

    /// The wallet's types are the wallet's own where its rules run natively beside these.
    macro_rules! generate {
        ($($wallet_types:tt)*) => {
            wit_bindgen::generate!({
                path: [
            "../../sdk/contract/wit",
            "../../sdk/contract/wit/common",
            "../wallet/wit",
            "../dispute/wit",
            "wit",
        ],
                world: "ehb:marketplace/marketplace",
                with: {
                    "ehb:host/types@1.0.0": ehb_contract::types,
                    "ehb:common/types@1.0.0": ehb_contract::common,
                    "ehb:dispute/types@1.0.0": ehb_dispute::types,
                    $($wallet_types)*
                },
                generate_all,
                additional_derives: [PartialEq, Eq],
                disable_run_ctors_once_workaround: true,
            });
        };
    }

    #[cfg(target_arch = "wasm32")]
    generate!();
    #[cfg(not(target_arch = "wasm32"))]
    generate!("ehb:wallet/types@1.0.0": ehb_contract_wallet::bindings::ehb::wallet::types);
}

mod checks;
mod errors;
mod events;
pub mod keys;
pub mod rules;
pub mod states;
mod wallet;

#[cfg(test)]
mod tests;

ehb_contract_exports::exports!(
    Marketplace,
    "../../sdk/contract/wit",
    "../../sdk/contract/wit/common",
    "../wallet/wit",
    "../dispute/wit",
    "wit",
);
