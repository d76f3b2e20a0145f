//! Finds and stops the processes of a network's programs: of nodes, and of the indexer beside them.

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

use crate::error_code::{self, coded, step};

/// How a process ended that another command started.
pub(crate) const ENDED_MEANWHILE: &str = "an unknown status, or another command stopped it";
/// The time limit for a process to stop after SIGTERM.
const STOP_PATIENCE: Duration = Duration::from_secs(30);
/// The polling interval while waiting for a process.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How much of a log an error shows, bytes.
const LOG_TAIL_BYTES: usize = 2_000;

/// A program whose processes are identified by their folders.
pub(crate) struct Program {
    /// Its file name.
    pub(crate) name: &'static str,
    /// The variable with another path of it.
    pub(crate) path_variable: &'static str,
    /// The command with which it runs until it is stopped.
    pub(crate) command: &'static str,
    /// The option and the variable that name its folder.
    pub(crate) dir_flag: &'static str,
    pub(crate) dir_variable: &'static str,
}

impl Program {
    /// The program's path: next to this one, or that in its variable.
    pub(crate) fn path(&self) -> anyhow::Result<PathBuf> {
        if let Some(path) = std::env::var_os(self.path_variable) {
            return Ok(path.into());
        }
        let own = std::env::current_exe().context("cannot find this program's own folder")?;
        // Tests run from a folder below the programs'.
        let mut folders = own.ancestors().skip(1).take(2);
        let found = folders.find_map(|dir| Some(dir.join(self.name)).filter(|it| it.exists()));
        found.ok_or_else(|| {
            let text = format!(
                "{0} is not next to this program: run 'cargo build --release -p {0}'",
                self.name
            );
            coded(error_code::NO_PROGRAM, text)
        })
    }

