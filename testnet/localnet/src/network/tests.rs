//! How long a start waits for a node.

use std::io::Write;

use ehb_sdk::api::Status;
use serde_json::json;

use crate::NodeEntry;

use super::{Come, LASTS_MS, Others, QUORUM_LASTS_MS, check_alive, log_begin};

/// Whether a start that has waited since 0 waits longer.
fn come(status: &Status, others: Others, now_ms: u64) -> Result<Come, String> {
    super::come(status, others, now_ms, now_ms)
}

/// The status of a validator with these peers and these conditions, which began at 0.
fn status(peers: u32, conditions: &[&str]) -> Status {
    let condition = |code: &&str| {
        let unready = *code != "NOT_VOTING";
        json!({ "code": code, "message": "", "sinceMs": 0, "unready": unready })
    };
    let conditions: Vec<_> = conditions.iter().map(condition).collect();
    let hash = "00".repeat(32);
    serde_json::from_value(json!({
        "chainId": "test-1", "network": "test", "genesisHash": hash, "head": hash, "height": 7, "earliestHeight": 0,
        "historyFrom": 0, "timestampMs": 1, "chainTimeMs": 2, "round": 0, "validators": [], "validator": "validator-1",
        "signing": { "state": "signs" }, "stalled": false, "ready": conditions.is_empty(), "peers": peers,
        "conditions": conditions, "syncing": false, "mempool": { "transactions": 0, "bytes": 0 }, "version": "1",
    }))
    .unwrap()
}

#[test]
fn a_start_waits_for_conditions_that_pass_by_themselves() {
    let three_of_four = Others::new(3, 4, false);
    for (found, waits) in [
        (status(0, &[]), "it has 0 of 2 peers"),
        // It was so a moment ago, before the peers connected.
        (status(2, &["NO_PEERS"]), "NO_PEERS: "),
        // The three are a quorum once this one votes.
        (status(2, &["NO_QUORUM", "NOT_VOTING"]), "NO_QUORUM: "),
    ] {
        assert_eq!(come(&found, three_of_four, 1_000), Err(waits.to_owned()));
    }
    assert_eq!(come(&status(2, &[]), three_of_four, 1_000), Ok(Come::Up));
    let lasting = status(2, &["NO_QUORUM"]);
    assert_eq!(come(&lasting, three_of_four, QUORUM_LASTS_MS), Ok(Come::Up));
}

/// A process that was stopped by a signal runs, and answers nobody.
#[test]
fn a_ready_node_does_not_wait_long_for_a_peer_that_runs() {
    let all = Others::new(4, 4, false);
    let found = status(2, &[]);
    let waits = Err("it has 2 of 3 peers".to_owned());
    assert_eq!(come(&found, all, LASTS_MS - 1), waits);
    assert_eq!(come(&found, all, LASTS_MS), Ok(Come::Up));
    assert_eq!(come(&status(2, &["NO_PEERS"]), all, LASTS_MS), waits);
}

#[test]
fn a_start_does_not_wait_for_nodes_that_are_not_running() {
    assert_eq!(come(&status(0, &["NO_PEERS"]), Others::new(1, 4, false), 0), Ok(Come::Up));
    assert_eq!(come(&status(1, &["NO_QUORUM"]), Others::new(2, 4, false), 0), Ok(Come::Up));
    assert_eq!(come(&status(2, &["NO_QUORUM"]), Others::new(3, 4, true), 0), Ok(Come::Up));
    // A single node cannot wait for others.
    assert_eq!(come(&status(0, &[]), Others::new(1, 1, false), 0), Ok(Come::Up));
}

/// A node that ran without a quorum has an old head until those that are started decide something.
#[test]
fn a_start_waits_for_conditions_from_before_it() {
    let all = Others::new(4, 4, false);
    let long_ago = 10 * LASTS_MS;
    for code in ["HEAD_OLD", "CATCHING_UP", "NO_PEERS", "NO_QUORUM"] {
        let found = status(3, &[code]);
        let waits = super::come(&found, all, long_ago, LASTS_MS - 1);
        assert_eq!(waits, Err(format!("{code}: ")));
    }
    assert_eq!(
        super::come(&status(3, &["STALLED"]), all, long_ago, 0),
        Err("STALLED: ".to_owned())
    );
    assert_eq!(super::come(&status(3, &["HEAD_OLD"]), all, long_ago, LASTS_MS), Ok(Come::Up));
    // A node says so only for some seconds.
    let starting = status(3, &["STARTING"]);
    assert_eq!(super::come(&starting, all, long_ago, long_ago), Err("STARTING: ".to_owned()));
}

/// The log goes on after each start.
#[test]
fn the_last_words_of_a_process_are_not_those_of_an_earlier_one() {
    let dir = tempfile::tempdir().unwrap();
    let node: NodeEntry = serde_json::from_value(json!({
        "name": "validator-1", "rpc": "", "ws": "", "metrics": "", "p2p": "", "data_dir": dir.path(),
    }))
    .unwrap();
    assert_eq!(log_begin(&node, None), 0, "there is no log yet");
    std::fs::write(dir.path().join("node.log"), "the words of an earlier process\n").unwrap();
    let begin = log_begin(&node, None);
    let said = |begin| crate::node::log_tail(dir.path(), begin);
    assert_eq!(said(begin), "");
    let mut log = std::fs::File::options().append(true).open(dir.path().join("node.log")).unwrap();
    log.write_all(b"its own\n").unwrap();
    assert_eq!(said(begin), "its own");
    let error = check_alive(&node, None, &|_| said(begin)).unwrap_err();
    assert!(error.to_string().ends_with(":\nits own"), "{error}");
}
