//! A rule: packages depend on each other only in the direction of the design.

use crate::{Kind, Package, Tree};

/// Which of the workspace's packages a package may use. What is not here is forbidden.
const ALLOWED: &[(&str, &[&str])] = &[
    ("ehb-crypto", &[]),
    ("ehb-types", &["ehb-crypto"]),
    ("ehb-state", &["ehb-crypto", "ehb-types"]),
    ("ehb-abi", &["ehb-types"]),
    ("ehb-vm", &["ehb-abi", "ehb-crypto", "ehb-state", "ehb-types"]),
    ("ehb-kernel", &["ehb-crypto", "ehb-state", "ehb-types"]),
    ("ehb-executor", &["ehb-abi", "ehb-crypto", "ehb-kernel", "ehb-state", "ehb-types", "ehb-vm"]),
    ("ehb-module-build", &[]),
    ("ehb-catalog", &["ehb-module-build"]),
    ("ehb-releases", &["ehb-module-build"]),
    ("ehb-invariants", &[]),
    ("ehb-workload", &["ehb-invariants"]),
    ("ehb-code-cache", &["ehb-crypto", "ehb-executor", "ehb-types"]),
    ("ehb-consensus", &["ehb-crypto", "ehb-types"]),
    ("ehb-mempool", &["ehb-types"]),
    ("ehb-network", &["ehb-crypto", "ehb-types"]),
    ("ehb-store", &["ehb-crypto", "ehb-state", "ehb-types"]),
    (
        "ehb-replica",
        &["ehb-consensus", "ehb-executor", "ehb-kernel", "ehb-mempool", "ehb-state", "ehb-types"],
    ),
    (
        "ehb-node",
        &[
            "ehb-catalog",
            "ehb-code-cache",
            "ehb-consensus",
            "ehb-console",
            "ehb-crypto",
            "ehb-executor",
            "ehb-invariants",
            "ehb-kernel",
            "ehb-mempool",
            "ehb-network",
            "ehb-replica",
            "ehb-rpc-api",
            "ehb-rpc-server",
            "ehb-state",
            "ehb-store",
            "ehb-types",
        ],
    ),
    ("ehb-rpc-api", &["ehb-abi", "ehb-crypto", "ehb-state", "ehb-types"]),
    ("ehb-rpc-server", &["ehb-abi", "ehb-crypto", "ehb-rpc-api", "ehb-state", "ehb-types"]),
    ("ehb-sdk", &["ehb-abi", "ehb-crypto", "ehb-rpc-api", "ehb-state", "ehb-types"]),
    ("ehb-console", &[]),
    ("ehb-contract", &["ehb-contract-macros", "ehb-crypto"]),
    ("ehb-contract-macros", &[]),
    ("ehb-dispute", &["ehb-contract"]),
    ("ehb-wallet", &["ehb-console", "ehb-sdk", "ehb-types"]),
    ("ehb-projection", &["ehb-abi", "ehb-types"]),
    (
        "ehb-indexer",
        &["ehb-abi", "ehb-console", "ehb-crypto", "ehb-projection", "ehb-sdk", "ehb-types"],
    ),
    (
        "ehb-simulator",
        &[
            "ehb-abi",
            "ehb-catalog",
            "ehb-consensus",
            "ehb-console",
            "ehb-crypto",
            "ehb-executor",
            "ehb-invariants",
            "ehb-kernel",
            "ehb-mempool",
            "ehb-replica",
            "ehb-state",
            "ehb-types",
            "ehb-workload",
        ],
    ),
    (
        "ehb-localnet",
        &["ehb-catalog", "ehb-console", "ehb-crypto", "ehb-sdk", "ehb-types", "ehb-wallet"],
    ),
    ("ehb-examples", &["ehb-console", "ehb-sdk"]),
    (
        "ehb-devnet",
        &[
            "ehb-catalog",
            "ehb-code-cache",
            "ehb-consensus",
            "ehb-crypto",
            "ehb-executor",
            "ehb-kernel",
            "ehb-mempool",
            "ehb-replica",
            "ehb-rpc-api",
            "ehb-rpc-server",
            "ehb-state",
            "ehb-types",
        ],
    ),
    ("ehb-checks", &[]),
];

/// The packages that may use all of the others: they measure each part on its own.
const UNBOUND: &[&str] = &["ehb-benches"];

/// Why the modules' tests use the projection.
const REBUILT: &str = "the tables that follow from the events are what the module keeps";

