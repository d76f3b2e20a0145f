//! The program `ehb-bench`.
fn main() {}
