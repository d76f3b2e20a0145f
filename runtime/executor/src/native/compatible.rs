//! Whether a new version of a module can be used by those who know the old one.

use ehb_abi::{Case, Interface, Type};

/// Checks a new version's interface against the old one's.
///
/// Functions can be added and removed: whether a module needs one that is gone, the linker finds out. One
/// that stays keeps its parameters, as transactions that are signed already hold them as bytes. What
/// results and events can say may grow at the end, so that the bytes in old receipts mean the same.
pub(super) fn check_compatible(old: &Interface, new: &Interface) -> Result<(), String> {
    for before in &old.functions {
        let Some(after) = new.function(&before.name) else { continue };
        if before.parameters != after.parameters {
            return Err(format!("{} has other parameters, give it another name", before.name));
        }
        if !optional(before.result.as_ref(), after.result.as_ref()) {
            return Err(format!(
                "{} has another result; only new cases at the end of a variant or enum are possible",
                before.name
            ));
        }
    }
    match (&old.event, &new.event) {
        (None, _) => Ok(()),
        (Some(before), Some(after)) if extends(before, after) => Ok(()),
        _ => Err("its event has another type; only new cases at the end are possible".to_owned()),
    }
}

/// Whether all values of `old` have the same bytes and meaning as values of `new`.
fn extends(old: &Type, new: &Type) -> bool {
    match (old, new) {
        (Type::List(old), Type::List(new)) | (Type::Option(old), Type::Option(new)) => {
            extends(old, new)
        }
        (Type::Result { ok, err }, Type::Result { ok: new_ok, err: new_err }) => {
            optional(ok.as_deref(), new_ok.as_deref())
                && optional(err.as_deref(), new_err.as_deref())
        }
        (Type::Tuple(old), Type::Tuple(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| extends(old, new))
        }
        (Type::Record(old), Type::Record(new)) => {
            let same = old
                .iter()
                .zip(new)
                .all(|(old, new)| old.name == new.name && extends(&old.kind, &new.kind));
            old.len() == new.len() && same
        }
        (Type::Variant(old), Type::Variant(new)) => {
            let case = |(old, new): (&Case, &Case)| {
                old.name == new.name && optional(old.kind.as_ref(), new.kind.as_ref())
            };
            old.len() <= new.len() && old.iter().zip(new).all(case)
        }
        (Type::Enum(old), Type::Enum(new)) => new.starts_with(old),
        (old, new) => old == new,
    }
}

fn optional(old: Option<&Type>, new: Option<&Type>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => extends(old, new),
        (None, None) => true,
        _ => false,
    }
}
