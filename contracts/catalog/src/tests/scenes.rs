//! What the modules need before their stories begin.

use serde_json::{Value, json};

use super::stage::Stage;
use crate::play;

/// Variant 1 of store 1 lies at location 1.
pub(super) fn open_shop(stage: &mut Stage) {
    stage.all(play::open_shop());
}

/// Gives the contract and the milestone.
pub(super) fn hire(stage: &mut Stage) -> (Value, Value) {
    stage.all(play::hire(stage.time_ms));
    (json!("1"), json!("1"))
}

/// Gives the programme.
pub(super) fn open_programme(stage: &mut Stage) -> Value {
    stage.all(play::open_programme());
    json!("1")
}
