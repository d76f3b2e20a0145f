//! Converts canonical bytes to component values and back, by the ABI's types.

use ehb_abi::{Field, Problem, Reader, Type, ValueError};
use wasmtime::component::Val;

/// Decodes a function's arguments.
pub(crate) fn read_arguments(parameters: &[Field], bytes: &[u8]) -> Result<Vec<Val>, ValueError> {
    let mut reader = Reader::new(bytes);
    let mut values = Vec::with_capacity(parameters.len());
    for field in parameters {
        let value = read(&field.kind, &mut reader).map_err(|error| error.in_field(&field.name))?;
        values.push(value);
    }
    reader.finish()?;
    Ok(values)
}

fn read(kind: &Type, reader: &mut Reader<'_>) -> Result<Val, ValueError> {
    Ok(match kind {
        Type::Bool => Val::Bool(reader.bit()?),
        Type::U8 => Val::U8(reader.u8()?),
        Type::U16 => Val::U16(reader.u16()?),
        Type::U32 => Val::U32(reader.u32()?),
        Type::U64 => Val::U64(reader.u64()?),
        Type::S8 => Val::S8(reader.s8()?),
        Type::S16 => Val::S16(reader.s16()?),
        Type::S32 => Val::S32(reader.s32()?),
        Type::S64 => Val::S64(reader.s64()?),
        Type::Char => Val::Char(reader.char()?),
        Type::String => Val::String(reader.text()?.to_owned()),
        Type::Address | Type::Hash => words(reader.word32()?),
        Type::Enum(names) => Val::Enum(names[reader.case(names.len())?].clone()),
        Type::Flags(names) => {
            let bits = reader.flags(names.len())?;
            let set = |index: usize| bits[index / 8] >> (index % 8) & 1 == 1;
            let names = names.iter().enumerate().filter(|(index, _)| set(*index));
            Val::Flags(names.map(|(_, name)| name.clone()).collect())
        }
        nested => {
            reader.enter()?;
            let value = read_nested(nested, reader)?;
            reader.leave();
            value
        }
    })
}

fn read_nested(kind: &Type, reader: &mut Reader<'_>) -> Result<Val, ValueError> {
    Ok(match kind {
        Type::List(element) => {
            let count = reader.count(element)?;
            let mut values = Vec::with_capacity(count);
            for index in 0..count {
                values.push(read(element, reader).map_err(|error| error.in_element(index))?);
            }
            Val::List(values)
        }
        Type::Option(inner) => {
            let some = reader.bit()?;
            Val::Option(some.then(|| read(inner, reader).map(Box::new)).transpose()?)
        }
        Type::Result { ok, err } => {
            let is_ok = reader.bit()?;
            let payload = if is_ok { ok } else { err };
            let value =
                payload.as_ref().map(|kind| read(kind, reader).map(Box::new)).transpose()?;
            Val::Result(if is_ok { Ok(value) } else { Err(value) })
        }
        Type::Tuple(kinds) => {
            let element = |(index, kind)| {
                read(kind, reader).map_err(|error: ValueError| error.in_element(index))
            };
            Val::Tuple(kinds.iter().enumerate().map(element).collect::<Result<_, _>>()?)
        }
        Type::Record(fields) => {
            let mut values = Vec::with_capacity(fields.len());
            for field in fields {
                let value = read(&field.kind, reader).map_err(|e| e.in_field(&field.name))?;
                values.push((field.name.clone(), value));
            }
            Val::Record(values)
        }
        Type::Variant(cases) => {
            let case = &cases[reader.case(cases.len())?];
            let value = case.kind.as_ref().map(|kind| read(kind, reader).map(Box::new));
            let value = value.transpose().map_err(|error| error.in_field(&case.name))?;
            Val::Variant(case.name.clone(), value)
        }
        _ => return Err(Problem::BadType.into()),
    })
}

/// An address or hash as a record of four words.
fn words(bytes: [u8; 32]) -> Val {
    let (words, _) = bytes.as_chunks::<8>();
    let names = ["a", "b", "c", "d"].iter();
    let fields = names
        .zip(words)
        .map(|(name, word)| ((*name).to_owned(), Val::U64(u64::from_be_bytes(*word))));
    Val::Record(fields.collect())
}

/// A component value that is not of the type that installation found: a fault of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a value is not of its function's type")]
pub(crate) struct Mismatch;

