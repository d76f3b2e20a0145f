//! Keeps accounts, roles, validators, modules and parameters in the state.
//!
//! The kernel is native because admission needs it before any module runs. It knows no module's
//! code and runs none. All its entries stand under the keys of `keys`.

pub mod accounts;
pub mod admission;
pub mod chain;
pub mod event;
pub mod evidence;
pub mod genesis;
mod keys;
mod record;
pub mod silence;
pub mod upload;

#[cfg(test)]
mod tests;
