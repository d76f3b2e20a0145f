//! Ready means: what a node accepts can become final, and what it answers is fresh.

use std::io::{Read, Write};
use std::net::TcpStream;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::net::{Net, log};
use crate::program::{PATIENCE, eventually};

/// What a node answers at a path of its listener for operators: the status and the page.
pub(crate) fn page(net: &Net, number: usize, path: &str) -> Option<(u16, String)> {
    let address = net.node(number).metrics;
    let address = address.strip_prefix("http://").unwrap().strip_suffix("/metrics").unwrap();
    let mut stream = TcpStream::connect(address).ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer.split_once("\r\n\r\n")?.1.to_owned()))
}

/// Waits until a node is not ready, and the reason begins with this code.
pub(crate) fn await_unready(net: &Net, number: usize, code: &str) {
    eventually(&format!("the node is not ready: {code}"), || {
        let (status, text) = page(net, number, "/readyz")?;
        (status == 503 && text.contains(code)).then_some(())
    });
}

/// Waits until a node is ready.
pub(crate) fn await_ready(net: &Net, number: usize) {
    eventually("the node is ready", || (page(net, number, "/readyz")?.0 == 200).then_some(()));
}

#[test]
fn a_node_without_quorum_or_peers_says_so_everywhere() {
    let net = Net::up(4);
    (1..=4).for_each(|number| await_ready(&net, number));
    net.kill(&[3, 4]);
    await_unready(&net, 1, "NO_QUORUM: the validators that this node knows to vote have 2 of 4");
    let status = net.status(1).unwrap();
    assert!(!status.ready, "{status:?}");
    assert!(status.conditions.iter().any(|it| it.code == "NO_QUORUM" && it.unready), "{status:?}");
    net.kill(&[2]);
    await_unready(&net, 1, "NO_PEERS: ");
    // The process lives all the same.
    assert_eq!(page(&net, 1, "/health").unwrap().0, 200);
    let metrics = page(&net, 1, "/metrics").unwrap().1;
    assert!(metrics.contains("ehb_node_condition{condition=\"NO_PEERS\"} 1"), "{metrics}");
    assert!(metrics.contains("ehb_node_condition{condition=\"NO_QUORUM\"} 0"), "{metrics}");

    let data_dir = net.node(1).data_dir;
    let logged = || log(&data_dir).contains("condition=\"NO_PEERS\"").then_some(());
    eventually("the condition is logged", logged);

    net.start_all();
    await_ready(&net, 1);
    net.pay(1, 0);
    assert!(net.status(1).unwrap().ready);
    let said = log(&data_dir);
    let lines = |text: &str| {
        let with_code = said.lines().filter(|line| line.contains("NO_PEERS"));
        with_code.filter(|line| line.contains("WARN") && line.contains(text)).count()
    };
    assert_eq!((lines("no peer is connected"), lines("this is over")), (1, 1), "{said}");
}

#[test]
fn what_is_said_to_be_ready_is() {
    let net = Net::up(4);
    for command in ["up", "restart"] {
        if command == "restart" {
            assert!(net.testnet(&["restart"]).said().contains("ready; runs until"));
        }
        for number in 1..=4 {
            let (status, text) = page(&net, number, "/readyz").unwrap();
            assert_eq!(status, 200, "validator {number} after {command}: {text}");
        }
        let shown = net.testnet(&["status"]).ok();
        assert!(!shown.contains("unlock"), "{shown}");
    }
    net.testnet(&["stop"]).ok();
    let said = net.testnet(&["start", "--node", &crate::net::name(1)]).unready().stderr;
    assert!(said.contains("is running but not ready: NO_PEERS: "), "{said}");
    assert!(!said.contains("ready; runs until"), "{said}");
    let shown = net.testnet(&["status"]).ok();
    assert!(!shown.contains("unlock"), "{shown}");
}

/// Three of four are a quorum: a start waits until the restarted one votes, although one is down.
#[test]
fn a_restart_waits_until_the_node_is_ready_although_another_one_is_down() {
    let net = Net::up(4);
    net.stop(4);
    net.pay(1, 0);
    let said = net.testnet(&["restart", "--node", &crate::net::name(3)]).said();
    assert!(said.contains("validator-3: ready; runs until"), "{said}");
    await_ready(&net, 3);
    net.pay(3, 1);
    net.start_all();
    net.audit();
}

/// A process that stands still; it goes on when this is dropped.
pub(crate) struct Frozen(Pid);

impl Frozen {
    pub(crate) fn new(net: &Net, number: usize) -> Self {
        let pid = Pid::from_raw(net.node(number).pid.unwrap().try_into().unwrap());
        kill(pid, Signal::SIGSTOP).unwrap();
        Self(pid)
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        // It may have been killed meanwhile.
        let _ = kill(self.0, Signal::SIGCONT);
    }
}

/// A process that stands still keeps its connections and says nothing. It counts as away after some seconds, and
/// is there again once it goes on.
#[test]
fn processes_that_hang_are_away() {
    let net = Net::up(4);
    (1..=4).for_each(|number| await_ready(&net, number));
    let frozen = [3, 4].map(|number| Frozen::new(&net, number));
    await_unready(&net, 1, "NO_QUORUM: the validators that this node knows to vote have 2 of 4");
    let status = net.status(1).unwrap();
    assert!(!status.ready, "{status:?}");
    let shown = net.testnet(&["status"]).ok();
    assert!(shown.contains("validator-1: NO_QUORUM: "), "{shown}");
    let metrics = page(&net, 1, "/metrics").unwrap().1;
    assert!(metrics.contains("ehb_node_condition{condition=\"NO_QUORUM\"} 1"), "{metrics}");
    let id = net.submit(1, 0);
    drop(frozen);
    (1..=4).for_each(|number| await_ready(&net, number));
    assert!(net.wait(4, &id, PATIENCE).is_some(), "what waited is final");
    net.audit();
}

/// A command that ends nodes ends one that stands still too, in good order.
#[test]
fn a_process_that_hangs_is_stopped_cleanly() {
    let net = Net::up(2);
    let data_dir = net.node(2).data_dir;
    let _frozen = Frozen::new(&net, 2);
    net.stop(2);
    assert!(log(&data_dir).trim_end().ends_with("the node has stopped"), "{}", log(&data_dir));
}
