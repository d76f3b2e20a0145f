//! The failures of commands, with their exit codes.

use std::error::Error;
use std::process::ExitCode;

use ehb_sdk::{Code, Error as SdkError};
use ehb_wallet::amount::AmountError;
use ehb_wallet::journal::JournalError;
use ehb_wallet::keystore::{KeyFileError, KeystoreError, PassphraseError};
use ehb_wallet::words::WordsError;
use serde_json::{Value, json};

/// The process's exit code, with which scripts distinguish failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// An error of this program or of the machine.
    Internal = 1,
    /// Wrong usage of the command.
    Usage = 2,
    /// No node answers, or it is not ready.
    Unreachable = 3,
    /// The chain rejected the request, or the transaction failed.
    Refused = 4,
    /// A key or passphrase is missing or wrong, or must not do this.
    Key = 5,
    /// The outcome of the transaction is unknown.
    Unknown = 6,
    /// The user interrupted the command.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) exit: Exit,
    code: Box<str>,
    message: String,
    causes: Vec<String>,
    hint: Option<Box<str>>,
    details: Vec<(&'static str, Value)>,
}

impl Failure {
    /// A failure with a stable code.
    pub(crate) fn new(exit: Exit, code: &str, message: impl Into<String>) -> Self {
        let (code, message) = (code.into(), message.into());
        Self { exit, code, message, causes: Vec::new(), hint: None, details: Vec::new() }
    }

