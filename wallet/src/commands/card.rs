//! `ehb account sign-card`: an administrator signs the card of a validator, before there is a chain.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;
use ehb_console::{clean, read_text};
use ehb_sdk::{Address, Name, Network, Policy, PublicKey};
use ehb_types::{Card, SignedCard};
use serde_json::json;

use super::confirm::{Question, confirm};
use crate::accounts::Accounts;
use crate::failure::{Exit, Failure};
use crate::output::Output;

#[derive(Debug, Args)]
pub(crate) struct SignCard {
    /// The card, as `ehb-node card` wrote it; the signature is added to this file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A key of yours that is an administrator's key in the card; can be given several times
    #[arg(long = "key", value_name = "KEY", required = true)]
    keys: Vec<String>,
    /// Don't ask before signing
    #[arg(long, short)]
    yes: bool,
}

const QUESTION: Question = Question {
    text: "Sign?",
    verb: "sign the card",
    hint: "use --yes to sign without confirmation",
};

/// Adds the signatures of keys to a card.
pub(super) async fn sign(
    accounts: &Accounts,
    SignCard { file, keys, yes }: &SignCard,
    output: &Output,
) -> Result<(), Failure> {
    let mut signed = read(file)?;
    let card = &signed.card;
    let first = keys.first().map_or("", String::as_str);
    let (_, found) = accounts.signers(card.network, first, keys)?;
    let own: Vec<PublicKey> = found.iter().map(|it| it.file.public_key()).collect();
    let known = card.administrator_keys();
    if let Some(it) = found.iter().find(|it| !known.contains(&it.file.public_key())) {
        let message = format!(
            "your key {} ({}) is not a key of an administrator in this card",
            it.file.name(),
            it.file.public_key()
        );
        return Err(Failure::new(Exit::Key, "KEY_NOT_IN_CARD", message)
            .hint("let the operator make a card with it: ehb-node card --administrator KEY"));
    }
    for line in words(card, &own) {
        if *yes { output.talk(&line) } else { output.remark(&line) }
    }
    let sentence = format!(
        "you agree to administer {} on the chain {} with {}",
        card.organisation,
        card.chain_id,
        if own.len() == 1 { "this key" } else { "these keys" }
    );
    confirm(*yes, &sentence, &QUESTION, output).await?;
    // The account does not matter here: each key opens its own file.
    let signer = accounts.signer(&Address([0; 32]), &found, output)?;
    signer.sign_card(&mut signed).map_err(|error| bad(file, &error.to_string()))?;
    replace(file, &signed)?;
    let missing = signed.missing();
    match missing.len() {
        0 => output.talk("the card is complete: send it to the other organisations"),
        count => output.talk(&format!("{count} more keys must sign it")),
    }
    let mut rows = vec![vec!["card id".to_owned(), signed.card.id().to_string()]];
    rows.extend(missing.iter().map(|key| vec!["unsigned".to_owned(), key.to_string()]));
    output.result(&rows, &json!({ "id": signed.card.id(), "unsigned": missing }))
}

/// The statements that the signer agrees to, one line each.
fn words(card: &Card, own: &[PublicKey]) -> Vec<String> {
    let Card { chain_id, organisation, name, address, .. } = card;
    let class = match card.network {
        Network::Main => "a main network: value is real",
        Network::Test => "a test network",
    };
    let mut lines = vec![
        format!("card {}", card.id()),
        format!("the chain {chain_id}, {class}"),
        format!("the validator {name} of {organisation}, at {address}"),
        format!("  consensus key {}", card.consensus_key),
        format!("  node key {}", card.node_key),
    ];
    for it in &card.administrators {
        let roles = it.roles.iter().map(Name::as_str);
        let roles: Vec<&str> = std::iter::once(ehb_types::ADMINISTRATOR).chain(roles).collect();
        let (address, roles) = (it.address().to_text(card.network), roles.join(", "));
        lines.push(format!("the account {address} of {organisation}: {roles}"));
        let mark = |key: &PublicKey| if own.contains(key) { " (yours)" } else { "" };
        match &it.policy {
            Policy::Key(key) => lines.push(format!("  key {key}{}", mark(key))),
            Policy::Weighted { keys, threshold } => {
                lines.push(format!("  keys with a weight of {threshold} together sign for it"));
                lines.extend(
                    keys.iter().map(|it| {
                        format!("  key {} weight {}{}", it.key, it.weight, mark(&it.key))
                    }),
                );
            }
        }
    }
    lines
}

fn bad(path: &Path, message: &str) -> Failure {
    Failure::new(Exit::Usage, "BAD_FILE", format!("{}: {}", path.display(), clean(message)))
        .hint("give a card that `ehb-node card` wrote, unchanged")
}

/// Reads a card whose signatures are right, and which its validator's keys signed.
fn read(path: &Path) -> Result<SignedCard, Failure> {
    let text = File::open(path).and_then(|file| read_text(file, SignedCard::BYTES_MAX as u64));
    let text = text.map_err(|error| bad(path, &error.to_string()))?;
    let signed = SignedCard::from_json(&text).map_err(|error| bad(path, &error.to_string()))?;
    signed.check().map_err(|error| bad(path, &error.to_string()))?;
    Ok(signed)
}

/// Replaces the file at once, so that an interruption leaves the old card or the new one.
fn replace(path: &Path, signed: &SignedCard) -> Result<(), Failure> {
    let text = signed.to_json().map_err(|error| bad(path, &error.to_string()))?;
    ehb_console::replace_file(path, &text).map_err(|error| {
        let message = format!("cannot write {}: {error}", path.display());
        Failure::new(Exit::Internal, "DISK", message)
    })
}
