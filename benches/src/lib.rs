//! Measures the budget's lines and loads a network.

mod business;
mod connection;
pub mod gas;
pub mod indexer;
pub mod load;
pub mod micro;
pub mod network;
pub mod table;
