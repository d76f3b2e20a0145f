//! Generates from a module's WIT what the module would otherwise repeat.
//!
//! [`module!`] writes a module's bindings, its exports, how it emits events, how refusals become its own, and
//! how it calls other modules. So a function's parameters are in its WIT and in its rule, and nowhere else. The
//! derives write how values are stored, their JSON, and the names of states, actions and kinds.
//!
//! The crate reads WIT files and writes Rust; it knows no module. `ehb-contract` hands its macros on.

mod bindings;
mod calls;
mod derive;
mod exports;
mod module;
mod refusals;
mod rust;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;
use quote::quote;
use syn::{DeriveInput, parse_macro_input};

use module::{Input, Module};

/// Defines a module from its WIT: its component's name, then `wit`, the folders of WIT packages relative to the
/// crate, each after those that it uses, the last the module's own. `types` names Rust for interfaces of types
/// that another crate has, and `calls` the modules that are called, each with the crate of its rules, which
/// run natively.
///
/// ```ignore
/// ehb_contract::module! {
///     Shop,
///     wit: ["wit/deps/host", "wit/deps/common", "wit/deps/wallet", "wit/deps/dispute", "wit"],
///     types: { "ehb:dispute/types@1.0.0": ehb_dispute::types },
///     calls: { wallet: ehb_contract_wallet },
/// }
/// ```
///
/// It makes `bindings`, the WIT as Rust, whose types can be stored; the component's exports, each of which calls
/// the function of its name in `rules`, with the host and the same parameters; [`Emit`] for the events; the
/// conversions between the module's error and the shared `refusal`; and for each called module a module of
/// functions that take the host first. On the chain these are imports; natively they run the other module's rules
/// inside the same chain in memory. A function whose types the called interface itself declares is left out.
///
/// The module's error is that of its function `upgrade.migrate`.
///
/// [`Emit`]: ../ehb_contract/trait.Emit.html
#[proc_macro]
pub fn module(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as Input);
    let text = Module::read(&input).and_then(|module| written(&module));
    let problem = match text.map(|text| text.parse()) {
        Ok(Ok(tokens)) => return tokens,
        Ok(Err(_)) => "what was generated is no Rust".to_owned(),
        Err(problem) => problem,
    };
    quote!(compile_error!(#problem);).into()
}

/// All that is generated for a module, as text.
fn written(module: &Module) -> Result<String, String> {
    Ok([
        bindings::text(module)?,
        exports::text(module)?,
        refusals::text(module)?,
        calls::text(module)?,
    ]
    .concat())
}

/// Implements `Pack`: a record is stored as its fields in their order, an enum or variant as the number of its
/// case, from 0, and the content. New cases come last: a number never gets another meaning.
#[proc_macro_derive(Pack)]
pub fn derive_pack(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    derive::pack(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Implements `Json` natively: a record is an object with the names of the WIT, a variant its case's name or an object with
/// it as the only key.
#[proc_macro_derive(Json)]
pub fn derive_json(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    derive::json(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Implements `Named` for an enum whose cases carry nothing: names as in WIT, `partially-paid` of `PartiallyPaid`. For
/// any other type it does nothing, because bindings derive the same for all types.
#[proc_macro_derive(Named)]
pub fn derive_named(input: TokenStream) -> TokenStream {
    derive::named(&parse_macro_input!(input as DeriveInput)).into()
}

/// Implements `Kind` for an enum of the kinds of items that a module has, with `item` and `unknown` as functions
/// of its own. New kinds come last: their places are the numbers under which deadlines are stored.
#[proc_macro_derive(Kind)]
pub fn derive_kind(input: TokenStream) -> TokenStream {
    derive::kind(&parse_macro_input!(input as DeriveInput)).into()
}
