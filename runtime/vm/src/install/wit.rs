//! Converts WIT types of a component to types of the ABI.

use ehb_abi::{Case, Field, Type};
use wit_parser::{Resolve, TypeDefKind, TypeId, TypeOwner};

use super::TypeProblem;
use super::limits::{ELEMENT_NODES_MAX, TYPE_NODES_MAX};

/// The interface whose `address` and `hash` have their own text formats.
const HOST_TYPES: &str = "ehb:host/types@1.0.0";

/// Converts and counts types.
pub(crate) struct Types<'a> {
    resolve: &'a Resolve,
    nodes: usize,
}

impl<'a> Types<'a> {
    /// Converts types of this resolve.
    pub(crate) fn new(resolve: &'a Resolve) -> Self {
        Self { resolve, nodes: 0 }
    }

    /// The ABI type of a WIT type.
    pub(crate) fn convert(&mut self, kind: &wit_parser::Type) -> Result<Type, TypeProblem> {
        let converted = self.value(kind, 0)?;
        converted.check()?;
        check_elements(&converted)?;
        Ok(converted)
    }

    fn value(&mut self, kind: &wit_parser::Type, depth: usize) -> Result<Type, TypeProblem> {
        use wit_parser::Type as Wit;
        self.nodes += 1;
        if self.nodes > TYPE_NODES_MAX {
            return Err(TypeProblem::TooMany);
        }
        Ok(match kind {
            Wit::Bool => Type::Bool,
            Wit::U8 => Type::U8,
            Wit::U16 => Type::U16,
            Wit::U32 => Type::U32,
            Wit::U64 => Type::U64,
            Wit::S8 => Type::S8,
            Wit::S16 => Type::S16,
            Wit::S32 => Type::S32,
            Wit::S64 => Type::S64,
            Wit::Char => Type::Char,
            Wit::String => Type::String,
            Wit::F32 | Wit::F64 => return Err(TypeProblem::Forbidden("float")),
            Wit::ErrorContext => return Err(TypeProblem::Forbidden("error-context")),
            Wit::Id(id) => return self.definition(*id, depth),
        })
    }

    fn definition(&mut self, id: TypeId, depth: usize) -> Result<Type, TypeProblem> {
        if depth > ehb_abi::DEPTH_MAX {
            return Err(ehb_abi::TypeError::Depth.into());
        }
        if let Some(known) = self.host_type(id) {
            return Ok(known);
        }
        let resolve = self.resolve;
        let mut inner = |kind: &wit_parser::Type| self.value(kind, depth + 1);
        Ok(match &resolve.types[id].kind {
            TypeDefKind::Type(kind) => inner(kind)?,
            TypeDefKind::List(kind) => Type::List(Box::new(inner(kind)?)),
            TypeDefKind::Option(kind) => Type::Option(Box::new(inner(kind)?)),
            TypeDefKind::Result(result) => {
                let mut payload = |kind: &Option<wit_parser::Type>| {
                    kind.as_ref().map(|kind| inner(kind).map(Box::new)).transpose()
                };
                Type::Result { ok: payload(&result.ok)?, err: payload(&result.err)? }
            }
            TypeDefKind::Tuple(tuple) => {
                Type::Tuple(tuple.types.iter().map(inner).collect::<Result<_, _>>()?)
            }
            TypeDefKind::Record(record) => {
                let field = |field: &wit_parser::Field| {
                    Ok(Field { name: field.name.clone(), kind: inner(&field.ty)? })
                };
                Type::Record(record.fields.iter().map(field).collect::<Result<_, TypeProblem>>()?)
            }
            TypeDefKind::Variant(variant) => {
                let case = |case: &wit_parser::Case| {
                    let kind = case.ty.as_ref().map(&mut inner).transpose()?;
                    Ok(Case { name: case.name.clone(), kind })
                };
                Type::Variant(variant.cases.iter().map(case).collect::<Result<_, TypeProblem>>()?)
            }
            TypeDefKind::Enum(list) => {
                Type::Enum(list.cases.iter().map(|case| case.name.clone()).collect())
            }
            TypeDefKind::Flags(list) => {
                Type::Flags(list.flags.iter().map(|flag| flag.name.clone()).collect())
            }
            TypeDefKind::Resource | TypeDefKind::Handle(_) => {
                return Err(TypeProblem::Forbidden("resource"));
            }
            TypeDefKind::Future(_) | TypeDefKind::Stream(_) => {
                return Err(TypeProblem::Forbidden("future or stream"));
            }
            TypeDefKind::Map(..) => return Err(TypeProblem::Forbidden("map")),
            TypeDefKind::FixedLengthList(..) => {
                return Err(TypeProblem::Forbidden("fixed-length list"));
            }
            TypeDefKind::Unknown => return Err(TypeProblem::Forbidden("unknown")),
        })
    }

    /// Address or hash, when the definition is one of them or another name for one.
    fn host_type(&self, id: TypeId) -> Option<Type> {
        let definition = &self.resolve.types[id];
        let TypeOwner::Interface(owner) = definition.owner else { return None };
        if self.resolve.id_of(owner).as_deref() != Some(HOST_TYPES) {
            return None;
        }
        let TypeDefKind::Record(record) = &definition.kind else { return None };
        let word = |field: &wit_parser::Field| field.ty == wit_parser::Type::U64;
        let names = record.fields.iter().map(|field| field.name.as_str());
        if !names.eq(["a", "b", "c", "d"]) || !record.fields.iter().all(word) {
            return None;
        }
        match definition.name.as_deref() {
            Some("address") => Some(Type::Address),
            Some("hash") => Some(Type::Hash),
            _ => None,
        }
    }
}

/// Rejects lists whose elements consist of too many values.
fn check_elements(kind: &Type) -> Result<(), TypeProblem> {
    match kind {
        Type::List(element) => {
            if nodes(element) > ELEMENT_NODES_MAX {
                return Err(TypeProblem::Element);
            }
            check_elements(element)
        }
        Type::Option(inner) => check_elements(inner),
        Type::Result { ok, err } => {
            [ok, err].into_iter().flatten().try_for_each(|kind| check_elements(kind))
        }
        Type::Tuple(kinds) => kinds.iter().try_for_each(check_elements),
        Type::Record(fields) => fields.iter().try_for_each(|field| check_elements(&field.kind)),
        Type::Variant(cases) => {
            cases.iter().filter_map(|case| case.kind.as_ref()).try_for_each(check_elements)
        }
        _ => Ok(()),
    }
}

/// The maximum number of values in a value of the type, without the elements of its lists.
fn nodes(kind: &Type) -> usize {
    1 + match kind {
        Type::Option(inner) => nodes(inner),
        Type::Result { ok, err } => {
            [ok, err].into_iter().flatten().map(|kind| nodes(kind)).max().unwrap_or(0)
        }
        Type::Tuple(kinds) => kinds.iter().map(nodes).sum(),
        Type::Record(fields) => fields.iter().map(|field| nodes(&field.kind)).sum(),
        Type::Variant(cases) => {
            cases.iter().filter_map(|case| case.kind.as_ref()).map(nodes).max().unwrap_or(0)
        }
        // The two records of the host are passed as four words, flags as their names.
        Type::Address | Type::Hash => 4,
        Type::Flags(names) => names.len(),
        _ => 0,
    }
}
