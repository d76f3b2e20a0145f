//! What the program prints: the result on stdout, everything else on stderr.

#![expect(clippy::disallowed_macros, reason = "this is the one place that prints")]

/// Prints a result.
pub(crate) fn result(text: &str) {
    println!("{text}");
}

/// Tells people what happens.
pub(crate) fn say(text: &str) {
    eprintln!("{text}");
}
