//! Turns a component's code into a module: all checks in order, then the compiler.

use std::sync::Arc;

use ehb_abi::Interface;
use ehb_crypto::{Domain, Hash, hash};
use ehb_types::Name;
use wasmtime::component::{Component, ComponentExportIndex};

use crate::compiled::component;
use crate::install::limits::INSTANCE_INCLUDED_GAS;
use crate::install::{Description, Profile, apart, check, describe, guard, scan};
use crate::verify::verify;
use crate::{Engine, InstallError};

/// A compiled component that has passed all checks of a single component. Cheap to clone.
#[derive(Clone)]
pub struct Module(Arc<Inner>);

struct Inner {
    name: Name,
    code_hash: Hash,
    component: Component,
    description: Description,
    calls: Vec<Name>,
    /// The exports of `description.interface.functions`, by position.
    exports: Vec<ComponentExportIndex>,
    instance_gas: u64,
}

impl Module {
    /// Checks a component and compiles it under the name of a module.
    ///
    /// The checks come first and their cost is bounded by the size of the code; the compiler only gets code
    /// that has passed them. Everything runs on separate threads, so that the outcome does not depend on the
    /// calling thread. Compiling takes milliseconds for each 10 KB: keep it off the consensus path.
    pub fn compile(engine: &Engine, name: Name, code: &[u8]) -> Result<Self, InstallError> {
        let _turn = engine.check_permit();
        let Prepared { description, guarded, instance_gas } =
            apart(InstallError::Unreadable, || prepare(&name, code))?;
        let component = component(engine, &guarded)?;
        let exports = apart(InstallError::Unreadable, || {
            verify(engine, &component, &description)?;
            exports(&component, &description.interface)
        })?;
        let mut calls: Vec<Name> =
            description.imports.iter().map(|import| import.module.clone()).collect();
        calls.sort();
        calls.dedup();
        let code_hash = hash(Domain::ModuleCode, code);
        Ok(Self(Arc::new(Inner {
            name,
            code_hash,
            component,
            description,
            calls,
            exports,
            instance_gas,
        })))
    }

    /// The name by which transactions call it.
    pub fn name(&self) -> &Name {
        &self.0.name
    }

    /// The hash of its code, under [`Domain::ModuleCode`].
    pub fn code_hash(&self) -> Hash {
        self.0.code_hash
    }

    /// Its callable functions and the type of its events.
    pub fn interface(&self) -> &Interface {
        &self.0.description.interface
    }

    /// Its WIT as text, with doc comments if the component has them in a section named
    /// [`crate::DOCUMENTATION_SECTION`].
    pub fn wit(&self) -> &str {
        &self.0.description.wit
    }

    /// The modules that it calls, ascending by name.
    pub fn imports(&self) -> &[Name] {
        &self.0.calls
    }

    /// The gas that each call pays for the module's instances in addition to the price of a call.
    pub(crate) fn instance_gas(&self) -> u64 {
        self.0.instance_gas
    }

    pub(crate) fn component(&self) -> &Component {
        &self.0.component
    }

    pub(crate) fn description(&self) -> &Description {
        &self.0.description
    }

    pub(crate) fn export(&self, function: usize) -> &ComponentExportIndex {
        &self.0.exports[function]
    }
}

/// The results of the steps before the compiler.
pub(crate) struct Prepared {
    pub(crate) description: Description,
    /// The component with guards.
    pub(crate) guarded: Vec<u8>,
    instance_gas: u64,
}

/// All steps before the compiler: the scan, before any library reads the code, then the checks.
pub(crate) fn prepare(name: &Name, code: &[u8]) -> Result<Prepared, InstallError> {
    scan(code, Profile::Module)?;
    let checked = check(code)?;
    let documentation = checked.documentation.clone().and_then(|range| code.get(range));
    if let Some(documentation) = documentation {
        scan(documentation, Profile::Documentation)?;
    }
    let description = describe(name, code, documentation)?;
    let instance_gas = checked.instance_gas.saturating_sub(INSTANCE_INCLUDED_GAS);
    Ok(Prepared { description, guarded: guard(code, &checked)?, instance_gas })
}

fn exports(
    component: &Component,
    interface: &Interface,
) -> Result<Vec<ComponentExportIndex>, InstallError> {
    let find = |function: &ehb_abi::Function| {
        let instance = component.get_export_index(None, &function.interface)?;
        component.get_export_index(Some(&instance), &function.name)
    };
    let mut exports = Vec::new();
    for function in &interface.functions {
        let missing = || InstallError::interface("a function is not exported");
        exports.push(find(function).ok_or_else(missing)?);
    }
    Ok(exports)
}
