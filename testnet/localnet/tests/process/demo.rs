//! The first thing that anybody runs.

use ehb_localnet::{Manifest, Network};
use nix::sys::signal::Signal;
use tempfile::tempdir;

use crate::program::{Running, eventually, program, run};

fn assert_nothing_runs(dir: &std::path::Path) {
    let network = Network::open(dir).unwrap();
    assert!(network.manifest().nodes.iter().all(|node| !network.is_running(node)));
}

#[test]
fn it_shows_payments_becoming_final_and_ends() {
    let dir = tempdir().unwrap();
    let mut command = program("ehb-testnet");
    command.args(["demo", "--exit", "--dir"]).arg(dir.path());
    let ran = run(command);
    assert_eq!(ran.exit, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("final at height").count(), 5, "{}", ran.stderr);
    assert!(ran.stderr.contains("4 validators are ready"), "{}", ran.stderr);
    assert_nothing_runs(dir.path());
}

#[test]
fn it_stays_until_ctrl_c() {
    let dir = tempdir().unwrap();
    let mut command = program("ehb-testnet");
    command.args(["demo", "--validators", "2", "--dir"]).arg(dir.path());
    let running = Running::start(command);
    eventually("the status is shown", || running.said().contains("heights").then_some(()));
    let manifest = Manifest::read(dir.path()).unwrap();
    assert_eq!(manifest.nodes.iter().filter(|node| node.pid.is_some()).count(), 2);
    running.signal(Signal::SIGINT);
    let ran = running.wait();
    assert_eq!(ran.exit, Some(0), "{}", ran.stderr);
    assert_nothing_runs(dir.path());
}
