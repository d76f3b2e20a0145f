//! Prints for all programs: results to stdout, everything else to stderr.
//!
//! Nothing here panics: a reader that closed the pipe has read enough, and a result that cannot be
//! written is an error of the program. Files of users are read up to a size, and replaced at once.

mod file;
mod start;
mod text;
mod values;

use std::ffi::OsStr;
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use clap::builder::Resettable;
use clap::{Command, Parser};
use serde::Serialize;

pub use file::{UNFINISHED, read_text, replace_file};
pub use text::clean;
pub use values::host_name;

/// Clears the terminal and moves the cursor to its upper left corner.
const CLEAR: &str = "\x1b[H\x1b[J";

/// The result of a program could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the result to stdout: {0}")]
pub struct WriteError(io::Error);

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        Self(error)
    }
}

impl WriteError {
    /// The stable code under which programs report it.
    pub const CODE: &'static str = "STDOUT";
}

/// Prints a result, one line or several. Errors: stdout cannot be written, for instance because its
/// disk is full or it was closed; a closed pipe is no error.
pub fn result(text: &str) -> Result<(), WriteError> {
    deliver(text).map(|_| ())
}

/// Prints a result that its reader must not miss. False: the pipe is closed, so nobody reads it. Errors:
/// as [`result`].
pub fn deliver(text: &str) -> Result<bool, WriteError> {
    check_open()?;
    Ok(write_result(&mut io::stdout().lock(), text)?)
}

/// Prints a result as one JSON document, indented. Errors: as [`result`].
pub fn json(document: &impl Serialize) -> Result<(), WriteError> {
    let text = serde_json::to_string_pretty(document).map_err(io::Error::from)?;
    result(&text)
}

/// Prints what people should know, one line or several. Where stderr is closed or full, nobody learns it:
/// there is no third channel.
pub fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Prints why a program ends: the error, each of its causes unless it was said already, and its stable code
/// for other programs.
pub fn fail(error_and_causes: impl IntoIterator<Item: Display>, code: &str) {
    say(&failure_text(error_and_causes, code));
}

/// Shows a screen on the terminal at stderr in place of the last one.
pub fn screen(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = write!(stderr, "{CLEAR}{text}").and_then(|()| stderr.flush());
}

/// Reads the command line. Errors: the exit code, once the help, the version or the mistake is printed: 0
/// for help and version, 2 for a mistake, 1 if the text cannot be written.
pub fn parse<C: Parser>() -> Result<C, ExitCode> {
    let command = without_empty_variables(C::command());
    let parsed = command.try_get_matches().and_then(|matches| C::from_arg_matches(&matches));
    parsed.map_err(|error| show(&error))
}

/// A command for which an environment variable that is empty is not set, as in most programs.
pub fn without_empty_variables(command: Command) -> Command {
    let is_empty = |name: &OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
    let command = command.mut_args(|argument| match argument.get_env() {
        Some(name) if is_empty(name) => argument.env(Resettable::<clap::builder::OsStr>::Reset),
        _ => argument,
    });
    command.mut_subcommands(without_empty_variables)
}

/// Prints help, version or a mistake in the command line, and returns the exit code.
pub fn show(error: &clap::Error) -> ExitCode {
    let open = if error.use_stderr() { Ok(()) } else { check_open() };
    let printed = open.and_then(|()| error.print()).and_then(|()| io::stdout().flush());
    match unless_closed(printed) {
        Ok(_) => ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(1)),
        Err(error) => {
            say(&format!("error: cannot print: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Checks that stdout was not closed when the program began.
fn check_open() -> io::Result<()> {
    match start::stdout_was_closed() {
        true => Err(io::Error::new(ErrorKind::NotConnected, "stdout is closed")),
        false => Ok(()),
    }
}

fn failure_text(error_and_causes: impl IntoIterator<Item: Display>, code: &str) -> String {
    let mut said = String::new();
    for cause in error_and_causes {
        let text = cause.to_string();
        if !said.contains(&text) {
            let parting = if said.is_empty() { "" } else { ": " };
            said += &format!("{parting}{text}");
        }
    }
    format!("error: {said}\ncode: {code}")
}

fn write_result(output: &mut impl Write, text: &str) -> io::Result<bool> {
    unless_closed(writeln!(output, "{text}").and_then(|()| output.flush()))
}

/// False: the pipe is closed.
fn unless_closed(written: io::Result<()>) -> io::Result<bool> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        other => other.map(|()| true),
    }
}

#[cfg(test)]
mod tests;
