//! Extracts the description of a component: its interface, its imports, its documentation.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::OnceLock;

use ehb_abi::{Field, Function, Interface, Type};
use ehb_types::Name;
use wit_component::{DecodedWasm, WitPrinter};
use wit_parser::{
    FunctionKind, InterfaceId, PackageId, Resolve, TypeDefKind, WorldId, WorldItem, WorldKey,
};

use super::wit::Types;
use super::{Detail, InstallError, TypeProblem};

/// The name of the interface through which a module emits events.
const EVENTS: &str = "events";

/// The package of the interfaces that modules share, and its WIT. Every module exports them unchanged, so
/// that one client can use all modules. Interfaces of other foreign packages cannot be exported.
const SHARED: (&str, &str) = ("ehb", "common");
const SHARED_WIT: [&str; 2] = [
    include_str!("../../../../sdk/contract/wit/host.wit"),
    concat!(
        include_str!("../../../../sdk/contract/wit/common/types.wit"),
        include_str!("../../../../sdk/contract/wit/common/deadlines.wit"),
    ),
];

/// The description of a component.
#[derive(Debug)]
pub(crate) struct Description {
    /// Its exports and events.
    pub(crate) interface: Interface,
    /// The functions of other modules that it calls.
    pub(crate) imports: Vec<Import>,
    /// The name of the events interface that it imports, such as `ehb:wallet/events@1.0.0`.
    pub(crate) events: Option<String>,
    /// The host interfaces that it imports, by name.
    pub(crate) host: Vec<String>,
    /// Its WIT as text.
    pub(crate) wit: String,
}

/// An imported interface of another module.
#[derive(Debug)]
pub(crate) struct Import {
    /// The module, by the name of the interface's package.
    pub(crate) module: Name,
    /// The interface's name, such as `ehb:wallet/holds@1.0.0`.
    pub(crate) interface: String,
    /// The imported functions, as the importer declares them.
    pub(crate) functions: Vec<Function>,
}

/// Reads the component of the module `name`; `documentation` is its documentation section.
///
/// The types come from the component. The documentation must describe the same interface.
pub(crate) fn describe(
    name: &Name,
    code: &[u8],
    documentation: Option<&[u8]>,
) -> Result<Description, InstallError> {
    let (resolve, world) = match decode(code)? {
        DecodedWasm::Component(resolve, world) => (resolve, world),
        DecodedWasm::WitPackage(..) => {
            return Err(InstallError::interface("it is a WIT package without code"));
        }
    };
    let mut reader = Reader { resolve: &resolve, types: Types::new(&resolve), name };
    let mut found = reader.world(world)?;
    match documentation {
        Some(section) => found.document(name, section)?,
        None => {
            let package = resolve.worlds[world].package;
            let package =
                package.ok_or_else(|| InstallError::interface("its world has no package"))?;
            found.wit = print(&resolve, package).map_err(|error| undescribed(&error))?;
        }
    }
    Ok(found)
}

/// The interface of a WIT package without a component, so that a native module has its types in WIT too, and its WIT as one
/// text. `packages` are WIT texts, each after those that it uses; the last one is the package of the module `name`.
pub fn declared(name: &Name, packages: &[&str]) -> Result<(Interface, String), InstallError> {
    let refused = |error: &dyn Display| InstallError::Interface {
        problem: "the package is no valid WIT",
        detail: Detail::of(error),
    };
    let mut resolve = Resolve::default();
    let mut package = None;
    for (index, text) in packages.iter().enumerate() {
        let pushed = resolve.push_str(format!("{index}.wit"), text);
        package = Some(pushed.map_err(|error| refused(&error))?);
    }
    let package = package.ok_or_else(|| InstallError::interface("there is no WIT"))?;
    let mut reader = Reader { resolve: &resolve, types: Types::new(&resolve), name };
    let (mut functions, event) = reader.package(package)?;
    functions.sort_by(|a, b| a.name.cmp(&b.name));
    let wit = print(&resolve, package).map_err(|error| refused(&error))?;
    Ok((Interface { functions, event }, wit))
}

fn decode(code: &[u8]) -> Result<DecodedWasm, InstallError> {
    wit_component::decode(code).map_err(|error| undescribed(&error))
}

fn undescribed(error: &dyn Display) -> InstallError {
    let problem = "its types are not those of a WIT world";
    InstallError::Interface { problem, detail: Detail::of(error) }
}

