//! Finds and stops the processes of a network whose folder was removed while they were running.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::process::{self, Process, Program};
use crate::{indexer, node};

/// A process whose folder was removed.
pub struct Leftover {
    program: &'static Program,
    pid: u32,
    dir: PathBuf,
}

impl fmt::Display for Leftover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (pid {})", self.name(), self.pid)
    }
}

impl Leftover {
    /// The processes that run on removed folders in a network's folder, which itself can exist again.
    pub fn find(dir: &Path) -> Vec<Self> {
        let network = place(dir);
        let programs = [&node::PROGRAM, &indexer::PROGRAM];
        let of = |pid: u32| {
            let (program, dir) = programs.iter().find_map(|it| Some((*it, it.dir_of(pid)?)))?;
            let is_lost = dir.starts_with(&network) && process::has_lost_files(pid, &dir);
            is_lost.then_some(Self { program, pid, dir })
        };
        process::pids().filter_map(of).collect()
    }

    /// Stops all of them and reports it; returns whether there were any.
    pub fn stop_all(dir: &Path) -> anyhow::Result<bool> {
        let found = Self::find(dir);
        if found.is_empty() {
            return Ok(false);
        }
        found.iter().try_for_each(Self::stop)?;
        ehb_console::say(&format!(
            "stopped {}, which ran on although its files in {} had been removed",
            listed(&found),
            dir.display()
        ));
        Ok(true)
    }

    fn name(&self) -> &str {
        self.dir.file_name().and_then(|name| name.to_str()).unwrap_or(self.program.name)
    }

    fn stop(&self) -> anyhow::Result<()> {
        let Self { program, pid, dir } = self;
        Process { program, name: self.name(), dir }.stop_pid(*pid)
    }
}

/// A warning about the processes of a network that is not there.
pub(crate) fn warning(dir: &Path) -> String {
    match Leftover::find(dir) {
        none if none.is_empty() => String::new(),
        found => format!(
            ". Processes of a network that was removed from there still run: {}; 'ehb-testnet down --dir {}' stops them",
            listed(&found),
            dir.display()
        ),
    }
}

fn listed(found: &[Leftover]) -> String {
    found.iter().map(Leftover::to_string).collect::<Vec<_>>().join(", ")
}

/// The real path of a folder, also if it is missing.
fn place(dir: &Path) -> PathBuf {
    let found = dir.canonicalize().ok();
    let beside = || Some(dir.parent()?.canonicalize().ok()?.join(dir.file_name()?));
    let absolute = || std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
    found.or_else(beside).unwrap_or_else(absolute)
}
