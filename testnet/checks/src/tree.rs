//! Reads the repository's text files, which all rules check.

use std::path::Path;
use std::{fs, io};

use crate::{Package, PackageError};

/// The folders that hold the repository's own files, besides those at its root.
const FOLDERS: [&str; 14] = [
    ".ci",
    "benches",
    "contracts",
    "deploy",
    "docs",
    "examples",
    "indexer",
    "node",
    "rpc",
    "runtime",
    "scripts",
    "sdk",
    "testnet",
    "wallet",
];
/// Folders that tools fill.
const FOREIGN: [&str; 4] = ["target", "node_modules", "dist", "proptest-regressions"];
/// What the TypeScript SDK's tests generate.
const GENERATED: &str = "sdk/typescript/build";
/// Larger files are not read: nobody writes them by hand.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// A text file of the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path from the repository's root, with `/` between the parts.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// The text files of the repository, sorted by path.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    files: Vec<File>,
}

impl Tree {
    /// Reads the repository at a folder. Files that are no UTF-8 text or longer than 1 MiB are left
    /// out, as are folders that tools fill.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut tree = Self::default();
        for entry in fs::read_dir(root)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // In a worktree, .git is a file that names a folder of the machine.
            if name == ".git" {
                continue;
            }
            if entry.file_type()?.is_file() {
                tree.read_file(&entry.path(), name)?;
            } else if FOLDERS.contains(&name.as_str()) {
                tree.read_folder(&entry.path(), &name)?;
            }
        }
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    /// A made-up repository of paths and texts.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| File {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        Self { files: files.iter().map(file).collect() }
    }

    /// All files.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// The Rust sources.
    pub fn sources(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    /// The workspace's packages. Errors: a manifest that is no TOML or names no package.
    pub fn packages(&self) -> Result<Vec<Package>, PackageError> {
        let manifests = self.files.iter().filter(|file| file.path.ends_with("/Cargo.toml"));
        manifests.map(Package::parse).collect()
    }

    fn read_folder(&mut self, folder: &Path, path: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{path}/{name}");
            let kind = entry.file_type()?;
            if kind.is_file() {
                self.read_file(&entry.path(), path)?;
            } else if kind.is_dir() && !FOREIGN.contains(&name.as_str()) && path != GENERATED {
                self.read_folder(&entry.path(), &path)?;
            }
        }
        Ok(())
    }

    fn read_file(&mut self, file: &Path, path: String) -> io::Result<()> {
        if fs::metadata(file)?.len() <= FILE_BYTES_MAX
            && let Ok(text) = String::from_utf8(fs::read(file)?)
        {
            self.files.push(File { path, text });
        }
        Ok(())
    }
}

impl File {
    /// Whether the file holds tests or helpers of tests only.
    pub fn is_test(&self) -> bool {
        self.path.split('/').any(|part| part == "tests" || part == "tests.rs")
    }

    /// Whether the file runs while its package is built.
    pub fn is_build_script(&self) -> bool {
        self.path.ends_with("/build.rs") || self.path.contains("/build/")
    }

    /// The lines with their numbers, from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}
