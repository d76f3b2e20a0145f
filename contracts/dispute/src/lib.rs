//! Decides a dispute between two parties over an amount, for the modules that hold it.
//!
//! `wit/dispute.wit` has the shared types and says how a dispute goes. The module keeps the record
//! [`types::Dispute`] in its own state, knows who acts for which side, holds the money and emits the
//! events; this crate decides. Each action is a function that takes the record, changes it and returns
//! the [`types::DisputeChange`] to emit; when the record then has an outcome, the module carries it out.
//!
//! The crate calls no module, moves no money and emits nothing; of the module's state it knows one entry, the
//! registered arbiters.
//!
//! Read `states` first (the machine as a table), then `actions`, `arbiters` (who rules) and `costs` (who pays for it),
//! then `replay` (what a step changes).
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod actions;
mod arbiters;
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
mod costs;
mod error;
mod replay;
mod sides;
pub mod states;

#[cfg(test)]
mod tests;

pub use actions::{
    Parties, Set, accept, add_evidence, advance, appeal, default_part, finish_phase, join, offer,
    open, request, respond, rule,
};
pub use arbiters::Arbiters;
pub use bindings::ehb::dispute::types;
pub use checks::{
    ARBITERS_MAX, ASSIGNMENTS_MAX, EVIDENCE_PER_SIDE_MAX, FEE_MAX, OFFERS_MAX, WINDOW_MS_MAX,
    longest_ms, terms,
};
pub use costs::{Settlement, deposit_due, settlements};
pub use error::Error;
pub use replay::replay;
pub use sides::split;
