//! Runs `ehb-node card`, which writes the card of this node's validator, and reads the cards of others.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::{Context, bail};
use ehb_types::{Card, CardAdministrator, Name, Policy, SignedCard, ValidatorSet};

use crate::cli::forming::CardArguments;
use crate::keys::Keys;
use crate::{error_code, text_file};

/// A card, and the file that it was read from.
pub(crate) struct CardFile {
    pub(crate) file: String,
    pub(crate) card: Card,
}

/// Writes the card of this node's validator.
pub(crate) fn card(arguments: &CardArguments) -> anyhow::Result<()> {
    let keys = error_code::step(error_code::KEYS, Keys::read(&arguments.data_dir))?;
    let roles: BTreeSet<Name> = arguments.roles.iter().cloned().collect();
    let administrator =
        |policy: &Policy| CardAdministrator { policy: policy.clone(), roles: roles.clone() };
    let card = Card {
        version: Card::VERSION,
        chain_id: arguments.chain_id.clone(),
        network: arguments.network.into(),
        organisation: arguments.organisation.clone(),
        name: arguments.name.clone(),
        consensus_key: keys.consensus.public_key(),
        node_key: keys.node.public_key(),
        address: arguments.address.clone(),
        administrators: arguments.administrators.iter().map(administrator).collect(),
    };
    let signed = SignedCard::new(card, &keys.consensus, &keys.node).map_err(anyhow::Error::from);
    let signed = error_code::step(error_code::CARD, signed)?;
    error_code::step(error_code::CARD, text_file::create(&arguments.out, &signed.to_json()?))?;
    report(arguments, &signed)
}

fn report(arguments: &CardArguments, signed: &SignedCard) -> anyhow::Result<()> {
    let (card, out, missing) = (&signed.card, arguments.out.display(), signed.missing());
    if arguments.json {
        let administrators = card.administrators.iter();
        let administrators = administrators.map(|it| it.address().to_text(card.network));
        let document = serde_json::json!({
            "card": arguments.out,
            "id": card.id(),
            "administrators": administrators.collect::<Vec<_>>(),
            "unsigned": missing,
        });
        ehb_console::json(&document)?;
        return Ok(());
    }
    ehb_console::result(&format!("card id  {}", card.id()))?;
    ehb_console::say(&format!("wrote {out}"));
    if card.administrators.is_empty() {
        ehb_console::say(&format!(
            "it names no administrator: the card of another validator of {} must do so",
            card.organisation
        ));
    }
    for key in missing {
        ehb_console::say(&format!(
            "the holder of the key {key} signs next: ehb account sign-card {out} --key NAME"
        ));
    }
    Ok(())
}

/// Reads cards, which must be complete.
pub(crate) fn read_cards(paths: &[PathBuf]) -> anyhow::Result<Vec<CardFile>> {
    if paths.len() > ValidatorSet::VALIDATORS_MAX {
        bail!("{} cards; at most {} are read", paths.len(), ValidatorSet::VALIDATORS_MAX);
    }
    let read = |path: &PathBuf| {
        let file = path.display().to_string();
        let text = text_file::read("the card", path, SignedCard::BYTES_MAX as u64)?;
        let signed = SignedCard::from_json(&text).with_context(|| file.clone())?;
        signed.verify().with_context(|| file.clone())?;
        Ok(CardFile { file, card: signed.card })
    };
    error_code::step(error_code::CARD, paths.iter().map(read).collect())
}
