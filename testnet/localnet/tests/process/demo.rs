//! The first thing that anybody runs.

use ehb_localnet::{Manifest, Network};
use nix::sys::signal::Signal;
use tempfile::tempdir;

use crate::program::{Running, eventually, program, run};

fn assert_nothing_runs(dir: &std::path::Path) {
    let network = Network::open(dir).unwrap();
    assert!(network.manifest().nodes.iter().all(|node| !network.is_running(node)));
    assert!(network.manifest().indexer.iter().all(|it| Network::find_indexer(it).is_none()));
}

#[test]
fn it_plays_a_story_across_all_modules_whose_books_add_up_and_ends() {
    let dir = tempdir().unwrap();
    let mut command = program("ehb-testnet");
    command.args(["demo", "--exit", "--dir"]).arg(dir.path());
    let ran = run(command);
    assert_eq!(ran.exit, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("4 validators are ready"), "{}", ran.stderr);
    let count = |text: &str| ran.stderr.matches(text).count();
    // 5 payments, and the four chapters.
    assert_eq!(count("final at height"), 5 + 9 + 11 + 12 + 10, "{}", ran.stderr);
    assert_eq!(count("the statements add up"), 1, "{}", ran.stderr);
    // What everybody had, has, and got by story and statement; entries are not looked at.
    for (name, row) in [
        ("alice", "10000.00 10251.30 +251.30 +251.30"),
        ("bob", "10000.00 9438.25 -561.75 -561.75"),
        ("carol", "10000.00 10253.01 +253.01 +253.01"),
        ("dave", "10000.00 9044.37 -955.63 -955.63"),
        ("erin", "10000.00 11004.95 +1004.95 +1004.95"),
        ("treasury", "10000.00 10008.12 +8.12 +8.12"),
    ] {
        let found = ran.stderr.lines().find(|line| line.starts_with(&format!("{name} ")));
        let words: Vec<&str> = found.unwrap_or_default().split_whitespace().collect();
        assert_eq!(words[1..5].join(" "), row, "{}", ran.stderr);
    }
    assert_nothing_runs(dir.path());
}

#[test]
fn it_stays_until_ctrl_c() {
    let dir = tempdir().unwrap();
    let mut command = program("ehb-testnet");
    command.args(["demo", "--validators", "2", "--indexer", "--dir"]).arg(dir.path());
    let running = Running::start(command);
    eventually("the status is shown", || running.said().contains("heights").then_some(()));
    let manifest = Manifest::read(dir.path()).unwrap();
    assert_eq!(manifest.nodes.iter().filter(|node| node.pid.is_some()).count(), 2);
    let indexer = manifest.indexer.unwrap();
    for url in [&indexer.url, &indexer.database] {
        assert!(running.said().contains(url), "{url} in {}", running.said());
    }
    running.signal(Signal::SIGINT);
    let ran = running.wait();
    assert_eq!(ran.exit, Some(0), "{}", ran.stderr);
    assert_nothing_runs(dir.path());
}
