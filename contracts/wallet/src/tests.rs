//! Plain tables: a row is an action by someone, its result stands in the last column.

mod assets;
mod conservation;
mod costs;
mod holds;
mod queries;
mod table;
mod transfers;
