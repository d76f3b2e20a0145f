//! Proposals in plain sentences and lines.

use ehb_sdk::Call;
use ehb_sdk::api::LocatedReceipt;
use serde_json::Value;

use super::actions::of_actions;

/// The module of the chain itself.
pub(super) const KERNEL: &str = "kernel";

/// The result of a call of governance, for people: the number of a new proposal, or how far it is.
pub(in crate::commands) fn result(call: &Call, located: &LocatedReceipt) -> Option<String> {
    let value = located.result(0)?;
    let value = value.get("ok").unwrap_or(value);
    match (call.module.as_str(), call.function.as_str()) {
        (KERNEL, "propose") => Some(plain(value)),
        (KERNEL, "vote" | "execute-proposal") => Some(latest_state(value)),
        _ => None,
    }
}

/// A value of a kernel's answer as text: numbers of 64 bits come as strings.
pub(in crate::commands) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "none".to_owned(),
        other => other.to_string(),
    }
}

fn number(value: &Value) -> u64 {
    plain(value).parse().unwrap_or(0)
}

pub(in crate::commands) fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The only case of a variant, with its payload.
pub(super) fn case(value: &Value) -> (&str, &Value) {
    match value {
        Value::String(case) => (case, &Value::Null),
        Value::Object(cases) => {
            cases.iter().next().map_or(("", &Value::Null), |(case, payload)| (case, payload))
        }
        _ => ("", &Value::Null),
    }
}

/// A proposal as the end of a sentence.
pub(super) fn sentence(proposal: &Value) -> String {
    let (id, actions) = (plain(&proposal["id"]), of_actions(&proposal["actions"]));
    format!("the proposal {id} to {actions}")
}

/// The differences of a simulation: what changes, what it is, and what it becomes.
pub(super) fn differences(simulation: &Value) -> Vec<Vec<String>> {
    let row = |change: &Value| {
        let side = |name: &str| match &change[name] {
            Value::String(text) if text.is_empty() => "none".to_owned(),
            value => plain(value),
        };
        vec![plain(&change["subject"]), side("before"), "->".to_owned(), side("after")]
    };
    items(&simulation["changes"]).iter().map(row).collect()
}

/// How far a proposal is, by its last event.
pub(super) fn latest_state(state: &Value) -> String {
    match case(state) {
        ("accepted", from_ms) => format!("accepted, can be executed from {}", plain(from_ms)),
        ("failed", it) => format!(
            "failed: action {}, {}: {}",
            plain(&it["action"]),
            plain(&it["error"]),
            plain(&it["message"])
        ),
        (case, _) => case.to_owned(),
    }
}

/// Whether something can still happen to a proposal at a time.
pub(super) fn is_undecided(proposal: &Value, now_ms: u64) -> bool {
    let open = matches!(case(&proposal["state"]).0, "voting" | "accepted");
    open && now_ms < number(&proposal["until-ms"])
}

/// How far a proposal is at a time.
pub(super) fn state(proposal: &Value, now_ms: u64) -> String {
    match case(&proposal["state"]).0 {
        "voting" | "accepted" if !is_undecided(proposal, now_ms) => "expired".to_owned(),
        _ => latest_state(&proposal["state"]),
    }
}

/// The rows that describe a proposal, but for its differences.
pub(super) fn rows(proposal: &Value, powers: &Value, now_ms: u64) -> Vec<Vec<String>> {
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let of = |name: &str| plain(&proposal[name]);
    let total: u64 = items(powers).iter().map(|it| number(&it["power"])).sum();
    let power = |organisation: &Value| {
        let found = items(powers).iter().find(|it| it["organisation"] == *organisation);
        found.map_or(0, |it| number(&it["power"]))
    };
    let rule = &proposal["rule"];
    let mut rows = vec![
        row("proposal", of("id")),
        row("changes", of_actions(&proposal["actions"])),
        row("reason", of("reason")),
        row("by", format!("{} of {}", of("by"), of("organisation"))),
        row("state", state(proposal, now_ms)),
        row("needs", format!("{} % of the power {total}", plain(&rule["percent"]))),
        row("lock-ms", plain(&rule["lock-ms"])),
        row("until-ms", of("until-ms")),
    ];
    for ballot in items(&proposal["ballots"]) {
        let side = if ballot["accepts"] == Value::Bool(true) { "yes" } else { "no" };
        let organisation = &ballot["organisation"];
        rows.push(vec![
            "vote".to_owned(),
            plain(organisation),
            side.to_owned(),
            power(organisation).to_string(),
        ]);
    }
    rows
}
