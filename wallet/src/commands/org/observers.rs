//! `ehb org add-observer` and `remove-observer`: the nodes with which an organisation follows the chain.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;
use ehb_console::read_text;
use ehb_sdk::{Client, Code, PublicKey};
use ehb_types::SignedNodeConsent;
use serde_json::{Value, json};

use super::show::list_nodes;
use crate::accounts::Accounts;
use crate::commands::account::not_registered;
use crate::commands::confirm::Question;
use crate::commands::consent::Halves;
use crate::commands::gov::text::{items, plain};
use crate::commands::submit::{Planned, Signing};
use crate::failure::{Exit, Failure};
use crate::output::Output;

#[derive(Debug, Args)]
pub(crate) struct AddObserver {
    /// The consent of the node's key, as `ehb-node consent` prints it
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    signing: Signing,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveObserver {
    /// The node: its name, or its key
    #[arg(value_name = "NODE")]
    observer: String,
    #[command(flatten)]
    signing: Signing,
}

const ADD: Question = Question {
    text: "Permit it?",
    verb: "permit it",
    hint: "use --yes to permit it without confirmation",
};

const REMOVE: Question = Question {
    text: "Remove it?",
    verb: "remove it",
    hint: "use --yes to remove it without confirmation",
};

/// Permits an observer.
pub(super) async fn add(
    client: &Client,
    accounts: &Accounts,
    AddObserver { file, signing }: &AddObserver,
    output: &Output,
) -> Result<(), Failure> {
    let network = client.chain().network;
    let (from, keys) = accounts.signers(network, &signing.from, &signing.keys)?;
    let SignedNodeConsent { organisation, name, node_key, signature, .. } = read(file, client)?;
    let consent = Halves::from(&signature);
    let arguments = json!({ "name": name, "key": node_key, "consent": consent });
    let call = client.call("kernel", "add-observer", &arguments).await?;
    let sentence = format!(
        "{} permits the node {name} of {organisation}, with the key {node_key}, on the chain {}",
        from.shown(network),
        client.chain().id
    );
    let view = json!({
        "from": from.address.to_text(network),
        "organisation": organisation,
        "name": name,
        "nodeKey": node_key,
    });
    let planned = Planned { from: from.address, keys, call, sentence, view };
    signing.submit(client, accounts, planned, &ADD, Failure::from, output).await
}

/// Removes an observer.
pub(super) async fn remove(
    client: &Client,
    accounts: &Accounts,
    RemoveObserver { observer, signing }: &RemoveObserver,
    output: &Output,
) -> Result<(), Failure> {
    let network = client.chain().network;
    let (from, keys) = accounts.signers(network, &signing.from, &signing.keys)?;
    let Some(account) = client.account(&from.address, None).await? else {
        return Err(not_registered(&from, network, ""));
    };
    let nodes = list_nodes(client, account.organisation.as_str(), None).await?;
    let (name, key) = found(&nodes, observer).map_err(|message| {
        Failure::new(Exit::Usage, Code::NotFound.as_str(), message)
            .hint(format!("see `ehb org show {}` for its nodes", account.organisation))
    })?;
    let call = client.call("kernel", "remove-observer", &json!({ "key": key })).await?;
    let sentence = format!(
        "{} permits the node {name}, with the key {key}, no more, on the chain {}",
        from.shown(network),
        client.chain().id
    );
    let view = json!({ "from": from.address.to_text(network), "name": name, "nodeKey": key });
    let planned = Planned { from: from.address, keys, call, sentence, view };
    signing.submit(client, accounts, planned, &REMOVE, Failure::from, output).await
}

/// The name and key of an observer that has this name or key.
fn found(nodes: &Value, node: &str) -> Result<(String, String), String> {
    let key = node.parse::<PublicKey>().ok().map(|key| key.to_string());
    let observers = items(nodes).iter().filter(|it| it["is-observer"] == true);
    let known = observers.map(|it| (plain(&it["name"]), plain(&it["key"])));
    let known: Vec<(String, String)> =
        known.filter(|(name, its)| name == node || key.as_ref() == Some(its)).collect();
    match &known[..] {
        [only] => Ok(only.clone()),
        [] => Err(format!("your organisation has no observer {node:?}")),
        several => Err(format!("{} observers have the name {node:?}: give the key", several.len())),
    }
}

/// Reads a consent for this chain, which its key signed.
fn read(path: &Path, client: &Client) -> Result<SignedNodeConsent, Failure> {
    let bad = |message: String| {
        Failure::new(Exit::Usage, "BAD_FILE", format!("{}: {message}", path.display()))
            .hint("give a file that `ehb-node consent` printed for this chain")
    };
    let text = File::open(path).and_then(|file| read_text(file, SignedNodeConsent::BYTES_MAX));
    let text = text.map_err(|error| bad(error.to_string()))?;
    let consent: SignedNodeConsent =
        serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
    if consent.chain != client.chain().genesis_hash {
        return Err(bad(format!("it is for the chain with genesis {}", consent.chain)));
    }
    consent.verify().map_err(|error| bad(error.to_string()))?;
    Ok(consent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_observer_is_found_by_its_name_or_key() {
        let key = |digit: &str| digit.repeat(64);
        let nodes = json!([
            { "key": key("a"), "name": "acme-1", "is-observer": false },
            { "key": key("b"), "name": "watch", "is-observer": true },
            { "key": key("c"), "name": "spare", "is-observer": true },
            { "key": key("d"), "name": "spare", "is-observer": true },
        ]);
        assert_eq!(found(&nodes, "watch"), Ok(("watch".to_owned(), key("b"))));
        assert_eq!(found(&nodes, &key("d")), Ok(("spare".to_owned(), key("d"))));
        for (node, reason) in [
            ("acme-1", "no observer"),
            (&*key("a"), "no observer"),
            ("nobody", "no observer"),
            ("spare", "2 observers have the name"),
        ] {
            let error = found(&nodes, node).unwrap_err();
            assert!(error.contains(reason), "{node}: {error}");
        }
    }
}
