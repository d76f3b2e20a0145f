//! The rows of the tables in the schema `chain`: the output of the projection.

use std::collections::BTreeSet;

use ehb_types::ValidatorSet;
use serde_json::Value;

/// The rows of one block, by table. Heights are those of Postgres' `bigint`; 64-bit numbers that can be larger are
/// decimal texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// The block.
    pub blocks: Vec<BlockRow>,
    /// Its transactions, and changes by genesis and the kernel without one.
    pub transactions: Vec<TransactionRow>,
    /// The transactions' calls.
    pub calls: Vec<CallRow>,
    /// The events.
    pub events: Vec<EventRow>,
    /// The addresses in each transaction.
    pub mentions: Vec<MentionRow>,
    /// Validators whose precommit the parent's certificate lacks.
    pub missed_votes: Vec<MissedVoteRow>,
    /// Modules that were installed or upgraded.
    pub module_versions: Vec<ModuleVersionRow>,
    /// Changes of validators.
    pub validators: Vec<ValidatorRow>,
    /// Changes of parameters.
    pub parameters: Vec<ParameterRow>,
}

impl Rows {
    /// The number of rows.
    pub fn count(&self) -> usize {
        self.blocks.len()
            + self.transactions.len()
            + self.calls.len()
            + self.events.len()
            + self.mentions.len()
            + self.missed_votes.len()
            + self.module_versions.len()
            + self.validators.len()
            + self.parameters.len()
    }

    /// Adds the rows of a later block.
    pub fn append(&mut self, mut later: Self) {
        self.blocks.append(&mut later.blocks);
        self.transactions.append(&mut later.transactions);
        self.calls.append(&mut later.calls);
        self.events.append(&mut later.events);
        self.mentions.append(&mut later.mentions);
        self.missed_votes.append(&mut later.missed_votes);
        self.module_versions.append(&mut later.module_versions);
        self.validators.append(&mut later.validators);
        self.parameters.append(&mut later.parameters);
    }
}

/// A row of `chain.block`.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the columns, which docs/indexer.md describes")]
pub struct BlockRow {
    pub height: i64,
    pub hash: String,
    pub parent: String,
    pub timestamp_ms: i64,
    pub round: i64,
    pub proposer: Option<String>,
    pub transactions: i32,
    pub events: i32,
    pub gas_used: String,
    pub parent_state_root: String,
    pub parent_receipts_root: String,
    pub transactions_root: String,
    pub validators_hash: String,
}

/// A row of `chain.transaction`.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the columns, which docs/indexer.md describes")]
pub struct TransactionRow {
    pub height: i64,
    pub index: i32,
    pub id: String,
    pub kind: &'static str,
    pub timestamp_ms: i64,
    pub sender: Option<String>,
    pub lane: Option<i64>,
    pub sequence: Option<String>,
    pub valid_until_ms: Option<String>,
    pub gas_limit: Option<String>,
    pub gas_used: String,
    pub memo: Option<String>,
    pub succeeded: bool,
    pub failed_call: Option<i32>,
    pub code: Option<&'static str>,
    pub message: Option<String>,
    pub error: Option<Value>,
    pub calls: i32,
    pub events: i32,
}

/// A row of `chain.call`.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the columns, which docs/indexer.md describes")]
pub struct CallRow {
    pub height: i64,
    pub index: i32,
    pub call: i32,
    pub module: String,
    pub function: String,
    pub arguments: Option<Value>,
    pub undecoded: Option<String>,
    pub result: Option<Value>,
}

/// A row of `chain.event`.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the columns, which docs/indexer.md describes")]
pub struct EventRow {
    pub height: i64,
    pub index: i32,
    pub event: i32,
    pub call: i32,
    pub module: String,
    pub name: String,
    pub timestamp_ms: i64,
    pub value: Option<Value>,
}

/// A row of `chain.mention`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the columns, which docs/indexer.md describes")]
pub struct MentionRow {
    pub address: String,
    pub height: i64,
    pub index: i32,
}

/// A row of `chain.missed_vote`.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the columns, which docs/indexer.md describes")]
pub struct MissedVoteRow {
    pub height: i64,
    pub validator: String,
    pub name: String,
}

/// A row of `chain.module_version`.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the columns, which docs/indexer.md describes")]
pub struct ModuleVersionRow {
    pub module: String,
    pub from_height: i64,
    pub from_index: i32,
    pub from_event: i32,
    pub code: String,
    pub interface: Value,
    pub wit: String,
}

/// A row of `chain.validator`.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the columns, which docs/indexer.md describes")]
pub struct ValidatorRow {
    pub key: String,
    pub from_height: i64,
    pub name: String,
    pub node_key: String,
    pub power: String,
}

/// A row of `chain.parameter`.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the columns, which docs/indexer.md describes")]
pub struct ParameterRow {
    pub name: String,
    pub from_height: i64,
    pub value: Value,
}

/// The validators of a set as rows in force from a height on; validators that are only in `before` get power
/// 0.
pub fn validator_rows(
    before: Option<&ValidatorSet>,
    after: &ValidatorSet,
    from_height: i64,
) -> Vec<ValidatorRow> {
    let known: BTreeSet<_> = after.validators().iter().map(|it| it.consensus_key).collect();
    let gone = before.map_or(&[][..], ValidatorSet::validators);
    let gone = gone.iter().filter(|it| !known.contains(&it.consensus_key)).map(|it| (it, 0));
    let here = after.validators().iter().filter(|it| {
        let before =
            before.and_then(|set| set.index_of(&it.consensus_key).and_then(|index| set.get(index)));
        before != Some(*it)
    });
    let rows = gone.chain(here.map(|it| (it, it.power)));
    rows.map(|(validator, power)| ValidatorRow {
        key: validator.consensus_key.to_string(),
        from_height,
        name: validator.name.to_string(),
        node_key: validator.node_key.to_string(),
        power: power.to_string(),
    })
    .collect()
}
