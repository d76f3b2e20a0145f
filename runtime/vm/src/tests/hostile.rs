//! Modules that are hard to compile: each is rejected, or compiles within the time that it pays for.

mod shapes;
mod structures;

use ehb_types::GasSchedule;

pub(crate) use shapes::{COUNT, Hostile, hostile};

use super::{compile, engine};
use crate::install::check;
use crate::limits::COMPILE_BASE_NS;
pub(crate) use structures::heavy_instances;
use structures::structures;

/// Sizes of the shapes: the number of values, and of pieces of code.
const SIZES: [(usize, usize); 9] = [
    (10, 15),
    (100, 15),
    (50, 100),
    (50, 1_000),
    (300, 200),
    (900, 15),
    (900, 200),
    (10, 4_000),
    (1, 20_000),
];
/// The tolerance factor of the compile time; the measure assumes a dedicated processor, and tests share one.
const SLOWER: u64 = 10;

/// Processor time of this process, nanoseconds.
fn processor_ns() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit(')').next().unwrap().split_whitespace().skip(11).take(2);
    // In ticks of 10 ms: in user mode and in the kernel.
    fields.map(|ticks| ticks.parse::<u64>().unwrap()).sum::<u64>() * 10_000_000
}

#[test]
fn each_hostile_module_is_refused_or_compiles_within_its_measure() {
    let _ = engine();
    let (mut refused, mut compiled) = (0, Vec::new());
    for shape in 0..COUNT {
        for (seed, size) in (1..).zip(SIZES) {
            let made = hostile(shape, seed, size, false);
            let code = wat::parse_str(made.component("", "")).unwrap();
            let Ok(checked) = check(&code) else {
                assert!(compile("probe", &code).is_err(), "{}", made.name);
                refused += 1;
                continue;
            };
            let measure = checked.compile_ns + COMPILE_BASE_NS;
            let before = processor_ns();
            compile("probe", &code).unwrap_or_else(|error| panic!("{}: {error}", made.name));
            let took = processor_ns() - before;
            assert!(took <= SLOWER * measure, "{} took {took} ns, measured {measure}", made.name);
            compiled.push((took * 100 / measure, made.name));
        }
    }
    compiled.sort_unstable();
    let worst = &compiled[compiled.len() - 5..];
    println!("{refused} refused, {} compiled, percent of the measure: {worst:?}", compiled.len());
    assert!(refused > COUNT / 2 && compiled.len() > 4 * COUNT, "{refused} {compiled:?}");
}

/// The time of the checks that a unit of gas pays for, nanoseconds, on a dedicated processor.
const CHECK_GAS_NS_MAX: u64 = 8;

/// An upload pays for the checks by the byte, whatever is in the code. Each structure is hard for the libraries,
/// and most of them are valid.
#[test]
fn each_hostile_structure_is_checked_within_the_time_that_its_upload_pays() {
    let _ = engine();
    let (mut compiled, mut checked) = (0, Vec::new());
    for made in structures() {
        let code = wat::parse_str(&made.text).unwrap_or_else(|it| panic!("{}: {it}", made.name));
        let paid = GasSchedule::default().code_byte * code.len() as u64 + COMPILE_BASE_NS;
        let before = processor_ns();
        let outcome = compile("probe", &code);
        let took = processor_ns() - before;
        let verdict = outcome.map_or_else(|error| error.to_string(), |_| "compiled".to_owned());
        compiled += usize::from(verdict == "compiled");
        let (name, bytes) = (made.name, code.len());
        assert!(took <= SLOWER * CHECK_GAS_NS_MAX * paid, "{name}, {bytes} bytes: {took} ns");
        checked.push((took * 1_000 / paid, took / 1_000_000, bytes, name, verdict));
    }
    checked.sort_unstable();
    for line in checked.iter().rev() {
        println!("{line:?}");
    }
    assert!(compiled >= checked.len() / 2, "{compiled} of {}", checked.len());
}

/// 250 loops over 200 locals in 3.6 KB took 11 s, over 600 locals 49 s.
#[test]
fn loops_in_loops_are_refused_before_the_compiler_sees_them() {
    for (width, length) in [(200, 250), (600, 250), (50, 20), (1, 17)] {
        let code = wat::parse_str(hostile(0, 1, (width, length), false).component("", ""));
        let error = compile("probe", &code.unwrap()).map(drop).unwrap_err();
        let expected = "the module has 17 loops within loops in a function; at most 16 are allowed";
        assert_eq!(error.to_string(), expected, "{width} {length}");
    }
}
