//! Measures the budget's lines and loads a network.

pub mod load;
