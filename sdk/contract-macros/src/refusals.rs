//! Generates the conversions between a module's error, the shared refusal, and errors of other modules.

use wit_parser::{Case, InterfaceId, Resolve, Type, TypeDefKind, TypeOwner};

use crate::exports::UPGRADE;
use crate::module::Module;
use crate::rust::camel;

/// The shared refusal that stands for a module's own.
const OTHER: &str = "other";
/// The type that every module has for its refusals.
const ERROR: &str = "error";

/// The conversions between the module's error and the shared `refusal`, and from the errors of others that
/// it carries.
pub(crate) fn text(module: &Module) -> Result<String, String> {
    let resolve = &module.resolve;
    let exports = module.exports()?;
    let upgrade = exports.iter().find(|it| it.is_own && it.name == UPGRADE);
    let upgrade = upgrade.ok_or("the world does not export the interface `upgrade`")?;
    let error = upgrade.interface.types.get(ERROR).ok_or("upgrade.migrate has no error")?;
    let (owner, cases) = variant(resolve, Type::Id(*error)).ok_or("`error` is no variant")?;
    let shared = shared(module)?;
    let begins = shared.iter().map(|case| (&case.name, case.ty.is_some()));
    if !cases.iter().map(|case| (&case.name, case.ty.is_some())).take(shared.len()).eq(begins) {
        return Err(
            "the cases of `error` begin with those of ehb:common/types.refusal but `other`, in \
             the same order"
                .to_owned(),
        );
    }
    let path = format!("crate::bindings::{}", module.interface(owner)?.path());
    let (mut from, mut into) = (String::new(), String::new());
    for case in shared {
        let (name, content) = (camel(&case.name), content(case, "(content)"));
        from.push_str(&format!("Refusal::{name}{content} => Self::{name}{content},\n"));
        into.push_str(&format!("Error::{name}{content} => return Self::{name}{content},\n"));
    }
    let mut carried = String::new();
    for case in &cases[shared.len()..] {
        let name = camel(&case.name);
        into.push_str(&format!("Error::{name}{} => {:?},\n", content(case, "(_)"), case.name));
        if let Some(kind) = case.ty.filter(|kind| is_error(resolve, *kind)) {
            let kind = crate::rust::kind(resolve, &path, &kind)?;
            carried.push_str(&format!(
                "impl From<{kind}> for Error {{
                    fn from(error: {kind}) -> Self {{ Self::{name}(error) }}
                }}\n"
            ));
        }
    }
    Ok(format!(
        "const _: () = {{
            use ::ehb_contract::common::Refusal;
            use {path}::Error;

            impl From<Refusal> for Error {{
                // Where it is called is nearly everywhere: one copy keeps the component small.
                #[inline(never)]
                fn from(refusal: Refusal) -> Self {{
                    match refusal {{
                        {from}
                        // Only `deadlines` returns it, and no rule calls that.
                        Refusal::Other(_) => ::ehb_contract::trap(\"a refusal without a case\"),
                    }}
                }}
            }}

            impl From<Error> for Refusal {{
                #[inline(never)]
                fn from(error: Error) -> Self {{
                    let other = match error {{ {into} }};
                    Self::Other(other.into())
                }}
            }}
            {carried}
        }};\n"
    ))
}

fn content(case: &Case, content: &'static str) -> &'static str {
    if case.ty.is_some() { content } else { "" }
}

/// The cases that mean the same in every module.
fn shared(module: &Module) -> Result<&[Case], String> {
    let missing = || "the WIT of ehb:common is not among the folders".to_owned();
    let packages = module.resolve.packages.iter().map(|(_, package)| package);
    let mut common = packages.filter(|it| it.name.namespace == "ehb" && it.name.name == "common");
    let types = common.next().and_then(|it| it.interfaces.get("types")).ok_or_else(missing)?;
    let refusal = module.resolve.interfaces[*types].types.get("refusal").ok_or_else(missing)?;
    let (_, cases) = variant(&module.resolve, Type::Id(*refusal)).ok_or_else(missing)?;
    match cases.split_last() {
        Some((last, cases)) if last.name == OTHER => Ok(cases),
        _ => Err("the last case of `refusal` is not `other`".to_owned()),
    }
}

/// The interface that declares a variant, and the variant's cases.
fn variant(resolve: &Resolve, kind: Type) -> Option<(InterfaceId, &[Case])> {
    let Type::Id(id) = kind else { return None };
    let definition = &resolve.types[id];
    match (&definition.kind, definition.owner) {
        (TypeDefKind::Type(alias), _) => variant(resolve, *alias),
        (TypeDefKind::Variant(variant), TypeOwner::Interface(owner)) => {
            Some((owner, &variant.cases))
        }
        _ => None,
    }
}

/// Whether a type is another package's `error`.
fn is_error(resolve: &Resolve, kind: Type) -> bool {
    let Type::Id(id) = kind else { return false };
    match resolve.types[id].kind {
        TypeDefKind::Type(alias) => is_error(resolve, alias),
        _ => resolve.types[id].name.as_deref() == Some(ERROR),
    }
}
