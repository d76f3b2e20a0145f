//! Names and types of WIT as `wit-bindgen` writes them in Rust.

use wit_parser::{Resolve, Type, TypeDefKind};

/// Words that no name in Rust can be; `wit-bindgen` adds an underscore to them.
const KEYWORDS: [&str; 12] =
    ["as", "break", "const", "enum", "for", "impl", "in", "loop", "match", "move", "type", "use"];

/// The name of a function, parameter or interface.
pub(crate) fn snake(name: &str) -> String {
    let name = name.replace('-', "_");
    if KEYWORDS.contains(&name.as_str()) { name + "_" } else { name }
}

/// The name of a type.
pub(crate) fn camel(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    };
    name.split('-').map(capital).collect()
}

/// The name in WIT of what Rust calls by a name such as `PartiallyPaid`: `partially-paid`.
pub(crate) fn kebab(name: &str) -> String {
    let mut kebab = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter.is_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.extend(letter.to_lowercase());
    }
    kebab
}

/// Whether `wit-bindgen` makes a type that is copied: nothing in it has a length.
pub(crate) fn is_copy(resolve: &Resolve, kind: Type) -> bool {
    let of = |kind: &Type| is_copy(resolve, *kind);
    let Type::Id(id) = kind else { return kind != Type::String };
    match &resolve.types[id].kind {
        TypeDefKind::Type(kind) | TypeDefKind::Option(kind) => of(kind),
        TypeDefKind::Record(record) => record.fields.iter().all(|field| of(&field.ty)),
        TypeDefKind::Tuple(tuple) => tuple.types.iter().all(of),
        TypeDefKind::Variant(variant) => variant.cases.iter().flat_map(|it| &it.ty).all(of),
        TypeDefKind::Result(result) => result.ok.iter().chain(&result.err).all(of),
        TypeDefKind::Enum(_) | TypeDefKind::Flags(_) => true,
        _ => false,
    }
}

/// A type as a function of the interface at the path `interface` has it.
pub(crate) fn kind(resolve: &Resolve, interface: &str, kind: &Type) -> Result<String, String> {
    let inner = |inner: &Type| self::kind(resolve, interface, inner);
    let payload = |kind: &Option<Type>| kind.as_ref().map_or(Ok("()".to_owned()), inner);
    Ok(match kind {
        Type::Bool => "bool".to_owned(),
        Type::U8 => "u8".to_owned(),
        Type::U16 => "u16".to_owned(),
        Type::U32 => "u32".to_owned(),
        Type::U64 => "u64".to_owned(),
        Type::S8 => "i8".to_owned(),
        Type::S16 => "i16".to_owned(),
        Type::S32 => "i32".to_owned(),
        Type::S64 => "i64".to_owned(),
        Type::Char => "char".to_owned(),
        Type::String => "::alloc::string::String".to_owned(),
        Type::Id(id) => {
            let definition = &resolve.types[*id];
            if let Some(name) = &definition.name {
                return Ok(format!("{interface}::{}", camel(name)));
            }
            match &definition.kind {
                TypeDefKind::List(kind) => format!("::alloc::vec::Vec<{}>", inner(kind)?),
                TypeDefKind::Option(kind) => format!("Option<{}>", inner(kind)?),
                TypeDefKind::Result(result) => {
                    format!("Result<{}, {}>", payload(&result.ok)?, payload(&result.err)?)
                }
                TypeDefKind::Tuple(tuple) => {
                    let parts = tuple.types.iter().map(inner).collect::<Result<Vec<_>, _>>()?;
                    format!("({},)", parts.join(", "))
                }
                other => {
                    return Err(format!("a parameter or result cannot be a {}", other.as_str()));
                }
            }
        }
        other => return Err(format!("a parameter or result cannot be a {other:?}")),
    })
}
