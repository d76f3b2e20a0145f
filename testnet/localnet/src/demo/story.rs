//! What happens in the demonstration, across all four modules: a company buys stock, the seller hires a
//! courier and ships, a dispute about damaged goods is ruled, and an AI service is paid by what was used.

mod delivery;
mod dispute;
mod service;
mod trade;

use serde_json::{Value, json};

use super::books::Move;

/// Something that somebody does.
pub(crate) struct Step {
    pub(crate) who: &'static str,
    pub(crate) module: &'static str,
    pub(crate) function: &'static str,
    /// As [`super::people::People::act`] reads them.
    pub(crate) arguments: Value,
    /// What it is, for people.
    pub(crate) told: &'static str,
    /// What later steps need of it.
    pub(crate) keep: Option<(&'static str, Part)>,
    /// The money that has moved for good with it.
    pub(crate) moves: &'static [Move],
}

/// A part of a receipt.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    /// The call's result.
    Result,
    /// Something in an event of the called module, by its place.
    Event(&'static str),
    /// The time of the block, milliseconds.
    BlockMs,
}

impl Step {
    fn new(
        who: &'static str,
        (module, function): (&'static str, &'static str),
        arguments: Value,
        told: &'static str,
    ) -> Self {
        Self { who, module, function, arguments, told, keep: None, moves: &[] }
    }

    fn keep(self, name: &'static str, part: Part) -> Self {
        Self { keep: Some((name, part)), ..self }
    }

    fn moves(self, moves: &'static [Move]) -> Self {
        Self { moves, ..self }
    }
}

/// A chapter, and what happens in it.
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

/// An hour: far beyond the end of the story, in which nobody stays silent.
const HOUR_MS: &str = "3600000";

fn document(media_type: &str) -> Value {
    let cid = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    json!({ "cid": cid, "media-type": media_type, "size": "48213" })
}

/// How disputes are led: any arbiter rules.
fn dispute_terms() -> Value {
    let windows = json!({
        "response-ms": HOUR_MS,
        "evidence-ms": HOUR_MS,
        "offer-ms": HOUR_MS,
        "ruling-ms": HOUR_MS,
        "appeal-ms": HOUR_MS,
    });
    json!({ "arbiter": "role", "default-to-first": 5000, "windows": windows })
}
