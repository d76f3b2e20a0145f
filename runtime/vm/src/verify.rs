//! Compares the ABI's types with the compiler's view of the same component.
//!
//! Both are read from one component, by two libraries. Values are passed by these types without
//! further checks, so a difference must refuse the module.

use ehb_abi::{Function, Type};
use wasmtime::component::Component;
use wasmtime::component::types::{self, ComponentFunc, ComponentItem};

use crate::install::Description;
use crate::{Engine, InstallError};

/// Checks every exported and every dynamically linked function.
pub(crate) fn verify(
    engine: &Engine,
    component: &Component,
    description: &Description,
) -> Result<(), InstallError> {
    let engine = engine.wasmtime();
    let kind = component.component_type();
    let function_of = |item: Option<types::ComponentExtern<'_>>, name: &str| match item?.ty {
        ComponentItem::ComponentInstance(instance) => match instance.get_export(engine, name)?.ty {
            ComponentItem::ComponentFunc(function) => Some(function),
            _ => None,
        },
        _ => None,
    };
    for function in &description.interface.functions {
        let found = function_of(kind.get_export(engine, &function.interface), &function.name);
        compare(function, found)?;
    }
    for function in description.imports.iter().flat_map(|import| &import.functions) {
        let found = function_of(kind.get_import(engine, &function.interface), &function.name);
        compare(function, found)?;
    }
    if let (Some(events), Some(event)) = (&description.events, &description.interface.event) {
        let found = function_of(kind.get_import(engine, events), "emit");
        let same = found.is_some_and(|found| found.params().all(|(_, kind)| matches(event, &kind)));
        if !same {
            return Err(differs());
        }
    }
    Ok(())
}

fn differs() -> InstallError {
    InstallError::interface("the type of a function is not the one that is compiled")
}

fn compare(function: &Function, found: Option<ComponentFunc>) -> Result<(), InstallError> {
    let same = found.is_some_and(|found| {
        let mut parameters = function.parameters.iter().zip(found.params());
        let mut results = function.result.iter().zip(found.results());
        found.params().len() == function.parameters.len()
            && parameters
                .all(|(field, (name, kind))| field.name == name && matches(&field.kind, &kind))
            && found.results().len() == usize::from(function.result.is_some())
            && results.all(|(kind, found)| matches(kind, &found))
    });
    if same { Ok(()) } else { Err(differs()) }
}

fn matches(kind: &Type, found: &types::Type) -> bool {
    use types::Type as Found;
    match (kind, found) {
        (Type::Bool, Found::Bool)
        | (Type::U8, Found::U8)
        | (Type::U16, Found::U16)
        | (Type::U32, Found::U32)
        | (Type::U64, Found::U64)
        | (Type::S8, Found::S8)
        | (Type::S16, Found::S16)
        | (Type::S32, Found::S32)
        | (Type::S64, Found::S64)
        | (Type::Char, Found::Char)
        | (Type::String, Found::String) => true,
        (Type::Address | Type::Hash, Found::Record(record)) => {
            let word = |field: &types::Field<'_>| matches!(field.ty, Found::U64);
            record.fields().map(|field| field.name).eq(["a", "b", "c", "d"])
                && record.fields().all(|field| word(&field))
        }
        (Type::List(kind), Found::List(found)) => matches(kind, &found.ty()),
        (Type::Option(kind), Found::Option(found)) => matches(kind, &found.ty()),
        (Type::Result { ok, err }, Found::Result(found)) => {
            optional(ok.as_deref(), found.ok()) && optional(err.as_deref(), found.err())
        }
        (Type::Tuple(kinds), Found::Tuple(found)) => {
            kinds.len() == found.types().len()
                && kinds.iter().zip(found.types()).all(|(kind, found)| matches(kind, &found))
        }
        (Type::Record(fields), Found::Record(found)) => {
            fields.len() == found.fields().len()
                && fields.iter().zip(found.fields()).all(|(field, found)| {
                    field.name == found.name && matches(&field.kind, &found.ty)
                })
        }
        (Type::Variant(cases), Found::Variant(found)) => {
            cases.len() == found.cases().len()
                && cases.iter().zip(found.cases()).all(|(case, found)| {
                    case.name == found.name && optional(case.kind.as_ref(), found.ty)
                })
        }
        (Type::Enum(names), Found::Enum(found)) => found.names().eq(names.iter()),
        (Type::Flags(names), Found::Flags(found)) => found.names().eq(names.iter()),
        _ => false,
    }
}

fn optional(kind: Option<&Type>, found: Option<types::Type>) -> bool {
    match (kind, found) {
        (Some(kind), Some(found)) => matches(kind, &found),
        (None, None) => true,
        _ => false,
    }
}
