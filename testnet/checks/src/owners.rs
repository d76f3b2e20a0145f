//! A rule: only the package that owns a heavy dependency uses it.

use crate::Tree;

/// Heavy dependencies, by how their names begin, and the folders of the packages that own them.
const OWNERS: &[(&str, &[&str])] = &[
    ("wasmtime", &["runtime/vm"]),
    ("rocksdb", &["node/store"]),
    ("libp2p", &["node/network"]),
    ("arc-malachitebft", &["node/consensus"]),
    ("ed25519-dalek", &["runtime/crypto"]),
    ("ed25519-zebra", &["runtime/crypto"]),
    // The indexer signs cursors and webhooks (HMAC), which are no part of the chain.
    ("sha2", &["runtime/crypto", "indexer"]),
    ("argon2", &["wallet"]),
    ("chacha20poly1305", &["wallet"]),
    ("sqlx", &["indexer"]),
    ("async-nats", &["indexer"]),
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
            let Some((_, owners)) = heavy else { continue };
            if !owners.contains(&package.folder.as_str()) {
                let owners = owners.join(" and ");
                let (folder, name) = (&package.folder, &dependency.name);
                violations.push(format!("{folder} must not use {name}, which belongs to {owners}"));
            }
        }
    }
    violations
}
