//! Keeps stores, stock, orders in escrow, returns, disputes and ratings.
//!
//! `wit/` is the interface and its documentation: `world.wit` says how the module works, `types.wit`,
//! `events.wit` and `queries.wit` hold what their names say, and the other files what can be called. The
//! sources are the same files in every module, which `testnet/checks` verifies: [`calls`] turns exported
//! functions into rules, `checks` refuses what needs no state, [`rules`] decides and writes, `states` holds the
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

pub mod calls;
mod checks;
mod errors;
mod events;
pub mod keys;
pub mod rules;
pub mod states;
mod wallet;

#[cfg(test)]
mod tests;

#[cfg(target_arch = "wasm32")]
#[expect(
    unsafe_code,
    reason = "the exported functions' names and pointers are the component ABI's"
)]
mod export {
    use crate::bindings::ehb::marketplace::errors::Error;
    use crate::{bindings, calls::Marketplace};

    ehb_contract::export! {
        Marketplace,
        error: Error, placeholder: Error::KeyReused,
        shared in bindings::exports::ehb::common,
        in bindings::exports::ehb::marketplace {
            settings::__export_ehb_marketplace_settings_1_0_0_cabi,
            stores::__export_ehb_marketplace_stores_1_0_0_cabi,
            catalogue::__export_ehb_marketplace_catalogue_1_0_0_cabi,
            stock::__export_ehb_marketplace_stock_1_0_0_cabi,
            orders::__export_ehb_marketplace_orders_1_0_0_cabi,
            returns::__export_ehb_marketplace_returns_1_0_0_cabi,
            disputes::__export_ehb_marketplace_disputes_1_0_0_cabi,
            ratings::__export_ehb_marketplace_ratings_1_0_0_cabi,
            queries::__export_ehb_marketplace_queries_1_0_0_cabi,
            upgrade::__export_ehb_marketplace_upgrade_1_0_0_cabi,
        }
    }
}
