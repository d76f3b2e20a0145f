//! Turns proven blocks into rows of tables: a pure function that knows no SQL, clock or network.
//!
//! [`Projection`] maps a block to the rows of the schema `chain`, decoded by the interfaces in force. [`apply`] maps
//! the events among them, and the rows that they change, to the rows of the business tables ([`TABLES`]): [`advance`] returns
//! which ones must be loaded first. Each table is declared once, and what is known about an
//! event is in one function.

mod apply;
pub mod cell;
mod credits;
mod decode;
mod disputes;
mod error;
mod event;
mod governance;
mod jobs;
mod market;
mod members;
mod mention;
pub mod mirror;
mod module_version;
mod money;
pub mod proof;
mod proven;
mod rows;
mod settings;
mod start;
mod subjects;
pub mod table;
mod tables;
pub mod text;

pub use apply::{TABLES, advance, apply, events};
pub use decode::{KERNEL, ModuleChange, Projection};
pub use error::ProjectError;
pub use event::Event;
pub use module_version::ModuleVersion;
pub use proven::ProvenBlock;
pub use rows::{
    BlockRow, CallRow, EventRow, MentionRow, MissedVoteRow, ModuleVersionRow, ParameterRow, Rows,
    TransactionRow, ValidatorRow, validator_rows,
};
pub use start::genesis;
pub use subjects::SUBJECTS;
pub use tables::{Changes, Needs, Tables};

/// The version of the projection. Tables that another version wrote are not continued.
pub const VERSION: i32 = 8;