/// Prints a package together with those that it uses, so that the text can be parsed by itself.
fn print(resolve: &Resolve, package: PackageId) -> Result<String, impl Display> {
    let others: Vec<_> =
        resolve.packages.iter().map(|(id, _)| id).filter(|id| *id != package).collect();
    let mut printer = WitPrinter::default();
    printer.print(resolve, package, &others).map(|()| printer.output.to_string())
}

struct Reader<'a> {
    resolve: &'a Resolve,
    types: Types<'a>,
    name: &'a Name,
}

impl Reader<'_> {
    fn world(&mut self, world: WorldId) -> Result<Description, InstallError> {
        let resolve = self.resolve;
        let mut found = Description {
            interface: Interface::default(),
            imports: Vec::new(),
            events: None,
            host: Vec::new(),
            wit: String::new(),
        };
        for (key, item) in &resolve.worlds[world].imports {
            self.import(interface_of(resolve, key, item)?, &mut found)?;
        }
        let mut functions: BTreeMap<String, Function> = BTreeMap::new();
        for (key, item) in &resolve.worlds[world].exports {
            let id = interface_of(resolve, key, item)?;
            let (package, interface) = self.package_and_name(id)?;
            let shared = (package.0.as_str(), package.1.as_str()) == SHARED;
            if !shared && package.1 != self.name.as_str() {
                return Err(InstallError::ForeignExport(interface));
            }
            if resolve.interfaces[id].name.as_deref() == Some(EVENTS) {
                continue;
            }
            for function in self.functions(id, &interface)? {
                let name = function.name.clone();
                if functions.insert(name.clone(), function).is_some() {
                    return Err(InstallError::FunctionTwice(name));
                }
            }
        }
        found.interface.functions = functions.into_values().collect();
        Ok(found)
    }

    fn import(&mut self, id: InterfaceId, found: &mut Description) -> Result<(), InstallError> {
        let resolve = self.resolve;
        let interface = &resolve.interfaces[id];
        if interface.functions.is_empty() {
            return Ok(());
        }
        let ((namespace, package), name) = self.package_and_name(id)?;
        if namespace == "ehb" && package == "host" {
            found.host.push(name);
        } else if package == self.name.as_str() {
            if interface.name.as_deref() != Some(EVENTS) || found.events.is_some() {
                let reason = "a module cannot import its own functions".to_owned();
                return Err(InstallError::UnknownImport { import: name, reason });
            }
            found.interface.event = Some(self.event(id, &name)?);
            found.events = Some(name);
        } else {
            let module = Name::new(package).map_err(|error| InstallError::UnknownImport {
                import: name.clone(),
                reason: error.to_string(),
            })?;
            let functions = self.functions(id, &name)?;
            found.imports.push(Import { module, interface: name, functions });
        }
        Ok(())
    }

    /// The functions of all interfaces of a package, and the type of its events.
    fn package(
        &mut self,
        package: PackageId,
    ) -> Result<(Vec<Function>, Option<Type>), InstallError> {
        let resolve = self.resolve;
        let (mut functions, mut event) = (Vec::new(), None);
        for id in resolve.packages[package].interfaces.values() {
            let (_, interface) = self.package_and_name(*id)?;
            if resolve.interfaces[*id].name.as_deref() == Some(EVENTS) {
                event = Some(self.event(*id, &interface)?);
            } else {
                functions.extend(self.functions(*id, &interface)?);
            }
        }
        Ok((functions, event))
    }

    fn event(&mut self, id: InterfaceId, name: &str) -> Result<Type, InstallError> {
        let mut functions = self.functions(id, name)?;
        match (functions.pop(), functions.pop()) {
            (Some(mut emit), None) if emit.name == "emit" && emit.result.is_none() => {
                match (emit.parameters.pop(), emit.parameters.pop()) {
                    (Some(event), None) => Ok(event.kind),
                    _ => Err(InstallError::Events(name.to_owned())),
                }
            }
            _ => Err(InstallError::Events(name.to_owned())),
        }
    }

    /// Namespace and name of an interface's package, and its full name with version.
    fn package_and_name(
        &self,
        id: InterfaceId,
    ) -> Result<((String, String), String), InstallError> {
        let package = self.resolve.interfaces[id].package;
        let (Some(package), Some(name)) = (package, self.resolve.id_of(id)) else {
            return Err(InstallError::OutsideInterface("an interface without name".to_owned()));
        };
        let package = &self.resolve.packages[package].name;
        Ok(((package.namespace.clone(), package.name.clone()), name))
    }

    fn functions(&mut self, id: InterfaceId, name: &str) -> Result<Vec<Function>, InstallError> {
        let mut types = self.resolve.interfaces[id].types.iter();
        let resource = types.find(|(_, id)| self.resolve.types[**id].kind == TypeDefKind::Resource);
        if let Some((resource, _)) = resource {
            let place = format!("{name} {resource}");
            return Err(InstallError::Type { place, problem: TypeProblem::Forbidden("resource") });
        }
        let functions = &self.resolve.interfaces[id].functions;
        functions.values().map(|function| self.function(name, function)).collect()
    }

    fn function(
        &mut self,
        interface: &str,
        function: &wit_parser::Function,
    ) -> Result<Function, InstallError> {
        let refused = |problem| InstallError::Type {
            place: format!("{interface} {}", function.name),
            problem,
        };
        if function.kind != FunctionKind::Freestanding {
            return Err(refused(TypeProblem::Forbidden("resource or future")));
        }
        Name::new(function.name.as_str()).map_err(|_| refused(TypeProblem::Name))?;
        let mut parameters = Vec::new();
        for parameter in &function.params {
            let kind = self.types.convert(&parameter.ty).map_err(refused)?;
            parameters.push(Field { name: parameter.name.clone(), kind });
        }
        let result = function.result.as_ref().map(|kind| self.types.convert(kind));
        Ok(Function {
            name: function.name.clone(),
            interface: interface.to_owned(),
            parameters,
            result: result.transpose().map_err(refused)?,
            docs: function.docs.contents.clone().unwrap_or_default(),
        })
    }
}

