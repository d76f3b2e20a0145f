//! What the wallet module says of assets.

use ehb_sdk::api::Decimal;
use ehb_sdk::{Client, Error};
use ehb_wallet::amount::format_amount;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::failure::Failure;

/// The module that keeps assets and balances.
pub(super) const MODULE: &str = "wallet";

/// The most decimals that an asset can have.
const PRECISION_MAX: u8 = 12;

/// An asset, of which the wallet needs the decimals.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Asset {
    /// Its id, as `EUR`.
    pub(super) id: String,
    /// What people call it.
    pub(super) name: String,
    /// How many decimals it has.
    pub(super) precision: u8,
}

/// What an account owns of one asset, in base units.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Balance {
    pub(super) asset: String,
    pub(super) available: Decimal,
    pub(super) held: Decimal,
}

impl Asset {
    /// Asks the node for an asset.
    pub(super) async fn get(client: &Client, id: &str) -> Result<Self, Failure> {
        let asset: Self = read(client, "get-asset", &json!({ "asset": id })).await?;
        // What is paid depends on it, so an answer that cannot be right must not be used.
        if asset.precision > PRECISION_MAX || asset.id != id {
            return Err(Error::Protocol(format!("the asset {id} is described as {asset:?}")).into());
        }
        Ok(asset)
    }

    /// Base units as an amount with the asset's decimals, exactly as they are typed.
    pub(super) fn format(&self, units: u64) -> String {
        format_amount(units, self.precision)
    }
}

/// Calls a function of the wallet module that only reads.
pub(super) async fn read<T: DeserializeOwned>(
    client: &Client,
    function: &str,
    arguments: &Value,
) -> Result<T, Failure> {
    let read = client.read(MODULE, function, arguments).await?;
    serde_json::from_value(read.value)
        .map_err(|error| Error::Protocol(format!("{MODULE}.{function}: {error}")).into())
}
