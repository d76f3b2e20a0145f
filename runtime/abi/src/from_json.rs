//! Encodes JSON values and a function's arguments as canonical bytes, and checks them against their types.

use std::fmt::{self, Display, Write as _};
use std::str::FromStr;

use ehb_types::{Address, Hash, Network};
use serde_json::{Map, Value};

use crate::{Case, DEPTH_MAX, Field, Problem, Type, ValueError};

/// How much of a rejected value an error shows, in characters.
const SHOWN_CHARS_MAX: usize = 60;

/// Encodes a JSON value as canonical bytes.
pub fn from_json(network: Network, kind: &Type, value: &Value) -> Result<Vec<u8>, ValueError> {
    let mut writer = Writer { network, bytes: Vec::new(), depth: 0 };
    writer.value(kind, value)?;
    Ok(writer.bytes)
}

/// Encodes several values in sequence: a function's arguments.
pub(crate) fn arguments(
    network: Network,
    parameters: &[Field],
    value: &Value,
) -> Result<Vec<u8>, ValueError> {
    let mut writer = Writer { network, bytes: Vec::new(), depth: 0 };
    match value {
        Value::Array(values) => {
            for (index, field) in parameters.iter().enumerate() {
                let value = values.get(index).ok_or_else(|| missing(&field.name))?;
                writer.value(&field.kind, value).map_err(|e| e.in_field(&field.name))?;
            }
            if values.len() > parameters.len() {
                let known = names(parameters.iter().map(|field| &field.name));
                return Err(ValueError::from(Problem::Unknown(known)).in_element(parameters.len()));
            }
        }
        Value::Object(members) => writer.fields(parameters, members)?,
        other => {
            return Err(expected(
                "the arguments as an object by name or an array by position",
                other,
            ));
        }
    }
    Ok(writer.bytes)
}

struct Writer {
    network: Network,
    bytes: Vec<u8>,
    depth: usize,
}

impl Writer {
    fn value(&mut self, kind: &Type, value: &Value) -> Result<(), ValueError> {
        match kind {
            Type::Bool => {
                let value = value.as_bool().ok_or_else(|| wrong(kind, value))?;
                self.bytes.push(value.into());
            }
            Type::U8 => self.raw(&integer::<u8>(kind, value)?.to_le_bytes()),
            Type::U16 => self.raw(&integer::<u16>(kind, value)?.to_le_bytes()),
            Type::U32 => self.raw(&integer::<u32>(kind, value)?.to_le_bytes()),
            Type::U64 => self.raw(&long::<u64>(kind, value)?.to_le_bytes()),
            Type::S8 => self.raw(&integer::<i8>(kind, value)?.to_le_bytes()),
            Type::S16 => self.raw(&integer::<i16>(kind, value)?.to_le_bytes()),
            Type::S32 => self.raw(&integer::<i32>(kind, value)?.to_le_bytes()),
            Type::S64 => self.raw(&long::<i64>(kind, value)?.to_le_bytes()),
            Type::Char => {
                let mut chars = text(kind, value)?.chars();
                let (Some(char), None) = (chars.next(), chars.next()) else {
                    return Err(wrong(kind, value));
                };
                self.raw(&u32::from(char).to_le_bytes());
            }
            Type::String => {
                let text = text(kind, value)?;
                self.length(text.len())?;
                self.raw(text.as_bytes());
            }
            Type::Address => {
                let address = Address::from_text(self.network, text(kind, value)?);
                self.raw(&address.map_err(Problem::Address)?.0);
            }
            Type::Hash => {
                let hash = Hash::from_str(text(kind, value)?).map_err(|_| wrong(kind, value))?;
                self.raw(hash.as_bytes());
            }
            Type::Enum(list) => {
                let name = text(kind, value)?;
                let case = list.iter().position(|known| known == name);
                self.case(case.ok_or_else(|| unknown(name, names(list.iter())))?)?;
            }
            Type::Flags(list) => self.flags(list, kind, value)?,
            nested => {
                self.depth += 1;
                if self.depth > DEPTH_MAX {
                    return Err(Problem::BadType.into());
                }
                self.nested(nested, value)?;
                self.depth -= 1;
            }
        }
        Ok(())
    }

