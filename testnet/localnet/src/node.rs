//! Starts, finds and stops the process of a single node.

use std::ffi::OsString;
use std::fs::File;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::NodeEntry;
use crate::code::{self, coded, step};

/// The node's program.
const PROGRAM: &str = "ehb-node";
/// How the program is given its data directory.
const DATA_DIR_FLAG: &str = "--data-dir";
const DATA_DIR_VARIABLE: &str = "EHB_NODE_DATA_DIR";
/// The file in the data directory with the output of a node's process.
const LOG_FILE: &str = "node.log";
/// How much of the log an error shows, bytes.
const LOG_TAIL_BYTES: usize = 2_000;
/// The time limit for a node to stop after SIGTERM.
const STOP_PATIENCE: Duration = Duration::from_secs(30);
/// The polling interval while waiting for a process.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The node's program: next to this one, or the path in EHB_NODE_BIN.
pub(crate) fn program() -> anyhow::Result<PathBuf> {
    if let Some(path) = std::env::var_os("EHB_NODE_BIN") {
        return Ok(path.into());
    }
    let own = std::env::current_exe().context("cannot find this program's own folder")?;
    // Tests run from a folder below the programs'.
    let found = own.ancestors().skip(1).take(2).map(|dir| dir.join(PROGRAM)).find(|it| it.exists());
    found.ok_or_else(|| {
        let text = "ehb-node is not next to this program: run 'cargo build --release -p ehb-node'";
        coded(code::NO_PROGRAM, text.to_owned())
    })
}

/// The lifetime of a node's process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// Until it is stopped, even if this process has ended.
    Detached,
    /// No longer than this process, however that ends.
    Attached,
}

/// A node's process that this one started.
pub(crate) struct Started {
    /// The process.
    pub(crate) child: Child,
    /// The offset of its output in the log, bytes.
    log_begin: u64,
}

impl Started {
    /// The end of its output.
    pub(crate) fn log_tail(&self, node: &NodeEntry) -> String {
        log_tail(&node.data_dir, self.log_begin)
    }
}

/// Starts a node's process. An attached one stops when its standard input, a pipe from this process, is
/// closed: the child must be kept as long as the node should run.
pub(crate) fn spawn(node: &NodeEntry, life: Life) -> anyhow::Result<Started> {
    let path = node.data_dir.join(LOG_FILE);
    let log = File::options().create(true).append(true).open(&path);
    let log = log.with_context(|| format!("cannot write {}", path.display()))?;
    let log_begin = log.metadata()?.len();
    let mut command = Command::new(program()?);
    command.args(["start", DATA_DIR_FLAG]).arg(&node.data_dir);
    match life {
        Life::Detached => command.stdin(Stdio::null()),
        Life::Attached => command.arg("--stop-at-stdin-end").stdin(Stdio::piped()),
    };
    let child = command
        .stdout(log.try_clone()?)
        .stderr(log)
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start {}", node.name))
        .map_err(|error| step(code::NO_PROGRAM, error))?;
    Ok(Started { child, log_begin })
}

/// The node's process, if it is running: the one that was started with the node's data directory, by any
/// process, however the directory was named. A pid in a file could be outdated, or belong to another process by now.
pub(crate) fn find(node: &NodeEntry) -> Option<u32> {
    let numbers = std::fs::read_dir("/proc").ok()?.filter_map(Result::ok);
    let mut pids = numbers.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.find(|pid| runs_as(*pid, node))
}

/// Whether a process is the node's.
fn runs_as(pid: u32, node: &NodeEntry) -> bool {
    // A directory on another disk may be reached by a link.
    let is_own = |found: PathBuf| found == node.data_dir || Some(found) == real(&node.data_dir);
    data_dir(pid).is_some_and(is_own)
}

/// The data directory of a process of `ehb-node start`: from its command line or its environment, in the order
/// in which the program itself looks.
fn data_dir(pid: u32) -> Option<PathBuf> {
    let proc = PathBuf::from(format!("/proc/{pid}"));
    let command = std::fs::read(proc.join("cmdline")).ok()?;
    let mut arguments = command.split(|byte| *byte == 0).skip(1);
    if arguments.next() != Some(b"start") {
        return None;
    }
    let named = match named_in(arguments) {
        Some(named) => named,
        // Any program can have the variable; only the node's reads it.
        None if is_node(&proc) => variable(&proc)?,
        None => return None,
    };
    let named = PathBuf::from(named);
    let path = match named.is_absolute() {
        true => named,
        false => std::fs::read_link(proc.join("cwd")).ok()?.join(named),
    };
    // One that was deleted has no other name.
    Some(real(&path).unwrap_or(path))
}

