//! `ehb org show`: the status, quotas and nodes of an organisation.

use ehb_sdk::api::At;
use ehb_sdk::{Client, Code, Name};
use serde_json::{Value, json};

use crate::commands::gov::text::{items, plain};
use crate::failure::{Exit, Failure};
use crate::options::State;
use crate::output::Output;

/// Shows an organisation.
pub(super) async fn show(
    client: &Client,
    organisation: &Name,
    State { at }: State,
    output: &Output,
) -> Result<(), Failure> {
    let arguments = json!({ "name": organisation });
    let found = read(client, "get-organisation", &arguments, at).await?;
    if found == Value::Null {
        let message = format!("there is no organisation {organisation}");
        return Err(Failure::new(Exit::Refused, Code::NotFound.as_str(), message)
            .hint("an organisation is added by `ehb gov propose --invite FILE`"));
    }
    let nodes = list_nodes(client, organisation.as_str(), at).await?;
    let view = json!({ "name": organisation, "organisation": found, "nodes": nodes });
    output.result(&rows(organisation, &found, &nodes), &view)
}

/// The nodes of an organisation.
pub(super) async fn list_nodes(
    client: &Client,
    organisation: &str,
    at: Option<At>,
) -> Result<Value, Failure> {
    read(client, "list-nodes", &json!({ "organisation": organisation }), at).await
}

async fn read(
    client: &Client,
    function: &str,
    arguments: &Value,
    at: Option<At>,
) -> Result<Value, Failure> {
    let answer = match at {
        None => client.read("kernel", function, arguments).await?,
        Some(at) => client.read_at("kernel", function, arguments, at).await?,
    };
    Ok(answer.value)
}

fn rows(organisation: &Name, found: &Value, nodes: &Value) -> Vec<Vec<String>> {
    let row = |key: &str, value: String| vec![key.to_owned(), value];
    let mut rows = vec![
        row("organisation", organisation.to_string()),
        row("status", plain(&found["status"])),
        row("administrators", plain(&found["administrators"])),
    ];
    for quota in items(&found["quotas"]) {
        let by = if quota["is-own"] == true { "limit of its own" } else { "limit of all" };
        let (used, limit) = (plain(&quota["used"]), plain(&quota["limit"]));
        rows.push(vec![plain(&quota["kind"]), format!("{used} of {limit}"), by.to_owned()]);
    }
    for node in items(nodes) {
        let role = if node["is-observer"] == true { "observer" } else { "validator" };
        rows.push(vec![role.to_owned(), plain(&node["name"]), plain(&node["key"])]);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organisation_is_shown_with_its_quotas_and_nodes() {
        let found = json!({
            "accounts": 3, "administrators": 1, "status": "active",
            "quotas": [
                { "kind": "accounts", "used": "3", "limit": "1000000", "is-own": false },
                { "kind": "observers", "used": "1", "limit": "2", "is-own": true },
            ],
        });
        let nodes = json!([
            { "key": "aa", "name": "acme-1", "is-observer": false },
            { "key": "bb", "name": "watch", "is-observer": true },
        ]);
        let rows = rows(&Name::new("acme").unwrap(), &found, &nodes);
        let lines: Vec<String> = rows.iter().map(|row| row.join(" ")).collect();
        assert_eq!(
            lines,
            [
                "organisation acme",
                "status active",
                "administrators 1",
                "accounts 3 of 1000000 limit of all",
                "observers 1 of 2 limit of its own",
                "validator acme-1 aa",
                "observer watch bb",
            ]
        );
    }
}
