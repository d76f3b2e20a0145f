//! Turns values of WIT types between JSON and canonical bytes.
//!
//! A module's [`Interface`] lists its functions and the [`Type`]s of their parameters, results and events.
//! Values are transferred as canonical bytes: the layout of borsh (<https://borsh.io>), determined by the
//! type, so that every value has exactly one encoding. JSON is the representation for people and programs.
//! This crate does not depend on WebAssembly: clients encode arguments and decode results with it alone.
//!
//! | Type | Bytes | JSON |
//! |---|---|---|
//! | `bool` | 0 or 1 | `true`, `false` |
//! | `u8`..`u32`, `s8`..`s32` | little-endian | number |
//! | `u64`, `s64` | little-endian | decimal text; an integer number is accepted too |
//! | `char` | its scalar value as `u32` | text of one character |
//! | `string` | length as `u32`, UTF-8 | text |
//! | `address` | 32 bytes | bech32m text of the network |
//! | `hash` | 32 bytes | 64 hex digits in lower case |
//! | `list<u8>` | count as `u32`, bytes | `"0x"` and hex digits in lower case |
//! | `list<t>` | count as `u32`, elements | array |
//! | `option<t>` | 0, or 1 and the value | `null` or the value; `{"some": value}` where `t` is an option |
//! | `result<t, e>` | 1 and the value, or 0 and the error | `{"ok": value}` or `{"err": error}` |
//! | `tuple`, `record` | the fields, joined | array; object with exactly the fields |
//! | `variant` | case number as `u8`, payload | `"case"`, or `{"case": payload}` |
//! | `enum` | case number as `u8` | `"case"` |
//! | `flags` | one bit each, lowest first, in as few bytes as possible | array of names |

mod check;
mod display;
mod error;
mod from_json;
mod interface;
mod kind;
mod reader;
mod to_json;

pub use check::check;
pub use error::{Problem, ValueError};
pub use from_json::from_json;
pub use interface::{Function, Interface};
pub use kind::{CASES_MAX, Case, DEPTH_MAX, FIELDS_MAX, FLAGS_MAX, Field, Type, TypeError};
pub use reader::Reader;
pub use to_json::to_json;

#[cfg(test)]
mod tests;