    fn nested(&mut self, kind: &Type, value: &Value) -> Result<(), ValueError> {
        match kind {
            Type::List(element) if **element == Type::U8 => self.hex(kind, value),
            Type::List(element) => {
                let values = value.as_array().ok_or_else(|| wrong(kind, value))?;
                if element.bytes_min() == 0 {
                    return Err(Problem::ZeroSize.into());
                }
                self.length(values.len())?;
                values.iter().enumerate().try_for_each(|(index, value)| {
                    self.value(element, value).map_err(|error| error.in_element(index))
                })
            }
            Type::Option(inner) => {
                self.bytes.push((!value.is_null()).into());
                match (value, &**inner) {
                    (Value::Null, _) => Ok(()),
                    (value, Type::Option(_)) => {
                        let some = only_member(value).filter(|(name, _)| *name == "some");
                        let (_, some) = some.ok_or_else(|| {
                            expected("null or an object with \"some\" as the only key", value)
                        })?;
                        self.value(inner, some)
                    }
                    (value, _) => self.value(inner, value),
                }
            }
            Type::Result { ok, err } => {
                let (name, inner) = only_member(value).ok_or_else(|| wrong(kind, value))?;
                let (tag, payload) = match name {
                    "ok" => (1, ok),
                    "err" => (0, err),
                    _ => return Err(unknown(name, "ok, err".to_owned())),
                };
                self.bytes.push(tag);
                match payload {
                    Some(payload) => self.value(payload, inner).map_err(|e| e.in_field(name)),
                    None if inner.is_null() => Ok(()),
                    None => Err(expected("null", inner).in_field(name)),
                }
            }
            Type::Tuple(kinds) => {
                let values = value.as_array().filter(|values| values.len() == kinds.len());
                let values = values.ok_or_else(|| {
                    expected(&format!("an array of {} values", kinds.len()), value)
                })?;
                kinds.iter().zip(values).enumerate().try_for_each(|(index, (kind, value))| {
                    self.value(kind, value).map_err(|error| error.in_element(index))
                })
            }
            Type::Record(fields) => {
                self.fields(fields, value.as_object().ok_or_else(|| wrong(kind, value))?)
            }
            Type::Variant(cases) => self.variant(cases, kind, value),
            _ => Err(Problem::BadType.into()),
        }
    }

    fn fields(&mut self, fields: &[Field], members: &Map<String, Value>) -> Result<(), ValueError> {
        for field in fields {
            let value = members.get(&field.name).ok_or_else(|| missing(&field.name))?;
            self.value(&field.kind, value).map_err(|error| error.in_field(&field.name))?;
        }
        let known = |name: &String| fields.iter().any(|field| field.name == *name);
        match members.keys().find(|name| !known(name)) {
            Some(name) => Err(unknown(name, names(fields.iter().map(|field| &field.name)))),
            None => Ok(()),
        }
    }

    fn variant(&mut self, cases: &[Case], kind: &Type, value: &Value) -> Result<(), ValueError> {
        let (name, payload) = match value {
            Value::String(name) => (name.as_str(), None),
            other => {
                let (name, payload) = only_member(other).ok_or_else(|| wrong(kind, other))?;
                (name, Some(payload))
            }
        };
        let position = cases.iter().position(|case| case.name == name);
        let position =
            position.ok_or_else(|| unknown(name, names(cases.iter().map(|case| &case.name))))?;
        self.case(position)?;
        match (&cases[position].kind, payload) {
            (None, None) => Ok(()),
            (Some(kind), Some(value)) => self.value(kind, value).map_err(|e| e.in_field(name)),
            (Some(_), None) => Err(expected(&format!("{{{name:?}: its payload}}"), value)),
            (None, Some(_)) => Err(expected(&format!("{name:?} alone, without payload"), value)),
        }
    }

