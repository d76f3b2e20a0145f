//! Layouts in words: the tables of types on the pages of formats, and values decoded by them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use quote::ToTokens;
use serde_json::{Map, Value, json};
use syn::{Attribute, Fields, GenericArgument, Item, Meta, PathArguments, Type};

use super::layouts::{files, root};

/// Types of the source by name.
pub(super) struct Types(BTreeMap<String, Item>);

impl Types {
    /// The types below these folders or files. Of two with one name, the first counts.
    pub(super) fn of(paths: &[&str]) -> Self {
        let mut found = BTreeMap::new();
        for path in paths {
            let path = root().join(path);
            let sources = if path.is_dir() { files(&path) } else { vec![path] };
            for source in sources.iter().filter(|it| it.extension().is_some_and(|it| it == "rs")) {
                for item in parsed(source) {
                    let name = match &item {
                        Item::Struct(it) => it.ident.to_string(),
                        Item::Enum(it) => it.ident.to_string(),
                        _ => continue,
                    };
                    found.entry(name).or_insert(item);
                }
            }
        }
        Self(found)
    }

    /// All but these types.
    pub(super) fn without(mut self, names: &[&str]) -> Self {
        self.0.retain(|name, _| !names.contains(&name.as_str()));
        self
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The fields or cases of a type: name, type and documentation of each.
    pub(super) fn table(&self, name: &str) -> String {
        match self.0.get(name) {
            Some(Item::Struct(it)) => self.fields(&it.fields, names_of(&it.attrs)),
            Some(Item::Enum(it)) => self.cases(it),
            _ => panic!("there is no type {name}"),
        }
    }

    fn fields(&self, fields: &Fields, named: fn(&str) -> String) -> String {
        let mut text = "| Field | Type | |\n|---|---|---|\n".to_owned();
        for field in fields {
            let name = named(&field.ident.as_ref().unwrap().to_string());
            let about = renamed(&about(&field.attrs), named);
            text += &format!("| `{name}` | {} | {} |\n", self.words(&field.ty), about);
        }
        text
    }

    fn cases(&self, item: &syn::ItemEnum) -> String {
        let mut text = "| Byte | Case | Content | |\n|---|---|---|---|\n".to_owned();
        for (at, case) in item.variants.iter().enumerate() {
            let content = case.fields.iter().map(|field| {
                let name = field.ident.as_ref();
                let name =
                    name.map_or_else(String::new, |it| format!("`{}`: ", camel(&it.to_string())));
                format!("{name}{}", self.words(&field.ty))
            });
            let content = content.collect::<Vec<_>>().join(", ");
            let name = kebab(&case.ident.to_string());
            text += &format!("| {at} | `{name}` | {content} | {} |\n", about(&case.attrs));
        }
        text
    }

    /// A type as it is encoded. A struct around one value is that value.
    pub(super) fn words(&self, kind: &Type) -> String {
        if let Type::Tuple(it) = kind {
            let parts: Vec<_> = it.elems.iter().map(|it| self.words(it)).collect();
            return if parts.is_empty() {
                "empty".to_owned()
            } else {
                format!("({})", parts.join(", "))
            };
        }
        let (name, inner) = named(kind);
        match (name.as_str(), inner.as_slice()) {
            ("Option", [of]) => format!("optional {}", self.words(of)),
            ("Box", [of]) => self.words(of),
            ("Vec", [of]) if of.to_token_stream().to_string() == "u8" => "bytes".to_owned(),
            ("Vec", [of]) => format!("list of {}", self.words(of)),
            ("BTreeSet", [of]) => format!("list of {}, ascending", self.words(of)),
            ("BTreeMap", [key, of]) => {
                format!("list of ({}, {}), ascending", self.words(key), self.words(of))
            }
            ("Hash" | "PublicKey" | "Address", _) => format!("32 bytes: `{name}`"),
            ("Signature", _) => "64 bytes: `Signature`".to_owned(),
            ("Bytes", _) => "bytes".to_owned(),
            ("Name" | "RoleName" | "String" | "ChainId", _) => "text".to_owned(),
            ("SharedTransaction", _) => "`SignedTransaction`".to_owned(),
            _ => match self.only(&name) {
                Some(inner) => self.words(&inner),
                None => format!("`{name}`"),
            },
        }
    }

    /// The content of a struct without names of fields, or of a set of validators, which is encoded as its list.
    fn only(&self, name: &str) -> Option<Type> {
        let Some(Item::Struct(it)) = self.0.get(name) else { return None };
        let is_only = matches!(it.fields, Fields::Unnamed(_)) || name == "ValidatorSet";
        it.fields.iter().next().filter(|_| is_only).map(|it| it.ty.clone())
    }

    /// The types that a type names, itself included, in the order in which a reader meets them.
    pub(super) fn reached(&self, kind: &Type, found: &mut Vec<String>) {
        if let Type::Tuple(it) = kind {
            return it.elems.iter().for_each(|it| self.reached(it, found));
        }
        let (name, inner) = named(kind);
        inner.iter().for_each(|it| self.reached(it, found));
        if is_word(&name) {
            return;
        }
        let Some(item) = self.0.get(&name).filter(|_| !found.contains(&name)) else { return };
        if self.words(kind).ends_with(&format!("`{name}`")) {
            found.push(name);
        }
        let fields: Vec<Type> = match item {
            Item::Struct(it) => it.fields.iter().map(|it| it.ty.clone()).collect(),
            Item::Enum(it) => {
                it.variants.iter().flat_map(|it| it.fields.iter().map(|it| it.ty.clone())).collect()
            }
            _ => Vec::new(),
        };
        fields.iter().for_each(|it| self.reached(it, found));
    }

    /// Reads a value by its layout, as a reader of the page does.
    pub(super) fn decode(&self, kind: &Type, bytes: &mut &[u8]) -> Option<Value> {
        if let Type::Tuple(it) = kind {
            return it.elems.iter().map(|it| self.decode(it, bytes)).collect();
        }
        let (name, inner) = named(kind);
        let list = |of: &[Type], bytes: &mut &[u8]| -> Option<Value> {
            let count = number(bytes, 4)?;
            let read = |bytes: &mut &[u8]| match of {
                [one] => self.decode(one, bytes),
                all => all.iter().map(|it| self.decode(it, bytes)).collect(),
            };
            (0..count).map(|_| read(bytes)).collect()
        };
        match (name.as_str(), inner.as_slice()) {
            ("Option", [of]) => match number(bytes, 1)? {
                0 => Some(Value::Null),
                1 => self.decode(of, bytes),
                _ => None,
            },
            ("Box", [of]) => self.decode(of, bytes),
            ("Vec" | "BTreeSet" | "BTreeMap", of) => list(of, bytes),
            ("u8", _) => number(bytes, 1).map(Value::from),
            ("u16", _) => number(bytes, 2).map(Value::from),
            ("u32", _) => number(bytes, 4).map(Value::from),
            ("u64", _) => number(bytes, 8).map(|it| json!(it.to_string())),
            ("bool", _) => number(bytes, 1).filter(|it| *it < 2).map(|it| json!(it == 1)),
            ("Hash" | "PublicKey" | "Address", _) => Some(json!(hex::encode(take(bytes, 32)?))),
            ("Signature", _) => Some(json!(hex::encode(take(bytes, 64)?))),
            ("Name" | "RoleName" | "String" | "ChainId", _) => {
                let length = number(bytes, 4)?;
                let text = take(bytes, usize::try_from(length).ok()?)?;
                Some(json!(std::str::from_utf8(text).ok()?))
            }
            _ => match self.only(&name) {
                Some(inner) => self.decode(&inner, bytes),
                None => self.decode_named(&name, bytes),
            },
        }
    }

    fn decode_named(&self, name: &str, bytes: &mut &[u8]) -> Option<Value> {
        let record = |fields: &Fields, bytes: &mut &[u8]| -> Option<Value> {
            let mut read = Map::new();
            for (at, field) in fields.iter().enumerate() {
                let name = field.ident.as_ref().map_or(at.to_string(), |it| camel(&it.to_string()));
                read.insert(name, self.decode(&field.ty, bytes)?);
            }
            Some(Value::Object(read))
        };
        match self.0.get(name) {
            Some(Item::Struct(it)) => record(&it.fields, bytes),
            Some(Item::Enum(it)) => {
                let case = it.variants.iter().nth(usize::try_from(number(bytes, 1)?).ok()?)?;
                Some(json!({ kebab(&case.ident.to_string()): record(&case.fields, bytes)? }))
            }
            _ => panic!("there is no type {name}"),
        }
    }
}

/// Types that are words of their own on the pages, whatever they contain.
fn is_word(name: &str) -> bool {
    let words =
        ["Hash", "PublicKey", "Address", "Signature", "Bytes", "Name", "RoleName", "ChainId"];
    words.contains(&name)
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count)?;
    *bytes = rest;
    Some(taken)
}

