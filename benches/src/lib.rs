//! Measures the budget's lines and loads a network.

mod business;
pub mod gas;
pub mod load;
pub mod micro;
pub mod network;
pub mod table;
