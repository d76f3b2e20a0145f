//! Random types and canonical values of them.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::{Case, Field, Type};

/// Any type, nested up to three deep.
pub(crate) fn types() -> impl Strategy<Value = Type> {
    let simple = prop_oneof![
        Just(Type::Bool),
        Just(Type::U8),
        Just(Type::U16),
        Just(Type::U32),
        Just(Type::U64),
        Just(Type::S8),
        Just(Type::S16),
        Just(Type::S32),
        Just(Type::S64),
        Just(Type::Char),
        Just(Type::String),
        Just(Type::Address),
        Just(Type::Hash),
        (1usize..20).prop_map(|count| Type::Enum(numbered(count))),
        (1usize..33).prop_map(|count| Type::Flags(numbered(count))),
    ];
    simple.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|kind| Type::List(Box::new(kind))),
            inner.clone().prop_map(|kind| Type::Option(Box::new(kind))),
            (proptest::option::of(inner.clone()), proptest::option::of(inner.clone())).prop_map(
                |(ok, err)| Type::Result { ok: ok.map(Box::new), err: err.map(Box::new) }
            ),
            vec(inner.clone(), 1..4).prop_map(Type::Tuple),
            vec(inner.clone(), 1..4).prop_map(|kinds| {
                let names = numbered(kinds.len());
                let field = |(name, kind)| Field { name, kind };
                Type::Record(names.into_iter().zip(kinds).map(field).collect())
            }),
            vec(proptest::option::of(inner), 1..4).prop_map(|kinds| {
                let names = numbered(kinds.len());
                let case = |(name, kind)| Case { name, kind };
                Type::Variant(names.into_iter().zip(kinds).map(case).collect())
            }),
        ]
    })
}

/// A type and the canonical bytes of a value of it.
pub(crate) fn values() -> impl Strategy<Value = (Type, Vec<u8>)> {
    types().prop_flat_map(|kind| (Just(kind.clone()), bytes(&kind)))
}

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|index| format!("n{index}")).collect()
}

fn bytes(kind: &Type) -> BoxedStrategy<Vec<u8>> {
    match kind {
        Type::Bool => any::<bool>().prop_map(|bit| vec![bit.into()]).boxed(),
        Type::U8 | Type::S8 => fixed(1),
        Type::U16 | Type::S16 => fixed(2),
        Type::U32 | Type::S32 => fixed(4),
        Type::U64 | Type::S64 => fixed(8),
        Type::Address | Type::Hash => fixed(32),
        Type::Char => any::<char>().prop_map(|c| u32::from(c).to_le_bytes().to_vec()).boxed(),
        Type::String => any::<String>().prop_map(|text| counted(text.len(), text.into())).boxed(),
        Type::Enum(names) => cases(names.iter().map(|_| Just(Vec::new()).boxed()).collect()),
        Type::Flags(names) => {
            let (length, used) = (names.len().div_ceil(8), names.len());
            vec(any::<bool>(), used)
                .prop_map(move |bits| {
                    let mut bytes = vec![0u8; length];
                    for (index, bit) in bits.into_iter().enumerate() {
                        bytes[index / 8] |= u8::from(bit) << (index % 8);
                    }
                    bytes
                })
                .boxed()
        }
        Type::List(kind) => {
            vec(bytes(kind), 0..4).prop_map(|items| counted(items.len(), items.concat())).boxed()
        }
        Type::Option(kind) => cases(vec![Just(Vec::new()).boxed(), bytes(kind)]),
        Type::Result { ok, err } => {
            let payload = |kind: &Option<Box<Type>>| match kind {
                Some(kind) => bytes(kind),
                None => Just(Vec::new()).boxed(),
            };
            cases(vec![payload(err), payload(ok)])
        }
        Type::Tuple(kinds) => joined(kinds.iter().map(bytes).collect()),
        Type::Record(fields) => joined(fields.iter().map(|field| bytes(&field.kind)).collect()),
        Type::Variant(list) => cases(
            list.iter()
                .map(|case| case.kind.as_ref().map_or(Just(Vec::new()).boxed(), bytes))
                .collect(),
        ),
    }
}

fn fixed(length: usize) -> BoxedStrategy<Vec<u8>> {
    vec(any::<u8>(), length).boxed()
}

fn joined(parts: Vec<BoxedStrategy<Vec<u8>>>) -> BoxedStrategy<Vec<u8>> {
    parts.prop_map(|parts| parts.concat()).boxed()
}

fn cases(payloads: Vec<BoxedStrategy<Vec<u8>>>) -> BoxedStrategy<Vec<u8>> {
    (0..payloads.len(), payloads)
        .prop_map(|(case, mut payloads)| {
            let mut bytes = vec![u8::try_from(case).unwrap()];
            bytes.append(&mut payloads[case]);
            bytes
        })
        .boxed()
}

fn counted(count: usize, content: Vec<u8>) -> Vec<u8> {
    let mut bytes = u32::try_from(count).unwrap().to_le_bytes().to_vec();
    bytes.extend(content);
    bytes
}
