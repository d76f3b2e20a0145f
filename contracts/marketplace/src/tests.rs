//! Plain tables: a row is an action by someone, its result is in the last column.

#[expect(clippy::panic, reason = "a test fails by panic")]
mod actions;
mod allowances;
mod books;
mod catalogue;
mod conservation;
mod costs;
mod deadlines;
mod diagram;
mod disputes;
mod matrix;
mod orders;
mod organisations;
mod placing;
mod ratings;
mod rebuild;
mod refusals;
mod removal;
mod returns;
mod scene;
mod table;
mod treasurers;
mod versions;
