//! The whole matrix of states and actions, each way to the end as a table, random disputes, and the
//! diagram in the README.

mod diagram;
mod matrix;
mod random;
#[expect(clippy::panic, reason = "a test fails by panic")]
mod table;
mod ways;
