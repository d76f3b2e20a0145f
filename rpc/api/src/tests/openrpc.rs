//! The OpenRPC document is generated here: methods from [`METHODS`], schemas from the source of the types with their
//! documentation, examples from the answers of a real chain.

#![expect(clippy::panic, reason = "a test fails by it where a type has no schema")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use serde_json::{Map, Value, json};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Expr, ExprLit, Field, Fields, GenericArgument, Item, Lit, Meta, PathArguments,
    Token, Type, UseTree,
};

use crate::{
    ERROR_TEXT_BYTES_MAX, FILTER_IDS_MAX, METHODS, Method, OPENRPC, RECEIPTS_PER_MESSAGE_MAX,
    rpc_number,
};

/// The files with types that answers contain, by crate.
const SOURCES: [(&str, &str); 17] = [
    ("crate", "src/account.rs"),
    ("crate", "src/chain.rs"),
    ("crate", "src/error.rs"),
    ("crate", "src/module.rs"),
    ("crate", "src/receipt.rs"),
    ("crate", "src/state.rs"),
    ("crate", "src/transaction.rs"),
    ("ehb_types", "../../runtime/types/src/account.rs"),
    ("ehb_types", "../../runtime/types/src/address.rs"),
    ("ehb_types", "../../runtime/types/src/parameters.rs"),
    ("ehb_types", "../../runtime/types/src/parameters/governance.rs"),
    ("ehb_types", "../../runtime/types/src/parameters/quotas.rs"),
    ("ehb_crypto", "../../runtime/crypto/src/merkle.rs"),
    ("ehb_state", "../../runtime/state/src/tree/proof.rs"),
    ("ehb_abi", "../../runtime/abi/src/interface.rs"),
    ("ehb_abi", "../../runtime/abi/src/kind.rs"),
    ("ehb_types", "../../runtime/types/src/roles.rs"),
];

/// What a real chain answers, from a test of the devnet: method, parameters and result of each.
const EXAMPLES: &str = "../../testnet/devnet/tests/devnet/examples.json";

/// The answers of the server's tests, of which the examples of subscriptions are.
const SUBSCRIPTIONS: &str = "../server/tests/server/answers";

/// The schema of a type whose JSON is not that of its fields.
fn written(name: &str) -> Option<Value> {
    let text = |pattern: &str, about: &str| json!({"type": "string", "pattern": pattern, "description": about});
    Some(match name {
        "Hash" => text("^[0-9a-f]{64}$", "A SHA-256 hash: 64 hex digits in lower case."),
        "PublicKey" => {
            text("^[0-9a-f]{64}$", "An Ed25519 public key: 64 hex digits in lower case.")
        }
        "Signature" => {
            text("^[0-9a-f]{128}$", "An Ed25519 signature: 128 hex digits in lower case.")
        }
        "Name" => text("^[a-z][a-z0-9-]{0,63}$", "A name."),
        "RoleName" => text(
            "^[a-z][a-z0-9-]{0,63}(@[a-z][a-z0-9-]{0,63})?$",
            "A role: of all modules, or with the name of the only module in which it counts.",
        ),
        "ChainId" => text("^[a-z][a-z0-9-]{0,63}$", "The id of a chain."),
        "Bytes" => text("^0x([0-9a-f]{2})*$", "Bytes in hex."),
        "Base64" => text("^[A-Za-z0-9+/]*={0,2}$", "Bytes in padded base64 (RFC 4648)."),
        "Decimal" => {
            text("^(0|[1-9][0-9]{0,19})$", "A 64-bit number without sign, in decimal digits.")
        }
        "At" => json!({
            "description": "The state after a block: its height, its hash, or a time, which selects the last block that is not later.",
            "oneOf": [
                {"type": "integer", "minimum": 0},
                {"$ref": "#/components/schemas/Hash"},
                {
                    "type": "object",
                    "properties": {"timestampMs": {"type": "integer", "minimum": 0}},
                    "required": ["timestampMs"],
                    "additionalProperties": false,
                },
            ],
        }),
        _ => return None,
    })
}

/// The folder of the package. As of the run: a build cache may hold this test from a checkout at another place.
fn package() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").unwrap().into()
}

