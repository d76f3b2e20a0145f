//! Keeps keys and offers the chain on the command line.
//!
//! The library contains the parts that other programs share with the `ehb` command: the encrypted
//! [`keystore`], keys from [`words`], the [`journal`] of signed
//! transactions and exact decimal amounts. The command itself is the binary of this crate.

pub mod amount;
pub mod journal;
pub mod keystore;
pub mod words;
