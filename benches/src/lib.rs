//! Measures the budget's lines and loads a network.

pub mod load;
pub mod micro;
pub mod network;
pub mod table;
