//! Runs `ehb-node genesis`: makes the genesis of a network from cards, and shows what one contains.

mod base;
mod build;
mod contents;
mod differences;
mod roles;
mod words;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use ehb_code_cache::CompiledFiles;
use ehb_executor::{Engine, GenesisState};
use ehb_types::Genesis;
use serde_json::json;

use crate::card::{CardFile, read_cards};
use crate::cli::forming::{Build, GenesisCommand, HashOf, Inspect, Sources};
use crate::init::read_genesis;
use crate::open::module_code;
use crate::wall_clock::now_ms;
use crate::{error_code, text_file};

pub(crate) use base::Base;
pub(crate) use build::build;
pub(crate) use contents::Contents;
pub(crate) use differences::differences;
pub(crate) use words::words;

/// Runs a command.
pub(crate) fn run(command: &GenesisCommand) -> anyhow::Result<()> {
    match command {
        GenesisCommand::Build(arguments) => write(arguments),
        GenesisCommand::Inspect(arguments) => inspect(arguments),
        GenesisCommand::Hash(arguments) => print_hash(arguments),
    }
}

fn read_sources(sources: &Sources) -> anyhow::Result<(Vec<CardFile>, Base)> {
    let cards = read_cards(&sources.cards)?;
    let base = sources.base.as_deref().map(Base::read).transpose();
    Ok((cards, error_code::step(error_code::GENESIS, base)?.unwrap_or_default()))
}

fn write(arguments: &Build) -> anyhow::Result<()> {
    let Build { sources, timestamp, out, json } = arguments;
    let (cards, base) = read_sources(sources)?;
    let timestamp_ms = timestamp.unwrap_or_else(|| now_ms() / 1_000 * 1_000);
    let genesis = build(&cards, base, timestamp_ms)?;
    let folder = out.parent().unwrap_or(Path::new("."));
    error_code::step(error_code::GENESIS, check_start(&genesis, folder, sources))?;
    error_code::step(error_code::GENESIS, text_file::create(out, &genesis.to_json()?))?;
    if *json {
        let document = json!({
            "genesis": out,
            "hash": genesis.hash(),
            "timestampMs": timestamp_ms,
            "remarks": Contents::of(&genesis).remarks,
        });
        return Ok(ehb_console::json(&document)?);
    }
    ehb_console::result(&genesis.hash().to_string())?;
    let out = out.display();
    ehb_console::say(&format!("wrote {out}; compare this hash with all other organisations"));
    if timestamp.is_none() {
        let time = ehb_types::utc(timestamp_ms);
        ehb_console::say(&format!("to make the same file, others add: --timestamp {time}"));
    }
    ehb_console::say(&format!("see what it contains: ehb-node genesis inspect {out}"));
    Ok(())
}

fn inspect(arguments: &Inspect) -> anyhow::Result<()> {
    let Inspect { genesis: path, sources, json } = arguments;
    let genesis = error_code::step(error_code::GENESIS, read_genesis(path))?;
    let (cards, base) = read_sources(sources)?;
    let has_base = sources.base.is_some();
    let compared = (!cards.is_empty()).then(|| compare(&genesis, &cards, base, has_base));
    let differences = compared.as_ref().and_then(|it| it.as_ref().ok());
    let contents = Contents::of(&genesis);
    if *json {
        let mut document = serde_json::to_value(&contents)?;
        document["differences"] = json!(differences);
        ehb_console::json(&document)?;
    } else {
        let mut lines = words(&contents);
        if let Some(differences) = differences {
            lines.push(String::new());
            lines.extend(found(cards.len(), differences));
        }
        ehb_console::result(&lines.join("\n"))?;
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    error_code::step(error_code::GENESIS, check_start(&genesis, folder, sources))?;
    match compared.transpose()?.map_or(0, |it| it.len()) {
        0 => Ok(()),
        count => {
            let error = anyhow!(
                "{} is not what these cards and the base make: {count} differences are on stdout; do not \
                 start a node with it",
                path.display()
            );
            Err(error_code::coded(error_code::GENESIS_DIFFERS, error))
        }
    }
}

/// The differences between a genesis and the one of cards and a base. Errors: these make none.
pub(crate) fn compare(
    genesis: &Genesis,
    cards: &[CardFile],
    base: Base,
    has_base: bool,
) -> anyhow::Result<Vec<String>> {
    let made = build(cards, base, genesis.timestamp_ms).with_context(|| match has_base {
        true => "the genesis was not compared: these cards and this base make none",
        false => {
            "the genesis was not compared: these cards alone make none; if it was made with a base, give it \
             with --base FILE"
        }
    })?;
    Ok(differences(genesis, &made))
}

/// The result of the comparison with cards, in lines.
fn found(cards: usize, differences: &[String]) -> Vec<String> {
    if differences.is_empty() {
        return vec![format!("it is exactly what the {cards} cards and the base make")];
    }
    let head = "it DIFFERS from what the cards and the base make".to_owned();
    let lines = differences.iter().map(|it| format!("  {}", ehb_console::clean(it)));
    std::iter::once(head).chain(lines).collect()
}

/// Checks that a chain can start: modules fit together, and calls succeed.
fn check_start(genesis: &Genesis, folder: &Path, sources: &Sources) -> anyhow::Result<()> {
    let mut engine = Engine::new().context("cannot set up the module runtime")?;
    if let Some(compiled) = &sources.compiled_dir {
        engine = engine.with_compiled(Arc::new(CompiledFiles::new(compiled.clone())));
    }
    GenesisState::build(&engine, genesis, &module_code(folder, genesis)?)?;
    Ok(())
}

fn print_hash(HashOf { genesis, json }: &HashOf) -> anyhow::Result<()> {
    let hash = error_code::step(error_code::GENESIS, read_genesis(genesis))?.hash();
    match json {
        true => ehb_console::json(&json!({ "hash": hash }))?,
        false => ehb_console::result(&hash.to_string())?,
    }
    Ok(())
}