    fn flags(&mut self, list: &[String], kind: &Type, value: &Value) -> Result<(), ValueError> {
        let mut bits = vec![0u8; list.len().div_ceil(8)];
        for value in value.as_array().ok_or_else(|| wrong(kind, value))? {
            let name = text(&Type::String, value)?;
            let index = list.iter().position(|known| known == name);
            let index = index.ok_or_else(|| unknown(name, names(list.iter())))?;
            let (byte, bit) = (&mut bits[index / 8], 1 << (index % 8));
            if *byte & bit != 0 {
                return Err(ValueError::from(Problem::Twice).in_field(name));
            }
            *byte |= bit;
        }
        self.raw(&bits);
        Ok(())
    }

    fn hex(&mut self, kind: &Type, value: &Value) -> Result<(), ValueError> {
        let digits = text(kind, value)?.strip_prefix("0x").ok_or_else(|| wrong(kind, value))?;
        if digits.bytes().any(|digit| digit.is_ascii_uppercase()) {
            return Err(wrong(kind, value));
        }
        self.length(digits.len() / 2)?;
        let bytes = hex::decode(digits).map_err(|_| wrong(kind, value))?;
        self.raw(&bytes);
        Ok(())
    }

    fn case(&mut self, position: usize) -> Result<(), ValueError> {
        self.bytes.push(u8::try_from(position).map_err(|_| Problem::BadType)?);
        Ok(())
    }

    fn length(&mut self, length: usize) -> Result<(), ValueError> {
        let length = u32::try_from(length).map_err(|_| Problem::TooLong)?;
        self.raw(&length.to_le_bytes());
        Ok(())
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }
}

/// An integer of at most 32 bits: a JSON number.
fn integer<T: TryFrom<i64>>(kind: &Type, value: &Value) -> Result<T, ValueError> {
    let number = value.as_i64().and_then(|number| T::try_from(number).ok());
    number.ok_or_else(|| wrong(kind, value))
}

/// A 64-bit integer: decimal text in its shortest form, or an integer number.
fn long<T: FromStr + Display>(kind: &Type, value: &Value) -> Result<T, ValueError> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if !number.is_f64() => number.to_string(),
        _ => return Err(wrong(kind, value)),
    };
    let number = text.parse::<T>().ok().filter(|number| number.to_string() == text);
    number.ok_or_else(|| wrong(kind, value))
}

fn text<'a>(kind: &Type, value: &'a Value) -> Result<&'a str, ValueError> {
    value.as_str().ok_or_else(|| wrong(kind, value))
}

fn only_member(value: &Value) -> Option<(&str, &Value)> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    members.iter().next().map(|(name, value)| (name.as_str(), value))
}

fn missing(name: &str) -> ValueError {
    ValueError::from(Problem::Missing).in_field(name)
}

fn unknown(name: &str, known: String) -> ValueError {
    let shown: String = name.chars().take(SHOWN_CHARS_MAX).collect();
    ValueError::from(Problem::Unknown(known)).in_field(&shown)
}

fn wrong(kind: &Type, value: &Value) -> ValueError {
    expected(kind.described(), value)
}

fn expected(expected: &str, value: &Value) -> ValueError {
    let mut shown = Beginning { text: String::new(), left: SHOWN_CHARS_MAX };
    if write!(shown, "{value}").is_err() {
        shown.text.push_str("...");
    }
    Problem::Expected { expected: expected.to_owned(), got: shown.text }.into()
}

/// Keeps the first characters of a text and then stops the formatting, so that the cost does not depend on
/// the size and depth of the value.
struct Beginning {
    text: String,
    left: usize,
}

impl fmt::Write for Beginning {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        for character in piece.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(character);
        }
        Ok(())
    }
}

/// The names in one line, for a message.
fn names<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let list = names.map(String::as_str).collect::<Vec<_>>().join(", ");
    if list.is_empty() { "none".to_owned() } else { list }
}
