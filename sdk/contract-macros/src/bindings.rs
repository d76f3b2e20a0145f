//! Generates the Rust bindings of a module's WIT, and the implementation of `Emit` for its events.

use crate::module::Module;
use crate::rust::{is_copy, kind};

/// The interfaces of types that `ehb-contract` has, with its names for them.
const SHARED: [(&str, &str); 2] = [
    ("ehb:host/types@1.0.0", "ehb_contract::types"),
    ("ehb:common/types@1.0.0", "ehb_contract::common"),
];

/// The interface of a module that has the types which its functions share.
const TYPES: &str = "types";

/// The function that emits an event.
const EMIT: &str = "emit";

/// The module `bindings`, and `Emit` for the events.
pub(crate) fn text(module: &Module) -> Result<String, String> {
    let mut with: Vec<(String, String)> =
        SHARED.iter().map(|(name, rust)| ((*name).to_owned(), (*rust).to_owned())).collect();
    with.extend(module.types.iter().cloned());
    // Natively a called module's own rules run, with its own types.
    let mut native = with.clone();
    for interface in module.imports()?.iter().filter(|it| it.name == TYPES) {
        let called = module.calls.iter().find(|(name, _)| *name == interface.package.name.name);
        if let Some((_, rules)) = called {
            native
                .push((interface.full_name(), format!("{rules}::bindings::{}", interface.path())));
        }
    }
    let generated = if module.calls.is_empty() {
        generate(module, &with)
    } else {
        format!(
            "#[cfg(target_arch = \"wasm32\")]\n{}\n#[cfg(not(target_arch = \"wasm32\"))]\n{}",
            generate(module, &with),
            generate(module, &native)
        )
    };
    let mut text = format!(
        "#[expect(missing_docs, reason = \"generated: the WIT holds the documentation\")]
        pub mod bindings {{
            #![doc = \"The module's WIT as Rust.\"]
            {generated}
        }}\n"
    );
    for interface in module.imports()?.iter().filter(|it| it.is_own) {
        let emit = interface.interface.functions.get(EMIT);
        if let Some(event) = emit.and_then(|emit| emit.params.first()) {
            let path = format!("crate::bindings::{}", interface.path());
            let kind = kind(&module.resolve, &path, &event.ty)?;
            let argument = if is_copy(&module.resolve, event.ty) { "*self" } else { "self" };
            text.push_str(&format!(
                "impl ::ehb_contract::Emit for {kind} {{
                    fn emit(&self) {{ {path}::emit({argument}); }}
                }}\n"
            ));
        }
    }
    Ok(text)
}

fn generate(module: &Module, with: &[(String, String)]) -> String {
    let with: Vec<String> = with.iter().map(|(name, rust)| format!("{name:?}: {rust}")).collect();
    format!(
        "wit_bindgen::generate!({{
            path: {:?},
            world: {:?},
            with: {{ {} }},
            generate_all,
            additional_derives: [PartialEq, Eq, ehb_contract::Pack, ehb_contract::Named, ehb_contract::Json],
            disable_run_ctors_once_workaround: true,
        }});",
        module.wit,
        module.world_name(),
        with.join(", ")
    )
}
