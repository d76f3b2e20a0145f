//! A rule: all modules have the same files, interfaces and shared types.

use std::collections::{BTreeMap, BTreeSet};

use crate::wit::{cases, lines};
use crate::{File, Tree};

/// What the folder of every module has: a reader of one module finds everything in the next.
const FILES: [&str; 20] = [
    "README.md",
    "src/checks.rs",
    "src/keys.rs",
    "src/lib.rs",
    "src/rules.rs",
    "src/rules/deadlines.rs",
    "src/rules/queries.rs",
    "src/states.rs",
    "src/tests.rs",
    "src/tests/conservation.rs",
    "src/tests/costs.rs",
    "src/tests/diagram.rs",
    "src/tests/matrix.rs",
    "src/tests/rebuild.rs",
    "src/tests/refusals.rs",
    "src/tests/table.rs",
    "wit/events.wit",
    "wit/queries.wit",
    "wit/types.wit",
    "wit/world.wit",
];

/// The interfaces that the world of every module exports, and imports.
const INTERFACES: [&str; 4] =
    ["export ehb:common/deadlines@1.0.0;", "export queries;", "export upgrade;", "import events;"];

/// Where the types and the refusals that all modules share are.
pub(crate) const COMMON: &str = "sdk/contract/wit/common/types.wit";
/// The functions, events and errors of the kernel, which clients read as those of a module.
const KERNEL: &str = "runtime/executor/wit/kernel.wit";
/// What a time in milliseconds has to be.
const UNITS: &str = "time-ms or duration-ms";
/// What the name of an organisation has to be.
const ORGANISATION: &str = "organisation-name";
/// What the name of a role has to be.
const ROLE: &str = "role-name";
/// The shared refusal that stands for all of a module's own.
const OTHER: &str = "other";

/// The interface in which a module's reads are: the deadlines of `ehb:common` have one too, `list-due`.
const READS: &str = "queries";

/// The records, cases and functions in which a bare number counts something or has a form of its own, and its name there.
/// Every other number, such as an id, an amount, a time, a part or a version, has a type with a name, so that generated
/// clients and readers know what it is.
const COUNTED: &[(&str, &[&str])] = &[
    // Numbers and bounds of any parameter, and an item of any kind.
    ("range", &["given", "max", "min"]),
    ("item", &["id"]),
    // What a dispute is about: of another kind in each module, as in an item.
    ("dispute", &["item-id"]),
    ("document", &["size"]),
    ("months", &["count"]),
    ("period", &["days", "weeks"]),
    ("rating-sum", &["count", "sum"]),
    ("posting", &["hired"]),
    ("posting-change", &["hired"]),
    ("posting-details", &["positions"]),
    // Pieces of goods.
    ("add-stock", &["quantity"]),
    ("remove-stock", &["quantity"]),
    ("move-stock", &["quantity"]),
    ("stock-level", &["available", "on-hand", "reserved"]),
    ("stock-shortfall", &["available", "needed"]),
    ("stock-excess", &["added", "on-hand"]),
    ("quantity-shortfall", &["available", "needed"]),
    ("cancellation-count", &["cancelled-today"]),
    ("cancellation-limit", &["cancelled-today"]),
    // Units of a service, uses of it, and what limits count of either.
    ("authorise-usage", &["quantity-max"]),
    ("capture-usage", &["quantity"]),
    ("capture", &["quantity"]),
    ("usage", &["quantity", "quantity-max"]),
    ("usage-report", &["quantity"]),
    ("price", &["per"]),
    ("set-price", &["per"]),
    ("statement-line", &["quantity", "usages"]),
    ("limit", &["max"]),
    ("limit-state", &["counted", "counted-before", "counted-earlier"]),
    ("limit-excess", &["added", "counted"]),
    ("statement", &["entries"]),
];

/// The names that may stand for another type in each module that has them, and of what each is there.
const OWN_NAMES: &[(&str, &str)] = &[
    ("error", "why the module refuses a call: every module has one"),
    ("event", "what the module emits: every module has one"),
    ("invitation", "of an account to apply for a job, and of an organisation to the chain"),
    ("offer", "of a contract, and of a split in a dispute"),
    ("policy", "of an account's spending, and of its keys"),
    ("price", "of a variant in an asset, and of a service in credits"),
    ("rating", "of a contract's parties, and of a sub-order's sides"),
    ("rating-state", "a contract's can end unrated, a sub-order's cannot"),
    ("side", "client and contractor, buyer and seller, payer and payee"),
    ("statement", "of an account's asset, and of its credits of a programme"),
    ("terms", "of a store, and of a dispute"),
];

