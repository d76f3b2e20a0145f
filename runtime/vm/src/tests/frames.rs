//! Compares real frames on the native stack with the slots that the guards count.

use std::sync::{Arc, Mutex};

use ehb_types::Code;
use wasmtime::{Instance, Module, Store};

use super::hostile::{COUNT, Hostile, hostile};
use super::{engine, link, run, session};
use crate::install::check;

const FIRST: &str = "(call $sp) (drop (call $run (local.get $n)))";

/// The frame of the function `run`, bytes: the distance on the stack from one call to the next.
fn frame_bytes(made: &Hostile) -> usize {
    let core = format!("({})", made.core(r#"(import "" "sp" (func $sp))"#, FIRST));
    let core = wat::parse_str(core).unwrap();
    let module = Module::new(engine().wasmtime(), core).unwrap();
    let mut store = Store::new(engine().wasmtime(), ());
    store.set_fuel(u64::MAX).unwrap();
    let places = Arc::new(Mutex::new(Vec::new()));
    let noted = places.clone();
    let sp = wasmtime::Func::wrap(&mut store, move || {
        let place = 0u8;
        let mut noted = noted.lock().unwrap();
        noted.push(std::ptr::from_ref(&place).addr());
        if noted.len() == 3 { Err(wasmtime::Error::msg("enough")) } else { Ok(()) }
    });
    let instance = Instance::new(&mut store, &module, &[sp.into()]).unwrap();
    let run = instance.get_typed_func::<i64, i64>(&mut store, "run").unwrap();
    run.call(&mut store, 1).unwrap_err();
    let places = places.lock().unwrap();
    assert_eq!(places[0] - places[1], places[1] - places[2]);
    places[0] - places[1]
}

/// A frame of any shape is never larger than its guard counts.
#[test]
fn guards_count_at_least_the_real_frame() {
    let mut checked = 0;
    for shape in 0..COUNT {
        for size in [(10, 15), (100, 15), (30, 200), (900, 10), (300, 100), (10, 2_000)] {
            let made = hostile(shape, 7, size, true);
            let code = wat::parse_str(made.component("(func $sp)", FIRST)).unwrap();
            let Ok(found) = check(&code) else { continue };
            let guards = found.core_modules[0].guards.iter().flatten();
            let counted = guards.map(|guard| 8 * guard.slots as usize).max().unwrap();
            let real = frame_bytes(&made);
            assert!(real <= counted, "{}: {real} bytes, counted as {counted}", made.name);
            checked += 1;
        }
    }
    assert!(checked > 4 * COUNT, "{checked}");
}

/// A recursion with 1,000 values that live across the call used to reach the native stack's end, which
/// stops the node: one core instance has all of the stack's slots.
#[test]
fn recursion_with_any_shape_of_frame_ends_at_the_guard() {
    for shape in 0..COUNT {
        for size in [(900, 10), (100, 15), (10, 300)] {
            let made = hostile(shape, 3, size, true);
            let code = made.component("", "(local.set $n (call $run (local.get $n)))");
            let code = wat::parse_str(code).unwrap();
            if check(&code).is_err() {
                continue;
            }
            let modules = link(&[("probe", code)]).unwrap();
            let (outcome, _) = run(&modules, &mut session(), 1);
            let failed = outcome.unwrap_err();
            assert_eq!(failed.code, Code::Trap, "{}: {failed}", made.name);
            assert!(failed.message.contains("nest too deeply"), "{}: {failed}", made.name);
        }
    }
}
