//! Gas measurements of Wasm instructions in a loop, and of calls into large instances.

use ehb_state::{Changes, Overlay};
use ehb_types::Header;

use super::GasLine;
use super::disk::Disk;
use super::probe::Probes;

/// The name, code before the loop, code in the loop, the number of repetitions, and code next to the
/// function.
type Row = (&'static str, &'static str, &'static str, u64, &'static str);

/// A pseudo-random address within the 16 MiB that a memory can grow to.
const GROW: &str = "(drop (memory.grow (i32.const 251)))";

const ROWS: [Row; 12] = [
    ("instructions: add", "", "(local.set $x (i64.add (local.get $x) (i64.const 3)))", 500_000, ""),
    (
        "instructions: divide",
        "(local.set $x (i64.const -1))",
        "(local.set $x (i64.or (i64.div_u (local.get $x) (i64.const 3)) (i64.const 0x7fffffffffffffff)))
         (local.set $x (i64.rem_s (local.get $x) (local.get $n)))
         (local.set $x (i64.or (i64.div_s (local.get $x) (local.get $n)) (i64.const 0x7fffffffffffffff)))",
        300_000,
        "",
    ),
    (
        "instructions: divide only",
        "(local.set $x (i64.const 0x7fffffffffffffff))",
        "(local.set $x (i64.div_u (i64.div_u (i64.div_u (i64.div_u (i64.const -1) (local.get $n)) \
         (local.get $n)) (local.get $n)) (local.get $n)))",
        300_000,
        "",
    ),
    (
        "instructions: load anywhere in 16 MiB",
        GROW,
        "(local.set $x (i64.add (i64.mul (local.get $x) (i64.const 6364136223846793005)) (i64.const 1442695040888963407)))
         (local.set $x (i64.add (local.get $x)
            (i64.load (i32.and (i32.wrap_i64 (i64.shr_u (local.get $x) (i64.const 30))) (i32.const 0xfffff8)))))",
        300_000,
        "",
    ),
    (
        "instructions: store anywhere in 16 MiB",
        GROW,
        "(local.set $x (i64.add (i64.mul (local.get $x) (i64.const 6364136223846793005)) (i64.const 1442695040888963407)))
         (i64.store (i32.and (i32.wrap_i64 (i64.shr_u (local.get $x) (i64.const 30))) (i32.const 0xfffff8)) (local.get $x))",
        300_000,
        "",
    ),
    (
        "instructions: call_indirect",
        "",
        "(local.set $x (call_indirect (type $one) (i64.const 1) (i32.wrap_i64 (i64.and (local.get $n) (i64.const 1)))))",
        300_000,
        "(type $one (func (param i64) (result i64))) (table $t 4 4 funcref)
         (elem (table $t) (i32.const 0) func $a $b)
         (func $a (param i64) (result i64) (local.get 0)) (func $b (param i64) (result i64) (i64.const 2))",
    ),
    (
        "instructions: memory.grow to 16 MiB and a touch of each page",
        GROW,
        "(loop $touch
            (i32.store (local.get $i) (i32.const 1))
            (local.set $i (i32.add (local.get $i) (i32.const 4096)))
            (br_if $touch (i32.lt_u (local.get $i) (i32.const 0xfff000))))",
        1,
        "",
    ),
    (
        "instructions: memory.grow that is refused",
        "",
        "(drop (memory.grow (i32.const 300)))",
        100_000,
        "",
    ),
    (
        "instructions: memory.fill of 256 KiB",
        "",
        "(memory.fill (i32.const 0) (i32.const 1) (i32.const 262144))",
        50,
        "",
    ),
    (
        "instructions: memory.copy of 4 MiB within 16 MiB",
        GROW,
        "(memory.copy (i32.const 0) (i32.const 8000000) (i32.const 4194304))",
        4,
        "",
    ),
    (
        "instructions: memory.copy of nothing",
        "",
        "(memory.copy (i32.const 0) (i32.const 64) (i32.const 0))",
        100_000,
        "",
    ),
    (
        "instructions: table.copy of 5,000 elements",
        "",
        "(table.copy $t $t (i32.const 0) (i32.const 4000) (i32.const 5000))",
        100,
        "(table $t 10000 10000 funcref) (elem (table $t) (i32.const 0) func $a) (func $a)",
    ),
];

pub(super) fn lines(header: &Header) -> anyhow::Result<Vec<GasLine>> {
    let probes = Probes::new()?;
    let disk = Disk::new(header, &Changes::default())?;
    let rows = ROWS.iter().map(|(what, first, body, n, beside)| {
        let probe = probes.repeating_beside(beside, first, body)?;
        probe.measure(what, &disk, *n, |_: &mut Overlay| {})
    });
    let calls = CALLS.iter().map(|(what, first, beside)| {
        probes.repeating_beside(beside, first, "")?.measure_calls(what, &disk, 200)
    });
    let elements =
        format!("{TABLE} (elem (table $t) (i32.const 0) func {})", "$a ".repeat(ELEMENTS));
    let what = "a call, table of 10,000 with as many elements as segments can have";
    let elements = probes.repeating_beside(&elements, "", "")?.measure_calls(what, &disk, 200);
    rows.chain(calls).chain([elements]).collect()
}

const TABLE: &str = "(table $t 10000 10000 funcref) (func $a)";
/// How many elements all segments of a module can have; the probe has some of its own.
const ELEMENTS: usize = 2_000;

/// Calls that do little in a large instance: the name, the code, and the contents of the module.
const CALLS: [(&str, &str, &str); 3] = [
    ("a call", "", ""),
    ("a call, table of 10,000", "", TABLE),
    (
        "a call, each of the pages touched that its price includes",
        "(loop $touch
            (i32.store (local.get $i) (i32.const 1))
            (local.set $i (i32.add (local.get $i) (i32.const 4096)))
            (br_if $touch (i32.lt_u (local.get $i) (i32.const 327680))))",
        "",
    ),
];