/// The pages that list ids or addresses, and why.
const BARE_PAGES: &[(&str, &str)] = &[(
    "customer-page",
    "an account has no record in a programme: `get-credit-balance` reads what it has",
)];

/// Pieces of machinery that `sdk/contract` has, as a module would write them again.
const MACHINERY: &[(&str, &str)] = &[
    ("60 * 60 * 1_000", "use ehb_contract::calendar"),
    ("struct Machine", "use ehb_contract::Machine"),
    ("fn out_of_range", "use ehb_contract::checks"),
    ("fn cut<", "use ehb_contract::page"),
    ("(u64, u8, u64), ()>", "use ehb_contract::Deadlines"),
    ("fn list_due(", "use ehb_contract::deadlines!"),
    ("wit_bindgen::generate", "use ehb_contract::module!"),
    ("enter_module(", "name the module under `calls` of ehb_contract::module!"),
    ("impl Emit for", "ehb_contract::module! does it"),
    ("impl Named for", "derive it"),
    ("impl Pack for", "derive it"),
];

/// Modules that differ from the others in shape: a file or an interface that one lacks, a shared type that one
/// declares again, a name that is another type in another module, a page without records, refusals that do not begin
/// with the shared ones, machinery that is in `sdk/contract`.
pub fn modules(tree: &Tree) -> Vec<String> {
    let folders: BTreeSet<&str> = tree.files().iter().filter_map(|file| folder(file)).collect();
    let common = tree.files().iter().find(|file| file.path == COMMON);
    let common = common.map_or("", |file| file.text.as_str());
    let mut violations: Vec<String> =
        folders.into_iter().flat_map(|folder| module(tree, folder, common)).collect();
    let wit = |file: &&File| {
        file.path == COMMON || file.path.starts_with("contracts/") && file.path.ends_with(".wit")
    };
    violations.extend(tree.files().iter().filter(wit).flat_map(bare));
    violations.extend(repeated(tree));
    violations.extend(ambiguous(tree));
    violations.extend(bare_pages(tree));
    let kernel = tree.files().iter().filter(|file| file.path == KERNEL);
    for file in kernel {
        // It has prices and parameters beside what it counts.
        let ends = |it: &String| [UNITS, ORGANISATION, ROLE].iter().any(|end| it.ends_with(end));
        violations.extend(bare(file).into_iter().filter(ends));
        if !cases(&file.text, "error").starts_with(&shared_cases(common)) {
            violations
                .push(format!("{KERNEL}: its error does not begin with the cases of `refusal`"));
        }
    }
    violations
}

/// Types that two places declare alike, under one name or two: they are one type, of `ehb:common`, of `ehb:dispute`, or
/// of the module. The interface `upgrade`, which each module has for its own error, reads the same in all of them.
fn repeated(tree: &Tree) -> Vec<String> {
    let (mut found, mut upgrade) = (Vec::new(), None);
    let mut known: BTreeMap<String, (&str, &str)> = BTreeMap::new();
    for file in tree.files().iter().filter(|file| is_interface(file)) {
        for (name, content) in contents(&file.text) {
            let (other, path) = *known.entry(content).or_insert((name, &file.path));
            if (other, path) != (name, file.path.as_str()) {
                found.push(format!("{}: {name} is {other} of {path} again", file.path));
            }
        }
        let text = file.text.split_once("interface upgrade {").map(|(_, text)| text);
        let Some(text) = text.and_then(|text| text.split_once("};")).map(|(_, text)| text.trim())
        else {
            continue;
        };
        if *upgrade.get_or_insert(text) != text {
            found.push(format!(
                "{}: its interface upgrade reads otherwise than another's",
                file.path
            ));
        }
    }
    found
}

/// Names of types that stand for another type in another module: code and people that read both take one for the other.
fn ambiguous(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    let mut known: BTreeMap<&str, (&str, String)> = BTreeMap::new();
    for file in tree.files().iter().filter(|file| is_interface(file)) {
        let types = contents(&file.text).into_iter();
        for (name, content) in types.filter(|(name, _)| !is_listed(OWN_NAMES, name)) {
            let Some((path, other)) = known.get(name) else {
                known.insert(name, (&file.path, content));
                continue;
            };
            if package(path) != package(&file.path) && *other != content {
                found.push(format!("{}: {name} is another type than that of {path}", file.path));
            }
        }
    }
    found
}

