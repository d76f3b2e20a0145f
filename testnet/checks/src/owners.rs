use crate::{Kind, Tree};

/// Heavy dependencies, by how their names begin, and the folders of the packages that own them.
const OWNERS: &[(&str, &[&str])] = &[
    ("wasmtime", &["runtime/vm"]),
    ("rocksdb", &["node/store"]),
    ("libp2p", &["node/network"]),
    ("arc-malachitebft", &["node/consensus"]),
    ("ed25519-dalek", &["runtime/crypto"]),
    ("ed25519-zebra", &["runtime/crypto"]),
    ("sha2", &["runtime/crypto"]),
    ("argon2", &["wallet"]),
    ("chacha20poly1305", &["wallet"]),
    ("sqlx", &["indexer"]),
    ("jsonrpsee", &["rpc/api", "rpc/server", "sdk/rust"]),
    (
        "wit-bindgen",
        &[
            "sdk/contract",
            "contracts/wallet",
            "contracts/dispute",
            "contracts/credit",
            "contracts/marketplace",
            "contracts/jobs",
        ],
    ),
];

/// Uses by others, and why.
const EXCEPTIONS: [(&str, &str, Kind, &str); 1] =
    [("jsonrpsee", "wallet", Kind::Dev, "the command is tested against a node in memory")];

/// Heavy dependencies that a package uses without owning them. They cross a package's border only in
/// its own types, so that a new version, or another library, concerns one package.
pub fn owners(tree: &Tree) -> Vec<String> {
    let packages = match tree.packages() {
        Ok(packages) => packages,
        Err(error) => return vec![error.to_string()],
    };
    let mut violations = Vec::new();
    for package in packages {
        for dependency in &package.dependencies {
            let heavy = OWNERS.iter().find(|(name, _)| dependency.name.starts_with(name));
            let Some((name, owners)) = heavy else { continue };
            let use_of_it = (*name, package.folder.as_str(), dependency.kind);
            let excepted = EXCEPTIONS.iter().any(|(a, b, c, _)| (*a, *b, *c) == use_of_it);
            if !owners.contains(&package.folder.as_str()) && !excepted {
                let owners = owners.join(" and ");
                let (folder, name) = (&package.folder, &dependency.name);
                violations.push(format!("{folder} must not use {name}, which belongs to {owners}"));
            }
        }
    }
    violations
}
