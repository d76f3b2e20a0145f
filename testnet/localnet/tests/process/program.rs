//! Running the programs.

use std::fs::File;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// How long a program may take to end that ends by itself.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
/// How often a condition is looked at again.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What a program gave that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) exit: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Asserts that the program succeeded, and returns its result.
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.exit, Some(0), "{}", self.stderr);
        self.stdout
    }

    /// Asserts that the program succeeded, and returns what it says beside its result.
    pub(crate) fn said(self) -> String {
        assert_eq!(self.exit, Some(0), "{}", self.stderr);
        self.stderr
    }

    /// Asserts that nodes were started, ready or not.
    pub(crate) fn started(self) {
        assert!(matches!(self.exit, Some(0 | 3)), "{self:?}");
    }

    /// Asserts that nodes were started and are not ready, and returns the program.
    pub(crate) fn unready(self) -> Self {
        assert_eq!(self.exit, Some(3), "{self:?}");
        assert!(self.stderr.contains("code: NODE_NOT_READY"), "{}", self.stderr);
        assert!(!self.stderr.contains("pay with these accounts"), "{}", self.stderr);
        self
    }

    /// Asserts that the program refused, with status 1 and one clear error that holds all the parts.
    pub(crate) fn refused(&self, parts: &[&str]) {
        assert_eq!(self.exit, Some(1), "{self:?}");
        let error = self.stderr.lines().find(|line| line.starts_with("error: "));
        let error = error.unwrap_or_else(|| panic!("no error is reported: {self:?}"));
        // A parser's message goes on over more lines.
        let error = &self.stderr[self.stderr.find(error).unwrap()..];
        for part in parts {
            assert!(error.contains(part), "{part:?} is not in: {error}");
        }
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
    }
}

/// A program that runs; killed with its owner.
pub(crate) struct Running {
    child: Child,
    output: tempfile::TempDir,
}

/// The program with a name, beside `ehb-testnet`.
pub(crate) fn program(name: &str) -> Command {
    let path = Path::new(env!("CARGO_BIN_EXE_ehb-testnet")).with_file_name(name);
    assert!(path.exists(), "{name} is not built: run 'cargo build --release --bins'");
    let mut command = Command::new(path);
    // Otherwise each network would compile the same modules.
    command.env("EHB_NODE_COMPILED_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/compiled"));
    command
}

/// Runs a program that ends by itself.
pub(crate) fn run(command: Command) -> Ran {
    Running::start(command).wait()
}

/// Runs `ehb-node start` on a data directory, which is expected to end by itself.
pub(crate) fn node_start(data_dir: &Path) -> Ran {
    let mut command = program("ehb-node");
    command.args(["start", "--data-dir"]).arg(data_dir);
    run(command)
}

/// Waits until `look` finds something.
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(LOOK_EVERY);
    }
}

impl Running {
    /// Starts a program.
    pub(crate) fn start(mut command: Command) -> Self {
        let output = tempfile::tempdir().unwrap();
        let file = |name: &str| Stdio::from(File::create(output.path().join(name)).unwrap());
        command.stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr"));
        let child = command.process_group(0).spawn().unwrap();
        Self { child, output }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has said on stderr so far.
    pub(crate) fn said(&self) -> String {
        self.read("stderr")
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits until it has ended by itself.
    pub(crate) fn wait(mut self) -> Ran {
        let status = eventually("the program ends", || self.child.try_wait().unwrap());
        Ran { exit: status.code(), stdout: self.read("stdout"), stderr: self.read("stderr") }
    }

    /// Interrupts a load generator, as Ctrl-C does, and returns its report.
    pub(crate) fn interrupted(self) -> serde_json::Value {
        self.signal(Signal::SIGINT);
        serde_json::from_str(&self.wait().ok()).unwrap()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    fn read(&self, name: &str) -> String {
        let path: PathBuf = self.output.path().join(name);
        let mut bytes = Vec::new();
        File::open(path).unwrap().read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