/// Pages that list bare ids: who reads one asks again for each, and an entry cannot grow.
fn bare_pages(tree: &Tree) -> Vec<String> {
    let mut records: Vec<(&str, &str, String)> = Vec::new();
    for file in tree.files().iter().filter(|file| is_interface(file)) {
        let types = contents(&file.text).into_iter();
        let types = types.filter(|(_, content)| content.starts_with("record "));
        records.extend(types.map(|(name, content)| (file.path.as_str(), name, content)));
    }
    let names: BTreeSet<&str> = records.iter().map(|(_, name, _)| *name).collect();
    let mut found = Vec::new();
    for (path, name, content) in &records {
        if !name.ends_with("-page") || is_listed(BARE_PAGES, name) {
            continue;
        }
        let entries = content.split("list<").skip(1).filter_map(|it| it.split('>').next());
        for entry in entries.filter(|entry| !names.contains(entry.trim_start_matches('%'))) {
            found.push(format!("{path}: {name} lists a bare {entry}: list records"));
        }
    }
    found
}

/// Whether a file is the WIT of a module, of what modules share, or of the kernel.
fn is_interface(file: &File) -> bool {
    let is_module = file.path.starts_with("contracts/") && file.path.ends_with(".wit");
    is_module || file.path == KERNEL || file.path == COMMON
}

/// The folder of the module that a WIT file belongs to.
fn package(path: &str) -> &str {
    path.split_once("/wit/").map_or(path, |(folder, _)| folder)
}

fn is_listed(names: &[(&str, &str)], name: &str) -> bool {
    names.iter().any(|(it, _)| *it == name)
}

/// What each record, variant, enum and alias of a WIT text is, without its name and documentation. An alias of a number
/// is a type of its own, which its name makes.
fn contents(wit: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let mut open: Option<(&str, String)> = None;
    for line in lines(wit).filter(|line| !line.is_empty()) {
        if let Some((name, content)) = &mut open {
            if line == "}" {
                found.push((*name, std::mem::take(content)));
                open = None;
            } else {
                content.push_str(line);
            }
        } else if line.starts_with("type ") {
            found.extend(declared(line).into_iter().map(|name| (name, line.to_owned())));
        } else if line.ends_with('{') {
            let kind = line.split(' ').next().unwrap_or_default();
            open = declared(line).first().map(|name| (*name, format!("{kind} ")));
        }
    }
    found
}

/// Fields, parameters, results and cases of a WIT file that are a bare number or text although there is a type with a
/// name.
fn bare(file: &File) -> Vec<String> {
    let (mut found, mut of) = (Vec::new(), "");
    for (number, line) in file.text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with("//") || line.starts_with("type ") {
            continue;
        }
        let function = line.split_once(": func(").map(|(name, _)| name);
        of = function.or_else(|| declared(line).first().copied()).unwrap_or(of);
        // What a number or text is of: the last word before it that is no type of types.
        let mut name = "";
        let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '>');
        for word in words.map(|word| word.trim_matches('>')).filter(|word| !word.is_empty()) {
            if matches!(word, "option" | "list" | "tuple") {
                continue;
            }
            match instead_of(word, of, name) {
                Some(instead) => {
                    let (path, number) = (&file.path, number + 1);
                    found.push(format!("{path}:{number}: {name} is a bare {word}: use {instead}"));
                }
                None => name = word,
            }
        }
    }
    found
}

/// The type that a field, parameter or result of this name should have instead of a bare one.
fn instead_of(word: &str, of: &str, name: &str) -> Option<&'static str> {
    let is =
        |what: &str| name == what || name.strip_suffix(what).is_some_and(|it| it.ends_with('-'));
    let is_counted = COUNTED.iter().any(|(it, names)| *it == of && names.contains(&name));
    match word {
        "u64" | "u16" if name.ends_with("-ms") => Some(UNITS),
        "u64" | "u16" if !is_counted => Some("a type with a name"),
        "u8" if is("score") => Some("score"),
        "u32" if is("version") || name == "in-force" => Some("version"),
        "u32" if matches!(name, "line" | "shipment") => Some("a type with a name"),
        "string" if name == "asset" => Some("asset-id"),
        "string" if is("organisation") => Some(ORGANISATION),
        "string" if is("role") => Some(ROLE),
        _ => None,
    }
}

