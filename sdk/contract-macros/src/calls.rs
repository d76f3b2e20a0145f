//! Generates the functions that call other modules: by import in a component, by their rules natively.

use wit_parser::{Function, InterfaceId, Resolve, Type, TypeDefKind, TypeOwner};

use crate::exports::returns_result;
use crate::module::{Module, Named};
use crate::rust::{is_copy, kind, snake};

/// For each module that is called a module of functions.
pub(crate) fn text(module: &Module) -> Result<String, String> {
    let imports = module.imports()?;
    let mut text = String::new();
    for (called, rules) in &module.calls {
        let of = |it: &&Named<'_>| it.package.name.name == *called;
        let mut functions = String::new();
        for interface in imports.iter().filter(of) {
            for it in interface.interface.functions.values() {
                if !declares_types_of(&module.resolve, interface.id, it) {
                    functions.push_str(&function(&module.resolve, interface, rules, it)?);
                }
            }
        }
        if functions.is_empty() {
            return Err(format!("the world imports no function of {called}"));
        }
        text.push_str(&format!(
            "/// The functions of the module `{called}` that this one can call.
            mod {called} {{
                use ::ehb_contract::Host;
                {functions}
            }}\n"
        ));
    }
    Ok(text)
}

fn function(
    resolve: &Resolve,
    interface: &Named<'_>,
    rules: &str,
    function: &Function,
) -> Result<String, String> {
    let (name, path) = (snake(&function.name), format!("crate::bindings::{}", interface.path()));
    let called = &interface.package.name.name;
    let (mut parameters, mut borrowed, mut owned) = (String::new(), Vec::new(), Vec::new());
    for parameter in &function.params {
        let (name, of) = (snake(&parameter.name), kind(resolve, &path, &parameter.ty)?);
        parameters.push_str(&format!(", {name}: {of}"));
        borrowed.push(argument(resolve, &name, parameter.ty)?);
        owned.push(name);
    }
    let result = function.result.as_ref().map(|it| kind(resolve, &path, it)).transpose()?;
    let result = result.unwrap_or_else(|| "()".to_owned());
    let (borrowed, owned) = (borrowed.join(", "), owned.join(", "));
    let rule = format!("{rules}::rules::{name}(host, {owned})");
    let native = if returns_result(resolve, function) {
        format!("host.enter_module({called:?}, |host| {rule})")
    } else {
        format!(
            "let Ok(value) = host.enter_module({called:?}, |host| {{
                Ok::<_, ::core::convert::Infallible>({rule})
            }});
            value"
        )
    };
    Ok(format!(
        "#[allow(dead_code, reason = \"a module need not call all that it imports\")]
        #[cfg(target_arch = \"wasm32\")]
        pub(crate) fn {name}(_host: &mut Host{parameters}) -> {result} {{ {path}::{name}({borrowed}) }}

        #[allow(dead_code, reason = \"a module need not call all that it imports\")]
        #[cfg(not(target_arch = \"wasm32\"))]
        pub(crate) fn {name}(host: &mut Host{parameters}) -> {result} {{ {native} }}\n"
    ))
}

/// A parameter as an imported function takes it: lent, unless it is copied.
fn argument(resolve: &Resolve, name: &str, of: Type) -> Result<String, String> {
    if is_copy(resolve, of) {
        return Ok(name.to_owned());
    }
    let Type::Id(id) = of else { return Ok(format!("&{name}")) };
    Ok(match &resolve.types[id].kind {
        TypeDefKind::Option(Type::String) => format!("{name}.as_deref()"),
        TypeDefKind::Option(_) => format!("{name}.as_ref()"),
        TypeDefKind::Type(alias) => return argument(resolve, name, *alias),
        TypeDefKind::List(_) | TypeDefKind::Record(_) | TypeDefKind::Variant(_) => {
            format!("&{name}")
        }
        other => {
            let message = "a parameter of another module's function cannot be a";
            return Err(format!("{message} {}: {name}", other.as_str()));
        }
    })
}

/// Whether an interface declares a type that its function has: natively such a type is not that of the rules.
fn declares_types_of(resolve: &Resolve, interface: InterfaceId, function: &Function) -> bool {
    let parameters = function.params.iter().map(|it| it.ty);
    parameters.chain(function.result).any(|kind| declares(resolve, interface, kind))
}

fn declares(resolve: &Resolve, interface: InterfaceId, kind: Type) -> bool {
    let Type::Id(id) = kind else { return false };
    let definition = &resolve.types[id];
    let of = |kind: &Type| declares(resolve, interface, *kind);
    match &definition.kind {
        TypeDefKind::Type(_) => false,
        TypeDefKind::List(kind) | TypeDefKind::Option(kind) => of(kind),
        TypeDefKind::Tuple(tuple) => tuple.types.iter().any(of),
        TypeDefKind::Result(result) => result.ok.iter().chain(&result.err).any(of),
        _ => definition.owner == TypeOwner::Interface(interface),
    }
}
