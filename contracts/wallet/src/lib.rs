//! Keeps who owns what, and who may spend it.
//!
//! `wit/` is the interface and its documentation: `world.wit` says how the module works, `types.wit`,
//! `events.wit` and `queries.wit` hold what their names say, and the other files what can be called. The
//! sources are the same files in every module, which `testnet/checks` verifies: `checks` refuses what needs no state, [`rules`] decides and writes, `states` holds the
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

mod checks;
mod errors;
mod events;
pub mod keys;
pub mod records;
pub mod rules;
mod states;

#[cfg(test)]
mod tests;

ehb_contract_exports::exports!(
    Wallet,
    "../../sdk/contract/wit",
    "../../sdk/contract/wit/common",
    "wit",
);
