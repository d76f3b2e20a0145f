//! The rows of block 0 that come from the genesis file: validators, parameters and modules; and later parameters.

use std::sync::Arc;

use ehb_types::{Genesis, Name};
use serde_json::Value;

use crate::module_version::ModuleVersion;
use crate::rows::{ParameterRow, Rows, validator_rows};

/// The rows that follow from the genesis file, as part of block 0.
pub fn genesis(genesis: &Genesis, versions: &[(Name, Arc<ModuleVersion>)]) -> Rows {
    let mut rows = Rows::default();
    if let Ok(set) = genesis.validator_set() {
        rows.validators = validator_rows(None, &set, 0);
    }
    let parameters = serde_json::to_value(&genesis.parameters).unwrap_or_default();
    parameter_rows("", &parameters, 0, &mut rows.parameters);
    rows.module_versions =
        versions.iter().map(|(module, version)| version.row(module, 0, -1, -1)).collect();
    rows
}

/// Parameters by the path of their name, such as `gas.transaction`.
fn parameter_rows(path: &str, value: &Value, from_height: i64, rows: &mut Vec<ParameterRow>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                parameter_rows(&path, value, from_height, rows);
            }
        }
        value => {
            rows.push(ParameterRow { name: path.to_owned(), from_height, value: value.clone() })
        }
    }
}

/// The parameters that an event of the kernel puts in force, named and written as those of the genesis file.
pub(crate) fn changed_parameters(value: &Value, from_height: i64) -> Vec<ParameterRow> {
    let mut rows = Vec::new();
    parameter_rows("", value, from_height, &mut rows);
    for row in &mut rows {
        row.name = row.name.replace('-', "_");
        // The interface's 64-bit numbers are texts.
        if let Some(number) = row.value.as_str().and_then(|text| text.parse::<u64>().ok()) {
            row.value = number.into();
        }
    }
    rows
}
