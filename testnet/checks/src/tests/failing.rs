//! Every rule finds what it is there for, in a made-up tree.

use expect_test::{Expect, expect};

use crate::Tree;

fn check(rule: impl Fn(&Tree) -> Vec<String>, files: &[(&str, &str)], expected: Expect) {
    expected.assert_eq(&rule(&Tree::of(files)).join("\n"));
}

#[test]
fn edges() {
    let files = [
        (
            "runtime/types/Cargo.toml",
            "[package]\nname = 'ehb-types'\n\
             [dependencies]\nehb-crypto.workspace = true\nehb-store.workspace = true\n\
             [build-dependencies]\nehb-kernel.workspace = true\n\
             [target.'cfg(unix)'.dev-dependencies]\nehb-vm.workspace = true",
        ),
        (
            "runtime/executor/Cargo.toml",
            "[package]\nname = 'ehb-executor'\n\
             [dependencies]\nehb-vm.workspace = true\nserde.workspace = true\n\
             [dev-dependencies]\nehb-catalog.workspace = true",
        ),
        (
            "contracts/jobs/Cargo.toml",
            "[package]\nname = 'ehb-contract-jobs'\n\
             [dependencies]\nehb-contract.workspace = true\nehb-types.workspace = true",
        ),
        ("node/extra/Cargo.toml", "[package]\nname = 'ehb-extra'"),
    ];
    check(
        crate::edges,
        &files,
        expect![[r#"
            ehb-types must not know ehb-store
            ehb-types must not know ehb-kernel
            ehb-types must not know ehb-vm
            ehb-contract-jobs must not know ehb-types
            ehb-extra (node/extra) has no place in the tree yet: add what it may use to ALLOWED"#]],
    );
}

#[test]
fn a_test_dependency_is_not_allowed_outside_of_tests() {
    let manifest = "[package]\nname = 'ehb-executor'\n[dependencies]\nehb-catalog.workspace = true";
    check(
        crate::edges,
        &[("runtime/executor/Cargo.toml", manifest)],
        expect!["ehb-executor must not know ehb-catalog"],
    );
}

#[test]
fn effects() {
    let arm = "match effect {\n    Ordered::Sync => sync(),\n    _ => {}\n}";
    let closed = format!("#![warn(clippy::wildcard_enum_match_arm, reason = \"closed\")]\n{arm}");
    let files = [
        ("node/app/src/performer.rs", arm),
        ("node/app/src/driver.rs", closed.as_str()),
        ("node/app/src/tests/driver.rs", arm),
        ("node/app/src/published.rs", "use std::sync::atomic::Ordering::Relaxed; // Ordered::Sync"),
        ("node/replica/src/replica.rs", arm),
        ("testnet/simulator/src/perform.rs", "Immediate::Halt(reason) => halt(reason),"),
    ];
    check(
        crate::effects,
        &files,
        expect![[r#"
            node/app/src/performer.rs performs effects: begin it with #![warn(clippy::wildcard_enum_match_arm, ...)]
            testnet/simulator/src/perform.rs performs effects: begin it with #![warn(clippy::wildcard_enum_match_arm, ...)]"#]],
    );
}

#[test]
fn owners() {
    let files = [
        ("node/store/Cargo.toml", "[package]\nname = 'a'\n[dependencies]\nrocksdb = '1'"),
        (
            "node/replica/Cargo.toml",
            "[package]\nname = 'b'\n[dependencies]\nlibp2p-stream = '1'\n\
             [dev-dependencies]\nrocksdb = '1'",
        ),
        (
            "wallet/Cargo.toml",
            "[package]\nname = 'c'\n[dependencies]\njsonrpsee = '1'\nargon2 = '1'",
        ),
    ];
    check(
        crate::owners,
        &files,
        expect![[r#"
        node/replica must not use libp2p-stream, which belongs to node/network
        node/replica must not use rocksdb, which belongs to node/store
        wallet must not use jsonrpsee, which belongs to rpc/api and rpc/server and sdk/rust"#]],
    );
}

#[test]
fn purity() {
    let source = "use std::collections::HashMap;\n\
                  // An Instant in a comment is none.\n\
                  let fast = x as f64; let random = rand::random();\n\
                  let operand = Instantaneous; let brand = 1;\n\
                  std::fs::read(path)\n\
                  use std::{fmt, net::IpAddr};";
    let files = [
        ("runtime/kernel/src/accounts.rs", source),
        ("runtime/kernel/src/tests.rs", source),
        ("contracts/catalog/build/main.rs", source),
        ("node/app/src/main.rs", source),
        ("node/replica/src/replica.rs", "let now = SystemTime::now();"),
    ];
    check(
        crate::purity,
        &files,
        expect![[r#"
        runtime/kernel/src/accounts.rs:1 uses HashMap: use BTreeMap: random hashing has no order
        runtime/kernel/src/accounts.rs:3 uses f64: use integers: floats differ between builds
        runtime/kernel/src/accounts.rs:3 uses rand: chance differs between nodes
        runtime/kernel/src/accounts.rs:5 uses std::fs: files belong to the machine
        runtime/kernel/src/accounts.rs:6 uses std::net: sockets belong to the machine
        node/replica/src/replica.rs:1 uses SystemTime: the block's time is the only clock"#]],
    );
}

#[test]
fn length() {
    let (long, longer) = ("\n".repeat(501), "\n".repeat(1_001));
    let files = [
        ("node/a/src/lib.rs", "\n"),
        ("node/a/src/long.rs", long.as_str()),
        ("node/a/src/longer.rs", longer.as_str()),
        ("node/a/tests/a/main.rs", longer.as_str()),
    ];
    check(
        crate::length,
        &files,
        expect![[r#"
        node/a/src/long.rs has 501 lines: split it, or say in LOOKED_AT why it stays
        node/a/src/longer.rs has 1001 lines: split it
        half of the files have 501 lines or more: split some"#]],
    );
}

#[test]
fn purposes() {
    let files = [
        ("node/a/Cargo.toml", "[package]"),
        ("node/a/build.rs", "fn main() {}\n"),
        ("node/a/src/documented.rs", "//! Stores blocks.\n\nuse std::fs;\n"),
        ("node/a/src/empty.rs", ""),
        ("node/a/src/late.rs", "use std::fs;\n\n//! Stores blocks.\n"),
        ("node/a/src/outer.rs", "/// Stores blocks.\nstruct Store;\n"),
        ("node/a/src/tests.rs", "mod crash;\n"),
        ("node/a/src/tests/crash.rs", "use std::fs;\n"),
        ("node/a/src/unsaid.rs", "//!\n//! Stores blocks.\n"),
        ("node/a/tests/a/main.rs", "use std::fs;\n"),
        ("node/a/wit/late.wit", "package a:b;\n\n/// Blocks.\ninterface blocks {}\n"),
        ("node/a/wit/said.wit", "/// Blocks.\npackage a:b;\n"),
        ("scripts/loose.rs", "fn main() {}\n"),
        ("sdk/b/src/late.ts", "import { a } from './a.js'\n"),
        ("sdk/b/src/said.ts", "/**\n * Blocks.\n */\nimport { a } from './a.js'\n"),
    ];
    check(
        crate::purposes,
        &files,
        expect![[r#"
            node/a/build.rs must begin with a line `//! ` that says what the file is for
            node/a/src/empty.rs must begin with a line `//! ` that says what the file is for
            node/a/src/late.rs must begin with a line `//! ` that says what the file is for
            node/a/src/outer.rs must begin with a line `//! ` that says what the file is for
            node/a/src/tests.rs must begin with a line `//! ` that says what the file is for
            node/a/src/tests/crash.rs must begin with a line `//! ` that says what the file is for
            node/a/src/unsaid.rs must begin with a line `//! ` that says what the file is for
            node/a/tests/a/main.rs must begin with a line `//! ` that says what the file is for
            node/a/wit/late.wit must begin with a line `/// ` that says what the file is for
            sdk/b/src/late.ts must begin with a line `/**` that says what the file is for"#]],
    );
}

#[test]
fn manifests() {
    let manifest = "[package]\nname = 'a'\nversion = '1.0.0'\nedition.workspace = true\n\
                    rust-version.workspace = true\nlicense.workspace = true\npublish.workspace = true\n\
                    [dependencies]\nserde = '1'\nserde_json = { workspace = true, features = ['x'] }\n\
                    ehb-types = { path = '../types' }\n\
                    [profile.release]\ndebug = true";
    check(
        crate::manifests,
        &[("node/a/Cargo.toml", manifest)],
        expect![[r#"
        node/a/Cargo.toml: write version.workspace = true
        node/a/Cargo.toml: write [lints] workspace = true
        node/a/Cargo.toml: write ehb-types.workspace = true, and its version at the root
        node/a/Cargo.toml: write serde.workspace = true, and its version at the root
        node/a/Cargo.toml: [profile] belongs to the root"#]],
    );
    check(
        crate::manifests,
        &[("node/b/Cargo.toml", "[package")],
        expect![[r#"
        node/b/Cargo.toml is no TOML: TOML parse error at line 1, column 9
          |
        1 | [package
          |         ^
        unclosed table, expected `]`
    "#]],
    );
    check(
        crate::manifests,
        &[("node/c/Cargo.toml", "[lints]")],
        expect!["node/c/Cargo.toml names no package"],
    );
}

#[test]
fn first_lines() {
    let files = [
        ("node/a/Cargo.toml", "[package]\nname = 'a'\ndescription = 'Stores blocks.'"),
        ("node/a/src/lib.rs", "//! Stores the blocks.\n"),
        ("node/b/Cargo.toml", "[package]\nname = 'b'\ndescription = 'Runs.'"),
        ("node/b/src/main.rs", "//! Runs.\n"),
        ("node/c/Cargo.toml", "[package]\nname = 'c'"),
        ("node/d/Cargo.toml", "[package]\nname = 'd'\ndescription = 'Is empty.'"),
    ];
    check(
        crate::first_lines,
        &files,
        expect![[r#"
        node/a/src/lib.rs must begin with: //! Stores blocks.
        node/c/Cargo.toml has no description of one sentence
        node/d has neither src/lib.rs nor src/main.rs"#]],
    );
}

#[test]
fn markers() {
    let files = [
        (
            "node/a/src/lib.rs",
            "fn later() {\n    todo!()\n}\n// FIXME: slow\nlet todo = methodology!();",
        ),
        ("README.md", "XXX\nXXXL"),
    ];
    check(
        crate::markers,
        &files,
        expect![[r#"
        node/a/src/lib.rs:2 says todo!: do it, or write an issue
        node/a/src/lib.rs:4 says FIXME: do it, or write an issue
        README.md:1 says XXX: do it, or write an issue"#]],
    );
}

#[test]
fn machine_paths() {
    let files = [
        ("node/a/src/lib.rs", "const DATA: &str = \"/root/data\";"),
        ("scripts/run", "cd /home/somebody/ehb\ncd ./work/here"),
        ("contracts/catalog/src/tests.rs", "\"/root/\""),
    ];
    check(
        crate::machine_paths,
        &files,
        expect![[r#"
        node/a/src/lib.rs:1 names /root/, which other machines do not have
        scripts/run:1 names /home/, which other machines do not have"#]],
    );
}

#[test]
fn features() {
    let programs = crate::features::parse("tokio v1.2.3|net,rt|\nrand v0.9.0|std| (*)\n");
    let tests = crate::features::parse(
        "tokio v1.2.3|net,rt,test-util|\nrand v0.9.0|std|\nproptest v1.0.0|std|\n",
    );
    let expected = expect!["tests switch on test-util of tokio v1.2.3: name it at the root"];
    expected.assert_eq(&crate::features::compare(&programs, &tests).join("\n"));
}

#[test]
fn documents() {
    let files = [
        ("README.md", "[a](docs/a.md), [b](docs/b.md#part), [c](https://example.com), [d](#part)"),
        ("docs/a.md", "[up](../README.md) [folder](decisions) [none](a.txt)"),
        ("docs/decisions/README.md", "[1](0001-one.md)"),
        ("docs/decisions/0001-one.md", "Status: in force\n## Context\n## Decision\n## Rejected\n"),
        ("docs/decisions/0002-two.md", "## Context\n## Decision\n## Rejected\n"),
        (
            "docs/modules.md",
            "```rust a.rs\nlet a = 1;\n\nlet b = 2;\n```\n```rust a.rs\nlet b = 1;\n```\n\
             ```wit b.wit\n```\n```wit\n```\n```\nehb module list\n```",
        ),
        ("a.rs", "fn a() {\n    let a  = 1;\n    let b = 2;\n}"),
    ];
    check(
        crate::documents,
        &files,
        expect![[r#"
            README.md:1 links to docs/b.md#part: no such file
            docs/a.md:1 links to a.txt: no such file
            docs/modules.md:6 is not what a.rs has
            docs/modules.md:9 quotes b.wit: no such file
            docs/modules.md:11 is code: name the file that it is from
            docs/decisions/0002-two.md has no Status:
            docs/decisions/README.md does not list 0002-two.md"#]],
    );
}

#[test]
fn modules() {
    let common = "variant refusal {\n// No such item.\nunknown-item(item),\nzero-amount,\n\
                  other(string),\n}\nrecord item { id: u64 }";
    let world = "world a {\nimport events;\nexport ehb:common/deadlines@1.0.0;\nexport queries;\n}";
    let types = "record item { id: u64 }\nvariant error {\nzero-amount,\nunknown-item(item),\n}\n\
                 type month = u32;\nrecord page {\n/// One.\nid: month,\n}\n\
                 interface upgrade {\nuse types.{error};\n/// Upgrades.\nmigrate: func();\n}";
    let again = "type month = u32;\nrecord sheet {\n/// Other.\nid: month,\n}\n\
                 interface sheets {\nget-sheet: func();\nset-sheet: func();\n}\n\
                 interface upgrade {\nuse types.{error};\n/// Migrates.\nmigrate: func();\n}";
    let rules = "pub fn get_sheet(host: &Host) {}\npub fn set_sheet(\n    host: &mut Host) {}";
    let bare = "interface bare {
            /// Not the comment's id: u64.
            type order-id = u64;
            record rating-sum { id: u64, paid: option<u64>, count: u64 }
            record order { count: u64, version: u32, score: u8, buyer-organisation: option<string>, role: string }
            place: func(asset: string, until-ms: u64, note: string) -> result<u64, error>;
            get: func(id: order-id, until-ms: time-ms) -> result<list<order>, error>;
            variant error { early(u64), part(u16) }
        }";
    let pages = "record page {\nnote: string,\n}\nrecord sheet-page {\nsheets: list<month>,\npages: list<page>,\n\
                 next: option<month>,\n}\nrecord customer-page {\ncustomers: list<address>,\n}";
    let files = [
        ("sdk/contract/wit/common/types.wit", common),
        ("contracts/a/Cargo.toml", "[lib]\ncrate-type = [\"cdylib\", \"rlib\"]"),
        ("contracts/a/wit/world.wit", world),
        ("contracts/a/wit/types.wit", types),
        ("contracts/a/src/checks.rs", "const DAY_MS: u64 = 24 * 60 * 60 * 1_000;"),
        ("contracts/a/wit/again.wit", again),
        ("contracts/a/src/rules/sheets.rs", rules),
        ("contracts/library/Cargo.toml", "[package]"),
        ("contracts/library/wit/bare.wit", bare),
        ("contracts/library/wit/pages.wit", pages),
        ("runtime/executor/wit/kernel.wit", "record silent { power: u64, until-ms: u64 }"),
    ];
    check(
        |tree| crate::modules(tree).into_iter().filter(|it| !it.contains("lacks src/")).collect(),
        &files,
        expect![[r#"
            contracts/a lacks README.md, which every module has
            contracts/a lacks wit/events.wit, which every module has
            contracts/a lacks wit/queries.wit, which every module has
            contracts/a: its world lacks `export upgrade;`
            contracts/a/wit/types.wit: item is a type of ehb:common: use it
            contracts/a: its error does not begin with the cases of `refusal`
            contracts/a: sheets.get-sheet: it only reads: reads are in queries
            contracts/a/src/checks.rs has `60 * 60 * 1_000`: use ehb_contract::calendar
            contracts/library/wit/bare.wit:4: id is a bare u64: use a type with a name
            contracts/library/wit/bare.wit:4: paid is a bare u64: use a type with a name
            contracts/library/wit/bare.wit:5: count is a bare u64: use a type with a name
            contracts/library/wit/bare.wit:5: version is a bare u32: use version
            contracts/library/wit/bare.wit:5: score is a bare u8: use score
            contracts/library/wit/bare.wit:5: buyer-organisation is a bare string: use organisation-name
            contracts/library/wit/bare.wit:5: role is a bare string: use role-name
            contracts/library/wit/bare.wit:6: asset is a bare string: use asset-id
            contracts/library/wit/bare.wit:6: until-ms is a bare u64: use time-ms or duration-ms
            contracts/library/wit/bare.wit:6: result is a bare u64: use a type with a name
            contracts/library/wit/bare.wit:8: early is a bare u64: use a type with a name
            contracts/library/wit/bare.wit:8: part is a bare u16: use a type with a name
            contracts/a/wit/again.wit: month is month of contracts/a/wit/types.wit again
            contracts/a/wit/again.wit: sheet is page of contracts/a/wit/types.wit again
            contracts/a/wit/again.wit: its interface upgrade reads otherwise than another's
            contracts/library/wit/pages.wit: page is another type than that of contracts/a/wit/types.wit
            contracts/library/wit/pages.wit: sheet-page lists a bare month: list records
            runtime/executor/wit/kernel.wit:1: until-ms is a bare u64: use time-ms or duration-ms
            runtime/executor/wit/kernel.wit: its error does not begin with the cases of `refusal`"#]],
    );
}

#[test]
fn refusals() {
    let wit = "interface orders {
            /// Ships it. Refused with `unknown-item` (the order), `late`, `wrong`.
            ship: func(
                order: u64,
            ) -> result<_, error>;

            /// Refused as `ship` is, and with `key-reused`.
            ship-all: func(orders: list<u64>, key: string) -> result<_, error>;

            /// Refused with `key-reused`.
            cancel: func(key: string) -> result<_, error>;

            variant error {
                unknown-item(u64),
                /// Too late.
                late,
                out-of-range,
                key-reused,
            }
        }";
    let tests = "        fn act() {
                (\"all\", [orders]) => call(|| rules::ship_all(orders)),
                _ => None,
            }
            sam ship 9    => UnknownItem(9)
            sam all 9     => UnknownItem(9)
            sam all 1     => KeyReused
            sam cancel 1  => Late
            sam look 1    => Late
            cancel all: OutOfRange(Range)
            sam ship 1    => Shipment";
    let files = [
        ("contracts/shop/Cargo.toml", "crate-type = [\"cdylib\"]"),
        ("contracts/shop/wit/shop.wit", wit),
        ("contracts/shop/src/tests/table.rs", tests),
    ];
    check(
        crate::refusals,
        &files,
        expect![[r#"
        contracts/shop: ship: `wrong` is no refusal
        contracts/shop: ship-all takes a key, so it documents `key-reused`, `out-of-range`
        contracts/shop: cancel takes a key, so it documents `key-reused`, `out-of-range`
        contracts/shop/src/tests/table.rs:8: shop.cancel refuses with `late`, which its WIT does not document
        contracts/shop/src/tests/table.rs:10: shop.cancel refuses with `out-of-range`, which its WIT does not document
        shop.cancel documents `key-reused`, which no table shows: add a row, or correct the WIT
        shop.ship documents `late`, which no table shows: add a row, or correct the WIT
        shop.ship-all documents `late`, which no table shows: add a row, or correct the WIT"#]],
    );
}
