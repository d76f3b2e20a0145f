//! The tables of nodes, of what organisations decide together, and of what validators did wrong, from the events of the kernel.

use serde_json::Value;

use crate::cell::Number;
use crate::error::Done;
use crate::event::Event;
use crate::table::{Record, Table, key, table};
use crate::tables::Tables;

/// The tables.
pub(crate) const TABLES: &[&Table] = &[
    Node::TABLE,
    Candidate::TABLE,
    Proposal::TABLE,
    Vote::TABLE,
    Silence::TABLE,
    Misbehaviour::TABLE,
];

table! {
    /// A node that may connect, as a validator or as an observer.
    Node = current "edr.node" by (key) index "organisation" {
        /// The key that identifies it among peers.
        key: String,
        name: String,
        organisation: String,
        /// False once it cannot connect any more.
        permitted: bool = "",
    }
}

table! {
    /// A validator that is to join: it is a candidate until its node has shown that it has the blocks.
    Candidate = current "edr.candidate" by (consensus_key) index "organisation" {
        consensus_key: String,
        name: String,
        organisation: String,
        /// The key that identifies its node among peers.
        node_key: String,
        /// The voting power that it will have.
        power: Number,
        /// False once it has joined, or is not to join any more.
        waiting: bool = "",
    }
}

table! {
    /// A proposal to change the network. One that is `voting` or `accepted` is over at `until_ms` without an event.
    Proposal = current "edr.proposal" by (id) index "state", "organisation" {
        id: Number,
        /// The administrator that made it.
        by: String,
        organisation: String,
        /// Why, for people.
        reason: String,
        /// What it changes, all or nothing: `action` of the kernel's WIT.
        actions: Value,
        /// The percentage of the power of all validators that accepts it.
        percent: Number = "rule/percent",
        /// The time between acceptance and execution.
        lock_ms: Number = "rule/lock-ms",
        /// How long organisations vote, and how long it can be executed after the lock.
        voting_ms: Number = "rule/voting-ms",
        made_ms: Number,
        /// When its state ends.
        until_ms: Number,
        /// `voting`, `accepted`, `executed`, `failed`, `rejected` or `withdrawn`.
        state: String = "",
        /// From when on it can be executed, while it is `accepted`.
        executable_ms: Option<Number> = "",
        /// The action that did not work, and its error, where it `failed`.
        failure: Option<Value> = "",
    }
}

table! {
    /// The vote of an organisation on a proposal, which it can change. It counts with the power of its validators.
    Vote = current "edr.vote" by (proposal; organisation) index "organisation" {
        proposal: Number,
        organisation: String,
        /// The administrator that voted for it.
        by: String,
        /// Whether it is for the proposal.
        accepts: bool,
        /// When it voted so.
        time_ms: i64 = "",
    }
}

table! {
    /// Whether a validator is passed over because it was silent in its turn.
    Silence = current "edr.silence" by (validator) {
        /// Its consensus key.
        validator: String,
        /// False once it proposes again.
        silent: bool = "",
        /// The last height at which it is passed over.
        until_height: i64 = "until",
        /// How many times in a row it was silent.
        times: i64,
        time_ms: i64 = "",
    }
}

table! {
    /// Misbehaviour that a block recorded: a validator signed two things where one is allowed.
    Misbehaviour = history "edr.misbehaviour" by (validator; at_height, at_index, at_event) {
        /// Its consensus key.
        validator: String,
        /// The height at which it did.
        height: i64,
        time_ms: i64 = "",
    }
}

pub(crate) fn enter(tables: &mut Tables, event: &Event<'_>) -> Done {
    match event.name {
        "node-permitted" => {
            let row: Node = event.record(event.value)?;
            tables.put(&Node { permitted: true, ..row });
        }
        "node-removed" => {
            let row: Node = tables.known(key![event.payload::<String>()?], key![], event.at)?;
            tables.put(&Node { permitted: false, at: event.at, ..row });
        }
        "candidate-changed" => {
            let row: Candidate = event.record(event.value)?;
            tables.put(&Candidate { waiting: true, ..row });
        }
        "candidate-removed" => {
            let key = key![event.payload::<String>()?];
            let row: Candidate = tables.known(key, key![], event.at)?;
            tables.put(&Candidate { waiting: false, at: event.at, ..row });
        }
        "proposal-changed" => enter_proposal(tables, event)?,
        "proposer-silent" => {
            let row: Silence = event.record(event.value)?;
            tables.put(&Silence { silent: true, time_ms: event.time_ms, ..row });
        }
        "proposer-active" => {
            let validator: String = event.payload()?;
            let row: Silence = tables.known(key![validator], key![], event.at)?;
            let (silent, time_ms, at) = (false, event.time_ms, event.at);
            tables.put(&Silence { silent, time_ms, at, ..row });
        }
        "misbehaviour-recorded" => {
            let row: Misbehaviour = event.record(event.value)?;
            tables.append(&Misbehaviour { time_ms: event.time_ms, ..row });
        }
        _ => {}
    }
    Ok(())
}

fn enter_proposal(tables: &mut Tables, event: &Event<'_>) -> Done {
    let row: Proposal = event.record(event.value)?;
    let value = event.part("state")?;
    // A case without a payload is a text, one with a payload an object with this one member.
    let state = match value {
        Value::String(case) => Some(case),
        value => value.as_object().and_then(|it| it.keys().next()),
    };
    let state = state.ok_or_else(|| event.unfit("state", "it is no case of a variant"))?.clone();
    let (executable_ms, failure) = (event.of(value, "accepted")?, event.of(value, "failed")?);
    let proposal = row.id;
    tables.put(&Proposal { state, executable_ms, failure, ..row });
    let known = tables.group::<Vote>(&key![proposal])?;
    for ballot in event.list("ballots")? {
        let organisation: String = event.of(ballot, "organisation")?;
        let (by, accepts): (String, bool) = (event.of(ballot, "by")?, event.of(ballot, "accepts")?);
        let before = known.iter().find(|it| it.organisation == organisation);
        if before.is_none_or(|it| it.by != by || it.accepts != accepts) {
            let (time_ms, at) = (event.time_ms, event.at);
            tables.put(&Vote { proposal, organisation, by, accepts, time_ms, at });
        }
    }
    Ok(())
}
