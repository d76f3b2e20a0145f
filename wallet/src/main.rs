//! The `ehb` command.

fn main() {}
