//! Starts, finds and stops the process of a single node.

use std::path::{Path, PathBuf};

use crate::NodeEntry;
use crate::process::{self, Life, Process, Program, Started};

/// The node's program.
pub(crate) const PROGRAM: Program = Program {
    name: "ehb-node",
    path_variable: "EHB_NODE_BIN",
    command: "start",
    dir_flag: "--data-dir",
    dir_variable: "EHB_NODE_DATA_DIR",
};
/// The file in the data directory with the output of a node's process.
const LOG_FILE: &str = "node.log";

/// The node's program: next to this one, or the path in EHB_NODE_BIN.
pub(crate) fn program() -> anyhow::Result<PathBuf> {
    PROGRAM.path()
}

/// Starts a node's process.
pub(crate) fn spawn(node: &NodeEntry, life: Life) -> anyhow::Result<Started> {
    process_of(node).spawn(&node.data_dir.join(LOG_FILE), life, &[])
}

/// The node's process, if it is running.
pub(crate) fn find(node: &NodeEntry) -> Option<u32> {
    process_of(node).find()
}

/// Signals the process to stop and waits until it has.
pub(crate) fn stop(node: &NodeEntry) -> anyhow::Result<()> {
    process_of(node).stop()
}

/// Kills the process at once, like a power cut.
pub(crate) fn kill_now(node: &NodeEntry) -> anyhow::Result<()> {
    process_of(node).kill_now()
}

fn process_of(node: &NodeEntry) -> Process<'_> {
    Process { program: &PROGRAM, name: node.name.as_str(), dir: &node.data_dir }
}

/// The end of the output of a node's processes, from an offset in the log on.
pub(crate) fn log_tail(data_dir: &Path, begin: u64) -> String {
    process::tail(&data_dir.join(LOG_FILE), begin)
}

/// The length of the output of a node's processes until now, bytes.
pub(crate) fn log_bytes(data_dir: &Path) -> u64 {
    std::fs::metadata(data_dir.join(LOG_FILE)).map_or(0, |it| it.len())
}