fn number(bytes: &mut &[u8], count: usize) -> Option<u64> {
    let taken = take(bytes, count)?;
    Some(taken.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
}

/// The items of a file.
pub(super) fn parsed(path: &Path) -> Vec<Item> {
    syn::parse_file(&std::fs::read_to_string(path).unwrap()).unwrap().items
}

/// The last name of a type's path, and the types in its angle brackets.
pub(super) fn named(kind: &Type) -> (String, Vec<Type>) {
    let Type::Path(path) = kind else { panic!("{} is no path", kind.to_token_stream()) };
    let last = path.path.segments.last().unwrap();
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return (last.ident.to_string(), Vec::new());
    };
    let types = arguments.args.iter().filter_map(|it| match it {
        GenericArgument::Type(it) => Some(it.clone()),
        _ => None,
    });
    (last.ident.to_string(), types.collect())
}

/// The names that JSON has for the fields of a type: those of the source for a type that is its own JSON, as parameters are.
fn names_of(attributes: &[Attribute]) -> fn(&str) -> String {
    let derived = attributes.iter().filter(|it| it.path().is_ident("derive"));
    let mut derived = derived.map(|it| it.meta.require_list().unwrap().tokens.to_string());
    let is_json = derived.any(|it| it.split(',').any(|it| it.trim() == "Serialize"));
    if is_json { str::to_owned } else { camel }
}

