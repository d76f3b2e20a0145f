//! The content of a genesis besides cards: a file on which all organisations agree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context;
use ehb_types::{GenesisAccount, GenesisCall, GenesisObserver, Name, Parameters, Strict};
use serde::Deserialize;

use crate::text_file;

/// The maximum size of a base file, bytes.
const BASE_BYTES_MAX: u64 = 16 << 20;

/// The base of a genesis. Unknown keys are errors.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Base {
    /// Parameters that differ from their defaults.
    pub(crate) parameters: Parameters,
    /// The voting power of validators, by name; 1 for others.
    pub(crate) power: BTreeMap<Name, u64>,
    /// Roles of administrators in cards that only all organisations together can grant, by address.
    pub(crate) roles: BTreeMap<String, BTreeSet<Name>>,
    /// Nodes that can connect without validating.
    pub(crate) observers: Vec<GenesisObserver>,
    /// Further accounts.
    pub(crate) accounts: Vec<GenesisAccount>,
    /// Calls before the first block.
    pub(crate) calls: Vec<GenesisCall>,
}

impl Base {
    /// Reads a base file.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        Self::parse(&text_file::read("the base file", path, BASE_BYTES_MAX)?)
            .with_context(|| format!("the base file {} is not valid", path.display()))
    }

    /// Parses the text of a base file.
    pub(crate) fn parse(text: &str) -> serde_json::Result<Self> {
        // A key that is used twice would mean to one reader what it does not mean to another.
        serde_json::from_str::<Strict>(text)?;
        serde_json::from_str(text)
    }
}
