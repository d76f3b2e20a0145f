//! Parses the input of `module!`, and reads the WIT folders that it lists.

use std::path::{Path, PathBuf};

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, LitStr, Token, braced, bracketed};
use wit_parser::{Interface, InterfaceId, Package, PackageId, Resolve, World, WorldItem};

use crate::rust::snake;

/// The input of `module!`.
pub(crate) struct Input {
    component: String,
    wit: Vec<String>,
    types: Vec<(String, String)>,
    calls: Vec<(String, String)>,
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let component = input.parse::<Ident>()?.to_string();
        let mut read = Self { component, wit: vec![], types: vec![], calls: vec![] };
        while input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            let key: Ident = input.parse()?;
            input.parse::<Token![:]>()?;
            let content;
            match key.to_string().as_str() {
                "wit" => {
                    bracketed!(content in input);
                    let folders = Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?;
                    read.wit = folders.iter().map(LitStr::value).collect();
                }
                "types" => {
                    braced!(content in input);
                    read.types = pairs(&content, |name: LitStr| name.value())?;
                }
                "calls" => {
                    braced!(content in input);
                    read.calls = pairs(&content, |name: Ident| name.to_string())?;
                }
                _ => return Err(syn::Error::new(key.span(), "give wit, types or calls")),
            }
        }
        Ok(read)
    }
}

/// Names, each with the path of Rust that it has.
fn pairs<T: Parse>(
    content: ParseStream<'_>,
    name: fn(T) -> String,
) -> syn::Result<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    while !content.is_empty() {
        let of = name(content.parse()?);
        content.parse::<Token![:]>()?;
        let path: syn::Path = content.parse()?;
        pairs.push((of, quote::quote!(#path).to_string()));
        if content.parse::<Option<Token![,]>>()?.is_none() {
            break;
        }
    }
    Ok(pairs)
}

/// A module, as its WIT describes it.
pub(crate) struct Module {
    /// The type that is its component.
    pub(crate) component: String,
    /// The folders of WIT, as they were given.
    pub(crate) wit: Vec<String>,
    /// Interfaces of types by name, with the Rust that they have.
    pub(crate) types: Vec<(String, String)>,
    /// The modules that it calls by name, with the crates of their rules.
    pub(crate) calls: Vec<(String, String)>,
    /// All packages.
    pub(crate) resolve: Resolve,
    /// Its own.
    pub(crate) package: PackageId,
    /// Its world, which is taken from the package.
    world: String,
}

impl Module {
    /// Reads the WIT.
    pub(crate) fn read(input: &Input) -> Result<Self, String> {
        let root = std::env::var("CARGO_MANIFEST_DIR").map_err(|error| error.to_string())?;
        let folders: Vec<PathBuf> = input.wit.iter().map(|it| Path::new(&root).join(it)).collect();
        let mut resolve = Resolve::default();
        let mut package = None;
        for folder in &folders {
            let pushed = resolve.push_dir(folder);
            let (id, _) = pushed.map_err(|error| format!("{}: {error:#}", folder.display()))?;
            package = Some(id);
        }
        let package = package.ok_or("give the folders of WIT: `wit: [\"wit\"]`")?;
        Self::of(input, resolve, package)
    }

    /// A module whose packages were read.
    pub(crate) fn of(input: &Input, resolve: Resolve, package: PackageId) -> Result<Self, String> {
        let Input { component, wit, types, calls } = input;
        let world = resolve.select_world(&[package], None).map_err(|error| format!("{error:#}"))?;
        let world = resolve.worlds[world].name.clone();
        let (component, wit) = (component.clone(), wit.clone());
        let (types, calls) = (types.clone(), calls.clone());
        Ok(Self { component, wit, types, calls, resolve, package, world })
    }

    pub(crate) fn world(&self) -> Result<&World, String> {
        let id = self.resolve.packages[self.package].worlds.get(&self.world);
        id.map(|id| &self.resolve.worlds[*id]).ok_or_else(|| "the world is gone".to_owned())
    }

    /// The full name of its world, such as `ehb:jobs/jobs`.
    pub(crate) fn world_name(&self) -> String {
        let package = &self.resolve.packages[self.package].name;
        format!("{}:{}/{}", package.namespace, package.name, self.world)
    }

    /// The interfaces that it imports.
    pub(crate) fn imports(&self) -> Result<Vec<Named<'_>>, String> {
        self.named(self.world()?.imports.values())
    }

    /// The interfaces that it exports.
    pub(crate) fn exports(&self) -> Result<Vec<Named<'_>>, String> {
        self.named(self.world()?.exports.values())
    }

    fn named<'a>(
        &'a self,
        items: impl Iterator<Item = &'a WorldItem>,
    ) -> Result<Vec<Named<'a>>, String> {
        let interface = |item: &WorldItem| {
            let WorldItem::Interface { id, .. } = item else {
                return Err("a module imports and exports interfaces, and nothing else".to_owned());
            };
            self.interface(*id)
        };
        items.map(interface).collect()
    }

    /// An interface with its names.
    pub(crate) fn interface(&self, id: InterfaceId) -> Result<Named<'_>, String> {
        let interface = &self.resolve.interfaces[id];
        let (Some(package), Some(name)) = (interface.package, interface.name.as_deref()) else {
            return Err("an interface needs a name".to_owned());
        };
        let is_own = package == self.package;
        Ok(Named { id, interface, name, package: &self.resolve.packages[package], is_own })
    }
}

/// An interface with its names.
pub(crate) struct Named<'a> {
    pub(crate) id: InterfaceId,
    pub(crate) interface: &'a Interface,
    pub(crate) name: &'a str,
    pub(crate) package: &'a Package,
    /// Whether it is of the module's own package.
    pub(crate) is_own: bool,
}

impl Named<'_> {
    /// Its place in the bindings, from `bindings` on: with `exports` before it where it is exported.
    pub(crate) fn path(&self) -> String {
        format!("{}::{}", self.root(), snake(self.name))
    }

    /// The place of its package.
    pub(crate) fn root(&self) -> String {
        format!("{}::{}", snake(&self.package.name.namespace), snake(&self.package.name.name))
    }

    /// Its full name, such as `ehb:host/types@1.0.0`.
    pub(crate) fn full_name(&self) -> String {
        let name = &self.package.name;
        let version = name.version.as_ref().map_or(String::new(), |it| format!("@{it}"));
        format!("{}:{}/{}{version}", name.namespace, name.name, self.name)
    }
}