/// The folder of the module that a manifest is for: one whose package exports an interface.
pub(crate) fn folder(file: &File) -> Option<&str> {
    let folder = file.path.strip_suffix("/Cargo.toml").filter(|it| it.starts_with("contracts/"))?;
    file.text.contains("\"cdylib\"").then_some(folder)
}

fn module(tree: &Tree, folder: &str, common: &str) -> Vec<String> {
    let inside = |file: &&File| file.path.starts_with(&format!("{folder}/"));
    let files: Vec<&File> = tree.files().iter().filter(inside).collect();
    let has = |path: &str| files.iter().any(|file| file.path == format!("{folder}/{path}"));
    let lacking = FILES.iter().filter(|path| !has(path));
    let mut violations: Vec<String> =
        lacking.map(|path| format!("{folder} lacks {path}, which every module has")).collect();

    let wit: Vec<&&File> = files.iter().filter(|file| file.path.ends_with(".wit")).collect();
    for interface in INTERFACES {
        if !wit.iter().any(|file| lines(&file.text).any(|line| line == interface)) {
            violations.push(format!("{folder}: its world lacks `{interface}`"));
        }
    }
    let shared = declared(common);
    for file in &wit {
        for name in declared(&file.text).into_iter().filter(|name| shared.contains(name)) {
            violations.push(format!("{}: {name} is a type of ehb:common: use it", file.path));
        }
    }
    let wanted = shared_cases(common);
    let errors = wit.iter().map(|file| cases(&file.text, "error")).find(|found| !found.is_empty());
    if !errors.unwrap_or_default().starts_with(&wanted) {
        violations.push(format!("{folder}: its error does not begin with the cases of `refusal`"));
    }
    for (interface, function) in wit.iter().flat_map(|file| exported(&file.text)) {
        let is_read = is_read(&files, &function);
        if is_read.is_some_and(|is_read| is_read != (interface == READS)) {
            let instead = if interface == READS { "it changes the state" } else { "it only reads" };
            violations
                .push(format!("{folder}: {interface}.{function}: {instead}: reads are in {READS}"));
        }
    }
    for file in files.iter().filter(|file| file.path.ends_with(".rs") && !file.is_test()) {
        for (piece, instead) in MACHINERY.iter().filter(|(piece, _)| file.text.contains(piece)) {
            violations.push(format!("{} has `{piece}`: {instead}", file.path));
        }
    }
    violations
}

/// The functions of a WIT text, each after its interface.
fn exported(wit: &str) -> Vec<(String, String)> {
    let (mut interface, mut found) = (String::new(), Vec::new());
    for line in lines(wit) {
        if let Some(name) = line.strip_prefix("interface ") {
            interface = name.trim_end_matches(" {").to_owned();
        } else if let Some((name, _)) = line.split_once(": func(") {
            found.push((interface.clone(), name.to_owned()));
        }
    }
    found
}

/// Whether a module's function only reads, as its rule says: a read gets the chain as `&Host`. None for a function
/// without a rule of its own, such as an event.
fn is_read(files: &[&File], function: &str) -> Option<bool> {
    let name = format!("pub fn {}(", function.replace('-', "_"));
    let rules = files.iter().filter(|file| file.path.contains("/src/rules") && !file.is_test());
    let mut signatures = rules.filter_map(|file| Some(file.text.split_once(&name)?.1.trim_start()));
    signatures.next().map(|signature| signature.starts_with("host: &Host"))
}

/// The cases with which each error begins.
fn shared_cases(common: &str) -> Vec<&str> {
    cases(common, "refusal").into_iter().filter(|case| *case != OTHER).collect()
}

/// The records, variants, enums and aliases that a WIT text declares.
fn declared(wit: &str) -> Vec<&str> {
    let kinds = ["record ", "variant ", "enum ", "type "];
    let rest = |line: &'_ str| kinds.iter().find_map(|kind| line.strip_prefix(kind).map(str::len));
    let named = lines(wit).filter_map(|line| Some(&line[line.len() - rest(line)?..]));
    named.filter_map(|it| it.trim_start_matches('%').split([' ', '=', '{']).next()).collect()
}
