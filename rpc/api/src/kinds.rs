//! The types of parameters in the words of JSON: what each is, and what is wrong with a given one.
//!
//! The messages of the JSON library describe Rust's types, so no client sees them: a parameter is checked here
//! before the library reads it.

use std::borrow::Cow;
use std::fmt;

use ehb_types::{Hash, Name};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::{At, Base64, Bytes, Detail, Method, Parameter};

/// How much of a wrong value an error shows, characters.
const SHOWN_CHARS_MAX: usize = 64;

/// A type of a parameter.
enum Kind {
    /// Any JSON.
    Any,
    /// A value that has no parts: its description, and whether some JSON is one.
    Value(&'static str, fn(&str) -> bool),
    /// An array of values of one type.
    List(&'static Self),
    /// An object of these members.
    Object(&'static [Member]),
}

/// A member of an object: its name, its type, and whether it must be given.
struct Member(&'static str, Kind, Given);

/// Whether a member must be given.
#[derive(Clone, Copy)]
enum Given {
    Always,
    OrLeftOut,
    /// It can be left out, or be `null`, which means the same.
    OrNull,
}

const U32: Kind = Kind::Value("a whole number from 0 to 4294967295", is::<u32>);
const U64: Kind = Kind::Value("a whole number from 0 to 18446744073709551615", is::<u64>);
const BOOL: Kind = Kind::Value("true or false", is::<bool>);
const TEXT: Kind = Kind::Value("text", is_text);
const HASH: Kind = Kind::Value("a hash: 64 hex digits in lower case", is::<Hash>);
const NAME: Kind =
    Kind::Value("a name: 1 to 64 of a-z, 0-9 and -, starting with a letter", is::<Name>);
const BYTES: Kind =
    Kind::Value("bytes: an even number of hex digits in lower case after 0x", is::<Bytes>);
const BASE64: Kind =
    Kind::Value("a transaction in padded base64 (RFC 4648), not in hex", is_transaction);
const AT: Kind = Kind::Value(
    "a height as a number, a block's hash as 64 hex digits, or a time as {\"timestampMs\": number}",
    is::<At>,
);
const DETAIL: Kind = Kind::Value("\"header\", \"ids\", \"full\" or \"canonical\"", is::<Detail>);
const POSITION: Kind =
    Kind::Object(&[Member("height", U64, Given::Always), Member("index", U32, Given::Always)]);
const STATE_KEY: Kind =
    Kind::Object(&[Member("module", NAME, Given::OrNull), Member("key", BYTES, Given::Always)]);
const FILTER: Kind = Kind::Object(&[
    Member("sender", TEXT, Given::OrNull),
    Member("ids", Kind::List(&HASH), Given::OrNull),
    Member("module", NAME, Given::OrNull),
    Member("event", TEXT, Given::OrNull),
    Member("account", TEXT, Given::OrNull),
    Member("withoutEvents", BOOL, Given::OrLeftOut),
]);

/// The type with a name in Rust; none if it has no description here, which a test excludes.
fn kind_of(name: &str) -> Option<Kind> {
    Some(match name {
        "At" => AT,
        "Base64" => BASE64,
        "Detail" => DETAIL,
        "Hash" => HASH,
        "Name" => NAME,
        "Position" => POSITION,
        "ReceiptFilter" => FILTER,
        "StateKey" => STATE_KEY,
        "Strict" => Kind::Any,
        "String" => TEXT,
        "Vec<Base64>" => Kind::List(&BASE64),
        "u32" => U32,
        "u64" => U64,
        _ => return None,
    })
}

fn is<T: DeserializeOwned>(json: &str) -> bool {
    serde_json::from_str::<T>(json).is_ok()
}

/// A text is not read here, because it can be long.
fn is_text(json: &str) -> bool {
    json.starts_with('"')
}

/// Some hex digits are base64 too, but no transaction begins with the bytes that `0x` would be.
fn is_transaction(json: &str) -> bool {
    !json.starts_with("\"0x") && !json.starts_with("\"0X") && is::<Base64>(json)
}

impl Parameter {
    /// Whether its type is described here.
    pub fn is_described(&self) -> bool {
        kind_of(self.kind).is_some()
    }

    /// Says what is wrong with the JSON of this parameter.
    pub fn check(&self, json: &str) -> Result<(), String> {
        match kind_of(self.kind) {
            _ if json == "null" && !self.is_required => Ok(()),
            Some(kind) => kind.check(self.name, json),
            None => Ok(()),
        }
    }
}

impl Kind {
    /// Checks the value at a path.
    fn check(&self, path: &str, json: &str) -> Result<(), String> {
        match self {
            Self::Any => Ok(()),
            Self::Value(_, is_one) if is_one(json) => Ok(()),
            Self::Value(..) => Err(self.wrong(path, json)),
            Self::List(of) => {
                let mut found = Ok(());
                let read = Items(|at, item: &RawValue| {
                    found = of.check(&format!("{path}[{at}]"), item.get());
                    found.is_ok()
                });
                read_json(json, read).map_err(|_| self.wrong(path, json))?;
                found
            }
            Self::Object(members) => {
                let entries = read_json(json, Entries).map_err(|_| self.wrong(path, json))?;
                let is_known = |name: &str| members.iter().any(|member| member.0 == name);
                check_names(&entries, is_known).map_err(|problem| {
                    let known: Vec<_> = members.iter().map(|member| member.0).collect();
                    format!("{path} has {problem}; it can have {}", known.join(", "))
                })?;
                members.iter().try_for_each(|member| member.check(path, &entries))
            }
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Any => "JSON".to_owned(),
            Self::Value(words, _) => (*words).to_owned(),
            Self::List(of) => format!("an array, each item of it {}", of.words()),
            Self::Object(members) => {
                let names: Vec<_> = members.iter().map(|member| member.0).collect();
                format!("an object of {}", names.join(", "))
            }
        }
    }

    fn wrong(&self, path: &str, json: &str) -> String {
        let mut shown: String = json.chars().take(SHOWN_CHARS_MAX).collect();
        if shown.len() < json.len() {
            shown.push_str("...");
        }
        format!("{path} must be {}; got {shown}", self.words())
    }
}

impl Member {
    fn check(&self, path: &str, entries: &[Entry<'_>]) -> Result<(), String> {
        let Self(name, kind, given) = self;
        match (entries.iter().find(|(key, _)| key == name), given) {
            (Some((_, json)), Given::OrNull) if json.get() == "null" => Ok(()),
            (Some((_, json)), _) => kind.check(&format!("{path}.{name}"), json.get()),
            (None, Given::Always) => Err(format!("{path}.{name} is missing")),
            (None, _) => Ok(()),
        }
    }
}

/// A key of an object and its value.
type Entry<'a> = (Cow<'a, str>, &'a RawValue);

/// How many entries of an object are read: more than any has names, so if there are more, one of these has no
/// known name, or the name of another.
const ENTRIES_MAX: usize = 16;

/// Reads JSON to its end.
fn read_json<'a, V: Visitor<'a>>(json: &'a str, visitor: V) -> serde_json::Result<V::Value> {
    let mut reader = serde_json::Deserializer::from_str(json);
    let value = reader.deserialize_any(visitor)?;
    reader.end().map(|()| value)
}

/// Reads the first entries of an object, in their order, and skips the others.
struct Entries;

impl<'a> Visitor<'a> for Entries {
    type Value = Vec<Entry<'a>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while entries.len() < ENTRIES_MAX
            && let Some((Key(key), value)) = map.next_entry::<Key<'a>, &RawValue>()?
        {
            entries.push((key, value));
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(entries)
    }
}

/// Reads the items of an array with their places, until the function says that it is enough, and skips the others.
struct Items<F>(F);

impl<'a, F: FnMut(usize, &'a RawValue) -> bool> Visitor<'a> for Items<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'a>>(mut self, mut items: A) -> Result<(), A::Error> {
        let mut at = 0;
        while let Some(item) = items.next_element()? {
            if !(self.0)(at, item) {
                break;
            }
            at += 1;
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// A key, borrowed if it has no escapes.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// Says which key is unknown or used twice.
fn check_names(entries: &[Entry<'_>], is_known: impl Fn(&str) -> bool) -> Result<(), String> {
    for (at, (key, _)) in entries.iter().enumerate() {
        let shown = || key.chars().take(SHOWN_CHARS_MAX).collect::<String>();
        if !is_known(key) {
            return Err(format!("no member {:?}", shown()));
        }
        if entries[..at].iter().any(|(other, _)| other == key) {
            return Err(format!("the member {:?} twice", shown()));
        }
    }
    Ok(())
}

impl Method {
    /// Says what is wrong with the parameters of a call, an array or an object: unknown, duplicate and missing
    /// ones, and values of another type.
    pub fn check(&self, params: &str) -> Result<(), String> {
        match params.starts_with('[') {
            true => self.check_array(params),
            false => self.check_object(params),
        }
    }

    fn check_array(&self, params: &str) -> Result<(), String> {
        let mut values = Vec::new();
        let read = Items(|at, value| {
            values.push(value);
            at < self.parameters.len()
        });
        read_json(params, read).map_err(|_| NO_PARAMETERS)?;
        if values.len() > self.parameters.len() {
            return Err(format!("{} has no parameter {}", self.call(), values.len()));
        }
        let mut values = values.into_iter();
        self.parameters.iter().try_for_each(|it| self.check_one(it, values.next()))
    }

    fn check_object(&self, params: &str) -> Result<(), String> {
        let entries = read_json(params, Entries).map_err(|_| NO_PARAMETERS)?;
        let is_known = |name: &str| self.parameters.iter().any(|it| it.name == name);
        check_names(&entries, is_known).map_err(|problem| {
            format!("{} has {}", self.call(), problem.replacen("member", "parameter", 1))
        })?;
        let value = |name: &str| entries.iter().find(|(key, _)| key == name).map(|entry| entry.1);
        self.parameters.iter().try_for_each(|it| self.check_one(it, value(it.name)))
    }

    fn check_one(&self, parameter: &Parameter, value: Option<&RawValue>) -> Result<(), String> {
        match value {
            Some(value) => parameter.check(value.get()),
            None if parameter.is_required => {
                Err(format!("{} needs the parameter {}", self.call(), parameter.name))
            }
            None => Ok(()),
        }
    }

    /// Its name with the names of its parameters.
    fn call(&self) -> String {
        let names: Vec<_> = self.parameters.iter().map(|it| it.name).collect();
        format!("{}({})", self.name, names.join(", "))
    }
}

const NO_PARAMETERS: &str = "parameters are an array or an object";
