//! The contents of a genesis in words, for people who compare and approve it.

use ehb_console::clean;
use ehb_types::{Network, Policy, Status, utc};
use serde_json::Value;

use super::build::class;
use super::contents::{AccountEntry, Contents, OrganisationEntry};

/// The contents as lines of text, none of which can control a terminal.
pub(crate) fn words(contents: &Contents) -> Vec<String> {
    let mut lines = head(contents);
    validators(contents, &mut lines);
    contents.organisations.iter().for_each(|it| organisation(it, &mut lines));
    rest(contents, &mut lines);
    lines.iter().map(|line| clean(line)).collect()
}

fn head(contents: &Contents) -> Vec<String> {
    let prefix = match contents.network {
        Network::Main => "value is real; addresses start with ehb1",
        Network::Test => "for tests; addresses start with ehbt1",
    };
    vec![
        format!("chain         {} ({}: {prefix})", contents.chain_id, class(contents.network)),
        format!("genesis hash  {}", contents.hash),
        format!("time          {}", utc(contents.timestamp_ms)),
    ]
}

fn validators(contents: &Contents, lines: &mut Vec<String>) {
    let Contents { validators, total_power, quorum_power, validators_may_fail, .. } = contents;
    lines.push(String::new());
    lines.push(format!(
        "{}; blocks need a power of {quorum_power} of {total_power}",
        counted(validators.len(), "validator")
    ));
    lines.push(match validators_may_fail {
        0 => "the chain stops when its largest validator fails".to_owned(),
        1 => "the chain continues while any one validator fails".to_owned(),
        many => format!("the chain continues while any {many} validators fail"),
    });
    for it in validators {
        lines.push(format!(
            "  {} of {}: power {} ({})",
            it.name,
            it.organisation,
            it.power,
            percent(it.share_permille)
        ));
        lines.push(format!("    consensus key {}", it.consensus_key));
        lines.push(format!("    node key      {}", it.node_key));
    }
    if contents.observers.is_empty() {
        return;
    }
    lines.push(String::new());
    lines.push(format!("{}, which do not vote", counted(contents.observers.len(), "observer")));
    for it in &contents.observers {
        lines.push(format!("  {} of {}: node key {}", it.name, it.organisation, it.node_key));
    }
}

fn organisation(it: &OrganisationEntry, lines: &mut Vec<String>) {
    lines.push(String::new());
    let votes = match it.power {
        0 => "runs no validator, so it has no vote on proposals".to_owned(),
        _ => format!("votes on proposals with {} of the power", percent(it.share_permille)),
    };
    lines.push(format!("organisation {}: {votes}", it.name));
    it.accounts.iter().for_each(|it| account(it, lines));
}

fn account(it: &AccountEntry, lines: &mut Vec<String>) {
    let names = |roles: &[ehb_types::Name]| {
        roles.iter().map(ehb_types::Name::as_str).collect::<Vec<_>>().join(", ")
    };
    let roles = match it.roles.as_slice() {
        [] => "no role".to_owned(),
        roles => names(roles),
    };
    let network = match it.network_roles.as_slice() {
        [] => String::new(),
        roles => format!("; for the whole network: {}", names(roles)),
    };
    let status = match it.status {
        Status::Active => String::new(),
        status => format!(" ({})", status.as_str()),
    };
    lines.push(format!("  {}{status}: {roles}{network}", it.address));
    match &it.policy {
        Policy::Key(key) => lines.push(format!("    key {key}")),
        Policy::Weighted { keys, threshold } => {
            let equal = keys.iter().all(|it| it.weight == 1);
            lines.push(match equal {
                true => format!("    {threshold} of {} keys sign", keys.len()),
                false => format!("    keys with a weight of {threshold} together sign"),
            });
            lines.extend(keys.iter().map(|it| match equal {
                true => format!("    key {}", it.key),
                false => format!("    key {} weight {}", it.key, it.weight),
            }));
        }
    }
}

fn rest(contents: &Contents, lines: &mut Vec<String>) {
    lines.push(String::new());
    lines.push(counted(contents.modules.len(), "module"));
    for it in &contents.modules {
        let known = if it.of_this_release { "of this release" } else { "NOT of this release" };
        lines.push(format!("  {} with code {}, {known}", it.name, it.code));
    }
    lines.push(String::new());
    lines.push(match contents.parameters.len() {
        0 => "all parameters have their defaults".to_owned(),
        count => format!("{} not at the default", counted(count, "parameter")),
    });
    for it in &contents.parameters {
        lines.push(format!("  {} is {}, by default {}", it.name, it.value, it.default));
    }
    lines.push(String::new());
    lines.push(match contents.calls.len() {
        0 => "no calls before the first block".to_owned(),
        count => format!("{} before the first block", counted(count, "call")),
    });
    for (place, it) in contents.calls.iter().enumerate() {
        lines.push(format!("  {}. {} calls {} {}", place + 1, it.sender, it.module, it.function));
        lines.extend(it.arguments.iter().map(|(name, value)| match value {
            Value::String(text) => format!("       {name}: {text}"),
            value => format!("       {name}: {value}"),
        }));
    }
    if !contents.remarks.is_empty() {
        lines.push(String::new());
        lines.push("look at these again".to_owned());
        lines.extend(contents.remarks.iter().map(|it| format!("  {it}")));
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn percent(permille: u64) -> String {
    format!("{}.{} %", permille / 10, permille % 10)
}
