//! Reads passphrases and seeds from a terminal or a file, never from the arguments.

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use ehb_types::SecretKey;
use ehb_wallet::keystore::Passphrase;
use ehb_wallet::words::Words;
use nix::sys::signal::{SigSet, Signal};
use zeroize::Zeroizing;

use crate::failure::{Exit, Failure};
use crate::output::Output;

/// The minimum length of a passphrase for a new key, characters.
const PASSPHRASE_CHARS_MIN: usize = 8;

/// The maximum length of a secret from a file or pipe, bytes.
const SECRET_BYTES_MAX: u64 = 4_096;

/// The passphrase of an existing key.
pub(crate) fn passphrase(
    file: Option<&Path>,
    key: &str,
    output: &Output,
) -> Result<Passphrase, Failure> {
    let text = match file {
        Some(file) => read_file(file, output)?,
        None => prompt(&format!("Passphrase of {key}: "))?,
    };
    Ok(Passphrase::new(first_line(&text)?)?)
}

/// The passphrase of a new key; typed twice on a terminal.
pub(crate) fn new_passphrase(
    file: Option<&Path>,
    key: &str,
    output: &Output,
) -> Result<Passphrase, Failure> {
    let chosen = match file {
        Some(_) => passphrase(file, key, output)?,
        None => {
            let chosen = Passphrase::new(&prompt(&format!("New passphrase for {key}: "))?)?;
            let again = Passphrase::new(&prompt("The same again: ")?)?;
            if !chosen.is_same(&again) {
                return Err(Failure::new(
                    Exit::Key,
                    "BAD_PASSPHRASE",
                    "the two passphrases are not the same; nothing was written",
                ));
            }
            chosen
        }
    };
    if chosen.chars() < PASSPHRASE_CHARS_MIN {
        let message = format!("a passphrase has at least {PASSPHRASE_CHARS_MIN} characters");
        return Err(Failure::new(Exit::Key, "BAD_PASSPHRASE", message));
    }
    Ok(chosen)
}

/// A secret key from its words or its seed in hex, in a file or on stdin. `index` is the account of the words.
pub(crate) fn secret_key(
    file: Option<&Path>,
    index: Option<u32>,
    output: &Output,
) -> Result<SecretKey, Failure> {
    let text = match file {
        Some(file) => read_file(file, output)?,
        None if io::stdin().is_terminal() => prompt("Words, or seed in 64 hex digits: ")?,
        None => read_text(&mut io::stdin().lock()).map_err(|e| access("stdin", &e))?,
    };
    let text = text.trim();
    if text.contains(char::is_whitespace) {
        return Ok(Words::parse(text)?.secret_key(index.unwrap_or(0)));
    }
    if index.is_some() {
        let message = "a seed has no accounts: --index is for words";
        return Err(Failure::new(Exit::Usage, "USAGE", message));
    }
    let mut seed = Zeroizing::new([0; 32]);
    // The text is secret: the error must not contain it.
    hex::decode_to_slice(text, seed.as_mut()).map_err(|_| {
        Failure::new(Exit::Key, "BAD_SEED", "the seed is not 64 hexadecimal digits")
            .hint("give the words (BIP-39), or the 32-byte Ed25519 seed (RFC 8032) in hex, with nothing around it")
    })?;
    Ok(SecretKey::from_seed(&seed))
}

fn first_line(text: &str) -> Result<&str, Failure> {
    let line = text.strip_suffix('\n').unwrap_or(text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.contains('\n') {
        return Err(Failure::new(
            Exit::Key,
            "BAD_PASSPHRASE",
            "the passphrase file has more than one line",
        ));
    }
    Ok(line)
}

fn read_file(path: &Path, output: &Output) -> Result<Zeroizing<String>, Failure> {
    let shown = path.display().to_string();
    let mut file = File::open(path).map_err(|e| access(&shown, &e))?;
    let metadata = file.metadata().map_err(|e| access(&shown, &e))?;
    if metadata.is_file() && metadata.mode() & 0o077 != 0 {
        output.warn(&format!("others can read {shown}; close it: chmod 600 '{shown}'"));
    }
    read_text(&mut file).map_err(|e| access(&shown, &e))
}

fn read_text(source: &mut dyn Read) -> io::Result<Zeroizing<String>> {
    // Sized first: a string that grows leaves copies that nobody wipes.
    let mut text = Zeroizing::new(String::with_capacity(SECRET_BYTES_MAX as usize + 1));
    source.take(SECRET_BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > SECRET_BYTES_MAX {
        return Err(io::Error::new(ErrorKind::FileTooLarge, "longer than any secret"));
    }
    Ok(text)
}

fn access(what: &str, error: &io::Error) -> Failure {
    let message = format!("cannot read {what}: {error}");
    Failure::new(Exit::Key, "SECRET_ACCESS", message)
}

fn prompt(question: &str) -> Result<Zeroizing<String>, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new(
            Exit::Key,
            "NO_TERMINAL",
            format!("cannot ask for a secret ({}): stdin is not a terminal", question.trim_end()),
        )
        .hint("give --passphrase-file FILE, or set EHB_PASSPHRASE_FILE"));
    }
    // During the prompt Ctrl-C is a signal while the terminal hides the input: it is blocked until the
    // terminal is restored, and then ends the command.
    let interrupt = SigSet::from(Signal::SIGINT);
    let masked = |result: nix::Result<()>| {
        result.map_err(|error| Failure::of(Exit::Internal, "INTERNAL", &error))
    };
    masked(interrupt.thread_block())?;
    match rpassword::prompt_password(question) {
        Ok(text) => {
            let text = Zeroizing::new(text);
            masked(interrupt.thread_unblock())?;
            Ok(text)
        }
        Err(error) if matches!(error.kind(), ErrorKind::Interrupted) => Err(interrupted()),
        Err(error) => Err(access("the terminal", &error)),
    }
}

/// The failure of an interruption before anything was sent.
pub(crate) fn interrupted() -> Failure {
    Failure::new(Exit::Interrupted, "INTERRUPTED", "interrupted; nothing was done")
}