/// A type in its file.
struct Definition {
    file: usize,
    item: Item,
}

/// All types by crate and name, and the crates from which each file imports names.
struct Sources {
    definitions: BTreeMap<(&'static str, String), Definition>,
    imports: Vec<BTreeMap<String, String>>,
    schemas: BTreeMap<String, Value>,
    /// The type whose schema is being made.
    current: Option<(&'static str, String)>,
}

impl Sources {
    fn read() -> Self {
        let mut definitions = BTreeMap::new();
        let mut imports = Vec::new();
        for (file, (owner, path)) in SOURCES.into_iter().enumerate() {
            let path = package().join(path);
            let source = syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap();
            let mut imported = BTreeMap::new();
            for item in source.items {
                match &item {
                    Item::Struct(it) => {
                        definitions
                            .insert((owner, it.ident.to_string()), Definition { file, item });
                    }
                    Item::Enum(it) => {
                        definitions
                            .insert((owner, it.ident.to_string()), Definition { file, item });
                    }
                    Item::Use(it) => collect(&it.tree, None, &mut imported),
                    _ => {}
                }
            }
            imports.push(imported);
        }
        Self { definitions, imports, schemas: BTreeMap::new(), current: None }
    }

    /// The schema of a type that a file names.
    fn schema(&mut self, file: usize, kind: &Type) -> Value {
        let Type::Path(path) = kind else { panic!("a type in an answer is no path") };
        let last = path.path.segments.last().unwrap();
        let name = last.ident.to_string();
        let inner = match &last.arguments {
            PathArguments::AngleBracketed(arguments) => match arguments.args.first() {
                Some(GenericArgument::Type(inner)) => Some(inner),
                _ => None,
            },
            _ => None,
        };
        match (name.as_str(), inner) {
            ("Option", Some(inner)) => {
                json!({"oneOf": [self.schema(file, inner), {"type": "null"}]})
            }
            ("Vec" | "BTreeSet", Some(inner)) => {
                json!({"type": "array", "items": self.schema(file, inner)})
            }
            ("Box", Some(inner)) => self.schema(file, inner),
            ("String", None) => json!({"type": "string"}),
            ("bool", None) => json!({"type": "boolean"}),
            ("u8" | "u16" | "u32" | "u64", None) => json!({"type": "integer", "minimum": 0}),
            ("i64", None) => json!({"type": "integer"}),
            // Any JSON.
            ("Value" | "Strict" | "RawValue", None) => json!({}),
            ("Self", None) => {
                let (owner, name) =
                    self.current.clone().expect("Self is a type that is being made");
                self.reference(owner, owner, &name)
            }
            (_, None) => {
                let qualified = path.path.segments.first().filter(|it| it.ident != last.ident);
                let owner = qualified.map(|it| it.ident.to_string());
                let owner = owner.or_else(|| self.imports[file].get(&name).cloned());
                self.reference(owner.as_deref().unwrap_or(SOURCES[file].0), SOURCES[file].0, &name)
            }
            _ => panic!("no schema for {name}"),
        }
    }

    /// A reference to the schema of a type, which is added to the document.
    fn reference(&mut self, named: &str, here: &'static str, name: &str) -> Value {
        let owner =
            SOURCES.iter().map(|(owner, _)| *owner).find(|it| *it == named && named != "crate");
        let owner = owner.unwrap_or(here);
        let title = match (owner, name) {
            ("ehb_types", "Status") => "AccountStatus",
            _ => name,
        };
        let reference = json!({"$ref": format!("#/components/schemas/{title}")});
        if self.schemas.contains_key(title) {
            return reference;
        }
        let schema = match written(name) {
            Some(schema) => schema,
            None => {
                self.schemas.insert(title.to_owned(), Value::Null);
                let outer = self.current.replace((owner, name.to_owned()));
                let schema = self.defined(owner, name);
                self.current = outer;
                schema
            }
        };
        self.schemas.insert(title.to_owned(), schema);
        if name == "At" {
            self.reference("ehb_types", here, "Hash");
        }
        reference
    }

    fn defined(&mut self, owner: &'static str, name: &str) -> Value {
        let Definition { file, item } = self
            .definitions
            .remove(&(owner, name.to_owned()))
            .unwrap_or_else(|| panic!("no schema for {owner}::{name}"));
        match item {
            Item::Struct(it) => {
                let serde = Serde::of(&it.attrs);
                described(self.object(file, &it.fields, &serde, None), &it.attrs)
            }
            Item::Enum(it) => {
                let serde = Serde::of(&it.attrs);
                let cases = it.variants.iter().map(|case| {
                    let name = serde.rename.apply(&case.ident.to_string());
                    let own = Serde::of(&case.attrs);
                    let fields = match own.rename == Rename::None {
                        true => Serde { rename: serde.rename_fields, ..own },
                        false => own,
                    };
                    let schema = match (&serde.tag, &case.fields) {
                        (Some(tag), fields_) => {
                            self.object(file, fields_, &fields, Some((tag, &name)))
                        }
                        (None, Fields::Unit) => json!({"const": name}),
                        (None, Fields::Unnamed(one)) => {
                            let payload = self.schema(file, &one.unnamed[0].ty);
                            only(&name, payload)
                        }
                        (None, named) => only(&name, self.object(file, named, &fields, None)),
                    };
                    described(schema, &case.attrs)
                });
                let cases: Vec<Value> = cases.collect();
                described(json!({"oneOf": cases}), &it.attrs)
            }
            _ => panic!("{name} is no type"),
        }
    }

    /// The schema of named fields, or of none; with the tag of an enum's case.
    fn object(
        &mut self,
        file: usize,
        fields: &Fields,
        serde: &Serde,
        tag: Option<(&str, &str)>,
    ) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        let mut parts = Vec::new();
        if let Some((tag, case)) = tag {
            properties.insert(tag.to_owned(), json!({"const": case}));
            required.push(tag.to_owned());
        }
        for field in fields {
            let own = Serde::of(&field.attrs);
            let schema = self.schema(file, &field.ty);
            if own.is_flattened {
                parts.push(schema);
                continue;
            }
            let name = name_of(field);
            let name = own.renamed.clone().unwrap_or_else(|| serde.rename.apply(&name));
            let can_be_left_out = own.has_default || own.can_be_skipped || serde.has_default;
            if !can_be_left_out {
                required.push(name.clone());
            }
            properties.insert(name, described(schema, &field.attrs));
        }
        let object = json!({"type": "object", "properties": properties, "required": required});
        match parts.is_empty() {
            true => object,
            false => {
                parts.push(object);
                json!({"allOf": parts})
            }
        }
    }

    /// The schema of a type that a method names. The traits' files import each name from the same crate.
    fn of_text(&mut self, kind: &str) -> Value {
        let chain = SOURCES.iter().position(|(_, path)| *path == "src/chain.rs").unwrap();
        self.schema(chain, &syn::parse_str(kind).unwrap())
    }
}

/// An object with one member.
fn only(name: &str, schema: Value) -> Value {
    json!({"type": "object", "properties": {name: schema}, "required": [name], "additionalProperties": false})
}

fn name_of(field: &Field) -> String {
    field.ident.as_ref().expect("fields have names").to_string()
}

/// The names that a file imports, each with its crate.
fn collect(tree: &UseTree, root: Option<&str>, found: &mut BTreeMap<String, String>) {
    match tree {
        UseTree::Path(path) => {
            let name = path.ident.to_string();
            collect(&path.tree, Some(root.unwrap_or(&name)), found);
        }
        UseTree::Group(group) => group.items.iter().for_each(|it| collect(it, root, found)),
        UseTree::Name(name) => {
            let root = root.unwrap_or_default().to_owned();
            found.insert(name.ident.to_string(), root);
        }
        _ => {}
    }
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Rename {
    #[default]
    None,
    Camel,
    Kebab,
    Lower,
}

impl Rename {
    fn of(text: &str) -> Self {
        match text {
            "camelCase" => Self::Camel,
            "kebab-case" => Self::Kebab,
            "lowercase" => Self::Lower,
            other => panic!("no rule for {other}"),
        }
    }

    fn apply(self, name: &str) -> String {
        let mut words: Vec<String> = Vec::new();
        for letter in name.chars() {
            match letter {
                '_' => words.push(String::new()),
                _ if letter.is_uppercase() || words.is_empty() => {
                    words.push(letter.to_lowercase().to_string());
                }
                _ => words.last_mut().unwrap().push(letter),
            }
        }
        let capital = |(at, word): (usize, &String)| match word.chars().next() {
            Some(first) if at > 0 => {
                format!("{}{}", first.to_uppercase(), &word[first.len_utf8()..])
            }
            _ => word.clone(),
        };
        match self {
            Self::None => name.to_owned(),
            Self::Camel => words.iter().enumerate().map(capital).collect(),
            Self::Kebab => words.join("-"),
            Self::Lower => words.concat(),
        }
    }
}

/// The attributes `serde` of a type, a case or a field.
#[derive(Default)]
struct Serde {
    rename: Rename,
    rename_fields: Rename,
    renamed: Option<String>,
    tag: Option<String>,
    has_default: bool,
    can_be_skipped: bool,
    is_flattened: bool,
}

impl Serde {
    fn of(attributes: &[Attribute]) -> Self {
        let mut found = Self::default();
        for attribute in attributes.iter().filter(|it| it.path().is_ident("serde")) {
            let parsed =
                attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).unwrap();
            for meta in parsed {
                let name = meta.path().get_ident().unwrap().to_string();
                let value = match &meta {
                    Meta::NameValue(pair) => text_of(&pair.value),
                    _ => None,
                };
                match (name.as_str(), value) {
                    ("rename_all", Some(rule)) => found.rename = Rename::of(&rule),
                    ("rename_all_fields", Some(rule)) => found.rename_fields = Rename::of(&rule),
                    ("rename", value) => found.renamed = value,
                    ("tag", value) => found.tag = value,
                    ("default", _) => found.has_default = true,
                    ("skip_serializing_if", _) => found.can_be_skipped = true,
                    ("flatten", _) => found.is_flattened = true,
                    ("deny_unknown_fields", _) => {}
                    (other, _) => panic!("no rule for {other}"),
                }
            }
        }
        found
    }
}

fn text_of(value: &Expr) -> Option<String> {
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = value else { return None };
    Some(text.value())
}

/// A schema with the doc comment as its description.
fn described(schema: Value, attributes: &[Attribute]) -> Value {
    let lines = attributes.iter().filter(|it| it.path().is_ident("doc"));
    let lines = lines.filter_map(|it| text_of(&it.meta.require_name_value().ok()?.value));
    let text: Vec<String> = lines.map(|it| it.trim().to_owned()).collect();
    let text = plain(&text.join(" "));
    match schema {
        _ if text.is_empty() => schema,
        // What is beside a reference is ignored by readers of JSON Schema 7.
        Value::Object(it) if it.contains_key("$ref") => json!({"allOf": [it], "description": text}),
        Value::Object(mut it) => {
            it.insert("description".to_owned(), json!(text));
            Value::Object(it)
        }
        other => other,
    }
}

/// Limits that the documentation of types names, with their values.
const LIMITS: [(&str, usize); 5] = [
    ("ERROR_TEXT_BYTES_MAX", ERROR_TEXT_BYTES_MAX),
    ("FILTER_IDS_MAX", FILTER_IDS_MAX),
    ("KEYS_MAX", ehb_types::KEYS_MAX),
    ("RECEIPTS_PER_MESSAGE_MAX", RECEIPTS_PER_MESSAGE_MAX),
    ("TRANSACTION_BYTES_MAX", ehb_types::TRANSACTION_BYTES_MAX as usize),
];

/// Documentation whose links to other items are names, and limits are numbers.
fn plain(text: &str) -> String {
    let text = LIMITS.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("[`{name}`]"), &value.to_string())
            .replace(&format!("[`crate::{name}`]"), &value.to_string())
    });
    let text = ["Header", "Ids", "Full", "Canonical"].iter().fold(text, |text, detail| {
        text.replace(&format!("[`Detail::{detail}`]"), &format!("`{}`", detail.to_lowercase()))
    });
    let links = ["[`crate::", "[`Self::", "[`ehb_types::", "[`"];
    links.iter().fold(text, |text, link| text.replace(link, "`")).replace("`]", "`")
}