    /// The folder of a process of the program: from its command line or its environment, in the order in which
    /// the program itself looks.
    pub(crate) fn dir_of(&self, pid: u32) -> Option<PathBuf> {
        let proc = PathBuf::from(format!("/proc/{pid}"));
        let command = std::fs::read(proc.join("cmdline")).ok()?;
        let mut arguments = command.split(|byte| *byte == 0).skip(1);
        if arguments.next() != Some(self.command.as_bytes()) {
            return None;
        }
        let named = match self.named_in(arguments) {
            Some(named) => named,
            // Any program can have the variable; only this one reads it.
            None if self.runs_in(&proc) => self.variable(&proc)?,
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

    /// The folder among a command's arguments, as two arguments or one.
    fn named_in<'a>(&self, mut arguments: impl Iterator<Item = &'a [u8]>) -> Option<OsString> {
        while let Some(argument) = arguments.next() {
            let rest = match argument.strip_prefix(self.dir_flag.as_bytes()) {
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

    /// Whether the process runs the program, whatever it is called on the command line.
    fn runs_in(&self, proc: &Path) -> bool {
        let program = std::fs::read_link(proc.join("exe")).unwrap_or_default();
        let name = program.file_name().unwrap_or_default().as_encoded_bytes();
        // A program that was built again meanwhile is shown as deleted.
        name.strip_suffix(b" (deleted)").unwrap_or(name) == self.name.as_bytes()
    }

    /// The folder in a process's environment.
    fn variable(&self, proc: &Path) -> Option<OsString> {
        let environment = std::fs::read(proc.join("environ")).ok()?;
        let mut variables = environment.split(|byte| *byte == 0);
        let name = self.dir_variable.as_bytes();
        let found = variables.find_map(|it| it.strip_prefix(name)?.strip_prefix(b"="));
        found.map(|value| OsString::from_vec(value.to_vec()))
    }
}

/// A process of a network: the one that runs a program on a folder.
pub(crate) struct Process<'a> {
    pub(crate) program: &'a Program,
    /// Its name, for people.
    pub(crate) name: &'a str,
    pub(crate) dir: &'a Path,
}

/// The lifetime of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// Until it is stopped, even if this process has ended.
    Detached,
    /// No longer than this process, however that ends.
    Attached,
}

/// A process that this one started.
pub(crate) struct Started {
    /// The process.
    pub(crate) child: Child,
    log: PathBuf,
    /// The offset of its output in the log, bytes.
    pub(crate) log_begin: u64,
}

impl Started {
    /// The end of its output.
    pub(crate) fn log_tail(&self) -> String {
        tail(&self.log, self.log_begin)
    }
}

impl Process<'_> {
    /// Starts the process with further arguments; its output is appended to the log. An attached one stops when
    /// its standard input, a pipe from this process, is closed: the child must be kept as long as it should run.
    pub(crate) fn spawn(
        &self,
        log: &Path,
        life: Life,
        arguments: &[String],
    ) -> anyhow::Result<Started> {
        let file = File::options().create(true).append(true).open(log);
        let file = file.with_context(|| format!("cannot write {}", log.display()))?;
        let log_begin = file.metadata()?.len();
        let mut command = Command::new(self.program.path()?);
        command.arg(self.program.command).arg(self.program.dir_flag).arg(self.dir).args(arguments);
        match life {
            Life::Detached => command.stdin(Stdio::null()),
            Life::Attached => command.arg("--stop-at-stdin-end").stdin(Stdio::piped()),
        };
        let child = command
            .stdout(file.try_clone()?)
            .stderr(file)
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", self.name))
            .map_err(|error| step(error_code::NO_PROGRAM, error))?;
        Ok(Started { child, log: log.to_owned(), log_begin })
    }

    /// The process, if it is running: the one that was started with this folder, by any process, however the
    /// folder was named. A pid in a file could be outdated, or belong to another process by now.
    pub(crate) fn find(&self) -> Option<u32> {
        pids().find(|pid| self.is(*pid) && !has_lost_files(*pid, self.dir))
    }

    /// Signals the process to stop and waits until it has; after [`STOP_PATIENCE`] it is killed.
    pub(crate) fn stop(&self) -> anyhow::Result<()> {
        self.find().map_or(Ok(()), |pid| self.stop_pid(pid))
    }

    /// The same, with the pid of this process.
    pub(crate) fn stop_pid(&self, pid: u32) -> anyhow::Result<()> {
        self.send(pid, Signal::SIGTERM)?;
        // One that stands still would not notice.
        self.send(pid, Signal::SIGCONT)?;
        if self.wait_until_gone(pid, STOP_PATIENCE) {
            return Ok(());
        }
        self.kill_pid(pid)
    }

    /// Kills the process at once, like a power cut.
    pub(crate) fn kill_now(&self) -> anyhow::Result<()> {
        self.find().map_or(Ok(()), |pid| self.kill_pid(pid))
    }

    fn kill_pid(&self, pid: u32) -> anyhow::Result<()> {
        self.send(pid, Signal::SIGKILL)?;
        if !self.wait_until_gone(pid, STOP_PATIENCE) {
            let text = format!("the process of {} does not stop", self.name);
            return Err(coded(error_code::NODE_NOT_STOPPED, text));
        }
        Ok(())
    }

    /// Whether a process is this one.
    fn is(&self, pid: u32) -> bool {
        // A directory on another disk may be reached by a link.
        let is_own = |found: PathBuf| found == self.dir || Some(found) == real(self.dir);
        self.program.dir_of(pid).is_some_and(is_own)
    }

    fn send(&self, pid: u32, signal: Signal) -> anyhow::Result<()> {
        match kill(Pid::from_raw(i32::try_from(pid)?), signal) {
            // It has ended by itself.
            Err(Errno::ESRCH) => Ok(()),
            sent => sent.with_context(|| format!("cannot signal the process of {}", self.name)),
        }
    }

    fn wait_until_gone(&self, pid: u32, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        while self.is(pid) || is_ending(pid) {
            if Instant::now() >= deadline {
                return false;
            }
            std::thread::sleep(LOOK_EVERY);
        }
        true
    }
}

fn real(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}

/// The pids of all processes.
pub(crate) fn pids() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Whether a process has files of a folder open, and all of them were deleted: it runs on a folder that was removed, and not
/// on the one that has its name now.
pub(crate) fn has_lost_files(pid: u32, dir: &Path) -> bool {
    let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten();
    let open = descriptors.filter_map(|it| std::fs::read_link(it.ok()?.path()).ok());
    // The system shows the real path.
    let dir = real(dir).unwrap_or_else(|| dir.to_owned());
    let mut has_lost = false;
    for file in open.filter(|file| file.starts_with(&dir)) {
        if !file.as_os_str().as_encoded_bytes().ends_with(b" (deleted)") {
            return false;
        }
        has_lost = true;
    }
    has_lost
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

/// The end of a log, from an offset on.
pub(crate) fn tail(log: &Path, begin: u64) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let begin = usize::try_from(begin).unwrap_or(0).max(text.len().saturating_sub(LOG_TAIL_BYTES));
    let tail = text.get(begin..).unwrap_or_default();
    String::from_utf8_lossy(tail).trim().to_owned()
}
