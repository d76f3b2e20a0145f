//! Decides a dispute between two parties over an amount, for the modules that hold it.
//!
//! `wit/dispute.wit` has the shared types and says how a dispute goes. The module keeps the record
//! [`types::Dispute`] in its own state, knows who acts for which side, holds the money and emits the
//! events; this crate decides. Each action is a function that takes the record, changes it and returns
//! the [`types::Step`] to emit; when the record then has an outcome, the module carries it out.
//!
//! The crate holds no state, calls no module, moves no money and emits nothing.
//!
//! Read `states` first (the machine as a table), then `actions`, then `replay` (what a step changes).
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod actions;
#[expect(missing_docs, reason = "generated: the WIT holds the documentation")]
mod bindings {
    wit_bindgen::generate!({
        path: ["../../sdk/contract/wit", "../../sdk/contract/wit/common", "wit"],
        world: "ehb:dispute/dispute",
        with: {
            "ehb:host/types@1.0.0": ehb_contract::types,
            "ehb:common/types@1.0.0": ehb_contract::common,
        },
        generate_all,
        generate_unused_types: true,
        additional_derives: [PartialEq, Eq, ehb_contract::Pack, ehb_contract::Named, ehb_contract::Json],
        disable_run_ctors_once_workaround: true,
    });
}
mod checks;
mod error;
mod replay;
pub mod states;

#[cfg(test)]
mod tests;

pub use actions::{
    Parties, accept, add_evidence, advance, appeal, default_part, offer, open, respond, rest, rule,
    split,
};
pub use bindings::ehb::dispute::types;
pub use checks::{EVIDENCE_PER_SIDE_MAX, OFFERS_MAX, WINDOW_MS_MAX, longest_ms, terms};
pub use error::Error;
pub use replay::replay;
