//! What making an instance takes, which each call does before the module's first operator, is paid by the call.

use ehb_types::{Code, GasSchedule};

use super::hostile::heavy_instances;
use super::{failure, link, run, session};
use crate::limits::{ELEMENT_GAS, GLOBAL_GAS, IMPORT_GAS, INSTANCE_INCLUDED_GAS, SEGMENT_GAS};
use crate::{TABLE_ELEMENT_GAS, VALUE_GAS};

/// One row: the shape, and the gas for its instances.
#[test]
fn each_call_pays_for_the_instances_that_it_makes() {
    let tables = |count: u64| count * (10_000 - 1_024) * TABLE_ELEMENT_GAS;
    let above = |gas: u64| gas.saturating_sub(INSTANCE_INCLUDED_GAS);
    let schedule = GasSchedule::default();
    let base = schedule.call + 2 * VALUE_GAS + 8 * schedule.storage_write_byte + 2;
    let paid = |name: &str| match name {
        "nothing" | "data of its memory" => 0,
        "elements of its table" => tables(1),
        "elements of another's table, three times" => {
            tables(1) + above(3 * (2_016 * ELEMENT_GAS + IMPORT_GAS))
        }
        "elements at an imported offset, three times" => {
            tables(3) + above(3 * (2_016 * ELEMENT_GAS + IMPORT_GAS) + GLOBAL_GAS)
        }
        "data of another's memory, three times" => {
            above(3 * (9 * SEGMENT_GAS + 900_000 / 32 + IMPORT_GAS))
        }
        "small segments of another's memory, three times" => {
            above(3 * (1_000 * SEGMENT_GAS + 3_000 / 32 + IMPORT_GAS))
        }
        "imports, three times" => above(3 * 600 * IMPORT_GAS),
        "globals, four times" => above(4 * 2_000 * GLOBAL_GAS),
        name => panic!("{name}"),
    };
    for made in heavy_instances() {
        let code = wat::parse_str(&made.text).unwrap_or_else(|it| panic!("{}: {it}", made.name));
        let modules = link(&[("probe", code)]).unwrap_or_else(|it| panic!("{}: {it}", made.name));
        let (result, gas) = run(&modules, &mut session(), 5);
        assert_eq!((result, gas), (Ok(5), base + paid(made.name)), "{}", made.name);
        // The instances are not made without the gas.
        let mut gas = base + paid(made.name) - 1;
        let called = modules.call(&mut session(), "probe", "run", &5u64.to_le_bytes(), &mut gas);
        let Err(crate::CallError::Failed(failed)) = called else { panic!("{called:?}") };
        assert_eq!(failed, failure(Code::OutOfGas, "the gas ran out"), "{}", made.name);
    }
}
