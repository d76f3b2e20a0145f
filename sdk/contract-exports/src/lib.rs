//! Generates a module's exports from its WIT.
//!
//! `exports!` writes what would otherwise be the same list again: for each exported function of the module's
//! world the method that calls the rule of the same name, and the component's exports. So a function's
//! parameters are in its WIT and in its rule, and nowhere else.
//!
//! The crate reads WIT files and writes Rust; it knows no module.

mod generate;
mod read;
mod rust;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// Exports a module, named by the type that is its component: `ehb_contract_exports::exports!(Wallet, "wit");`
/// with the folders of WIT packages, each after those that it uses, relative to the crate; the last is the
/// module's own.
///
/// In the crate that uses it, `bindings` is what `wit_bindgen::generate!` made of the same folders, and `rules`
/// has a function for each exported one, of the same name and with the same parameters after the host.
/// The error of the module's own functions is that of its function `upgrade.migrate`.
#[proc_macro]
pub fn exports(input: TokenStream) -> TokenStream {
    let words = input.into_iter().filter_map(|token| match token {
        proc_macro::TokenTree::Ident(name) => Some(name.to_string()),
        proc_macro::TokenTree::Literal(text) => Some(text.to_string().trim_matches('"').to_owned()),
        _ => None,
    });
    let words: Vec<String> = words.collect();
    let made = read::module(&words).and_then(|module| generate::module(&module));
    let text = made.unwrap_or_else(|problem| format!("compile_error!({problem:?});"));
    text.parse().unwrap_or_else(|_| {
        let problem = "compile_error!(\"the generated exports are no Rust\");";
        problem.parse().unwrap_or_default()
    })
}
