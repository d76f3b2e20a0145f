//! The arguments of a function, given as NAME=VALUE, by the types that the installed module declares.

use std::fs::File;
use std::io;

use ehb_console::read_text;
use ehb_sdk::api::At;
use ehb_sdk::{Client, Code, Function, Network, Type};
use ehb_types::Strict;
use serde_json::{Map, Value};

use crate::accounts::Accounts;
use crate::failure::{Exit, Failure};

/// The largest file with arguments, bytes: more than a transaction can have.
const FILE_BYTES_MAX: u64 = 8 << 20;

/// An argument of the command line.
#[derive(Clone, Debug)]
pub(super) struct Argument {
    name: String,
    value: String,
}

/// Parses NAME=VALUE.
pub(super) fn argument(text: &str) -> Result<Argument, String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok(Argument { name: name.to_owned(), value: value.to_owned() })
}

/// The function of the version of a module that was installed after a block, by default the last one.
pub(super) async fn function(
    client: &Client,
    module: &str,
    name: &str,
    at: Option<At>,
) -> Result<Function, Failure> {
    let described = match at {
        None => client.module(module).await?,
        Some(at) => client.module_at(module, at).await?.into(),
    };
    if let Some(function) = described.interface.function(name) {
        return Ok(function.clone());
    }
    let (then, option) = match at {
        None => ("", ""),
        Some(_) => (" in that state", " --at BLOCK"),
    };
    let message = format!("the module {module} has no function {name}{then}");
    Err(Failure::new(Exit::Usage, Code::UnknownFunction.as_str(), message)
        .hint(format!("see `ehb module show {module}{option}` for its functions")))
}

/// The arguments as an object by parameter: those of a file, if there is one, and those of the command line.
pub(super) fn object(
    accounts: &Accounts,
    network: Network,
    function: &Function,
    file: Option<&str>,
    given: &[Argument],
) -> Result<Value, Failure> {
    let mut object = file.map(from_file).transpose()?.unwrap_or_default();
    let bad = |message: String| {
        let parameters = function.parameters.iter().map(ToString::to_string);
        let parameters = parameters.collect::<Vec<_>>().join(", ");
        Failure::new(Exit::Usage, "BAD_ARGUMENT", message)
            .hint(format!("{} takes ({parameters})", function.name))
    };
    for Argument { name, value } in given {
        let parameter = function.parameters.iter().find(|it| it.name == *name);
        let parameter = parameter.ok_or_else(|| bad(format!("there is no argument {name:?}")))?;
        let value = read(accounts, network, &parameter.kind, value)
            .map_err(|error| error.unwrap_or_else(|message| bad(format!("{name}: {message}"))))?;
        if object.insert(name.clone(), value).is_some() {
            return Err(bad(format!("the argument {name:?} is given twice")));
        }
    }
    for parameter in &function.parameters {
        if !object.contains_key(&parameter.name) {
            if !matches!(parameter.kind, Type::Option(_)) {
                return Err(bad(format!("the argument {:?} is missing", parameter.name)));
            }
            object.insert(parameter.name.clone(), Value::Null);
        }
    }
    Ok(Value::Object(object))
}

/// Why a value is not accepted: an error of its own, or words about it.
enum Wrong {
    Failure(Failure),
    Words(String),
}

impl Wrong {
    fn unwrap_or_else(self, words: impl FnOnce(String) -> Failure) -> Failure {
        match self {
            Self::Failure(failure) => failure,
            Self::Words(message) => words(message),
        }
    }
}

/// Reads a value of a type: text as it is, accounts by name, everything that has parts as JSON.
fn read(accounts: &Accounts, network: Network, kind: &Type, text: &str) -> Result<Value, Wrong> {
    let number = || match text.parse::<i64>() {
        Ok(number) => Ok(Value::from(number)),
        Err(_) => Err(Wrong::Words(format!("{text:?} is not a {kind}"))),
    };
    match kind {
        Type::String | Type::Char | Type::Hash | Type::Enum(_) | Type::U64 | Type::S64 => {
            Ok(Value::from(text))
        }
        Type::Address => match accounts.party(network, text) {
            Ok(party) => Ok(Value::from(party.address.to_text(network))),
            Err(failure) => Err(Wrong::Failure(failure)),
        },
        Type::Bool => match text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(Wrong::Words(format!("{text:?} is neither true nor false"))),
        },
        Type::U8 | Type::U16 | Type::U32 | Type::S8 | Type::S16 | Type::S32 => number(),
        Type::Option(_) if text == "null" => Ok(Value::Null),
        Type::Option(inner) => read(accounts, network, inner, text),
        Type::List(inner) if **inner == Type::U8 && !text.starts_with('[') => Ok(Value::from(text)),
        // A case without a payload is written as its name.
        Type::Variant(_) if !text.starts_with(['{', '"']) => Ok(Value::from(text)),
        _ => {
            json(text).map_err(|error| Wrong::Words(format!("a {kind} is given as JSON: {error}")))
        }
    }
}

/// Reads JSON in which no key is twice.
fn json(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str::<Strict>(text).map(|strict| strict.0)
}

fn from_file(path: &str) -> Result<Map<String, Value>, Failure> {
    let bad = |message: String| {
        Failure::new(Exit::Usage, "BAD_FILE", format!("{path}: {message}"))
            .hint("give a file with one JSON object of arguments by name, or - for stdin")
    };
    let text = match path {
        "-" => read_text(io::stdin().lock(), FILE_BYTES_MAX),
        path => File::open(path).and_then(|file| read_text(file, FILE_BYTES_MAX)),
    };
    let text = text.map_err(|error| bad(error.to_string()))?;
    match json(&text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(bad("it is not an object".to_owned())),
        Err(error) => Err(bad(error.to_string())),
    }
}
