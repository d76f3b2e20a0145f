//! Keeps accounts, roles, validators, modules and parameters in the state.
//!
//! The kernel is native because admission needs it before any module runs. It runs no module and does not
//! know their code. All its entries have the keys in `keys`.

pub mod accounts;
pub mod admission;
pub mod candidates;
pub mod chain;
pub mod event;
pub mod evidence;
pub mod genesis;
pub mod governance;
mod keys;
pub mod organisations;
pub mod quota;
mod record;
pub mod recovery;
pub mod silence;
pub mod step;
pub mod upload;

#[cfg(test)]
mod tests;
