//! Converts between people's names and their addresses in JSON values.

use serde_json::Value;

/// The people's names with their addresses as text.
#[derive(Clone, Debug)]
pub struct Names(Vec<(String, String)>);

impl Names {
    /// Each name with the address that it stands for.
    pub fn new<N: Into<String>>(names: impl IntoIterator<Item = (N, String)>) -> Self {
        Self(names.into_iter().map(|(name, address)| (name.into(), address)).collect())
    }

    /// The value with addresses for names, as `@alice`.
    pub fn to_addresses(&self, value: &Value) -> Value {
        replaced(value, &|text| {
            let name = text.strip_prefix('@')?;
            self.0.iter().find(|(it, _)| it == name).map(|(_, address)| address.clone())
        })
    }

    /// The value with names for addresses.
    pub fn to_names(&self, value: &Value) -> Value {
        replaced(value, &|text| {
            let (name, _) = self.0.iter().find(|(_, address)| address == text)?;
            Some(format!("@{name}"))
        })
    }
}

/// The value, with every string replaced for which `other` has a replacement.
fn replaced(value: &Value, other: &impl Fn(&str) -> Option<String>) -> Value {
    match value {
        Value::String(text) => Value::String(other(text).unwrap_or_else(|| text.clone())),
        Value::Array(items) => items.iter().map(|item| replaced(item, other)).collect(),
        Value::Object(members) => {
            let members = members.iter();
            Value::Object(members.map(|(key, it)| (key.clone(), replaced(it, other))).collect())
        }
        plain => plain.clone(),
    }
}