impl Description {
    /// Takes text and doc comments from the documentation section, whose functions and event must
    /// be the component's.
    fn document(&mut self, name: &Name, section: &[u8]) -> Result<(), InstallError> {
        let refused = |problem: &str| InstallError::Documentation {
            problem: problem.to_owned(),
            detail: Detail::default(),
        };
        let broken = |error: &dyn Display| InstallError::Documentation {
            problem: "it is no encoded WIT package".to_owned(),
            detail: Detail::of(error),
        };
        let decoded = wit_component::decode(section).map_err(|error| broken(&error))?;
        let DecodedWasm::WitPackage(resolve, package) = decoded else {
            return Err(refused("it is no encoded WIT package"));
        };
        if resolve.packages[package].name.name != name.as_str() {
            return Err(refused("its package has another name than the module"));
        }
        let mut reader = Reader { resolve: &resolve, types: Types::new(&resolve), name };
        let (mut documented, event) = reader.package(package)?;
        documented.extend(shared()?);
        if self.interface.event.is_some() && self.interface.event != event {
            return Err(refused("it has another event type"));
        }
        for function in &mut self.interface.functions {
            let same = |other: &&Function| {
                other.name == function.name && other.interface == function.interface
            };
            let twin = documented.iter().find(same);
            let twin = twin.filter(|twin| same_signature(twin, function));
            let twin = twin.ok_or_else(|| {
                refused(&format!("it does not have {} as exported", function.name))
            })?;
            function.docs.clone_from(&twin.docs);
        }
        self.wit = print(&resolve, package).map_err(|error| broken(&error))?;
        Ok(())
    }
}

/// The functions of the interfaces that modules share, with their doc comments: a module's documentation
/// section has those of its own package only.
fn shared() -> Result<Vec<Function>, InstallError> {
    static SHARED_FUNCTIONS: OnceLock<Result<Vec<Function>, InstallError>> = OnceLock::new();
    let read = || {
        let name = Name::new(SHARED.1).map_err(|error| undescribed(&error))?;
        Ok(declared(&name, &SHARED_WIT)?.0.functions)
    };
    SHARED_FUNCTIONS.get_or_init(read).clone()
}

/// Whether two functions have equal parameters, by name and type, and equal results.
pub(crate) fn same_signature(a: &Function, b: &Function) -> bool {
    a.parameters == b.parameters && a.result == b.result
}

fn interface_of(
    resolve: &Resolve,
    key: &WorldKey,
    item: &WorldItem,
) -> Result<InterfaceId, InstallError> {
    match (key, item) {
        (WorldKey::Interface(_), WorldItem::Interface { id, .. }) => Ok(*id),
        _ => Err(InstallError::OutsideInterface(resolve.name_world_key(key))),
    }
}
