//! Builds the modules' components and offers them to genesis.
//!
//! The build script compiles the crates under `contracts/` to WebAssembly components; nothing compiled
//! is kept in the repository. The same source and compiler give the same bytes from any folder. Another
//! compiler can give others, and a module's hash is part of genesis: all nodes of a network take the
//! components that its genesis names.

#[cfg(test)]
mod tests;

/// A module that is ready to be installed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CatalogEntry {
    /// The name under which it is installed, for instance `wallet`.
    pub name: &'static str,
    /// The component. Its custom section `ehb-wit` holds the module's WIT package in binary form,
    /// with documentation.
    pub code: &'static [u8],
}

/// All modules, each after the modules that it calls.
pub fn all() -> &'static [CatalogEntry] {
    include!(concat!(env!("OUT_DIR"), "/catalog.rs"))
}

/// The module of this name.
pub fn get(name: &str) -> Option<&'static CatalogEntry> {
    all().iter().find(|entry| entry.name == name)
}
