//! Nodes that may open few files.

use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::net::{Net, node_command};
use crate::program::{program, run};

/// How many files a node may open.
const FILES: usize = 320;
/// How many connections are opened to each of a node's ports, and left alone.
const IDLE: usize = 300;

/// A program that starts the node with few files to open.
fn node_with_few_files(folder: &Path, files: usize) -> PathBuf {
    let path = folder.join("node-with-few-files");
    let node = program("ehb-node").get_program().to_str().unwrap().to_owned();
    std::fs::write(&path, format!("#!/bin/sh\nulimit -n {files}\nexec '{node}' \"$@\"\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn port(url: &str) -> String {
    let address = url.split("//").last().unwrap();
    address.split('/').next().unwrap().to_owned()
}

/// More idle connections than a node may have files, to each of its ports: the database, and with it
/// consensus, does not notice.
#[test]
fn idle_connections_take_no_file_from_a_validator() {
    let net = Net::created(4);
    let mut start = program("ehb-testnet");
    start.arg("start").arg("--dir").arg(net.dir());
    start.env("EHB_NODE_BIN", node_with_few_files(net.dir(), FILES));
    run(start).ok();
    net.pay(1, 0);
    let node = net.node(1);
    let mut idle = Vec::new();
    for _ in 0..IDLE {
        for port in [port(&node.rpc), port(&node.metrics), node.p2p.clone()] {
            // A node that has no room may hang up, or not answer at once.
            idle.extend(TcpStream::connect(port));
        }
    }
    assert!(idle.len() > 2 * IDLE, "{} connections", idle.len());
    // Without one of the others, each block needs the votes of this one.
    net.kill(&[4]);
    for account in 1..6 {
        net.pay(2, account);
    }
    drop(idle);
    net.start_all();
    let height = net.height(2);
    crate::program::eventually("it has followed", || (net.height(1) >= height).then_some(()));
    net.audit();
}

#[test]
fn too_few_files_are_refused_at_the_start() {
    let net = Net::created(1);
    let node = node_with_few_files(net.dir(), 100);
    let mut command = node_command(&net.node(1).data_dir);
    command = {
        let mut few = std::process::Command::new(node);
        few.args(command.get_args());
        few
    };
    run(command).refused(&["only 100 files may be open", "ulimit -n", "256 or more"]);
}
