//! The tables in which modules keep their state, from their `keys.rs`.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Expr, Item, ItemConst, Lit, Type};

use super::layouts::root;
use super::words::{Types, about, kebab, named, parsed, wit_types};

/// The modules that ship and have a state.
const MODULES: [&str; 4] = ["wallet", "marketplace", "jobs", "credit"];

/// Types of the SDK that modules store.
const SHARED: [&str; 3] =
    ["sdk/contract/src/daily.rs", "sdk/contract/src/treasurers.rs", "sdk/contract/src/once.rs"];

/// The sections of all modules, and of the types that they share.
pub(super) fn sections() -> String {
    let shared = Types::of(&SHARED);
    let mut text = String::new();
    for module in MODULES {
        text += &section(module, &shared);
    }
    text += "### Types of several modules\n\n";
    for name in ["Daily", "TreasurerBook", "Use"] {
        text += &format!("**`{name}`**\n\n{}\n", kebab_words(&shared.table(name), &shared));
    }
    text.trim_end().to_owned()
}

/// The records of a module that its WIT does not have: of its keys, and of a file for them.
pub(super) fn records(module: &str) -> Types {
    let files = ["keys.rs", "records.rs"].map(|it| format!("contracts/{module}/src/{it}"));
    let present = files.iter().filter(|it| root().join(it).exists());
    Types::of(&present.map(String::as_str).collect::<Vec<_>>())
}

fn section(module: &str, shared: &Types) -> String {
    let records = records(module);
    let wit = [format!("contracts/{module}/wit"), "contracts/dispute/wit".to_owned()];
    let wit = wit_types(&[&wit[0], &wit[1], "sdk/contract/wit"]);
    let keys = parsed(&root().join(format!("contracts/{module}/src/keys.rs")));
    let mut numbers = BTreeMap::new();
    let mut text = format!(
        "### `{module}`\n\n| Table | First byte | Key | Value | |\n|---|---|---|---|---|\n"
    );
    let mut reached = Vec::new();
    let mut kinds = String::new();
    let more = root().join(format!("contracts/{module}/src/records.rs"));
    let more = if more.exists() { parsed(&more) } else { Vec::new() };
    for item in keys.iter().chain(&more) {
        match item {
            Item::Const(it) => match number(it) {
                Some(value) => drop(numbers.insert(it.ident.to_string(), value)),
                None => text += &rows(it, &records, &mut reached),
            },
            Item::Enum(it) if it.ident == "Kind" => {
                let all = it.variants.iter().enumerate();
                let all = all.map(|(at, it)| format!("{at} `{}`", kebab(&it.ident.to_string())));
                kinds = format!("\nKinds: {}.\n", all.collect::<Vec<_>>().join(", "));
            }
            _ => {}
        }
    }
    text += &kinds;
    for name in &reached {
        text += &format!("\n**`{name}`**\n\n{}", records.table(name));
    }
    let text = with_numbers(&kebab_words(&text, &records), &numbers, &keys);
    check(&text, module, &[&records, shared], &wit);
    text + "\n"
}

/// The value of a constant that is a number.
fn number(item: &ItemConst) -> Option<String> {
    let Expr::Lit(it) = &*item.expr else { return None };
    match &it.lit {
        Lit::Int(it) => Some(it.base10_digits().to_owned()),
        _ => None,
    }
}

