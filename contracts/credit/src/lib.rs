//! Meters service credits: grants, usage and credit lines.
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
    use crate::bindings::ehb::credit::types::Error;
    use crate::{bindings, calls::Credit};

    ehb_contract::export! {
        Credit,
        error: Error, placeholder: Error::KeyReused,
        shared in bindings::exports::ehb::common,
        in bindings::exports::ehb::credit {
            programmes::__export_ehb_credit_programmes_1_0_0_cabi,
            grants::__export_ehb_credit_grants_1_0_0_cabi,
            metering::__export_ehb_credit_metering_1_0_0_cabi,
            limits::__export_ehb_credit_limits_1_0_0_cabi,
            lines::__export_ehb_credit_lines_1_0_0_cabi,
            queries::__export_ehb_credit_queries_1_0_0_cabi,
            upgrade::__export_ehb_credit_upgrade_1_0_0_cabi,
        }
    }
}
