//! Values of WIT as JSON, as the chain's nodes return them; natively, for tests that hand a module's events and answers to
//! programs outside the chain. It is derived: the bindings of a module do so for every type of its WIT.

pub use serde_json::Value;

use crate::{Address, Hash};

/// A value that has a form in JSON.
///
/// The forms are those of the nodes: numbers of 64 bits are decimal texts, bytes and hashes are hex, names are those of the
/// WIT. Only addresses differ: they are hex, because natively there is no network whose prefix they could have.
pub trait Json {
    /// The value as JSON.
    fn to_json(&self) -> Value;

    /// A list of such values as JSON.
    fn list_to_json(list: &[Self]) -> Value
    where
        Self: Sized,
    {
        list.iter().map(Self::to_json).collect()
    }
}

/// A record of its fields.
pub fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The answer of a read: the value, or the module's error.
///
/// # Errors
/// The error of the module.
pub fn answer<T: Json, E: Json>(result: Result<T, E>) -> Result<Value, Value> {
    result.map(|value| value.to_json()).map_err(|error| error.to_json())
}

/// The arguments of a read, a JSON object.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'a>(pub &'a Value);

impl Arguments<'_> {
    /// A number, of up to 64 bits: JSON has those of 64 as texts.
    pub fn number(&self, name: &str) -> Option<u64> {
        match self.0.get(name)? {
            Value::String(text) => text.parse().ok(),
            other => other.as_u64(),
        }
    }

    /// A text, such as an asset id or the name of an organisation.
    pub fn text(&self, name: &str) -> Option<String> {
        self.0.get(name)?.as_str().map(str::to_owned)
    }

    /// An address, in hex as [`Address::to_hex`] writes it.
    pub fn address(&self, name: &str) -> Option<Address> {
        let text = self.0.get(name)?.as_str()?;
        let digits = (0..32).map(|place| text.get(2 * place..2 * place + 2));
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(digits) {
            *byte = u8::from_str_radix(digits?, 16).ok()?;
        }
        (text.len() == 64).then(|| Address::from_bytes(&bytes))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Json for u8 {
    fn to_json(&self) -> Value {
        (*self).into()
    }

    fn list_to_json(list: &[Self]) -> Value {
        format!("0x{}", hex(list)).into()
    }
}

macro_rules! plain {
    ($($type:ty),*) => {$(
        impl Json for $type {
            fn to_json(&self) -> Value {
                self.clone().into()
            }
        }
    )*};
}

plain!(bool, u16, u32, i8, i16, i32, String);

impl Json for u64 {
    fn to_json(&self) -> Value {
        self.to_string().into()
    }
}

impl Json for i64 {
    fn to_json(&self) -> Value {
        self.to_string().into()
    }
}

impl Address {
    /// The address as its JSON has it.
    pub fn to_hex(self) -> String {
        hex(&self.to_bytes())
    }
}

impl Json for Address {
    fn to_json(&self) -> Value {
        self.to_hex().into()
    }
}

impl Json for Hash {
    fn to_json(&self) -> Value {
        hex(&self.to_bytes()).into()
    }
}

impl<T: Json> Json for Option<T> {
    fn to_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, Json::to_json)
    }
}

impl<T: Json> Json for Vec<T> {
    fn to_json(&self) -> Value {
        T::list_to_json(self)
    }
}

impl<A: Json, B: Json> Json for (A, B) {
    fn to_json(&self) -> Value {
        Value::Array(vec![self.0.to_json(), self.1.to_json()])
    }
}
