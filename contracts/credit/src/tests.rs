//! Plain tables: a row is an action by someone, its result is in the last column.

mod allowances;
mod bounds;
#[expect(clippy::panic, reason = "a test fails by panic")]
mod conservation;
mod costs;
mod diagram;
mod example;
mod grants;
mod limits;
mod lines;
mod matrix;
mod programmes;
mod queries;
mod rebuild;
mod refusals;
mod removal;
mod reports;
#[expect(clippy::panic, reason = "a test fails by panic")]
mod table;
mod treasurers;
mod usage;
