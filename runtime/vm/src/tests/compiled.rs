//! Compiled code from a cache.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::{link, name, probe, run, session};
use ehb_types::Hash;

use crate::{CompiledCode, Engine, InstallError, Module, Modules};

/// Caches compiled code in memory, and counts compilations.
#[derive(Default)]
struct Kept {
    code: Mutex<BTreeMap<Hash, Vec<u8>>>,
    compiled: Mutex<u32>,
}

#[expect(unsafe_code, reason = "what is kept here is run")]
// SAFETY: nothing else accesses the map, and the tests add only entries that every engine rejects.
unsafe impl CompiledCode for Kept {
    fn get_or_compile(
        &self,
        key: &Hash,
        compile: &mut dyn FnMut() -> Result<Vec<u8>, InstallError>,
    ) -> Result<Vec<u8>, InstallError> {
        let mut kept = self.code.lock().unwrap();
        if let Some(code) = kept.get(key) {
            return Ok(code.clone());
        }
        *self.compiled.lock().unwrap() += 1;
        let code = compile()?;
        kept.insert(*key, code.clone());
        Ok(code)
    }
}

fn sum() -> Vec<u8> {
    probe("", "(i64.add (local.get 0) (i64.const 1))")
}

fn linked(kept: &Arc<Kept>, code: &[u8]) -> Modules {
    let engine = Engine::new().unwrap().with_compiled(kept.clone());
    let module = Module::compile(&engine, name("probe"), code).unwrap();
    Modules::link(&engine, vec![module]).unwrap()
}

#[test]
fn cached_code_has_the_same_results_and_cost() {
    let kept = Arc::new(Kept::default());
    let fresh = run(&link(&[("probe", sum())]).unwrap(), &mut session(), 41);
    assert_eq!(fresh.0, Ok(42));
    for _ in 0..3 {
        assert_eq!(run(&linked(&kept, &sum()), &mut session(), 41), fresh);
    }
    assert_eq!(*kept.compiled.lock().unwrap(), 1);
    let other = probe("", "(i64.add (local.get 0) (i64.const 2))");
    assert_eq!(run(&linked(&kept, &other), &mut session(), 41).0, Ok(43));
    assert_eq!(*kept.compiled.lock().unwrap(), 2);
}

#[test]
fn code_of_another_compiler_version_is_recompiled() {
    let kept = Arc::new(Kept::default());
    linked(&kept, &sum());
    for code in kept.code.lock().unwrap().values_mut() {
        *code = b"\x7fELF of another version".to_vec();
    }
    assert_eq!(run(&linked(&kept, &sum()), &mut session(), 41).0, Ok(42));
}
