//! Plain tables: a row is an action by someone, its result stands in the last column.

mod assets;
#[expect(clippy::panic, reason = "a test fails by panic")]
mod conservation;
mod costs;
mod holds;
mod queries;
#[expect(clippy::panic, reason = "a test fails by panic")]
mod table;
mod transfers;
