//! Programs whose output nobody takes: a reader that went away, a full disk, a closed stderr.

use std::fs::{File, OpenOptions};
use std::process::{Command, Stdio};

use crate::net::Net;
use crate::program::program;

/// Commands that print a result and need no network that runs.
fn commands(net: &Net) -> Vec<Command> {
    let data_dir = net.node(1).data_dir;
    let mut commands = Vec::new();
    for name in ["ehb", "ehb-node", "ehb-testnet", "ehb-load", "ehb-bench", "ehb-simulate"] {
        for flag in ["--help", "--version"] {
            let mut command = program(name);
            command.arg(flag);
            commands.push(command);
        }
    }
    let mut show = program("ehb-node");
    show.args(["config", "show", "--data-dir"]).arg(&data_dir);
    let mut init = program("ehb-node");
    init.args(["init", "--data-dir"]).arg(&data_dir);
    let mut status = program("ehb-testnet");
    status.args(["status", "--dir"]).arg(net.dir());
    let mut keys = program("ehb");
    keys.arg("--testnet").arg(net.dir()).args(["key", "list"]);
    let mut simulate = program("ehb-simulate");
    simulate.args(["--seeds", "1"]);
    commands.extend([show, init, status, keys, simulate]);
    commands
}

/// A pipe that nobody reads.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

fn full_disk() -> File {
    OpenOptions::new().write(true).open("/dev/full").unwrap()
}

#[test]
fn a_closed_pipe_ends_quietly() {
    for mut command in commands(&Net::created(1)) {
        let output = command.stdout(closed_pipe()).stderr(Stdio::piped()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {} {stderr}", output.status);
        assert!(!stderr.contains("error"), "{command:?}: {stderr}");
    }
}

#[test]
fn a_full_disk_is_an_error() {
    for mut command in commands(&Net::created(1)) {
        let output = command.stdout(full_disk()).stderr(Stdio::piped()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{command:?} says that it succeeded");
        assert!(output.status.code().is_some_and(|code| code < 100), "{command:?}: {stderr}");
        assert!(!stderr.contains("panicked"), "{command:?}: {stderr}");
        assert!(stderr.contains("No space left"), "{command:?}: {stderr}");
    }
}

/// A program that begins without a stdout: what it would print is lost.
#[test]
fn a_closed_stdout_is_an_error() {
    for command in commands(&Net::created(1)) {
        let mut closed = Command::new("sh");
        closed.args(["-c", "exec \"$0\" \"$@\" >&-"]).arg(command.get_program());
        closed.args(command.get_args()).stdin(Stdio::null());
        for (name, value) in command.get_envs() {
            closed.env(name, value.unwrap_or_default());
        }
        let output = closed.stderr(Stdio::piped()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.code().is_some_and(|code| (1..100).contains(&code)),
            "{command:?}: {stderr}"
        );
        assert!(stderr.contains("stdout is closed"), "{command:?}: {stderr}");
    }
}

#[test]
fn a_node_outlives_the_reader_of_its_log() {
    let net = Net::created(1);
    let mut command = crate::net::node_command(&net.node(1).data_dir);
    command.stdin(Stdio::null()).stdout(closed_pipe()).stderr(closed_pipe());
    let mut child = command.spawn().unwrap();
    net.await_blocks(1, 1);
    assert!(child.try_wait().unwrap().is_none(), "the node has ended");
    child.kill().unwrap();
    child.wait().unwrap();
}
