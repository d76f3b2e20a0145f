//! Helpers that groups of settings share: addresses of this machine, bounds, and the form of texts.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, bail};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// A port of this machine that no other machine reaches.
pub(crate) fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// Checks that a number is within its limits: name, value, minimum and maximum.
pub(crate) fn check_bound((name, value, min, max): (&str, u64, u64, u64)) -> anyhow::Result<()> {
    if value < min || value > max {
        bail!("{name} is {value}; it must be between {min} and {max}");
    }
    Ok(())
}

/// Parses what is logged. A word alone is a level: as the name of a part of the program, a misspelt level would log that
/// part, which does not exist, and nothing else.
pub(crate) fn log_filter(text: &str) -> anyhow::Result<EnvFilter> {
    let filter =
        EnvFilter::try_new(text).with_context(|| format!("log.filter {text:?} is not valid"))?;
    let words = text.split(',').map(str::trim).filter(|it| !it.is_empty());
    for word in words.filter(|it| !it.contains(['=', '[', ']', '{', '}'])) {
        if word.parse::<LevelFilter>().is_err() {
            bail!(
                "log.filter {text:?} is not valid: {word:?} is no level: write off, error, warn, info, debug or trace, \
                 or TARGET=LEVEL"
            );
        }
    }
    Ok(filter)
}
