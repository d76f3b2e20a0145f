//! Makes the next release of all modules, for tests of upgrades.
//!
//! The build script copies the sources of the modules, makes each of them grow as a release would (a refusal, a field of
//! a record that results and events contain, and the same field of the stored record), and compiles the copy. Only tests
//! use it, so nothing that users run waits for it.

#[cfg(test)]
mod tests;

/// A module of the next release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextModule {
    /// The name under which it is installed.
    pub name: &'static str,
    /// The component.
    pub code: &'static [u8],
}

/// The text that each module's new refusal, `reserved-text`, rejects as a name, title or reference.
pub const RESERVED: &str = "reserved by release 2";

/// All modules of the next release, each after the modules that it calls.
pub fn next() -> &'static [NextModule] {
    include!(concat!(env!("OUT_DIR"), "/catalog.rs"))
}
