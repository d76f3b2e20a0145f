//! Describes a module's functions and events, and converts their arguments, results and errors.

use ehb_types::{Address, Network};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::check::{check_value, walk};
use crate::{Field, Reader, Type, TypeError, ValueError, from_json, to_json};

/// The interface of a module: its callable functions and the type of its events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interface {
    /// The functions, ascending by name; no name twice.
    pub functions: Vec<Function>,
    /// The type of the events that the module emits; none if it emits none.
    pub event: Option<Type>,
}

/// A function that users and other modules can call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Its name, unique in the module.
    pub name: String,
    /// Its exported interface, such as `ehb:wallet/transfers@1.0.0`.
    pub interface: String,
    /// Its parameters in order.
    pub parameters: Vec<Field>,
    /// Its result as declared; usually a [`Type::Result`].
    pub result: Option<Type>,
    /// Its doc comment; may be empty.
    pub docs: String,
}

impl Interface {
    /// The function of this name.
    pub fn function(&self, name: &str) -> Option<&Function> {
        let position = self.functions.binary_search_by(|known| known.name.as_str().cmp(name));
        position.ok().map(|position| &self.functions[position])
    }

    /// Decodes one of the module's events to JSON; `None` if the module emits none.
    pub fn event_to_json(
        &self,
        network: Network,
        data: &[u8],
    ) -> Option<Result<Value, ValueError>> {
        self.event.as_ref().map(|kind| to_json(network, kind, data))
    }

    /// The name of one of the module's events, if its event type is a variant or an enum.
    pub fn event_name(&self, data: &[u8]) -> Option<&str> {
        let case = usize::from(*data.first()?);
        match self.event.as_ref()? {
            Type::Variant(cases) => cases.get(case).map(|case| case.name.as_str()),
            Type::Enum(names) => names.get(case).map(String::as_str),
            _ => None,
        }
    }

    /// The names that [`Self::event_name`] can return.
    pub fn event_names(&self) -> Vec<&str> {
        match &self.event {
            Some(Type::Variant(cases)) => cases.iter().map(|case| case.name.as_str()).collect(),
            Some(Type::Enum(names)) => names.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether an event of the module contains an address.
    pub fn event_mentions(&self, data: &[u8], address: &Address) -> bool {
        mentions(self.event.as_slice(), data, address)
    }

    /// Checks every type. Call it before using an interface from an untrusted node.
    pub fn check(&self) -> Result<(), TypeError> {
        for function in &self.functions {
            function.parameters.iter().try_for_each(|field| field.kind.check())?;
            function.result.as_ref().map_or(Ok(()), Type::check)?;
        }
        self.event.as_ref().map_or(Ok(()), Type::check)
    }
}

impl Function {
    /// The type of a successful call's output: the payload of `ok`, or the plain result.
    pub fn output(&self) -> Option<&Type> {
        match &self.result {
            Some(Type::Result { ok, .. }) => ok.as_deref(),
            plain => plain.as_ref(),
        }
    }

    /// The type of the function's error, if it has a payload.
    pub fn error(&self) -> Option<&Type> {
        match &self.result {
            Some(Type::Result { err, .. }) => err.as_deref(),
            _ => None,
        }
    }

    /// Encodes arguments, which are an object by name or an array by position.
    pub fn arguments_from_json(
        &self,
        network: Network,
        arguments: &Value,
    ) -> Result<Vec<u8>, ValueError> {
        from_json::arguments(network, &self.parameters, arguments)
    }

    /// Decodes arguments to an object by name.
    pub fn arguments_to_json(&self, network: Network, bytes: &[u8]) -> Result<Value, ValueError> {
        let mut reader = Reader::new(bytes);
        let mut members = Map::new();
        for field in &self.parameters {
            let value = to_json::read(network, &field.kind, &mut reader)
                .map_err(|error| error.in_field(&field.name))?;
            members.insert(field.name.clone(), value);
        }
        reader.finish()?;
        Ok(Value::Object(members))
    }

    /// Checks that the bytes are the canonical encoding of the arguments.
    pub fn check_arguments(&self, bytes: &[u8]) -> Result<(), ValueError> {
        let mut reader = Reader::new(bytes);
        for field in &self.parameters {
            check_value(&field.kind, &mut reader).map_err(|error| error.in_field(&field.name))?;
        }
        reader.finish()
    }

    /// Whether the arguments contain an address.
    pub fn arguments_mention(&self, bytes: &[u8], address: &Address) -> bool {
        mentions(self.parameters.iter().map(|field| &field.kind), bytes, address)
    }

    /// Whether the output of a successful call contains an address.
    pub fn output_mentions(&self, bytes: &[u8], address: &Address) -> bool {
        mentions(self.output(), bytes, address)
    }

    /// Whether an error of the function contains an address.
    pub fn error_mentions(&self, bytes: &[u8], address: &Address) -> bool {
        mentions(self.error(), bytes, address)
    }

    /// Decodes the output of a successful call to JSON; `null` for a function without output.
    pub fn output_to_json(&self, network: Network, bytes: &[u8]) -> Result<Value, ValueError> {
        payload_to_json(network, self.output(), bytes)
    }

    /// Decodes an error of the function to JSON; `null` if it has no payload.
    pub fn error_to_json(&self, network: Network, bytes: &[u8]) -> Result<Value, ValueError> {
        payload_to_json(network, self.error(), bytes)
    }
}

/// Whether a sequence of values contains an address at a position of that type. If the bytes are not
/// canonical, the search ends at the error.
fn mentions<'a>(
    kinds: impl IntoIterator<Item = &'a Type>,
    bytes: &[u8],
    address: &Address,
) -> bool {
    let (mut reader, mut found) = (Reader::new(bytes), false);
    let mut visit = |seen: &[u8]| found |= seen == address.0;
    let walked = kinds.into_iter().try_for_each(|kind| walk(kind, &mut reader, &mut visit));
    // The canonical bytes were checked when the receipt was made.
    drop(walked);
    found
}

fn payload_to_json(
    network: Network,
    kind: Option<&Type>,
    bytes: &[u8],
) -> Result<Value, ValueError> {
    match kind {
        Some(kind) => to_json(network, kind, bytes),
        None => Reader::new(bytes).finish().map(|()| Value::Null),
    }
}
