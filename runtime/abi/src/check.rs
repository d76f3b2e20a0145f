//! Checks canonical bytes against a type without building a value, and finds the addresses in them.

use crate::{Problem, Reader, Type, ValueError};

/// Checks that the bytes are the canonical encoding of one value of the type.
pub fn check(kind: &Type, bytes: &[u8]) -> Result<(), ValueError> {
    let mut reader = Reader::new(bytes);
    check_value(kind, &mut reader)?;
    reader.finish()
}

pub(crate) fn check_value(kind: &Type, reader: &mut Reader<'_>) -> Result<(), ValueError> {
    walk(kind, reader, &mut |_| {})
}

/// Checks a value, and visits each address in it.
pub(crate) fn walk(
    kind: &Type,
    reader: &mut Reader<'_>,
    visit: &mut impl FnMut(&[u8]),
) -> Result<(), ValueError> {
    match kind {
        Type::Bool => reader.bit().map(drop),
        Type::Char => reader.char().map(drop),
        Type::String => reader.text().map(drop),
        Type::Enum(names) => reader.case(names.len()).map(drop),
        Type::Flags(names) => reader.flags(names.len()).map(drop),
        Type::U8 | Type::S8 => reader.take(1).map(drop),
        Type::U16 | Type::S16 => reader.take(2).map(drop),
        Type::U32 | Type::S32 => reader.take(4).map(drop),
        Type::U64 | Type::S64 => reader.take(8).map(drop),
        Type::Hash => reader.take(32).map(drop),
        Type::Address => reader.take(32).map(visit),
        nested => {
            reader.enter()?;
            walk_nested(nested, reader, visit)?;
            reader.leave();
            Ok(())
        }
    }
}

fn walk_nested(
    kind: &Type,
    reader: &mut Reader<'_>,
    visit: &mut impl FnMut(&[u8]),
) -> Result<(), ValueError> {
    match kind {
        Type::List(element) => {
            let count = reader.count(element)?;
            if **element == Type::U8 {
                return reader.take(count).map(drop);
            }
            (0..count).try_for_each(|index| {
                walk(element, reader, visit).map_err(|error| error.in_element(index))
            })
        }
        Type::Option(inner) => {
            if reader.bit()? {
                walk(inner, reader, visit)?;
            }
            Ok(())
        }
        Type::Result { ok, err } => {
            let (name, payload) = if reader.bit()? { ("ok", ok) } else { ("err", err) };
            match payload {
                Some(payload) => walk(payload, reader, visit).map_err(|e| e.in_field(name)),
                None => Ok(()),
            }
        }
        Type::Tuple(kinds) => kinds.iter().enumerate().try_for_each(|(index, kind)| {
            walk(kind, reader, visit).map_err(|error| error.in_element(index))
        }),
        Type::Record(fields) => fields.iter().try_for_each(|field| {
            walk(&field.kind, reader, visit).map_err(|error| error.in_field(&field.name))
        }),
        Type::Variant(cases) => {
            let case = &cases[reader.case(cases.len())?];
            match &case.kind {
                Some(kind) => walk(kind, reader, visit).map_err(|e| e.in_field(&case.name)),
                None => Ok(()),
            }
        }
        _ => Err(Problem::BadType.into()),
    }
}
