//! Keeps who owns what, and who may spend it.
//!
//! `wit/` is the interface and its documentation: `world.wit` says how the module works, `types.wit`,
//! `events.wit` and `queries.wit` hold what their names say, and the other files what can be called. The
//! sources are the same files in every module, which `testnet/checks` verifies: [`calls`] turns exported
//! functions into rules, `checks` refuses what needs no state, [`rules`] decides and writes, `states` holds the
//! state machines, [`keys`] says where the state is, [`records`] in which form, `errors` converts refusals, `events` emits.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

#[expect(missing_docs, reason = "generated: the WIT holds the documentation")]
pub mod bindings {
    //! The module's WIT as Rust.

    wit_bindgen::generate!({
        path: ["../../sdk/contract/wit", "../../sdk/contract/wit/common", "wit"],
        world: "ehb:wallet/wallet",
        with: {
            "ehb:host/types@1.0.0": ehb_contract::types,
            "ehb:common/types@1.0.0": ehb_contract::common,
        },
        generate_all,
        additional_derives: [PartialEq, Eq],
        disable_run_ctors_once_workaround: true,
    });
}

pub mod calls;
mod checks;
mod errors;
mod events;
pub mod keys;
pub mod records;
pub mod rules;
mod states;

#[cfg(test)]
mod tests;

#[cfg(target_arch = "wasm32")]
#[expect(
    unsafe_code,
    reason = "the exported functions' names and pointers are the component ABI's"
)]
mod export {
    use crate::bindings::ehb::wallet::types::Error;
    use crate::{bindings, calls::Wallet};

    ehb_contract::export! {
        Wallet,
        error: Error, placeholder: Error::KeyReused,
        shared in bindings::exports::ehb::common,
        in bindings::exports::ehb::wallet {
            assets::__export_ehb_wallet_assets_1_0_0_cabi,
            transfers::__export_ehb_wallet_transfers_1_0_0_cabi,
            holds::__export_ehb_wallet_holds_1_0_0_cabi,
            allowances::__export_ehb_wallet_allowances_1_0_0_cabi,
            policies::__export_ehb_wallet_policies_1_0_0_cabi,
            payments::__export_ehb_wallet_payments_1_0_0_cabi,
            requests::__export_ehb_wallet_requests_1_0_0_cabi,
            queries::__export_ehb_wallet_queries_1_0_0_cabi,
            upgrade::__export_ehb_wallet_upgrade_1_0_0_cabi,
        }
    }
}
