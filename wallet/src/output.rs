//! The one place that prints: results to stdout, everything else to stderr.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use ehb_console::clean;
use serde_json::Value;

use crate::failure::{Exit, Failure};
use crate::options::Options;

/// The output of results and messages, and its format.
pub(crate) struct Output {
    json: bool,
    talks: bool,
    /// Warnings that wait for the document to which they belong; only with JSON.
    warnings: Mutex<Vec<String>>,
}

impl Output {
    /// Created from the options. With JSON there are no messages besides the result.
    pub(crate) fn new(options: &Options) -> Self {
        let talks = !options.quiet && !options.json;
        Self { json: options.json, talks, warnings: Mutex::default() }
    }

    /// The output for errors in the command line itself.
    pub(crate) fn of_errors(json: bool) -> Self {
        Self { json, talks: false, warnings: Mutex::default() }
    }

    /// Prints the result: lines of tab-separated values, or the JSON document.
    pub(crate) fn result(&self, rows: &[Vec<String>], json: &Value) -> Result<(), Failure> {
        self.deliver(rows, json).map(|_| ())
    }

    /// Prints the result: a text of several lines, or the JSON document.
    pub(crate) fn lines(&self, text: &str, json: &Value) -> Result<(), Failure> {
        let rows: Vec<Vec<String>> = text.lines().map(|line| vec![line.to_owned()]).collect();
        self.result(&rows, json)
    }

    /// Prints the result. Returns false if stdout is closed.
    pub(crate) fn deliver(&self, rows: &[Vec<String>], json: &Value) -> Result<bool, Failure> {
        let text = if self.json {
            format!("{json:#}")
        } else if rows.is_empty() {
            return Ok(true);
        } else {
            let line = |row: &Vec<String>| {
                row.iter().map(|cell| clean(cell)).collect::<Vec<_>>().join("\t")
            };
            rows.iter().map(line).collect::<Vec<_>>().join("\n")
        };
        ehb_console::deliver(&text)
            .map_err(|error| Failure::of(Exit::Internal, ehb_console::WriteError::CODE, &error))
    }

    /// Prints progress, unless the user wants quiet.
    pub(crate) fn talk(&self, text: &str) {
        if self.talks {
            ehb_console::say(&clean(text));
        }
    }

    /// Prints what people must know besides the result; JSON has it in the document.
    pub(crate) fn remark(&self, text: &str) {
        if !self.json {
            ehb_console::say(&clean(text));
        }
    }

    /// Prints what the user must know before deciding, regardless of the options.
    pub(crate) fn warn(&self, text: &str) {
        if self.json {
            ehb_console::say(&serde_json::json!({ "warning": text }).to_string());
        } else {
            ehb_console::say(&format!("warning: {}", clean(text)));
        }
    }

    /// Warns of what makes the result less reliable. With JSON it is one line after a result, and a member of the document of an
    /// error, so that stderr has a single document then.
    pub(crate) fn caution(&self, text: String) {
        if self.json {
            self.warnings.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        } else {
            self.warn(&text);
        }
    }

    /// Prints the warnings of a command that succeeded.
    pub(crate) fn finish(&self) {
        for warning in self.take_warnings() {
            self.warn(&warning);
        }
    }

    fn take_warnings(&self) -> Vec<String> {
        std::mem::take(&mut *self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Prints the subject of a question, regardless of the options, and then the question.
    pub(crate) fn ask(&self, statement: &str, question: &str) {
        ehb_console::say(&clean(statement));
        let mut stderr = io::stderr().lock();
        // A question that cannot be shown is not answered, which means no.
        let _ = write!(stderr, "{} ", clean(question)).and_then(|()| stderr.flush());
    }

    /// Prints why the command failed, and returns the exit code.
    pub(crate) fn failure(&self, failure: &Failure) -> ExitCode {
        if self.json {
            let mut document = failure.to_json();
            let warnings = self.take_warnings();
            if !warnings.is_empty() {
                document["warnings"] = warnings.into();
            }
            ehb_console::say(&format!("{document:#}"));
        } else {
            let lines: Vec<String> = failure.to_text().lines().map(clean).collect();
            ehb_console::say(&lines.join("\n"));
        }
        failure.exit.into()
    }
}
