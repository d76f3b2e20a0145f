//! What the program prints: the result on stdout, everything else on stderr.

#![expect(clippy::disallowed_macros, reason = "this is the one place that prints")]

use std::io::Write;

/// Prints a result.
pub(crate) fn result(text: &str) {
    println!("{text}");
}

/// Prints why the program ends, with the whole chain of causes, and the code for programs.
pub(crate) fn complain(error: &anyhow::Error) {
    eprintln!("error: {error:#}\ncode: {}", ehb_localnet::error_code(error));
}

/// Tells people what happens.
pub(crate) fn say(text: &str) {
    eprintln!("{text}");
}

/// Shows a screen in place of the last one.
pub(crate) fn screen(text: &str) {
    eprint!("\x1b[H\x1b[J{text}");
    // A terminal that is gone shows nothing.
    let _ = std::io::stderr().flush();
}
