//! Checks the repository's rules as tests.
//!
//! A rule is a function from the [`Tree`] to its violations, each a sentence that names the place and
//! what to do. `src/tests.rs` holds the repository against every rule, and every rule against a small
//! made-up tree that breaks it. An exception is in the rule's own table, with its reason.

mod documents;
mod edges;
mod effects;
mod features;
mod leftovers;
mod length;
mod manifests;
mod modules;
mod owners;
mod package;
mod purity;
mod purposes;
mod refusals;
mod source;
mod tree;
mod wit;
mod wording;

pub use documents::documents;
pub use edges::edges;
pub use effects::effects;
pub use features::features;
pub use leftovers::{machine_paths, markers};
pub use length::length;
pub use manifests::{first_lines, manifests};
pub use modules::modules;
pub use owners::owners;
pub use package::{Dependency, Kind, Package, PackageError};
pub use purity::purity;
pub use purposes::purposes;
pub use refusals::{Documented, refusals};
pub use tree::{File, Tree};
pub use wording::wording;

#[cfg(test)]
mod tests;
