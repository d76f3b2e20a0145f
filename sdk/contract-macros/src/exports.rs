//! Generates the component: each exported function calls the rule of the same name.

use wit_parser::{Function, Resolve, Type, TypeDefKind};

use crate::module::Module;
use crate::rust::{kind, snake};

/// The interface by which the chain upgrades a module: its function returns its refusal as it is, since the
/// code that lowers it lowers all refusals.
pub(crate) const UPGRADE: &str = "upgrade";

/// The component, its exported functions and what makes them the component's.
pub(crate) fn text(module: &Module) -> Result<String, String> {
    let component = &module.component;
    let mut text = format!("/// The component.\npub struct {component};\n");
    let (mut own, mut shared) = (Vec::new(), None);
    for interface in module.exports()? {
        let root = format!("bindings::exports::{}", interface.root());
        let path = format!("crate::{root}::{}", snake(interface.name));
        text.push_str(&format!("impl {path}::Guest for {component} {{\n"));
        for function in interface.interface.functions.values() {
            let lowered = interface.is_own
                && interface.name != UPGRADE
                && returns_result(&module.resolve, function);
            text.push_str(&method(&module.resolve, &path, function, lowered)?);
        }
        text.push_str("}\n");
        if interface.is_own {
            let name = &interface.package.name;
            let version = name.version.as_ref().map_or(String::new(), |version| {
                format!("_{}", version.to_string().replace('.', "_"))
            });
            let names = [&name.namespace, &name.name, interface.name].map(snake).join("_");
            own.push((root, format!("{}::__export_{names}{version}_cabi,", snake(interface.name))));
        } else {
            shared = Some(root);
        }
    }
    let Some((root, _)) = own.first() else { return Err("the world exports nothing".to_owned()) };
    let shared = shared.ok_or("the world does not export ehb:common/deadlines")?;
    let macros: Vec<&str> = own.iter().map(|(_, name)| name.as_str()).collect();
    let macros = macros.join(" ");
    let error = format!("crate::{root}::{UPGRADE}::Error");
    text.push_str(&format!(
        "#[cfg(target_arch = \"wasm32\")]
        #[expect(unsafe_code, reason = \"the exported functions' names and pointers are the component ABI's\")]
        mod export {{
            use super::{component};
            use crate::bindings;

            ehb_contract::export! {{
                {component},
                error: {error}, placeholder: {error}::KeyReused,
                shared in {shared},
                in {root} {{ {macros} }}
            }}
        }}\n"
    ));
    Ok(text)
}

/// The method that calls the rule of the same name.
fn method(
    resolve: &Resolve,
    interface: &str,
    function: &Function,
    lowered: bool,
) -> Result<String, String> {
    let name = snake(&function.name);
    let mut parameters = Vec::new();
    let mut arguments = vec!["&mut ::ehb_contract::Host::new()".to_owned()];
    for parameter in &function.params {
        let (name, kind) = (snake(&parameter.name), kind(resolve, interface, &parameter.ty)?);
        parameters.push(format!("{name}: {kind}"));
        arguments.push(name);
    }
    let result = function.result.as_ref().map(|it| kind(resolve, interface, it)).transpose()?;
    let result = result.map_or(String::new(), |kind| format!(" -> {kind}"));
    let call = format!("crate::rules::{name}({})", arguments.join(", "));
    let call = if lowered { format!("::ehb_contract::answer({call})") } else { call };
    Ok(format!("fn {name}({}){result} {{ {call} }}\n", parameters.join(", ")))
}

/// Whether a function returns a result.
pub(crate) fn returns_result(resolve: &Resolve, function: &Function) -> bool {
    match function.result {
        Some(Type::Id(id)) => matches!(resolve.types[id].kind, TypeDefKind::Result(_)),
        _ => false,
    }
}
