//! Errors of the projection.

use ehb_types::{Hash, Name};

use crate::table::At;

/// A block that cannot be turned into rows.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// A number that does not fit into Postgres' `bigint`.
    #[error("{what} is {value}, and heights and times here end at 9223372036854775807")]
    TooLarge {
        /// The meaning of the number.
        what: &'static str,
        /// The number.
        value: u64,
    },
    /// An event or result of a module whose interface is not known.
    #[error("the interface of the module {0} is not known")]
    UnknownModule(Name),
    /// The interface of a code that the block installs was not given.
    #[error("the interface of the code {code} of the module {module} is missing")]
    MissingVersion {
        /// The module.
        module: Name,
        /// Its new code.
        code: Hash,
    },
    /// An event of a known name without the content that the tables need.
    #[error(
        "the event {event} of the module {module} at height {}, transaction {}, event {} does not have what the \
         tables need: {field}: {reason}",
        at.height, at.index, at.event
    )]
    Event {
        /// The event's name.
        event: String,
        /// The module.
        module: String,
        /// Its position.
        at: At,
        /// The field.
        field: String,
        /// The reason.
        reason: String,
    },
    /// An event about an item that no earlier event created.
    #[error(
        "the event at height {}, transaction {}, event {} is about the row {id} of {table}, which no earlier event \
         created",
        at.height, at.index, at.event
    )]
    MissingRow {
        /// The table.
        table: &'static str,
        /// The row's key.
        id: String,
        /// The event's position.
        at: At,
    },
    /// Bytes that do not match the type in the interface.
    #[error(
        "{what} of the module {module} at height {height} does not match the module's interface: {reason}"
    )]
    Interface {
        /// The kind of value.
        what: &'static str,
        /// The module.
        module: Name,
        /// The block's height.
        height: u64,
        /// The reason.
        reason: String,
    },
}

/// Why an event could not be applied.
#[derive(Debug)]
pub(crate) enum Halt {
    /// It needs rows that were not loaded.
    NotLoaded,
    /// It contradicts the rows, or does not have the content that they need.
    Failed(ProjectError),
}

impl From<ProjectError> for Halt {
    fn from(error: ProjectError) -> Self {
        Self::Failed(error)
    }
}

/// The result of a step of the projection.
pub(crate) type Done<T = ()> = Result<T, Halt>;
