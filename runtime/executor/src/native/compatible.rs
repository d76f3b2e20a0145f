//! Checks whether a new version of a module is compatible with clients of the old one.

use ehb_abi::{Case, Field, Interface, Type};

/// Checks a new version's interface against the old one's.
///
/// Functions can be added and removed: the linker detects whether a module needs a removed one. A remaining
/// function keeps its parameters, because signed transactions contain them as bytes. Results, errors and
/// events are decoded with the interface that was in force when they were produced, so no old bytes are
/// decoded with a new type. Only what readers of their JSON rely on must stay: existing parts keep their
/// name, type and position, and a record, variant, enum or flags type can grow at its end, at any depth.
pub(super) fn check_compatible(old: &Interface, new: &Interface) -> Result<(), String> {
    for before in &old.functions {
        let Some(after) = new.function(&before.name) else { continue };
        if before.parameters != after.parameters {
            return Err(format!("{} has other parameters, give it another name", before.name));
        }
        grows_if_any(before.result.as_ref(), after.result.as_ref())
            .map_err(|change| change.of(&format!("the result of {}", before.name)))?;
    }
    match (&old.event, &new.event) {
        (None, _) => Ok(()),
        (old, new) => grows_if_any(old.as_ref(), new.as_ref())
            .map_err(|change| change.of("the event of the module")),
    }
}

/// An incompatible change.
struct Change {
    /// Its path, from the innermost part on.
    path: Vec<String>,
    problem: String,
}

impl Change {
    fn new(problem: impl Into<String>) -> Self {
        Self { path: Vec::new(), problem: problem.into() }
    }

    fn within(mut self, name: &str) -> Self {
        self.path.push(name.to_owned());
        self
    }

    fn of(&self, subject: &str) -> String {
        let path: String = self.path.iter().rev().map(|name| format!(".{name}")).collect();
        format!("{subject}{path} {}", self.problem)
    }
}

/// Checks that `new` equals `old`, or has grown only where permitted.
fn grows(old: &Type, new: &Type) -> Result<(), Change> {
    match (old, new) {
        (Type::List(old), Type::List(new)) | (Type::Option(old), Type::Option(new)) => {
            grows(old, new)
        }
        (Type::Result { ok, err }, Type::Result { ok: new_ok, err: new_err }) => {
            grows_if_any(ok.as_deref(), new_ok.as_deref()).map_err(|it| it.within("ok"))?;
            grows_if_any(err.as_deref(), new_err.as_deref()).map_err(|it| it.within("err"))
        }
        (Type::Tuple(old), Type::Tuple(new)) if old.len() == new.len() => {
            let mut members = old.iter().zip(new).enumerate();
            members.try_for_each(|(at, (old, new))| {
                grows(old, new).map_err(|it| it.within(&at.to_string()))
            })
        }
        (Type::Record(old), Type::Record(new)) => {
            stays(old, new, "field", |field: &Field| &field.name)?;
            let mut fields = old.iter().zip(new);
            fields.try_for_each(|(old, new)| {
                grows(&old.kind, &new.kind).map_err(|it| it.within(&old.name))
            })
        }
        (Type::Variant(old), Type::Variant(new)) => {
            stays(old, new, "case", |case: &Case| &case.name)?;
            let mut cases = old.iter().zip(new);
            cases.try_for_each(|(old, new)| {
                grows_if_any(old.kind.as_ref(), new.kind.as_ref())
                    .map_err(|it| it.within(&old.name))
            })
        }
        (Type::Enum(old), Type::Enum(new)) => stays(old, new, "case", |name: &String| name),
        (Type::Flags(old), Type::Flags(new)) => stays(old, new, "flag", |name: &String| name),
        (old, new) if old == new => Ok(()),
        _ => Err(Change::new("has another type: an upgrade can only add to the end of types")),
    }
}

fn grows_if_any(old: Option<&Type>, new: Option<&Type>) -> Result<(), Change> {
    match (old, new) {
        (Some(old), Some(new)) => grows(old, new),
        (None, None) => Ok(()),
        (Some(_), None) => Err(Change::new("is gone: an upgrade must keep it")),
        (None, Some(_)) => Err(Change::new("had no value before: an upgrade must leave it so")),
    }
}

/// Checks that the members' names are still present, in order; others can follow.
fn stays<T>(old: &[T], new: &[T], kind: &str, name: fn(&T) -> &String) -> Result<(), Change> {
    for (at, member) in old.iter().map(name).enumerate() {
        if new.get(at).map(name) != Some(member) {
            return Err(Change::new(format!(
                "must keep the {kind} {member} at position {at}: new ones can only follow at the end"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
