//! Validators that lost their records of what they signed.

use std::fs;
use std::path::Path;
use std::time::Duration;

use ehb_sdk::api::SigningView;
use serde_json::Value;

use crate::net::{Net, log};
use crate::program::{PATIENCE, Ran, eventually, program, run};
use crate::states::await_reported;

const REFUSED: &str = "code: UNLOCK_REFUSED";

/// Longer than a chain that works needs for many blocks.
const STANDSTILL: Duration = Duration::from_secs(4);

/// Runs `ehb-node unlock`.
pub(crate) fn unlock(data_dir: &Path, sign_from: &str) -> Ran {
    let mut command = program("ehb-node");
    command.args(["unlock", "--json", "--sign-from", sign_from, "--data-dir"]).arg(data_dir);
    run(command)
}

#[test]
fn two_emptied_validators_stop_the_chain_until_an_operator_unlocks_one() {
    let net = Net::up(4);
    net.pay(1, 0);
    net.audit();
    net.kill(&[3, 4]);
    let dirs = [3, 4].map(|number| net.node(number).data_dir);
    for dir in &dirs {
        fs::remove_dir_all(dir.join("db")).unwrap();
    }
    net.start_all();
    let id = net.submit(1, 1);
    assert_eq!(net.wait(1, &id, STANDSTILL), None, "two of four decide nothing");

    // The status shows it.
    let head = net.height(1);
    for number in 1..=4 {
        eventually("the node says so", || net.status(number)?.stalled.then_some(()));
    }
    for number in [3, 4] {
        let SigningView::Waits { from_height } = net.status(number).unwrap().signing else {
            panic!("{:?}", net.status(number));
        };
        assert!(from_height > head + 1);
        await_reported(&net, number, "NOT_VOTING", false);
    }
    await_reported(&net, 1, "STALLED", true);
    let advice = format!("ehb-node unlock --data-dir DIR --sign-from {}", head + 1);
    let shown = net.testnet(&["status"]).ok();
    assert!(shown.contains(&advice), "{shown}");
    eventually("the advice is logged", || log(&dirs[0]).contains(&advice).then_some(()));

    // Not while it runs, not for what is decided, and not where nothing was lost.
    let next = (head + 1).to_string();
    let in_use = ["is in use by another process", "code: DIRECTORY_IN_USE"];
    unlock(&dirs[0], &next).refused(&in_use);
    net.stop(3);
    unlock(&dirs[0], &head.to_string()).refused(&["is decided here already", REFUSED]);
    let output: Value = serde_json::from_str(&unlock(&dirs[0], &next).ok()).unwrap();
    assert_eq!((&output["height"], &output["signFrom"]), (&head.into(), &(head + 1).into()));
    unlock(&dirs[0], &next).refused(&["nothing to unlock", REFUSED]);
    net.start(3);

    assert!(net.wait(1, &id, PATIENCE).is_some(), "{}", log(&dirs[0]));
    net.await_votes(3);
    net.await_votes(4);
    // The other one went on by itself, and both count again.
    net.kill(&[1]);
    net.pay(4, 2);
    net.start_all();
    assert_eq!(net.audit().transactions, 3);
    assert!((1..=4).all(|number| !net.status(number).unwrap().stalled));
    net.stop(1);
    let knows = ["knows what it signed", "nothing to unlock", REFUSED];
    unlock(&net.node(1).data_dir, "1000").refused(&knows);
}

/// Nobody must take a network for ready that will not go on by itself: not a person, and not a script.
#[test]
fn a_network_that_lost_all_records_is_not_up() {
    let net = Net::up(4);
    net.pay(1, 0);
    net.testnet(&["stop"]).ok();
    (1..=4).for_each(|number| fs::remove_dir_all(net.node(number).data_dir.join("db")).unwrap());
    let ran = net.testnet(&["up", "--detach", "--json"]).unready();
    let printed: Value = serde_json::from_str(&ran.stdout).unwrap();
    let unready = printed["unready"].as_array().unwrap();
    let names: Vec<&str> = unready.iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["validator-1", "validator-2", "validator-3", "validator-4"]);
    for it in unready {
        let conditions = it["conditions"].as_array().unwrap();
        assert!(conditions.iter().any(|it| it["code"] == "STALLED"), "{it}");
        assert!(conditions.iter().any(|it| it["code"] == "NO_QUORUM"), "{it}");
    }
    // Not in a document, the same.
    let said = net.testnet(&["up", "--detach"]).unready().stderr;
    assert!(said.contains("validator-2 is running but not ready: NO_QUORUM: "), "{said}");
}

#[test]
fn a_new_validator_that_restarts_before_its_first_vote_votes() {
    let net = Net::created(4);
    for number in [1, 2] {
        let node = net.spawn(number);
        eventually("the node answers", || net.status(number));
        drop(node);
    }
    net.start_all();
    for number in 1..=4 {
        assert_eq!(net.status(number).unwrap().signing, SigningView::Signs);
    }
    net.kill(&[4]);
    net.pay(1, 0);
    net.start_all();
    assert_eq!(net.audit().transactions, 1);
}

/// The key's only other trace is the data directory: without it nobody can know what the key signed.
#[test]
fn keys_without_the_rest_of_their_directory_do_not_vote() {
    let net = Net::created(1);
    let data_dir = net.node(1).data_dir;
    assert!(data_dir.join("unused-key").exists());
    fs::remove_file(data_dir.join("unused-key")).unwrap();
    let node = net.spawn(1);
    let signing = || Some(net.status(1)?.signing);
    assert_eq!(eventually("the node answers", signing), SigningView::Unknown);
    let id = net.submit(1, 0);
    assert_eq!(net.wait(1, &id, STANDSTILL), None);
    drop(node);
    unlock(&data_dir, "1").ok();
    let node = net.spawn(1);
    net.pay(1, 1);
    drop(node);
}
