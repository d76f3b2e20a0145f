//! The derives `Pack`, `Json`, `Named` and `Kind`: how values are stored, their JSON, and the names and numbers of kinds.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Data, DataEnum, DeriveInput, Error, Fields, Variant};

use crate::rust::kebab;

/// The most cases that a number of one byte can name.
const CASES_MAX: usize = 256;

/// How a value is stored.
pub(crate) fn pack(input: &DeriveInput) -> Result<TokenStream, Error> {
    let name = &input.ident;
    let (pack, unpack) = match &input.data {
        Data::Struct(record) => {
            let fields: Vec<&Ident> =
                record.fields.iter().filter_map(|field| field.ident.as_ref()).collect();
            if fields.len() != record.fields.len() {
                return Err(Error::new_spanned(name, "a stored record has fields with names"));
            }
            (
                quote! {
                    let Self { #(#fields),* } = self;
                    #(::ehb_contract::Pack::pack(#fields, out);)*
                },
                quote! { Some(Self { #(#fields: ::ehb_contract::Pack::unpack(input)?),* }) },
            )
        }
        Data::Enum(cases) => variant(name, cases)?,
        Data::Union(_) => return Err(Error::new_spanned(name, "a union cannot be stored")),
    };
    Ok(quote! {
        impl ::ehb_contract::Pack for #name {
            fn pack(&self, out: &mut ::ehb_contract::Bytes) { #pack }

            fn unpack(input: &mut &[u8]) -> Option<Self> { #unpack }
        }
    })
}

fn variant(name: &Ident, cases: &DataEnum) -> Result<(TokenStream, TokenStream), Error> {
    if cases.variants.is_empty() || cases.variants.len() > CASES_MAX {
        return Err(Error::new_spanned(name, "a stored variant has 1 to 256 cases"));
    }
    let (mut packs, mut unpacks) = (Vec::new(), Vec::new());
    for (number, Variant { ident, fields, .. }) in (0..=u8::MAX).zip(&cases.variants) {
        match fields {
            Fields::Unit => {
                packs.push(quote! { Self::#ident => out.push(#number) });
                unpacks.push(quote! { #number => Self::#ident });
            }
            Fields::Unnamed(content) if content.unnamed.len() == 1 => {
                let content = format_ident!("content");
                packs.push(quote! {
                    Self::#ident(#content) => {
                        out.push(#number);
                        ::ehb_contract::Pack::pack(#content, out);
                    }
                });
                unpacks.push(quote! {
                    #number => Self::#ident(::ehb_contract::Pack::unpack(input)?)
                });
            }
            _ => return Err(Error::new_spanned(ident, "a case carries one value or none")),
        }
    }
    let pack = quote! { match self { #(#packs,)* } };
    let unpack = quote! {
        Some(match <u8 as ::ehb_contract::Pack>::unpack(input)? {
            #(#unpacks,)*
            _ => return None,
        })
    };
    Ok((pack, unpack))
}

/// A value's JSON.
pub(crate) fn json(input: &DeriveInput) -> Result<TokenStream, Error> {
    let name = &input.ident;
    let body = match &input.data {
        Data::Struct(record) => {
            let fields: Vec<&Ident> =
                record.fields.iter().filter_map(|field| field.ident.as_ref()).collect();
            // A name that is a word of Rust ends with an underscore there.
            let names =
                fields.iter().map(|it| it.to_string().trim_end_matches('_').replace('_', "-"));
            quote! {
                let Self { #(#fields),* } = self;
                ::ehb_contract::json::object([
                    #((#names, ::ehb_contract::json::Json::to_json(#fields))),*
                ])
            }
        }
        Data::Enum(cases) => {
            let cases = cases.variants.iter().map(|Variant { ident, fields, .. }| {
                let name = kebab(&ident.to_string());
                match fields {
                    Fields::Unit => quote! { Self::#ident => #name.into() },
                    _ => quote! {
                        Self::#ident(content) => ::ehb_contract::json::object([
                            (#name, ::ehb_contract::json::Json::to_json(content)),
                        ])
                    },
                }
            });
            quote! { match self { #(#cases),* } }
        }
        Data::Union(_) => return Err(Error::new_spanned(name, "a union has no form in JSON")),
    };
    Ok(quote! {
        #[cfg(not(target_arch = "wasm32"))]
        impl ::ehb_contract::json::Json for #name {
            fn to_json(&self) -> ::ehb_contract::json::Value { #body }
        }
    })
}

/// The names of an enum's cases; nothing for any other type.
pub(crate) fn named(input: &DeriveInput) -> TokenStream {
    let name = &input.ident;
    let Data::Enum(cases) = &input.data else { return TokenStream::new() };
    if cases.variants.iter().any(|case| !matches!(case.fields, Fields::Unit)) {
        return TokenStream::new();
    }
    let idents: Vec<&Ident> = cases.variants.iter().map(|case| &case.ident).collect();
    let names: Vec<String> = idents.iter().map(|ident| kebab(&ident.to_string())).collect();
    quote! {
        impl ::ehb_contract::Named for #name {
            const ALL: &'static [(Self, &'static str)] = &[#((Self::#idents, #names)),*];

            fn name(self) -> &'static str {
                match self { #(Self::#idents => #names),* }
            }
        }
    }
}

/// The numbers of kinds.
pub(crate) fn kind(input: &DeriveInput) -> TokenStream {
    let (name, visibility) = (&input.ident, &input.vis);
    quote! {
        impl ::ehb_contract::Kind for #name {
            fn number(self) -> u8 {
                self as u8
            }
        }

        impl #name {
            /// An item of this kind.
            #visibility fn item(self, id: u64) -> ::ehb_contract::common::Item {
                ::ehb_contract::Kind::item(self, id)
            }

            /// The refusal where there is no item of this kind and number.
            #visibility fn unknown(self, id: u64) -> ::ehb_contract::common::Refusal {
                ::ehb_contract::Kind::unknown(self, id)
            }
        }
    }
}