fn real(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}

/// The data directory among a command's arguments, as two arguments or one.
fn named_in<'a>(mut arguments: impl Iterator<Item = &'a [u8]>) -> Option<OsString> {
    while let Some(argument) = arguments.next() {
        let rest = match argument.strip_prefix(DATA_DIR_FLAG.as_bytes()) {
            Some(b"") => arguments.next(),
            Some(rest) => rest.strip_prefix(b"="),
            None => None,
        };
        if let Some(named) = rest {
            return Some(OsString::from_vec(named.to_vec()));
        }
    }
    None
}

/// Whether the process runs the node's program, whatever it is called on the command line.
fn is_node(proc: &Path) -> bool {
    let program = std::fs::read_link(proc.join("exe")).unwrap_or_default();
    let name = program.file_name().unwrap_or_default().as_encoded_bytes();
    // A program that was built again meanwhile is shown as deleted.
    name.strip_suffix(b" (deleted)").unwrap_or(name) == PROGRAM.as_bytes()
}

/// The data directory in a process's environment.
fn variable(proc: &Path) -> Option<OsString> {
    let environment = std::fs::read(proc.join("environ")).ok()?;
    let mut variables = environment.split(|byte| *byte == 0);
    let found =
        variables.find_map(|it| it.strip_prefix(DATA_DIR_VARIABLE.as_bytes())?.strip_prefix(b"="));
    found.map(|value| OsString::from_vec(value.to_vec()))
}

/// Signals the process to stop and waits until it has; after [`STOP_PATIENCE`] it is killed.
pub(crate) fn stop(node: &NodeEntry) -> anyhow::Result<()> {
    let Some(pid) = find(node) else { return Ok(()) };
    send(node, pid, Signal::SIGTERM)?;
    // One that stands still would not notice.
    send(node, pid, Signal::SIGCONT)?;
    if wait_until_gone(node, pid, STOP_PATIENCE) {
        return Ok(());
    }
    kill_now(node)
}

/// Kills the process at once, like a power cut.
pub(crate) fn kill_now(node: &NodeEntry) -> anyhow::Result<()> {
    let Some(pid) = find(node) else { return Ok(()) };
    send(node, pid, Signal::SIGKILL)?;
    if !wait_until_gone(node, pid, STOP_PATIENCE) {
        let text = format!("the process of {} does not stop", node.name);
        return Err(coded(code::NODE_NOT_STOPPED, text));
    }
    Ok(())
}

fn send(node: &NodeEntry, pid: u32, signal: Signal) -> anyhow::Result<()> {
    match kill(Pid::from_raw(i32::try_from(pid)?), signal) {
        // It has ended by itself.
        Err(Errno::ESRCH) => Ok(()),
        sent => sent.with_context(|| format!("cannot signal the process of {}", node.name)),
    }
}

fn wait_until_gone(node: &NodeEntry, pid: u32, patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    while runs_as(pid, node) || is_ending(pid) {
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::sleep(LOOK_EVERY);
    }
    true
}

/// Whether a process has released its memory, including its command line, but not yet its files: its files,
/// and so the lock of its data directory, are closed by the last of its threads (proc(5)).
fn is_ending(pid: u32) -> bool {
    let proc = PathBuf::from(format!("/proc/{pid}"));
    let command = std::fs::read(proc.join("cmdline"));
    if !command.is_ok_and(|command| command.is_empty()) {
        return false;
    }
    let Ok(stat) = std::fs::read_to_string(proc.join("stat")) else { return false };
    let threads = std::fs::read_dir(proc.join("task")).map_or(0, Iterator::count);
    // The state is after the program's name, which is in parentheses.
    let is_zombie =
        stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('Z'));
    !is_zombie || threads > 1
}

/// The end of the output of a node's processes, from an offset in the log on.
pub(crate) fn log_tail(data_dir: &Path, begin: u64) -> String {
    let text = std::fs::read(data_dir.join(LOG_FILE)).unwrap_or_default();
    let begin = usize::try_from(begin).unwrap_or(0).max(text.len().saturating_sub(LOG_TAIL_BYTES));
    let tail = text.get(begin..).unwrap_or_default();
    String::from_utf8_lossy(tail).trim().to_owned()
}
