//! Everything that decides whether a component becomes a module.

mod check;
mod describe;
mod error;
mod guard;
pub mod limits;
mod wit;

pub use check::DOCUMENTATION_SECTION;
pub(crate) use check::check;
pub use describe::declared;
pub(crate) use describe::{Description, Import, describe, same_signature};
pub use error::{InstallError, TypeProblem};
pub(crate) use guard::guard;
