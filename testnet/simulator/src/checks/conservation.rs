use std::sync::Arc;

use ehb_executor::Library;
use ehb_state::MemoryStore;
use ehb_types::{Address, Header, decode};
use serde_json::json;

use crate::Setup;
use crate::setup::{ASSET, WALLET};

/// What all accounts have, with what their holds set aside, is what was issued less what was
/// redeemed. Read through the wallet's own queries, on the state after `header`.
pub(crate) fn check(
    setup: &Setup,
    library: &Library,
    state: &Arc<MemoryStore>,
    header: &Header,
) -> Result<(), String> {
    let read = |function: &str, arguments: &serde_json::Value| -> Result<Vec<u8>, String> {
        let arguments = setup.arguments(function, arguments)?;
        let name = (WALLET, function);
        let nobody = Address([0; 32]);
        let answer = ehb_executor::call(library, state.clone(), header, nobody, name, &arguments);
        answer.map(|answer| answer.output).map_err(|error| format!("{function}: {error}"))
    };
    let supply = read("get-supply", &json!({ "asset": ASSET }))?;
    let (issued, redeemed, circulating): (u64, u64, u64) =
        decode(&supply).map_err(|error| error.to_string())?;
    let mut sum: u128 = 0;
    for account in &setup.accounts {
        let account = setup.text(&account.address);
        let balance = read("get-balance", &json!({ "account": account, "asset": ASSET }))?;
        let (_, available, held): (String, u64, u64) =
            decode(&balance).map_err(|error| error.to_string())?;
        sum += u128::from(available) + u128::from(held);
    }
    if sum == u128::from(circulating) && issued.checked_sub(redeemed) == Some(circulating) {
        return Ok(());
    }
    Err(format!(
        "after height {} accounts have {sum}, {issued} was issued and {redeemed} redeemed",
        header.height
    ))
}
