//! The calls that set the modules up before their stories begin.

use serde_json::{Value, json};

use super::stage::Stage;

/// Variant 1 of store 1 is at location 1.
pub(super) fn open_shop(stage: &mut Stage) {
    stage.all(crate::open_shop());
}

/// Returns the contract and the milestone.
pub(super) fn hire(stage: &mut Stage) -> (Value, Value) {
    let (contract, milestones) = hire_for(stage, 1, 1);
    (contract, milestones[0].clone())
}

/// As [`hire`], the `number`th time, for the given number of milestones.
pub(super) fn hire_for(stage: &mut Stage, number: u64, milestones: usize) -> (Value, Vec<Value>) {
    stage.all(crate::hire_for(number, milestones, stage.time_ms));
    let contract = json!(number.to_string());
    let described = stage.done("alice", "jobs", "get-contract", json!({"contract": contract}));
    let milestones = described["milestones"].as_array().cloned();
    (contract, milestones.unwrap_or_default())
}

/// Returns the programme.
pub(super) fn open_programme(stage: &mut Stage) -> Value {
    stage.all(crate::open_programme());
    json!("1")
}
