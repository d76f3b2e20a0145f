//! A rule: deterministic packages use no clock, randomness, float or I/O.

use crate::source::{code, has_word, imports};
use crate::{File, Tree};

/// What makes two nodes differ, and what to use instead.
const FORBIDDEN: &[(&str, &str)] = &[
    ("std::time", "the block's time is the only clock"),
    ("SystemTime", "the block's time is the only clock"),
    ("Instant", "the block's time is the only clock"),
    ("f32", "use integers: floats differ between builds"),
    ("f64", "use integers: floats differ between builds"),
    ("HashMap", "use BTreeMap: random hashing has no order"),
    ("HashSet", "use BTreeSet: random hashing has no order"),
    ("RandomState", "random hashing has no order"),
    ("std::fs", "files belong to the machine"),
    ("std::net", "sockets belong to the machine"),
    ("std::env", "the environment belongs to the machine"),
    ("std::thread", "threads belong to the machine"),
    ("std::process", "processes belong to the machine"),
    ("tokio", "the rules are synchronous"),
    ("rand", "chance differs between nodes"),
    ("getrandom", "chance differs between nodes"),
];

/// The rules, and the parts of the machine that the simulator drives under one seed.
const PURE: [&str; 7] = [
    "runtime/",
    "contracts/",
    "node/consensus/",
    "node/mempool/",
    "node/replica/",
    "testnet/workload/",
    "indexer/projection/",
];

/// Uses that are right, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "runtime/crypto/src/key.rs",
        "getrandom",
        "keys are made here; no block's result depends on them",
    ),
    (
        "runtime/crypto/src/batch.rs",
        "getrandom",
        "nobody may foresee a batch's coefficients; the verdict does not depend on them",
    ),
    (
        "runtime/vm/src/install/apart.rs",
        "std::thread",
        "untrusted code is read on a stack whose size is known; the thread is waited for at once",
    ),
    ("node/mempool/src/pool.rs", "HashMap", "asked by id alone; what has an order is in BTreeMaps"),
    ("node/replica/src/verification.rs", "HashSet", "asked by id alone"),
    (
        "runtime/types/src/strict.rs",
        "f64",
        "a reader of JSON must take one to refuse it by its place; no argument has such a type",
    ),
];

/// Clocks, floats, random hashing and I/O where every node must do the same.
pub fn purity(tree: &Tree) -> Vec<String> {
    let sources = tree.sources().filter(|file| {
        PURE.iter().any(|folder| file.path.starts_with(folder))
            && !file.is_test()
            && !file.is_build_script()
    });
    sources.flat_map(of_file).collect()
}

fn of_file(file: &File) -> Vec<String> {
    let mut violations = Vec::new();
    for (number, line) in file.lines() {
        for (word, instead) in FORBIDDEN {
            let excepted = EXCEPTIONS.iter().any(|(path, it, _)| *path == file.path && it == word);
            let line = code(line);
            if !excepted && (has_word(line, word) || imports(line, word)) {
                violations.push(format!("{}:{number} uses {word}: {instead}", file.path));
            }
        }
    }
    violations
}
