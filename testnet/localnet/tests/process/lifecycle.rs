//! `ehb-testnet` as people and programs use it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use ehb_localnet::Manifest;
use ehb_sdk::api::Detail;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::net::{Net, log, name};
use crate::program::{Running, eventually, program};

/// The time limit for a node to stop on request, on a machine with other work too: much less than the load lasts.
const END_MAX: Duration = Duration::from_secs(40);

/// The time limit for a node that cannot start to be named: less than a start waits for one that is not ready.
const NAMED_MAX: Duration = Duration::from_secs(110);

fn states(net: &Net) -> Vec<String> {
    let nodes: Vec<Value> = serde_json::from_str(&net.testnet(&["status", "--json"]).ok()).unwrap();
    nodes.iter().map(|node| node["state"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_network_is_started_stopped_and_goes_on_with_the_same_chain() {
    let net = Net::none();
    let up = ["up", "--validators", "4", "--load-accounts", "8", "--detach", "--json"];
    let printed = net.testnet(&up).ok();
    let manifest: Manifest = serde_json::from_str(&printed).unwrap();
    assert_eq!(manifest, net.manifest());
    let addresses: BTreeSet<&str> =
        manifest.nodes.iter().flat_map(|it| [&*it.rpc, &it.ws, &it.metrics, &it.p2p]).collect();
    assert_eq!((manifest.nodes.len(), addresses.len()), (4, 16));
    assert!(manifest.accounts.iter().all(|it| it.keystore.exists()));
    for number in 1..=4 {
        let status = net.status(number).unwrap();
        assert_eq!((status.genesis_hash, status.peers), (manifest.genesis, 3), "ready means so");
    }
    let paid = net.pay(1, 0);
    let hash = net.block(1, paid, Detail::Ids).hash;

    let begun = Instant::now();
    net.testnet(&["down"]).ok();
    assert!(begun.elapsed() < END_MAX, "down took {:?}", begun.elapsed());
    assert_eq!(states(&net), ["stopped"; 4]);
    assert!(net.manifest().nodes.iter().all(|node| node.pid.is_none()));

    let again: Manifest = serde_json::from_str(&net.testnet(&up).ok()).unwrap();
    assert_eq!((again.chain_id, again.genesis), (manifest.chain_id, manifest.genesis));
    assert_eq!(again.accounts, manifest.accounts);
    for number in 1..=4 {
        assert_eq!(net.block(number, paid, Detail::Ids).hash, hash);
    }
    assert!(net.pay(2, 0) > paid);
    assert_eq!(net.audit().transactions, 2);
}

#[test]
fn single_nodes_are_stopped_started_killed_and_restarted() {
    let net = Net::up(4);
    assert_eq!(states(&net), ["running"; 4]);
    net.testnet(&["stop", "--node", &name(2)]).ok();
    assert_eq!(states(&net), ["running", "stopped", "running", "running"]);
    net.pay(1, 0);
    net.testnet(&["kill", "--node", &name(4)]).ok();
    assert_eq!(states(&net), ["running", "stopped", "running", "stopped"]);
    net.testnet(&["start"]).started();
    assert_eq!(states(&net), ["running"; 4]);
    let before = net.node(3).pid;
    net.testnet(&["restart", "--node", &name(3)]).started();
    assert_ne!(net.node(3).pid, before);
    // What runs already is left alone.
    let pids = |net: &Net| net.manifest().nodes.into_iter().map(|it| it.pid).collect::<Vec<_>>();
    let before = pids(&net);
    net.testnet(&["start"]).started();
    assert_eq!(pids(&net), before);
    net.pay(3, 1);
    assert_eq!(net.audit().transactions, 2);

    net.testnet(&["kill", "--node", "validator-9"]).refused(&[
        "no node \"validator-9\"",
        "validator-1, validator-2, validator-3, validator-4",
    ]);
    assert_eq!(states(&net), ["running"; 4]);
}

#[test]
fn a_node_under_load_ends_soon_after_sigterm() {
    let net = Net::up(4);
    let load = net.load(&["--rate", "400", "--duration", "120"]);
    net.await_blocks(1, 5);
    let node = net.node(2);
    let begun = Instant::now();
    let pid = Pid::from_raw(node.pid.unwrap().try_into().unwrap());
    kill(pid, Signal::SIGTERM).unwrap();
    let network = ehb_localnet::Network::open(net.dir()).unwrap();
    eventually("the node ends", || (!network.is_running(&node)).then_some(()));
    assert!(begun.elapsed() < END_MAX, "it took {:?}", begun.elapsed());
    let log = log(&node.data_dir);
    assert!(log.trim_end().ends_with("the node has stopped"), "{log}");
    drop(load);
    net.start_all();
    net.pay(2, 0);
}

#[test]
fn a_network_in_the_foreground_ends_with_ctrl_c() {
    let net = Net::none();
    let mut command = program("ehb-testnet");
    command.arg("up").arg("--dir").arg(net.dir()).args(["--validators", "2"]);
    let running = Running::start(command);
    eventually("it is up", || running.said().contains("Ctrl-C").then_some(()));
    assert_eq!(states(&net), ["running"; 2]);
    running.signal(Signal::SIGINT);
    running.wait().ok();
    assert_eq!(states(&net), ["stopped"; 2]);
}

/// The names of nodes whose processes run.
fn running(net: &Net) -> Vec<String> {
    let nodes = net.manifest().nodes.into_iter().filter(|node| node.pid.is_some());
    nodes.map(|node| node.name.to_string()).collect()
}

/// Runs a command of `ehb-testnet` on each of three nodes at the same moment.
fn on_three_at_once(net: &Net, command: &str) {
    let started: Vec<Running> = (1..=3)
        .map(|number| {
            let mut program = program("ehb-testnet");
            program.arg(command).arg("--dir").arg(net.dir()).args(["--node", &name(number)]);
            Running::start(program)
        })
        .collect();
    for running in started {
        running.wait().started();
    }
}

#[test]
fn commands_at_the_same_moment_lose_no_process() {
    let net = Net::created(3);
    on_three_at_once(&net, "start");
    assert_eq!(running(&net), [name(1), name(2), name(3)]);
    assert_eq!(states(&net), ["running"; 3]);
    on_three_at_once(&net, "kill");
    assert_eq!(running(&net), [""; 0]);
    assert_eq!(states(&net), ["stopped"; 3]);
}

#[test]
fn an_interrupted_start_leaves_nothing_behind() {
    let ways = [
        (Signal::SIGINT, &["--detach"][..]),
        (Signal::SIGINT, &[]),
        // Its terminal is closed. Under nohup this changes nothing, and the network comes up.
        (Signal::SIGHUP, &["--detach"]),
    ];
    for (signal, mode) in ways {
        let net = Net::created(4);
        let mut command = program("ehb-testnet");
        command.arg("up").arg("--dir").arg(net.dir()).args(mode);
        let up = Running::start(command);
        eventually("a node runs", || (!running(&net).is_empty()).then_some(()));
        up.signal(signal);
        let ran = up.wait();
        let was_ready = ran.exit == Some(0);
        let was_interrupted = ran.exit == Some(130)
            && ran.stderr.contains("interrupted before")
            && ran.stderr.ends_with("code: INTERRUPTED\n");
        assert!(was_ready || was_interrupted, "{ran:?}");
        if was_ready && mode == ["--detach"] {
            // It was done before the signal came.
            net.testnet(&["down"]).ok();
        }
        assert_eq!(running(&net), [""; 0], "{mode:?}");
    }
}

/// A creation that was killed after some of its files is begun again by the same command.
#[test]
fn a_creation_that_was_broken_off_is_made_again() {
    let net = Net::none();
    for parts in [&["nodes"][..], &["nodes", "keystore", "passphrase"]] {
        std::fs::write(net.dir().join("unfinished"), "").unwrap();
        let made = Net::created(1);
        for part in parts {
            let (from, to) = (made.dir().join(part), net.dir().join(part));
            match from.is_dir() {
                true => crate::net::copy(&from, &to),
                false => drop(std::fs::copy(from, to).unwrap()),
            }
        }
        net.testnet(&["up", "--validators", "1", "--load-accounts", "4", "--detach"]).ok();
        net.pay(1, 0);
        assert!(!net.dir().join("unfinished").exists());
        net.testnet(&["down"]).ok();
        std::fs::remove_file(net.dir().join("manifest.json")).unwrap();
    }
}

#[test]
fn two_programs_that_make_one_network_at_once_both_have_it() {
    let net = Net::none();
    let both = [(); 2].map(|()| {
        let mut command = program("ehb-testnet");
        command.arg("up").arg("--dir").arg(net.dir()).args(["--validators", "2", "--detach"]);
        Running::start(command)
    });
    let shown = both.map(|it| it.wait().ok());
    assert_eq!(shown[0], shown[1]);
    assert_eq!(running(&net), [name(1), name(2)]);
}

#[test]
fn nodes_of_a_network_in_the_foreground_end_with_it_however_it_ends() {
    let net = Net::none();
    let mut command = program("ehb-testnet");
    command.arg("up").arg("--dir").arg(net.dir()).args(["--validators", "2"]);
    let up = Running::start(command);
    eventually("it is up", || up.said().contains("Ctrl-C").then_some(()));
    up.signal(Signal::SIGKILL);
    eventually("its nodes end", || running(&net).is_empty().then_some(()));
    // They ended in good order.
    assert!(log(&net.node(1).data_dir).trim_end().ends_with("the node has stopped"));
}

#[test]
fn a_node_that_cannot_start_is_named_at_once_with_its_reason() {
    let net = Net::created(4);
    let taken = net.node(3).rpc.replace("http://", "");
    let _holder = std::net::TcpListener::bind(&taken).unwrap();
    let begun = Instant::now();
    let ran = net.testnet(&["up", "--detach"]);
    ran.refused(&["validator-3 ended with", "cannot listen", &taken, "code: CANNOT_LISTEN"]);
    assert!(begun.elapsed() < NAMED_MAX, "it took {:?}", begun.elapsed());
    assert_eq!(running(&net), [""; 0], "a network that came up in part is ended");

    // Of a log that earlier starts filled, only this start's words; and what ran before runs on.
    net.testnet(&["start", "--node", &name(1)]).unready();
    let ran = net.testnet(&["up", "--detach"]);
    ran.refused(&["validator-3 ended with", "code: CANNOT_LISTEN", "code: NODE_ENDED"]);
    for text in ["cannot listen", "in use (os error 98)"] {
        assert_eq!(ran.stderr.matches(text).count(), 1, "{text}: {}", ran.stderr);
    }
    assert_eq!(running(&net), [name(1)]);
}

/// A node that somebody started by hand is found, whatever its data directory was called.
#[test]
fn nodes_are_found_however_their_directory_was_named() {
    let net = Net::created(4);
    let folder = net.dir().join("nodes");
    let start = |arguments: &[&str], variable: Option<&str>| {
        let mut command = program("ehb-node");
        command.current_dir(&folder).arg("start").args(arguments);
        command.envs(variable.map(|value| ("EHB_NODE_DATA_DIR", value)));
        Running::start(command)
    };
    let absolute = format!("--data-dir={}/", folder.join(name(3)).display());
    let nodes = [
        start(&["--data-dir", &name(1)], None),
        start(&[&format!("--data-dir=../nodes/{}", name(2))], None),
        start(&["--log", "info", &absolute], None),
        start(&[], Some(&name(4))),
    ];
    eventually("all are found", || (running(&net).len() == 4).then_some(()));
    let pids: Vec<Option<u32>> = net.manifest().nodes.iter().map(|it| it.pid).collect();
    assert_eq!(pids, nodes.each_ref().map(|it| Some(it.pid())));
    // They are those that the network's commands mean: none is started beside them.
    net.testnet(&["start"]).started();
    net.testnet(&["stop"]).ok();
    assert_eq!(running(&net), [""; 0]);
    nodes.into_iter().for_each(|node| drop(node.wait().ok()));
}

/// A command that must wait for another one says so, and can be broken off.
#[test]
fn a_command_that_waits_for_another_can_be_interrupted() {
    let net = Net::created(1);
    let lock = std::fs::File::create(net.dir().join("lock")).unwrap();
    lock.lock().unwrap();
    for command in ["up", "start", "stop", "kill", "restart", "down"] {
        let mut program = program("ehb-testnet");
        program.arg(command).arg("--dir").arg(net.dir());
        let waiting = Running::start(program);
        eventually("it says that it waits", || {
            waiting.said().contains("another program works on the network").then_some(())
        });
        waiting.signal(Signal::SIGINT);
        let ran = waiting.wait();
        // A signal that is not caught ends a process without an exit code.
        assert!(matches!(ran.exit, None | Some(130)), "{command}: {ran:?}");
        assert_eq!(running(&net), [""; 0]);
    }
    drop(lock);
    net.start_all();
    net.testnet(&["status"]).ok();
}

/// Nodes are found by where their data is: a command on a copy would end the original's.
#[test]
fn a_copy_of_a_network_is_not_the_network() {
    let net = Net::created(2);
    let copy = Net::none();
    let manifest = "manifest.json";
    std::fs::copy(net.dir().join(manifest), copy.dir().join(manifest)).unwrap();
    for command in ["status", "stop", "start", "kill", "restart", "down", "up"] {
        copy.testnet(&[command]).refused(&["copied or moved", "code: TESTNET_MOVED"]);
    }
    // Another way to the same folder is no other folder.
    let link = copy.dir().join("link");
    std::os::unix::fs::symlink(net.dir(), &link).unwrap();
    assert_eq!(Manifest::read(&link).unwrap(), net.manifest());
    std::fs::remove_file(copy.dir().join(manifest)).unwrap();
}

#[test]
fn commands_without_a_network_say_how_to_start_one() {
    let net = Net::none();
    for command in ["status", "stop", "start", "kill", "restart", "down"] {
        net.testnet(&[command]).refused(&["there is no network in", "ehb-testnet up --dir"]);
    }
    net.testnet(&["up", "--validators", "0", "--detach"]).refused(&["1 to 50 validators, not 0"]);
    net.testnet(&["up", "--validators", "51", "--detach"]).refused(&["1 to 50 validators, not 51"]);
}

/// The pids of a network's nodes.
fn pids(net: &Net) -> Vec<u32> {
    net.manifest().nodes.iter().filter_map(|node| node.pid).collect()
}

fn is_alive(pid: u32) -> bool {
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|command| !command.is_empty())
}

/// A habit: the folder is removed while the network runs, and made again. The old processes are no nodes of the new network.
#[test]
fn a_folder_that_is_removed_and_made_again_has_none_of_the_old_processes() {
    let net = Net::up(2);
    let old = pids(&net);
    assert_eq!(old.len(), 2);
    std::fs::remove_dir_all(net.dir()).unwrap();
    let up = ["up", "--validators", "2", "--load-accounts", "8", "--detach"];
    let said = net.testnet(&up).stderr;
    assert!(said.contains("had been removed"), "{said}");
    for pid in &old {
        assert!(said.contains(&format!("(pid {pid})")) && !is_alive(*pid), "{said}");
    }
    assert_eq!(states(&net), ["running"; 2]);
    assert!(pids(&net).iter().all(|pid| !old.contains(pid)));
    net.pay(1, 0);
}

#[test]
fn processes_of_a_removed_folder_are_named_and_stopped() {
    let net = Net::up(2);
    let old = pids(&net);
    std::fs::remove_dir_all(net.dir()).unwrap();
    let first = format!("validator-1 (pid {})", old[0]);
    let hint = format!("'ehb-testnet down --dir {}' stops them", net.dir().display());
    net.testnet(&["status"]).refused(&["there is no network in", &first, &hint, "NO_TESTNET"]);
    let said = net.testnet(&["down"]).said();
    assert!(said.contains(&first), "{said}");
    assert!(old.iter().all(|pid| !is_alive(*pid)), "{said}");
    net.testnet(&["down"]).refused(&["there is no network in", "NO_TESTNET"]);
}

/// The network's folder is there, those of its nodes are not.
#[test]
fn nodes_whose_own_folders_were_removed_are_stopped() {
    let net = Net::up(2);
    let old = pids(&net);
    std::fs::remove_dir_all(net.dir().join("nodes")).unwrap();
    let said = net.testnet(&["down"]).said();
    assert!(said.contains(&format!("validator-2 (pid {})", old[1])), "{said}");
    assert!(old.iter().all(|pid| !is_alive(*pid)), "{said}");
}

/// A network in the foreground whose folder is removed, and another one in its place: Ctrl-C ends the first alone.
#[test]
fn a_network_in_the_foreground_ends_no_other_one_in_its_folder() {
    let net = Net::none();
    let mut command = program("ehb-testnet");
    command.arg("up").arg("--dir").arg(net.dir()).args(["--validators", "1"]);
    let first = Running::start(command);
    eventually("it is up", || first.said().contains("Ctrl-C").then_some(()));
    std::fs::remove_dir_all(net.dir()).unwrap();
    let up = ["up", "--validators", "1", "--load-accounts", "8", "--detach"];
    net.testnet(&up).started();
    first.signal(Signal::SIGINT);
    first.wait().refused(&["another one was created there", "NO_TESTNET"]);
    assert_eq!(states(&net), ["running"]);
    net.pay(1, 0);
}

/// A folder with files of others, such as a genesis that is being prepared, is left as it is.
#[test]
fn a_new_network_overwrites_nothing() {
    let net = Net::none();
    let genesis = net.dir().join("genesis.json");
    std::fs::create_dir_all(net.dir()).unwrap();
    std::fs::write(&genesis, "MINE").unwrap();
    let up = ["up", "--validators", "1", "--load-accounts", "8", "--detach"];
    net.testnet(&up).refused(&["is not empty: genesis.json is in it", "FOLDER_NOT_EMPTY"]);
    assert_eq!(std::fs::read_to_string(&genesis).unwrap(), "MINE");
    let names = std::fs::read_dir(net.dir()).unwrap().map(|it| it.unwrap().file_name());
    assert_eq!(names.collect::<Vec<_>>(), ["genesis.json"]);
    std::fs::remove_file(&genesis).unwrap();
    net.testnet(&up).started();
}
