//! Plain tables: a row is an action by someone, its result is in the last column.

#[expect(clippy::panic, reason = "a test fails by panic")]
mod actions;
mod allowances;
mod assets;
mod conservation;
mod costs;
mod deadlines;
mod diagram;
mod draws;
mod freezes;
mod holds;
#[expect(clippy::panic, reason = "a test fails by panic")]
mod matrix;
mod payments;
mod permits;
mod policies;
mod queries;
mod random;
mod rebuild;
mod refusals;
mod removal;
mod requests;
mod statements;
mod story;
#[expect(clippy::panic, reason = "a test fails by panic")]
mod table;
mod tiers;
mod transaction_limits;
mod transfers;
mod unasked;
mod upgrade;