/// Writes the canonical bytes of a value.
pub(crate) fn write(kind: &Type, value: &Val, bytes: &mut Vec<u8>) -> Result<(), Mismatch> {
    match (kind, value) {
        (Type::Bool, Val::Bool(value)) => bytes.push((*value).into()),
        (Type::U8, Val::U8(value)) => bytes.push(*value),
        (Type::U16, Val::U16(value)) => bytes.extend(value.to_le_bytes()),
        (Type::U32, Val::U32(value)) => bytes.extend(value.to_le_bytes()),
        (Type::U64, Val::U64(value)) => bytes.extend(value.to_le_bytes()),
        (Type::S8, Val::S8(value)) => bytes.extend(value.to_le_bytes()),
        (Type::S16, Val::S16(value)) => bytes.extend(value.to_le_bytes()),
        (Type::S32, Val::S32(value)) => bytes.extend(value.to_le_bytes()),
        (Type::S64, Val::S64(value)) => bytes.extend(value.to_le_bytes()),
        (Type::Char, Val::Char(value)) => bytes.extend(u32::from(*value).to_le_bytes()),
        (Type::String, Val::String(text)) => {
            write_count(text.len(), bytes)?;
            bytes.extend_from_slice(text.as_bytes());
        }
        (Type::Address | Type::Hash, Val::Record(words)) => {
            for (_, word) in words {
                let Val::U64(word) = word else { return Err(Mismatch) };
                bytes.extend(word.to_be_bytes());
            }
        }
        (Type::Enum(names), Val::Enum(name)) => {
            let case = names.iter().position(|known| known == name);
            bytes.push(case.and_then(|case| u8::try_from(case).ok()).ok_or(Mismatch)?);
        }
        (Type::Flags(names), Val::Flags(set)) => {
            let start = bytes.len();
            bytes.resize(start + names.len().div_ceil(8), 0);
            for name in set {
                let index = names.iter().position(|known| known == name).ok_or(Mismatch)?;
                bytes[start + index / 8] |= 1 << (index % 8);
            }
        }
        (nested, value) => write_nested(nested, value, bytes)?,
    }
    Ok(())
}

fn write_nested(kind: &Type, value: &Val, bytes: &mut Vec<u8>) -> Result<(), Mismatch> {
    match (kind, value) {
        (Type::List(element), Val::List(values)) => {
            write_count(values.len(), bytes)?;
            values.iter().try_for_each(|value| write(element, value, bytes))
        }
        (Type::Option(inner), Val::Option(value)) => {
            bytes.push(value.is_some().into());
            value.iter().try_for_each(|value| write(inner, value, bytes))
        }
        (Type::Result { ok, err }, Val::Result(value)) => {
            bytes.push(value.is_ok().into());
            match value {
                Ok(value) => write_payload(ok.as_deref(), value.as_deref(), bytes),
                Err(value) => write_payload(err.as_deref(), value.as_deref(), bytes),
            }
        }
        (Type::Tuple(kinds), Val::Tuple(values)) if kinds.len() == values.len() => {
            kinds.iter().zip(values).try_for_each(|(kind, value)| write(kind, value, bytes))
        }
        (Type::Record(fields), Val::Record(values)) if fields.len() == values.len() => {
            let mut pairs = fields.iter().zip(values);
            pairs.try_for_each(|(field, (_, value))| write(&field.kind, value, bytes))
        }
        (Type::Variant(cases), Val::Variant(name, value)) => {
            let position = cases.iter().position(|case| case.name == *name).ok_or(Mismatch)?;
            bytes.push(u8::try_from(position).map_err(|_| Mismatch)?);
            write_payload(cases[position].kind.as_ref(), value.as_deref(), bytes)
        }
        _ => Err(Mismatch),
    }
}

/// Writes what a case carries; nothing where it carries nothing.
pub(crate) fn write_payload(
    kind: Option<&Type>,
    value: Option<&Val>,
    bytes: &mut Vec<u8>,
) -> Result<(), Mismatch> {
    match (kind, value) {
        (Some(kind), Some(value)) => write(kind, value, bytes),
        (None, None) => Ok(()),
        _ => Err(Mismatch),
    }
}

fn write_count(count: usize, bytes: &mut Vec<u8>) -> Result<(), Mismatch> {
    bytes.extend(u32::try_from(count).map_err(|_| Mismatch)?.to_le_bytes());
    Ok(())
}

/// The number of bytes of text whose checking and copying cost as much as a value.
const TEXT_BYTES_PER_NODE: usize = 32;

/// How many values a value consists of: what passing it costs.
pub(crate) fn nodes(value: &Val) -> u64 {
    let boxed = |value: &Option<Box<Val>>| value.as_deref().map_or(0, nodes);
    1 + match value {
        Val::List(values) | Val::Tuple(values) => values.iter().map(nodes).sum(),
        Val::Record(values) => values.iter().map(|(_, value)| nodes(value)).sum(),
        Val::Variant(_, value) | Val::Option(value) => boxed(value),
        Val::Result(Ok(value) | Err(value)) => boxed(value),
        Val::Flags(names) => u64::try_from(names.len()).unwrap_or(u64::MAX),
        Val::String(text) => u64::try_from(text.len() / TEXT_BYTES_PER_NODE).unwrap_or(u64::MAX),
        _ => 0,
    }
}