fn method(method: &Method, sources: &mut Sources, examples: &[Value]) -> Value {
    let parameters = method.parameters.iter().map(|it| {
        json!({"name": it.name, "required": it.is_required, "schema": sources.of_text(it.kind)})
    });
    let parameters: Vec<Value> = parameters.collect();
    let documentation = plain(&method.description().replace('\n', " "));
    let summary = documentation.split_once(". ").map_or(documentation.as_str(), |(first, _)| first);
    let errors = method.errors().into_iter().map(|code| {
        json!({"code": rpc_number(code), "message": code.as_str(), "data": {"hint": code.hint()}})
    });
    let mut result = json!({"name": "result", "schema": sources.of_text(method.result)});
    if let Some(item) = method.item {
        result["name"] = json!("subscription");
        result["schema"]["description"] =
            json!("The id of the subscription, which its messages carry.");
        result["x-message"] = sources.of_text(item);
    }
    let namespace = method.name.split(['_', '.']).next();
    json!({
        "name": method.name,
        "tags": [{"name": namespace}],
        "summary": summary.trim_end_matches('.'),
        "description": documentation,
        "paramStructure": "either",
        "params": parameters,
        "result": result,
        "errors": errors.collect::<Vec<_>>(),
        "examples": examples_of(method, examples),
    })
}

