//! The checks that a component must pass to become a module.

mod apart;
mod check;
mod describe;
mod error;
mod guard;
pub mod limits;
mod scan;
mod shape;
mod wit;

pub(crate) use apart::apart;
pub use check::DOCUMENTATION_SECTION;
pub(crate) use check::check;
pub use describe::declared;
pub(crate) use describe::{Description, Import, describe, same_signature};
pub use error::{Detail, InstallCode, InstallError, TypeProblem};
pub(crate) use guard::guard;
pub(crate) use scan::{Profile, scan};
