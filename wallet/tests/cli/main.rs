//! Runs the `ehb` binary as users do.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod card;
mod chain;
mod contacts;
mod double;
mod keys;
mod modules;
mod node;
mod proof;
mod proxy;
mod repeated;
mod sign_in;
mod sources;
mod usage;

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// A seed whose address is known, and its hex digits.
const SEED: &str = "0707070707070707070707070707070707070707070707070707070707070707";
const SEED_ADDRESS: &str = "ehbt13p4vgjakalfghrna0uehem8skxpgpjgfwj4t98z0vm7gv7vj7vjsgytcg6";
const PASSPHRASE: &str = "correct horse battery";

/// A user with a home folder of their own and a passphrase in a file.
struct User {
    home: tempfile::TempDir,
}

/// What a run of the binary gave.
#[derive(Debug)]
struct Ran {
    exit: i32,
    stdout: String,
    stderr: String,
}

impl User {
    fn new() -> Self {
        let user = Self { home: tempfile::tempdir().unwrap() };
        user.write("passphrase", PASSPHRASE);
        user
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Writes a file that only its owner can read.
    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
        set_mode(&self.path(name), 0o600);
    }

    /// Runs with a passphrase file and nothing on stdin.
    fn ehb(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        command.env("EHB_PASSPHRASE_FILE", self.path("passphrase"));
        run(command, "")
    }

    /// The binary in an environment that holds the home folder alone.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ehb"));
        command.env_clear().env("HOME", self.home.path()).args(arguments);
        command.current_dir(self.home.path());
        command
    }

    fn import(&self, name: &str, seed: &str) {
        self.write("seed", seed);
        let ran = self.ehb(&["key", "import", name, "--seed-file", "seed"]);
        assert_eq!(ran.exit, 0, "{ran:?}");
    }
}

impl Ran {
    /// The document on stdout.
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The document on stderr, of a run that failed.
    fn error(&self) -> Value {
        let value: Value =
            serde_json::from_str(&self.stderr).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        value["error"].clone()
    }
}

fn run(mut command: Command, stdin: &str) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that does not read closes the pipe first.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    Ran {
        exit: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
