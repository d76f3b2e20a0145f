//! The story of the demonstration, across all four modules: a company buys stock, the seller hires a courier
//! and ships, a dispute about damaged goods is ruled, and an AI service is paid by usage.

mod delivery;
mod dispute;
mod service;
mod trade;

use serde_json::{Value, json};

use super::books::Move;

/// A step of the story.
pub(crate) struct Step {
    pub(crate) who: &'static str,
    pub(crate) module: &'static str,
    pub(crate) function: &'static str,
    /// In the format of [`super::people::People::act`].
    pub(crate) arguments: Value,
    /// A description for people.
    pub(crate) description: &'static str,
    /// The values that later steps need from it.
    pub(crate) keep: Option<(&'static str, Part)>,
    /// The money that it finally moves.
    pub(crate) moves: &'static [Move],
}

/// A part of a receipt.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    /// The call's result.
    Result,
    /// A value in an event of the called module, by its path.
    Event(&'static str),
    /// The time of the block, milliseconds.
    BlockMs,
}

impl Step {
    fn new(
        who: &'static str,
        (module, function): (&'static str, &'static str),
        arguments: Value,
        description: &'static str,
    ) -> Self {
        Self { who, module, function, arguments, description, keep: None, moves: &[] }
    }

    fn keep(self, name: &'static str, part: Part) -> Self {
        Self { keep: Some((name, part)), ..self }
    }

    fn moves(self, moves: &'static [Move]) -> Self {
        Self { moves, ..self }
    }
}

/// A chapter with its steps.
pub(crate) type Chapter = (&'static str, Vec<Step>);

/// The whole story.
pub(crate) fn chapters() -> Vec<Chapter> {
    vec![
        ("Globex buys stock of Acme (marketplace)", trade::steps()),
        ("Acme hires a courier and ships (jobs, marketplace)", delivery::steps()),
        ("Some hammers are damaged: a dispute is ruled (marketplace)", dispute::steps()),
        ("Initech's AI service is paid by usage (credit)", service::steps()),
    ]
}

/// An hour: far beyond the end of the story, in which no party stays silent.
const HOUR_MS: &str = "3600000";

fn document(media_type: &str) -> Value {
    let cid = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    json!({ "cid": cid, "media-type": media_type, "size": "48213" })
}

/// The dispute procedure: a registered arbiter rules, and gets 1.25 % of the amount for it.
fn dispute_terms() -> Value {
    let windows = json!({
        "response-ms": HOUR_MS,
        "evidence-ms": HOUR_MS,
        "offer-ms": HOUR_MS,
        "ruling-ms": HOUR_MS,
        "appeal-ms": HOUR_MS,
    });
    json!({ "arbiter": "registered", "fee": 125, "default-to-payer": 5000, "windows": windows })
}
