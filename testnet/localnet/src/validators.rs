//! The commands `add-validator` and `remove-validator`: nodes that join and leave a running network by governance.

use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use ehb_localnet::{Manifest, Network, add_node, remove_node};
use ehb_sdk::api::{SigningView, Status};
use ehb_sdk::{Client, Signature, ValidatorRequest};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::cli::{AddValidator, RemoveValidator};
use crate::commands::print;
use crate::demo::people::People;

/// The time limit for a proposal to be executed after its acceptance, and for a node to join or leave.
const PATIENCE: Duration = Duration::from_secs(180);
/// The interval between two questions.
const ASK_EVERY: Duration = Duration::from_millis(200);

/// Adds a validator.
pub(crate) async fn add(arguments: &AddValidator) -> anyhow::Result<()> {
    let mut network = Network::open(&arguments.dir)?;
    let client = connected(&network.manifest().clone(), None).await?;
    let powers = powers(&client.status().await?);
    let (entry, request) = add_node(&arguments.dir)?;
    network = Network::open(&arguments.dir)?;
    let mut actions = multiplied(&powers, arguments.power);
    actions.push(addition(&request, arguments.power));
    let name = entry.name.as_str();
    govern(&client, &network, &format!("{name} joins"), &json!(actions)).await?;
    network.start(std::slice::from_ref(&entry)).await?;
    let node = Client::connect(&entry.rpc).await?;
    await_status(&node, &format!("{name} does not sign"), |status| {
        status.signing == SigningView::Signs && has(status, name)
    })
    .await?;
    ehb_console::say(&format!("{name} is a validator and votes"));
    finish(&network, arguments.json)
}

/// Removes a validator.
pub(crate) async fn remove(arguments: &RemoveValidator) -> anyhow::Result<()> {
    let mut network = Network::open(&arguments.dir)?;
    let nodes = network.select(Some(&arguments.node))?;
    let client = connected(network.manifest(), Some(&arguments.node)).await?;
    let name = arguments.node.as_str();
    let actions = json!([{ "remove-validator": name }]);
    govern(&client, &network, &format!("{name} leaves"), &actions).await?;
    await_status(&client, &format!("{name} is still a validator"), |status| !has(status, name))
        .await?;
    network.stop(&nodes)?;
    for node in &nodes {
        remove_node(&arguments.dir, &node.name)?;
    }
    ehb_console::say(&format!("{name} is no validator any more, and its node is stopped"));
    finish(&Network::open(&arguments.dir)?, arguments.json)
}

fn finish(network: &Network, json: bool) -> anyhow::Result<()> {
    if json { print(network, None, true) } else { Ok(()) }
}

/// A client of a running node, which is not this one.
async fn connected(manifest: &Manifest, but: Option<&str>) -> anyhow::Result<Client> {
    let running = manifest.nodes.iter().filter(|node| node.pid.is_some());
    for node in running.filter(|node| Some(node.name.as_str()) != but) {
        if let Ok(client) = Client::connect(&node.rpc).await {
            return Ok(client);
        }
    }
    bail!("no node of the network answers: start it with 'ehb-testnet start'")
}

fn powers(status: &Status) -> Vec<(String, u64)> {
    status.validators.iter().map(|it| (it.name.to_string(), it.power.0)).collect()
}

fn has(status: &Status, name: &str) -> bool {
    status.validators.iter().any(|it| it.name.as_str() == name)
}

/// The actions after which a validator of this power can join: the others alone must stay a quorum.
fn multiplied(powers: &[(String, u64)], power: u64) -> Vec<Value> {
    let total: u64 = powers.iter().map(|(_, power)| *power).sum();
    let factor = power.saturating_mul(2) / total.max(1) + 1;
    let multiply = |(name, power): &(String, u64)| {
        let power = power.saturating_mul(factor).to_string();
        json!({ "set-validator-power": { "name": name, "power": power } })
    };
    if factor == 1 { Vec::new() } else { powers.iter().map(multiply).collect() }
}

fn addition(request: &ValidatorRequest, power: u64) -> Value {
    let halves = |signature: &Signature| {
        let (r, s) = signature.0.split_at(32);
        json!({ "r": hex::encode(r), "s": hex::encode(s) })
    };
    json!({ "add-validator": {
        "organisation": request.organisation,
        "name": request.name,
        "consensus-key": request.consensus_key,
        "node-key": request.node_key,
        "power": power.to_string(),
        "consensus-signature": halves(&request.consensus_signature),
        "node-signature": halves(&request.node_signature),
    } })
}

/// Proposes actions, votes for them as the organisations, and executes them.
async fn govern(
    client: &Client,
    network: &Network,
    reason: &str,
    actions: &Value,
) -> anyhow::Result<()> {
    let people = People::new(client.clone(), network.manifest())?;
    let names: Vec<String> = people.names().into_iter().map(str::to_owned).collect();
    let first = names.first().context("the network has no accounts")?;
    let propose = json!({ "reason": reason, "actions": actions });
    let done = people.act(first, "kernel", "propose", &propose).await?;
    let id = result(&done.located.result(0).cloned().unwrap_or_default());
    let id = id.as_str().context("the proposal has no number")?.to_owned();
    let status = client.status().await?;
    let voters = voters(client).await?;
    let mut state = Value::Null;
    for name in names.iter().filter(|name| voters.contains(name)) {
        let vote = json!({ "proposal": id, "accepts": true });
        let done = people.act(name, "kernel", "vote", &vote).await?;
        state = result(&done.located.result(0).cloned().unwrap_or_default());
        if state != "voting" {
            break;
        }
    }
    if !state.is_object() {
        return Err(anyhow!("the proposal {id} at height {} is {state}", status.height));
    }
    let deadline = Instant::now() + PATIENCE;
    loop {
        let execute = json!({ "proposal": id });
        match people.act(first, "kernel", "execute-proposal", &execute).await {
            Ok(done) => {
                let state = result(&done.located.result(0).cloned().unwrap_or_default());
                return match state.as_str() {
                    Some("executed") => Ok(()),
                    _ => Err(anyhow!("the proposal {id}: {state}")),
                };
            }
            // The lock is not over.
            Err(error) if Instant::now() >= deadline => return Err(error),
            Err(_) => sleep(ASK_EVERY).await,
        }
    }
}

/// The value of a result without its case.
fn result(value: &Value) -> Value {
    value.get("ok").unwrap_or(value).clone()
}

/// The people whose organisations have a vote.
async fn voters(client: &Client) -> anyhow::Result<Vec<String>> {
    let powers = client.read("kernel", "list-voting-powers", &json!({})).await?.value;
    let organisations = powers.as_array().map(Vec::as_slice).unwrap_or_default();
    let organisations = organisations.iter().filter_map(|it| it["organisation"].as_str());
    Ok(organisations.filter_map(ehb_localnet::administrator_of).map(str::to_owned).collect())
}

async fn await_status(
    client: &Client,
    missing: &str,
    is_so: impl Fn(&Status) -> bool,
) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match client.status().await {
            Ok(status) if is_so(&status) => return Ok(()),
            _ if Instant::now() >= deadline => bail!("{missing} after {} s", PATIENCE.as_secs()),
            _ => sleep(ASK_EVERY).await,
        }
    }
}