/// What tests may use beyond their package, and why.
const ALLOWED_IN_TESTS: &[(&str, &str, &str)] = &[
    ("ehb-examples", "ehb-localnet", "they are run against real nodes"),
    ("ehb-executor", "ehb-catalog", "blocks are executed with the modules that ship"),
    ("ehb-executor", "ehb-checks", "refusals are compared with what the kernel documents"),
    ("ehb-node", "ehb-wallet", "the fingerprints of all formats are in one file"),
    ("ehb-replica", "ehb-crypto", "the tests sign what peers send"),
    ("ehb-workload", "ehb-catalog", "business runs in the modules that ship"),
    ("ehb-workload", "ehb-checks", "refusals are compared with what the modules document"),
    ("ehb-workload", "ehb-state", "business runs in the modules that ship"),
    ("ehb-workload", "ehb-types", "business runs in the modules that ship"),
    ("ehb-workload", "ehb-vm", "business runs in the modules that ship"),
    ("ehb-indexer", "ehb-devnet", "the tables of a whole chain are compared with its modules"),
    ("ehb-indexer", "ehb-workload", "that chain has business under way"),
    ("ehb-projection", "ehb-catalog", "rows are compared with what the modules that ship return"),
    ("ehb-projection", "ehb-invariants", "generated business reads the modules through its trait"),
    ("ehb-projection", "ehb-state", "business runs in the modules that ship"),
    ("ehb-projection", "ehb-vm", "business runs in the modules that ship"),
    ("ehb-projection", "ehb-workload", "rows are compared after each step of generated business"),
    ("ehb-contract-credit", "ehb-projection", REBUILT),
    ("ehb-contract-jobs", "ehb-projection", REBUILT),
    ("ehb-contract-marketplace", "ehb-projection", REBUILT),
    ("ehb-contract-wallet", "ehb-projection", REBUILT),
    ("ehb-sdk", "ehb-rpc-server", "the client speaks to the real server"),
    ("ehb-sdk", "ehb-devnet", "the client speaks to a whole chain, in tests and in examples"),
    ("ehb-devnet", "ehb-sdk", "the example pays with the client"),
    ("ehb-devnet", "ehb-releases", "a running chain is upgraded to the next release"),
    ("ehb-localnet", "ehb-releases", "a directory is audited after an upgrade to the next release"),
    ("ehb-devnet", "ehb-workload", "that chain has business under way"),
    ("ehb-releases", "ehb-catalog", "the next release is another than the one that ships"),
    ("ehb-wallet", "ehb-devnet", "the command is run against a whole chain"),
    ("ehb-wallet", "ehb-rpc-server", "a double of a node is between the command and the chain"),
    ("ehb-mempool", "ehb-crypto", "the tests sign transactions"),
    ("ehb-localnet", "ehb-network", "a hostile peer speaks to the real nodes"),
];

/// Edges between the workspace's packages that `DESIGN.md`'s dependency direction does not have.
pub fn edges(tree: &Tree) -> Vec<String> {
    let packages = match tree.packages() {
        Ok(packages) => packages,
        Err(error) => return vec![error.to_string()],
    };
    packages.iter().flat_map(of_package).collect()
}

fn of_package(package: &Package) -> Vec<String> {
    if UNBOUND.contains(&package.name.as_str()) {
        return Vec::new();
    }
    let Some(allowed) = allowed(package) else {
        let text = "has no place in the tree yet: add what it may use to ALLOWED";
        return vec![format!("{} ({}) {text}", package.name, package.folder)];
    };
    let internal = package.dependencies.iter().filter(|it| it.name.starts_with("ehb-"));
    let wrong = internal.filter(|it| {
        let edge = (package.name.as_str(), it.name.as_str());
        let in_tests = it.kind == Kind::Dev
            && ALLOWED_IN_TESTS.iter().any(|(from, to, _)| (*from, *to) == edge);
        !allowed.contains(&edge.1) && !in_tests
    });
    wrong.map(|it| format!("{} must not know {}", package.name, it.name)).collect()
}

fn allowed(package: &Package) -> Option<&'static [&'static str]> {
    // All modules have the same shape: outside of a component they call the wallet's rules themselves.
    if package.name.starts_with("ehb-contract-") && package.folder.starts_with("contracts/") {
        return Some(&["ehb-contract", "ehb-contract-wallet", "ehb-dispute"]);
    }
    ALLOWED.iter().find(|(name, _)| *name == package.name).map(|(_, allowed)| *allowed)
}