    /// A failure from an error, with its causes.
    pub(crate) fn of(exit: Exit, code: &str, error: &dyn Error) -> Self {
        let mut failure = Self::new(exit, code, error.to_string());
        let mut source = error.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            // A transparent error repeats the text of its cause.
            if text != failure.message {
                failure.causes.push(text);
            }
            source = cause.source();
        }
        failure
    }

    /// Adds its causes.
    pub(crate) fn because(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// Adds a hint.
    pub(crate) fn hint(mut self, hint: impl Into<Box<str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds a value for programs.
    pub(crate) fn detail(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.details.push((key, value.into()));
        self
    }

    /// In one line.
    pub(crate) fn summary(&self) -> String {
        let causes = self.causes.iter().map(|cause| format!(": {cause}"));
        self.message.clone() + &causes.collect::<String>()
    }

    /// For people.
    pub(crate) fn to_text(&self) -> String {
        let mut text = format!("error: {}", self.message);
        for cause in &self.causes {
            text += &format!("\n  because: {cause}");
        }
        if let Some(hint) = &self.hint {
            text += &format!("\n  hint: {hint}");
        }
        text
    }

    /// For programs.
    pub(crate) fn to_json(&self) -> Value {
        let mut error = json!({
            "code": self.code,
            "message": self.message,
            "causes": self.causes,
            "hint": self.hint,
            "exit": self.exit as u8,
        });
        for (key, value) in &self.details {
            error[*key] = value.clone();
        }
        json!({ "error": error })
    }
}

impl From<KeystoreError> for Failure {
    fn from(error: KeystoreError) -> Self {
        let (code, hint) = match &error {
            KeystoreError::NotFound { .. } => {
                ("KEY_NOT_FOUND", "see `ehb key list`, and the options --keystore and --testnet")
            }
            KeystoreError::Exists(_) => ("KEY_EXISTS", "choose another name"),
            KeystoreError::Mode { path, .. } => {
                let hint = format!("close it: chmod 600 '{}'", path.display());
                return Self::of(Exit::Key, "KEY_FILE_OPEN", &error).hint(hint);
            }
            KeystoreError::Content { source: KeyFileError::Random(_), .. }
            | KeystoreError::Io { .. } => {
                ("KEYSTORE_ACCESS", "check that the folder exists and is yours")
            }
            KeystoreError::NotAFile(_)
            | KeystoreError::TooLong(_)
            | KeystoreError::Renamed { .. }
            | KeystoreError::TooMany(_)
            | KeystoreError::Content { .. } => {
                ("KEY_FILE_DAMAGED", "restore the file from a backup")
            }
        };
        Self::of(Exit::Key, code, &error).hint(hint)
    }
}

impl From<KeyFileError> for Failure {
    fn from(error: KeyFileError) -> Self {
        match &error {
            KeyFileError::Random(_) => Self::of(Exit::Internal, "INTERNAL", &error),
            KeyFileError::Passphrase => Self::of(Exit::Key, "WRONG_PASSPHRASE", &error)
                .hint("try the passphrase again; if you are sure of it, restore a backup"),
            _ => Self::of(Exit::Key, "KEY_FILE_DAMAGED", &error)
                .hint("restore the file from a backup"),
        }
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        let (code, hint) = match &error {
            JournalError::Content { .. } => (
                "JOURNAL_DAMAGED",
                "it may contain a transaction that can still take effect: move it away once you know that it cannot",
            ),
            JournalError::Full(_) => (
                "JOURNAL_FULL",
                "list pending transactions: ehb tx pending; those that took effect are kept for 12 hours",
            ),
            JournalError::Io { .. } => (
                "JOURNAL_ACCESS",
                "signed transactions are stored next to the keystore before they are sent: check that you own its folder and can write to it",
            ),
        };
        Self::of(Exit::Key, code, &error).hint(hint)
    }
}

impl From<PassphraseError> for Failure {
    fn from(error: PassphraseError) -> Self {
        Self::of(Exit::Key, "BAD_PASSPHRASE", &error)
    }
}

impl From<WordsError> for Failure {
    fn from(error: WordsError) -> Self {
        match &error {
            WordsError::Random(_) => Self::of(Exit::Internal, "INTERNAL", &error),
            _ => Self::of(Exit::Key, "BAD_WORDS", &error)
                .hint("compare them with what you wrote down, in their order"),
        }
    }
}

impl From<AmountError> for Failure {
    fn from(error: AmountError) -> Self {
        Self::of(Exit::Usage, "BAD_AMOUNT", &error)
    }
}

impl From<SdkError> for Failure {
    fn from(error: SdkError) -> Self {
        let (exit, code) = match &error {
            SdkError::Url(_) => (Exit::Usage, "BAD_URL"),
            SdkError::Unreachable { .. } => (Exit::Unreachable, "UNREACHABLE"),
            SdkError::Protocol(_) => (Exit::Unreachable, "PROTOCOL"),
            SdkError::Proof(_) => (Exit::Refused, "NOT_PROVEN"),
            SdkError::OutcomeUnknown { .. } => (Exit::Unknown, "OUTCOME_UNKNOWN"),
            SdkError::Random(_) => (Exit::Internal, "INTERNAL"),
            SdkError::Superseded { .. } => (Exit::Refused, "SUPERSEDED"),
            SdkError::Expired { .. } => (Exit::Refused, "EXPIRED"),
            SdkError::Refused(_) | SdkError::Failed(_) => {
                (exit_of_code(&error), error.code().unwrap_or_default())
            }
        };
        let message = match &error {
            SdkError::Refused(data) => data.message.clone(),
            other => other.to_string(),
        };
        let mut failure = Self::new(exit, code, message)
            .hint(error.hint())
            .detail("retryable", error.retryable());
        if let Some(refusal) = error.module_error() {
            failure = failure
                .because(refusal_text(refusal.module.as_str(), &refusal.value.value))
                .detail("moduleError", refusal.value.value.clone());
        }
        match &error {
            SdkError::OutcomeUnknown { id, .. }
            | SdkError::Superseded { id, .. }
            | SdkError::Expired { id } => failure.detail("transaction", id.to_string()),
            SdkError::Failed(located) => failure
                .detail("transaction", located.receipt.transaction.to_string())
                .detail("receipt", json!(located)),
            _ => failure,
        }
    }
}

fn exit_of_code(error: &SdkError) -> Exit {
    if error.is(Code::NotAuthorised) || error.is(Code::BadSignature) {
        Exit::Key
    } else if error.is(Code::NotReady) || error.is(Code::Halted) {
        Exit::Unreachable
    } else {
        Exit::Refused
    }
}

/// A module's typed error as text: its case, and its values by name.
fn refusal_text(module: &str, error: &Value) -> String {
    let words = |name: &str| name.replace('-', " ");
    let scalar = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let text = match error {
        Value::Object(cases) => cases
            .iter()
            .map(|(case, payload)| match payload {
                Value::Object(fields) => {
                    let fields: Vec<String> = fields
                        .iter()
                        .map(|(name, value)| format!("{} {}", words(name), scalar(value)))
                        .collect();
                    format!("{} ({})", words(case), fields.join(", "))
                }
                value => format!("{} ({})", words(case), scalar(value)),
            })
            .collect(),
        case => words(&scalar(case)),
    };
    format!("the module {module} says: {text}")
}

#[cfg(test)]
mod tests;
