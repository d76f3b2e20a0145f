//! Meters service credits: grants, usage and credit lines.
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

    #[cfg(target_arch = "wasm32")]
    wit_bindgen::generate!({
        path: ["../../sdk/contract/wit", "../../sdk/contract/wit/common", "../wallet/wit", "wit"],
        world: "ehb:credit/credit",
        with: {
            "ehb:host/types@1.0.0": ehb_contract::types,
            "ehb:common/types@1.0.0": ehb_contract::common,
        },
        generate_all,
        additional_derives: [PartialEq, Eq],
        disable_run_ctors_once_workaround: true,
    });

    // Natively the wallet's own rules answer, in the wallet's own types.
    #[cfg(not(target_arch = "wasm32"))]
    wit_bindgen::generate!({
        path: ["../../sdk/contract/wit", "../../sdk/contract/wit/common", "../wallet/wit", "wit"],
        world: "ehb:credit/credit",
        with: {
            "ehb:host/types@1.0.0": ehb_contract::types,
            "ehb:common/types@1.0.0": ehb_contract::common,
            "ehb:wallet/types@1.0.0": ehb_contract_wallet::bindings::ehb::wallet::types,
        },
        generate_all,
        additional_derives: [PartialEq, Eq],
        disable_run_ctors_once_workaround: true,
    });
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
    Credit,
    "../../sdk/contract/wit",
    "../../sdk/contract/wit/common",
    "../wallet/wit",
    "wit",
);
