//! Gas measurements of checking and linking code whose structure is hard, and of making instances.

use anyhow::{Context as _, anyhow};
use ehb_executor::Engine;
use ehb_state::Changes;
use ehb_types::{Address, GasSchedule, Header, Name};
use ehb_vm::limits::COMPILE_BASE_NS;
use ehb_vm::{Module, Modules};

use super::disk::Disk;
use super::probe::session;
use super::{GasLine, measure};
use crate::micro::processor_time_us;

// The structures of the vm's tests; code for tests and benchmarks only has no crate.
#[path = "../../../runtime/vm/src/tests/hostile/structures.rs"]
mod structures;

use structures::{heavy_instances, structures};

/// The gas for a byte of code that is installed: half at the upload, half by `upgrade-modules`, each
/// `INSTALLED_BYTE_GAS` of the kernel's functions. An upgrade costs `UPGRADE_GAS` besides, which is as much as
/// [`COMPILE_BASE_NS`].
const INSTALLED_BYTE_GAS: u64 = 16;
/// The number of measurements of each check and link; the fastest counts.
const ROUNDS: usize = 3;
/// The number of calls in a measurement of instances, and the maximum gas of one.
const CALLS: u64 = 50;
const CALL_GAS: u64 = 50_000_000;

pub(super) fn lines(header: &Header) -> anyhow::Result<Vec<GasLine>> {
    let engine = Engine::new()?;
    let (mut checks, mut links) = (Vec::new(), Vec::new());
    for made in structures() {
        let code = wat::parse_str(&made.text).context(made.name)?;
        let bytes = code.len() as u64;
        let paid = GasSchedule::default().code_byte.saturating_mul(bytes) + COMPILE_BASE_NS;
        let what = |step: &str| format!("{step} a module of {bytes} bytes: {}", made.name);
        // Rejected ones are as good a measurement.
        let name = Name::new("probe")?;
        let (check_ns, module) = best_ns(|| Module::compile(&engine, name.clone(), &code).ok())?;
        checks.push(GasLine { what: what("check"), gas: paid as f64, ns: check_ns });
        let Some(module) = module else { continue };
        let (link_ns, _) = best_ns(|| Modules::link(&engine, vec![module.clone()]).ok())?;
        let gas = (COMPILE_BASE_NS + INSTALLED_BYTE_GAS * bytes) as f64;
        links.push(GasLine { what: what("link"), gas, ns: link_ns });
    }
    // The worst of each, so that the table stays short.
    let mut lines: Vec<_> = [checks, links].into_iter().filter_map(worst).collect();
    for made in heavy_instances() {
        let code = wat::parse_str(&made.text).context(made.name)?;
        let module = Module::compile(&engine, Name::new("probe")?, &code)?;
        let modules = Modules::link(&engine, vec![module])?;
        lines.push(calls(&format!("a call, instances with {}", made.name), &modules, header)?);
    }
    Ok(lines)
}

/// Processor time of all threads: code is checked and compiled on threads of their own.
fn best_ns<T>(work: impl Fn() -> Option<T>) -> anyhow::Result<(f64, Option<T>)> {
    let (mut best, mut result) = (f64::INFINITY, None);
    for _ in 0..ROUNDS {
        let before = processor_time_us()?;
        result = work();
        best = best.min((processor_time_us()? - before) * 1e3);
    }
    Ok((best, result))
}

fn worst(lines: Vec<GasLine>) -> Option<GasLine> {
    lines.into_iter().max_by(|a, b| a.ns_by_gas().total_cmp(&b.ns_by_gas()))
}

/// Calls that do nothing, each in instances of its own.
fn calls(what: &str, modules: &Modules, header: &Header) -> anyhow::Result<GasLine> {
    let disk = Disk::new(header, &Changes::default())?;
    let prepare = || Ok(session(disk.overlay(), Address([0xa1; 32]), 1_000));
    measure(what, prepare, |session| {
        let mut used = 0;
        for _ in 0..CALLS {
            let mut gas = CALL_GAS;
            let called = modules.call(session, "probe", "run", &1u64.to_le_bytes(), &mut gas);
            called.map_err(|error| anyhow!("{error}"))?;
            used += CALL_GAS - gas;
        }
        Ok(used)
    })
}
