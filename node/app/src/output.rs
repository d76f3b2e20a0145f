//! What the program prints: the result on stdout, everything else on stderr.

#![expect(clippy::disallowed_macros, reason = "this is the one place that prints")]

/// Prints a result.
pub(crate) fn result(text: &str) {
    println!("{text}");
}

/// Prints why the program ends, with the whole chain of causes, and the code for programs.
pub(crate) fn complain(error: &anyhow::Error) {
    eprintln!("error: {error:#}\ncode: {}", crate::code::of(error));
}

/// Tells people what happened.
pub(crate) fn say(text: &str) {
    eprintln!("{text}");
}
