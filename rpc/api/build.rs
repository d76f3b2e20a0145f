//! Generates the table of methods, which `src/methods.rs` includes, from the RPC traits. So name, parameters,
//! documentation, errors, cost and example of a method are written once, in its trait.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

use quote::ToTokens;
use syn::{
    Attribute, Expr, ExprLit, FnArg, Item, ItemTrait, Lit, Pat, ReturnType, TraitItem, TraitItemFn,
    Type,
};

/// The files that contain RPC traits.
const FILES: [&str; 6] = ["account", "chain", "discover", "module", "state", "transaction"];

/// The name of a method, and its entry of the table as Rust code.
type Entry = (String, String);

fn main() -> Result<(), Box<dyn Error>> {
    let mut entries = Vec::new();
    for file in FILES {
        let path = format!("src/{file}.rs");
        println!("cargo::rerun-if-changed={path}");
        for item in syn::parse_file(&std::fs::read_to_string(&path)?)?.items {
            let Item::Trait(item) = item else { continue };
            let found = methods(&item).map_err(|error| format!("{path}: {error}"))?;
            entries.extend(found);
        }
    }
    entries.sort();
    let entries: String = entries.into_iter().map(|(_, entry)| entry).collect();
    let out = std::env::var("OUT_DIR")?;
    let table = format!(
        "/// All methods, ascending by name.\npub const METHODS: &[Method] = &[{entries}];\n"
    );
    std::fs::write(Path::new(&out).join("methods.rs"), table)?;
    Ok(())
}

/// The methods of a trait with the attribute `rpc`.
fn methods(item: &ItemTrait) -> Result<Vec<Entry>, Box<dyn Error>> {
    let Some(attributes) = attribute(&item.attrs, "rpc") else { return Ok(Vec::new()) };
    let namespace = value(&attributes, "namespace").ok_or("the trait has no namespace")?;
    let separator = value(&attributes, "namespace_separator").unwrap_or_else(|| "_".to_owned());
    let mut entries = Vec::new();
    for item in &item.items {
        let TraitItem::Fn(function) = item else { continue };
        let attributes = attribute(&function.attrs, "method")
            .or_else(|| attribute(&function.attrs, "subscription"))
            .ok_or_else(|| format!("{} is neither method nor subscription", function.sig.ident))?;
        let name = value(&attributes, "name").ok_or("a method has no name")?;
        let name = format!("{namespace}{separator}{name}");
        let item = attributes.split_once("item = ").and_then(|(_, rest)| rest.split(',').next());
        let entry = entry(&name, function, item).map_err(|it| format!("{name}: {it}"))?;
        entries.push((name.clone(), entry));
        if let Some(unsubscribe) = value(&attributes, "unsubscribe") {
            let unsubscribe = format!("{namespace}{separator}{unsubscribe}");
            let text = format!(
                "Method {{ name: {unsubscribe:?}, cost: Cost::Light, parameters: &[Parameter {{ \
                 name: \"subscription\", kind: \"u64\", is_required: true }}], \
                 result: \"bool\", item: None, documentation: \"Ends a subscription of `{name}`.\", \
                 example: \"{{\\\"subscription\\\": 1}}\" }},\n"
            );
            entries.push((unsubscribe, text));
        }
    }
    Ok(entries)
}

fn entry(name: &str, function: &TraitItemFn, item: Option<&str>) -> Result<String, Box<dyn Error>> {
    let documentation = documentation(&function.attrs);
    let (text, costs) = documentation.split_once("\n\nCost: `").ok_or(
        "its documentation must end with a paragraph such as: Cost: `read`. Example: `{}`.",
    )?;
    let (cost, rest) = costs.split_once('`').ok_or("its cost has no end")?;
    let example = rest.strip_prefix(". Example: `").and_then(|it| it.strip_suffix("`."));
    let example = example.ok_or("it has no example")?;
    let cost = match cost {
        "light" => "Light",
        "read" => "Read",
        "block" => "Block",
        "execution" => "Execution",
        "wait" => "Wait",
        "subscription" => "Subscription",
        other => return Err(format!("there is no cost {other}").into()),
    };
    let mut parameters = String::new();
    for input in &function.sig.inputs {
        let FnArg::Typed(argument) = input else { continue };
        let Pat::Ident(ident) = &*argument.pat else {
            return Err("a parameter has no name".into());
        };
        let renamed = attribute(&argument.attrs, "argument").and_then(|it| value(&it, "rename"));
        let parameter = renamed.unwrap_or_else(|| ident.ident.to_string());
        let (kind, is_required) = kind(&argument.ty);
        write!(
            parameters,
            "Parameter {{ name: {parameter:?}, kind: {kind:?}, is_required: {is_required} }}, "
        )?;
    }
    let result = match item {
        Some(_) => "u64".to_owned(),
        None => result(&function.sig.output).ok_or("it returns no RpcResult")?,
    };
    Ok(format!(
        "Method {{ name: {name:?}, cost: Cost::{cost}, parameters: &[{parameters}], \
         result: {result:?}, item: {item:?}, documentation: {text:?}, example: {example:?} }},\n"
    ))
}

/// The type in `RpcResult<...>` as text.
fn result(output: &ReturnType) -> Option<String> {
    let ReturnType::Type(_, kind) = output else { return None };
    let text = kind.to_token_stream().to_string().replace(' ', "");
    Some(text.strip_prefix("RpcResult<")?.strip_suffix('>')?.to_owned())
}

/// The type of a parameter as text, and whether it must be given.
fn kind(kind: &Type) -> (String, bool) {
    let text = kind.to_token_stream().to_string().replace(' ', "");
    match text.strip_prefix("Option<").and_then(|it| it.strip_suffix('>')) {
        Some(inner) => (inner.to_owned(), false),
        None => (text, true),
    }
}

fn documentation(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attribute in attributes.iter().filter(|it| it.path().is_ident("doc")) {
        let Ok(pair) = attribute.meta.require_name_value() else { continue };
        let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value else { continue };
        lines.push(text.value().trim().to_owned());
    }
    // In the table, names are no links.
    lines.join("\n").replace("[`crate::", "`").replace("`]", "`")
}

/// The tokens between the brackets of an attribute.
fn attribute(attributes: &[Attribute], name: &str) -> Option<String> {
    let attribute = attributes.iter().find(|it| it.path().is_ident(name))?;
    Some(attribute.meta.require_list().ok()?.tokens.to_string())
}

/// The text in `key = "text"`.
fn value(attribute: &str, key: &str) -> Option<String> {
    let (_, rest) = attribute.split_once(&format!("{key} = \""))?;
    Some(rest.split_once('"')?.0.to_owned())
}
