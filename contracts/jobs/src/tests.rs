//! Stories as plain tables, the whole matrix of states and actions of each machine, random runs that
//! conserve value and can be rebuilt from their events, what calls cost, and the README's diagrams.

mod allowances;
mod attestations;
mod bounds;
#[expect(clippy::panic, reason = "a test fails by panic")]
mod conservation;
mod contracts;
mod costs;
mod diagram;
mod disputes;
mod hiring;
mod idle;
mod input;
mod matrix;
mod organisations;
mod queries;
mod ratings;
mod rebuild;
mod refusals;
mod removal;
#[expect(clippy::panic, reason = "a test fails by panic")]
mod table;