/// The examples of a method: those of its answers that are a result.
fn examples_of(method: &Method, examples: &[Value]) -> Vec<Value> {
    let of_method =
        examples.iter().filter(|it| it["method"] == method.name && it.get("result").is_some());
    let pairs = of_method.map(|it| {
        let params = it["params"].as_object().unwrap().iter();
        let params: Vec<_> =
            params.map(|(name, value)| json!({"name": name, "value": value})).collect();
        json!({
            "name": it["case"],
            "params": params,
            "result": {"name": "result", "value": it["result"]},
        })
    });
    pairs.collect()
}

/// The examples of all methods.
fn examples() -> Vec<Value> {
    let text = fs::read_to_string(package().join(EXAMPLES)).unwrap();
    let mut all: Vec<Value> = serde_json::from_str(&text).unwrap();
    all.extend(subscriptions(&package().join(SUBSCRIPTIONS)));
    all
}

/// The examples of subscriptions and of their ends: the id in their answer is the same on all chains.
fn subscriptions(folder: &Path) -> Vec<Value> {
    let paths: BTreeSet<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    let read = |path: &PathBuf| {
        let mut example: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        example["case"] = json!(path.file_stem().unwrap().to_str().unwrap().replace('_', " "));
        example
    };
    let is_one = |it: &Value| it["method"].as_str().unwrap().contains("ubscribe");
    paths.iter().map(read).filter(is_one).collect()
}