/// The rows of a table: the constant of a module, and where it is more than one map, its parts.
fn rows(item: &ItemConst, records: &Types, reached: &mut Vec<String>) -> String {
    let Expr::Call(call) = &*item.expr else { panic!("{} is no table", item.ident) };
    let byte = match call.args.first() {
        Some(Expr::Lit(it)) => match &it.lit {
            Lit::Byte(it) => char::from(it.value()).to_string(),
            _ => panic!("{}: its first byte is no letter", item.ident),
        },
        _ => String::new(),
    };
    let name = item.ident.to_string().to_lowercase().replace('_', "-");
    let docs = about(&item.attrs);
    let row = |key: &str, value: &str, docs: &str| {
        format!("| {name} | `{byte}` | {key} | {value} | {docs} |\n")
    };
    let version = match call.args.iter().nth(1) {
        Some(Expr::Reference(it)) => match &*it.expr {
            Expr::Array(it) => format!(", version {}", it.elems.len() + 1),
            _ => panic!("{}: its earlier layouts are no list", item.ident),
        },
        _ => String::new(),
    };
    let (kind, inner) = named(&item.ty);
    let owned = "caller, sender: 32 bytes each; text";
    match (kind.as_str(), inner.as_slice()) {
        ("Map", [key, value]) => {
            records.reached(value, reached);
            row(&key_words(key).join(", "), &(records.words(value) + &version), &docs)
        }
        ("Item", [value]) => {
            records.reached(value, reached);
            row("", &(records.words(value) + &version), &docs)
        }
        ("Deadlines", _) => row("time in ms `u64`, kind `u8`, number `u64`", "empty", &docs),
        ("Once", _) => {
            row(&format!("byte 0, {owned}"), "`Use`", &docs)
                + &row(
                    &format!("byte 1, time in ms `u64`, {owned}"),
                    "empty",
                    "The same keys by the time of their use.",
                )
        }
        ("Arbiters", _) => row("", "list of 32 bytes: `Address`", &docs),
        ("Schema", _) => format!("| {name} | 0 | | `u32` | The version of all tables. |\n"),
        _ => panic!("the page does not know how {kind} is stored"),
    }
}

/// The parts of a key.
fn key_words(kind: &Type) -> Vec<String> {
    if let Type::Tuple(it) = kind {
        return it.elems.iter().flat_map(key_words).collect();
    }
    let (name, _) = named(kind);
    vec![match name.as_str() {
        "u8" | "u16" | "u32" | "u64" => format!("`{name}`"),
        "Address" => "address".to_owned(),
        "Hash" => "hash".to_owned(),
        "String" | "AssetId" => "text".to_owned(),
        "AssetSlot" => "text in 12 bytes, then zeros".to_owned(),
        _ => panic!("the page does not know how {name} is a key"),
    }]
}

/// The types that are not those of the source get the names that the WIT has for them.
fn kebab_words(text: &str, records: &Types) -> String {
    let parts = text.split('`').enumerate().map(|(at, part)| {
        let is_type = at % 2 == 1
            && part.starts_with(|it: char| it.is_ascii_uppercase())
            && part.chars().any(|it| it.is_ascii_lowercase())
            && part.chars().all(char::is_alphanumeric);
        let is_own = ["Hash", "Address", "Use", "Daily", "TreasurerBook"].contains(&part);
        if is_type && !is_own && !records.contains(part) { kebab(part) } else { part.to_owned() }
    });
    parts.collect::<Vec<_>>().join("`")
}

/// Names of constants become numbers, and those of tables the names that the page has for them.
fn with_numbers(text: &str, numbers: &BTreeMap<String, String>, keys: &[Item]) -> String {
    let mut text = text.to_owned();
    for (name, value) in numbers {
        let shown = format!("`{}` ({value})", name.to_lowercase().replace('_', "-"));
        text = text.replace(&format!("`{name}`"), &shown);
    }
    for item in keys {
        if let Item::Const(it) = item {
            let name = it.ident.to_string();
            text = text.replace(&format!("`{name}`"), &name.to_lowercase().replace('_', "-"));
        }
    }
    text
}

/// Each type that a section names is on the page or in the WIT.
fn check(text: &str, module: &str, types: &[&Types], wit: &BTreeSet<String>) {
    let known = ["Hash", "Address", "bool", "u8", "u16", "u32", "u64"];
    for line in text.lines().filter(|it| it.starts_with('|')) {
        // The last column is documentation; the names of fields are the first.
        let columns: Vec<_> = line.split(" | ").collect();
        for column in &columns[1..columns.len().saturating_sub(1).max(1)] {
            for name in column.split('`').skip(1).step_by(2).filter(|it| it.len() > 1) {
                let is_known = known.contains(&name)
                    || types.iter().any(|it| it.contains(name))
                    || wit.contains(name);
                assert!(is_known, "{module}: {name} is neither on the page nor in the WIT: {line}");
            }
        }
    }
}
