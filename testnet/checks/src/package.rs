//! Parses the manifests of the workspace's packages for the rules.

use crate::File;

/// A package's manifest, as far as the rules ask.
#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    /// Its folder from the repository's root.
    pub folder: String,
    /// Its name.
    pub name: String,
    /// Its one sentence.
    pub description: Option<String>,
    /// What it depends on, in all sections and for all targets.
    pub dependencies: Vec<Dependency>,
    /// The whole manifest.
    pub manifest: toml::Table,
}

/// An entry of a dependency section.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependency {
    /// The name of the package depended on.
    pub name: String,
    /// The section.
    pub kind: Kind,
    /// What is said about it.
    pub value: toml::Value,
}

/// What a dependency is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The package itself.
    Normal,
    /// Its build script.
    Build,
    /// Its tests.
    Dev,
}

/// Why a manifest could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// It is no TOML.
    #[error("{path} is no TOML: {error}")]
    Toml {
        /// The manifest.
        path: String,
        /// Where and why.
        error: Box<toml::de::Error>,
    },
    /// It has no `package.name`.
    #[error("{0} names no package")]
    Nameless(String),
}

const SECTIONS: [(&str, Kind); 3] = [
    ("dependencies", Kind::Normal),
    ("build-dependencies", Kind::Build),
    ("dev-dependencies", Kind::Dev),
];

impl Package {
    /// Reads a manifest.
    pub fn parse(file: &File) -> Result<Self, PackageError> {
        let manifest: toml::Table = file.text.parse().map_err(|error| PackageError::Toml {
            path: file.path.clone(),
            error: Box::new(error),
        })?;
        let text = |key: &str| manifest.get("package")?.get(key)?.as_str().map(str::to_owned);
        let folder = file.path.strip_suffix("/Cargo.toml").unwrap_or_default().to_owned();
        let name = text("name").ok_or_else(|| PackageError::Nameless(file.path.clone()))?;
        let description = text("description");
        let mut dependencies = collect(&manifest);
        let targets = manifest.get("target").and_then(toml::Value::as_table);
        for target in targets.into_iter().flat_map(toml::Table::values) {
            dependencies.extend(target.as_table().map(collect).unwrap_or_default());
        }
        Ok(Self { folder, name, description, dependencies, manifest })
    }
}

fn collect(table: &toml::Table) -> Vec<Dependency> {
    let mut dependencies = Vec::new();
    for (section, kind) in SECTIONS {
        let entries = table.get(section).and_then(toml::Value::as_table);
        for (name, value) in entries.into_iter().flatten() {
            dependencies.push(Dependency { name: name.clone(), kind, value: value.clone() });
        }
    }
    dependencies
}
