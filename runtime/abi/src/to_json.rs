//! Decodes canonical bytes to JSON in the forms that the crate's documentation lists.

use ehb_types::{Address, Hash, Network};
use serde_json::{Map, Value};

use crate::reader::flag_is_set;
use crate::{Problem, Reader, Type, ValueError};

/// Decodes canonical bytes to a JSON value.
pub fn to_json(network: Network, kind: &Type, bytes: &[u8]) -> Result<Value, ValueError> {
    let mut reader = Reader::new(bytes);
    let value = read(network, kind, &mut reader)?;
    reader.finish()?;
    Ok(value)
}

pub(crate) fn read(
    network: Network,
    kind: &Type,
    reader: &mut Reader<'_>,
) -> Result<Value, ValueError> {
    Ok(match kind {
        Type::Bool => reader.bit()?.into(),
        Type::U8 => reader.u8()?.into(),
        Type::U16 => reader.u16()?.into(),
        Type::U32 => reader.u32()?.into(),
        Type::U64 => reader.u64()?.to_string().into(),
        Type::S8 => reader.s8()?.into(),
        Type::S16 => reader.s16()?.into(),
        Type::S32 => reader.s32()?.into(),
        Type::S64 => reader.s64()?.to_string().into(),
        Type::Char => reader.char()?.to_string().into(),
        Type::String => reader.text()?.into(),
        Type::Address => Address(reader.word32()?).to_text(network).into(),
        Type::Hash => Hash(reader.word32()?).to_string().into(),
        Type::Enum(names) => names[reader.case(names.len())?].as_str().into(),
        Type::Flags(names) => {
            let bits = reader.flags(names.len())?;
            let set = names.iter().enumerate().filter(|(index, _)| flag_is_set(bits, *index));
            set.map(|(_, name)| name.as_str()).collect()
        }
        nested => {
            reader.enter()?;
            let value = read_nested(network, nested, reader)?;
            reader.leave();
            value
        }
    })
}

fn read_nested(
    network: Network,
    kind: &Type,
    reader: &mut Reader<'_>,
) -> Result<Value, ValueError> {
    Ok(match kind {
        Type::List(element) => {
            let count = reader.count(element)?;
            if **element == Type::U8 {
                return Ok(format!("0x{}", hex::encode(reader.take(count)?)).into());
            }
            let element = |index| {
                read(network, element, reader).map_err(|error: ValueError| error.in_element(index))
            };
            Value::Array((0..count).map(element).collect::<Result<_, _>>()?)
        }
        Type::Option(inner) => match (reader.bit()?, &**inner) {
            (false, _) => Value::Null,
            (true, Type::Option(_)) => object("some", read(network, inner, reader)?),
            (true, _) => read(network, inner, reader)?,
        },
        Type::Result { ok, err } => {
            let (name, payload) = if reader.bit()? { ("ok", ok) } else { ("err", err) };
            let value = match payload {
                Some(kind) => read(network, kind, reader).map_err(|e| e.in_field(name))?,
                None => Value::Null,
            };
            object(name, value)
        }
        Type::Tuple(kinds) => {
            let element = |(index, kind)| {
                read(network, kind, reader).map_err(|error: ValueError| error.in_element(index))
            };
            Value::Array(kinds.iter().enumerate().map(element).collect::<Result<_, _>>()?)
        }
        Type::Record(fields) => {
            let mut members = Map::new();
            for field in fields {
                let value =
                    read(network, &field.kind, reader).map_err(|e| e.in_field(&field.name))?;
                members.insert(field.name.clone(), value);
            }
            Value::Object(members)
        }
        Type::Variant(cases) => {
            let case = &cases[reader.case(cases.len())?];
            match &case.kind {
                Some(kind) => {
                    let value = read(network, kind, reader).map_err(|e| e.in_field(&case.name))?;
                    object(&case.name, value)
                }
                None => case.name.as_str().into(),
            }
        }
        _ => return Err(Problem::BadType.into()),
    })
}

fn object(name: &str, value: Value) -> Value {
    let mut members = Map::new();
    members.insert(name.to_owned(), value);
    Value::Object(members)
}
