//! Old copies of a data directory, whose keys have signed more since.

use std::fs;
use std::time::Duration;

use ehb_sdk::Client;
use ehb_sdk::api::{SigningView, Status};

use crate::net::{Net, configure, copy, log, node_command, replace, set};
use crate::program::{PATIENCE, Running, eventually, node_start};
use crate::readiness::Frozen;
use crate::unlock::unlock;

/// Longer than a validator alone needs for many blocks.
const STANDSTILL: Duration = Duration::from_secs(3);

#[test]
fn an_old_copy_does_not_sign_what_the_signer_state_knows_of() {
    let net = Net::created(1);
    let data_dir = net.node(1).data_dir;
    let signer_state = net.dir().join("signed");
    let path = signer_state.to_str().unwrap();
    configure(&data_dir, |settings| set(settings, "store", "signer_state", path));
    net.start_all();
    net.pay(1, 0);
    net.stop(1);
    let (store, old, new) = (data_dir.join("db"), net.dir().join("old"), net.dir().join("new"));
    copy(&store, &old);
    net.start(1);
    for account in 1..4 {
        net.pay(1, account);
    }
    net.stop(1);
    copy(&store, &new);

    // The only validator must not sign other blocks for heights that it has signed before.
    replace(&store, &old);
    let node = net.spawn(1);
    let id = net.submit(1, 5);
    assert_eq!(net.wait(1, &id, STANDSTILL), None);
    eventually("the condition is logged", || node.said().contains("old copy").then_some(()));
    let not_voting = |status: Status| status.conditions.iter().any(|it| it.code == "NOT_VOTING");
    eventually("the status says so", || net.status(1).is_some_and(not_voting).then_some(()));
    assert_eq!(node.said().matches("old copy").count(), 1, "{}", node.said());
    drop(node);

    // With the signer state gone, nobody knows what was signed.
    replace(&store, &new);
    let hidden = net.dir().join("hidden");
    fs::rename(&signer_state, &hidden).unwrap();
    let code = "code: SIGNER_STATE";
    node_start(&data_dir).refused(&["signer state", "is missing", "could sign twice", code]);
    fs::write(&signer_state, "x").unwrap();
    node_start(&data_dir).refused(&["signer state", "has not the 2048 bytes of two records", code]);
    assert_eq!(fs::read(&signer_state).unwrap(), b"x", "the file is not changed");
    fs::rename(&hidden, &signer_state).unwrap();
    net.start(1);
    net.pay(1, 6);
    assert_eq!(net.audit().transactions, 5);

    // An operator who knows that the rest is lost for good lets it sign again.
    net.stop(1);
    replace(&store, &old);
    let refused = unlock(&data_dir, "1").stderr;
    let (_, head) = refused.split_once("the head is at ").unwrap();
    let head: u64 = head.split(|it: char| !it.is_ascii_digit()).next().unwrap().parse().unwrap();
    unlock(&data_dir, &(head + 1).to_string()).ok();
    net.start(1);
    net.pay(1, 7);
}

#[test]
fn an_old_copy_among_others_catches_up_and_signs_nothing_twice() {
    let net = Net::up(4);
    net.pay(1, 0);
    net.stop(4);
    let data_dir = net.node(4).data_dir;
    let (store, old) = (data_dir.join("db"), net.dir().join("old"));
    copy(&store, &old);
    net.start(4);
    for account in 1..6 {
        net.pay(4, account);
    }
    net.kill(&[4]);
    replace(&store, &old);
    net.start(4);
    net.audit();
    // It votes again once the others have decided all heights in which its key may have signed.
    let mut payments = 6;
    eventually("it votes again", || {
        if net.status(4)?.signing == SigningView::Signs {
            return Some(());
        }
        net.pay(1, 6);
        payments += 1;
        None
    });
    assert!(payments > 6, "it has voted at once");
    // With one of the others gone, nothing is decided without it.
    net.kill(&[2]);
    let id = net.submit(1, 7);
    assert!(net.wait(4, &id, PATIENCE).is_some(), "{}", log(&data_dir));
    net.start_all();
    assert_eq!(net.audit().transactions, payments + 1);
}

/// A copy of a running validator's directory is started on other ports. Both nodes detect that there are two, and report
/// it; nothing is signed twice; and once the copy is gone, the report ends by itself and the validator continues.
#[test]
fn a_copied_directory_is_recognised_by_both_nodes() {
    let net = Net::up(4);
    net.pay(1, 0);
    let folder = net.dir().join("copy");
    // Files that change while they are copied would be damaged.
    let frozen = Frozen::new(&net, 2);
    copy(&net.node(2).data_dir, &folder);
    drop(frozen);
    fs::remove_file(folder.join("endpoints.json")).unwrap();
    configure(&folder, |settings| {
        for section in ["p2p", "rpc", "metrics"] {
            set(settings, section, "listen", "127.0.0.1:0");
        }
    });
    let twin = Running::start(node_command(&folder));
    let url = eventually("the copy is up", || {
        let text = fs::read_to_string(folder.join("endpoints.json")).ok()?;
        let endpoints: serde_json::Value = serde_json::from_str(&text).ok()?;
        Some(endpoints["rpc"].as_str()?.to_owned())
    });
    let says = |status: &Status| status.conditions.iter().any(|it| it.code == "KEY_USED_ELSEWHERE");
    let mut account = 1;
    eventually("both say that their key is used elsewhere", || {
        // Blocks come meanwhile, in which the key could sign twice.
        net.pay(1, account % 32);
        account += 1;
        let asked = async { Client::connect(&url).await.ok()?.status().await.ok() };
        let copy = net.runtime().block_on(asked)?;
        (says(&copy) && says(&net.status(2)?)).then_some(())
    });
    drop(twin);
    eventually("its key is no longer used elsewhere", || {
        let status = net.status(2)?;
        (!says(&status) && status.ready).then_some(())
    });
    let log = log(&net.node(2).data_dir);
    let ends = |line: &&str| line.contains("KEY_USED_ELSEWHERE") && line.contains("this is over");
    assert!(log.lines().any(|line| ends(&line)), "{log}");
    net.pay(2, account % 32);
    net.audit();
}