/// Documentation with the names that JSON has for fields.
fn renamed(about: &str, named: fn(&str) -> String) -> String {
    let is_name = |part: &str| part.chars().all(|it| it.is_ascii_lowercase() || it == '_');
    let parts = about.split('`').enumerate().map(|(at, part)| match at % 2 == 1 && is_name(part) {
        true => named(part),
        false => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("`")
}

/// A name as JSON has it.
pub(super) fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let mut text = words.next().unwrap_or_default().to_owned();
    for word in words {
        text += &word[..1].to_uppercase();
        text += &word[1..];
    }
    text
}

/// A name as WIT has it.
pub(super) fn kebab(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

/// The documentation in one line, without links.
pub(super) fn about(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|it| match &it.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => {
                Some(text.value().trim().to_owned())
            }
            _ => None,
        },
        _ => None,
    });
    let text = lines.collect::<Vec<_>>().join(" ");
    text.replace("[`Self::", "`").replace("[`", "`").replace("`]", "`").replace('|', "\\|")
}

/// The names of all types of WIT files.
pub(super) fn wit_types(folders: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for path in folders.iter().flat_map(|it| files(&root().join(it))) {
        if path.extension().is_none_or(|it| it != "wit") {
            continue;
        }
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let mut words = line.split_whitespace();
            let kind = words.next().unwrap_or_default();
            if ["record", "variant", "enum", "flags", "type"].contains(&kind) {
                found.extend(words.next().map(|it| it.trim_start_matches('%').to_owned()));
            }
        }
    }
    found
}
