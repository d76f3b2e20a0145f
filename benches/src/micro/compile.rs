//! The benchmark of compiling hostile modules, relative to the gas that their upload costs.

use anyhow::Context;
use ehb_types::{GasSchedule, Name};
use ehb_vm::limits::COMPILE_BASE_NS;
use ehb_vm::{Engine, Module};

use super::processor_time_us;
use crate::table::Line;

// The shapes of the vm's tests; code for tests and benchmarks only has no crate.
#[path = "../../../runtime/vm/src/tests/hostile/shapes.rs"]
mod shapes;

/// The maximum compile time for a unit of gas that an upload pays, nanoseconds.
const GAS_NS_MAX: f64 = 8.0;
/// The width and length of the modules.
const SIZES: [(usize, usize); 6] =
    [(50, 100), (50, 1_000), (300, 200), (900, 200), (10, 4_000), (1, 20_000)];

/// Modules that are hard to compile; the one that takes longest for its gas counts.
pub(super) fn run() -> anyhow::Result<Vec<Line>> {
    let (engine, gas) = (Engine::new()?, GasSchedule::default());
    let mut worst = (0.0, String::new());
    for shape in 0..shapes::COUNT {
        for (seed, size) in (1..).zip(SIZES) {
            let made = shapes::hostile(shape, seed, size, false);
            let code = wat::parse_str(made.component("", "")).context(made.name.clone())?;
            let before = processor_time_us()?;
            // Rejected ones cost no more than the scan and the checks.
            let _ = Module::compile(&engine, Name::new("probe")?, &code);
            let took_ns = (processor_time_us()? - before) * 1e3;
            let paid = gas.code_byte.saturating_mul(code.len() as u64) + COMPILE_BASE_NS;
            let each = took_ns / paid as f64;
            if each > worst.0 {
                worst = (each, made.name);
            }
        }
    }
    let (each, name) = worst;
    let what = format!("compile a hostile module, for each gas ({name})");
    Ok(vec![Line::at_most(what, "ns", GAS_NS_MAX, each)])
}
