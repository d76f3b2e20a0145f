//! The layout of every type that is encoded, read from the source, so that none can be forgotten: types that derive an
//! encoding or write their own, the keys under which things are stored, and the WIT of the modules.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ehb_crypto::{Domain, hash};
use quote::ToTokens;
use syn::{Attribute, Fields, ImplItem, Item};

/// The folders with types that peers, disks and clients see.
const FOLDERS: [&str; 17] = [
    "runtime/crypto/src",
    "runtime/types/src",
    "runtime/state/src",
    "runtime/kernel/src",
    "runtime/executor/src",
    "runtime/vm/src",
    "node/network/src",
    "node/consensus/src",
    "node/replica/src",
    "node/store/src",
    "node/app/src",
    "contracts/credit",
    "contracts/dispute",
    "contracts/jobs",
    "contracts/marketplace",
    "contracts/wallet",
    "sdk/contract/src",
];

/// Files that are a format as a whole.
const FILES: [&str; 12] = [
    "contracts/credit/src/keys.rs",
    "contracts/jobs/src/keys.rs",
    "contracts/marketplace/src/keys.rs",
    "contracts/wallet/src/keys.rs",
    "node/network/src/hello.rs",
    "node/store/src/family.rs",
    "node/store/src/history/chunk.rs",
    "node/store/src/history/key.rs",
    "node/store/src/history/record.rs",
    "node/store/src/keys.rs",
    "node/store/src/receipts.rs",
    "runtime/kernel/src/keys.rs",
];

/// What derives or implements an encoding.
const ENCODINGS: [&str; 3] = ["BorshSerialize", "BorshDeserialize", "Pack"];

pub(super) fn root() -> PathBuf {
    // As of the run: a build cache may hold this test from a checkout at another place.
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    Path::new(&package).join("../..")
}

/// The hash of each layout, by its name.
pub(super) fn all() -> BTreeMap<String, ehb_types::Hash> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for folder in FOLDERS {
        let mut parts = folder.split('/').skip(1);
        let package = parts.next().unwrap();
        for path in files(&root().join(folder)) {
            let text = std::fs::read_to_string(&path).unwrap();
            if path.extension().is_some_and(|it| it == "wit") {
                let stem = path.file_stem().unwrap().to_string_lossy();
                found.insert(format!("wit: {package}/{stem}"), without_comments(&text));
                continue;
            }
            for (name, layout) in layouts(&text) {
                // A name can be used by several types of a package.
                found.entry(format!("layout: {package}::{name}")).or_default().push_str(&layout);
            }
        }
    }
    for file in FILES {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        let tokens = syn::parse_file(&text).unwrap();
        let items = tokens.items.into_iter().filter(|item| !matches!(item, Item::Use(_)));
        let items = items.map(|item| plain(item).to_token_stream().to_string());
        found.insert(format!("file: {file}"), items.collect());
    }
    let hashed =
        |(name, layout): (String, String)| (name, hash(Domain::ModuleData, layout.as_bytes()));
    found.into_iter().map(hashed).collect()
}

/// The sources below a folder, but no tests, in their order.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let mut entries: Vec<PathBuf> = entries.collect();
    entries.sort();
    let mut found = Vec::new();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            found.extend(files(&path));
        } else if name != "tests.rs" && (name.ends_with(".rs") || name.ends_with(".wit")) {
            found.push(path);
        }
    }
    found
}

fn without_comments(wit: &str) -> String {
    let lines = wit.lines().map(|line| line.split("//").next().unwrap().trim());
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The layouts in a file: name and text.
fn layouts(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for item in syn::parse_file(text).unwrap().items {
        match &item {
            Item::Struct(it) if is_encoded(&it.attrs) => {
                found.push((it.ident.to_string(), plain(item).to_token_stream().to_string()));
            }
            Item::Enum(it) if is_encoded(&it.attrs) => {
                found.push((it.ident.to_string(), plain(item).to_token_stream().to_string()));
            }
            Item::Impl(it) => {
                let Some((_, of, _)) = &it.trait_ else { continue };
                let name = of.segments.last().unwrap().ident.to_string();
                if ENCODINGS.contains(&name.as_str()) {
                    let of = it.self_ty.to_token_stream().to_string();
                    found.push((of, plain(item).to_token_stream().to_string()));
                }
            }
            _ => {}
        }
    }
    found
}

fn is_encoded(attributes: &[Attribute]) -> bool {
    attributes.iter().filter(|it| it.path().is_ident("derive")).any(|it| {
        let derived = it.meta.require_list().unwrap().tokens.to_string();
        derived.split(',').any(|it| ENCODINGS.contains(&it.trim()))
    })
}

/// Whether an attribute changes the encoding.
fn is_layout(attribute: &Attribute) -> bool {
    ["borsh", "repr"].iter().any(|it| attribute.path().is_ident(it))
}

/// An item without what does not change its layout: documentation, lints, and other derives.
fn plain(mut item: Item) -> Item {
    match &mut item {
        Item::Struct(it) => {
            it.attrs.retain(is_layout);
            plain_fields(&mut it.fields);
        }
        Item::Enum(it) => {
            it.attrs.retain(is_layout);
            for case in &mut it.variants {
                case.attrs.retain(is_layout);
                plain_fields(&mut case.fields);
            }
        }
        Item::Impl(it) => {
            it.attrs.clear();
            for item in &mut it.items {
                if let ImplItem::Fn(it) = item {
                    it.attrs.clear();
                }
            }
        }
        Item::Const(it) => it.attrs.clear(),
        Item::Fn(it) => it.attrs.clear(),
        _ => {}
    }
    item
}

fn plain_fields(fields: &mut Fields) {
    fields.iter_mut().for_each(|field| field.attrs.retain(is_layout));
}