/// The OpenRPC document.
pub(super) fn document() -> Value {
    let (mut sources, examples) = (Sources::read(), examples());
    let methods: Vec<Value> =
        METHODS.iter().map(|it| method(it, &mut sources, &examples)).collect();
    sources.reference("crate", "crate", "ErrorData");
    json!({
        "openrpc": "1.3.2",
        "info": {
            "title": "EHB node",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "JSON-RPC 2.0 over HTTP (POST /) and WebSocket. Keys are in camelCase; amounts and other 64-bit numbers are decimal texts, except heights, positions and times in milliseconds. The data of each error has a stable code, a hint, and whether a retry is safe: see the schema ErrorData.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "methods": methods,
        "components": {"schemas": sources.schemas},
    })
}

#[test]
fn the_document_of_all_methods_is_up_to_date() {
    let text = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    expect_file!["../openrpc.json"].assert_eq(&text);
}

#[test]
fn every_method_has_an_example_with_its_result_and_names_no_constant() {
    let document: Value = serde_json::from_str(OPENRPC).unwrap();
    for method in document["methods"].as_array().unwrap() {
        let is_itself = method["name"] == "rpc.discover";
        assert!(
            is_itself || !method["examples"].as_array().unwrap().is_empty(),
            "{}",
            method["name"]
        );
    }
    let text = OPENRPC.split('`');
    let unknown = |it: &&str| {
        it.ends_with("_MAX") && it.chars().all(|it| it.is_ascii_uppercase() || it == '_')
    };
    assert_eq!(text.filter(unknown).collect::<Vec<_>>(), Vec::<&str>::new());
}
