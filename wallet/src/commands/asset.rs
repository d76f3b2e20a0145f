//! Queries the wallet module about assets.

use ehb_sdk::api::{At, Decimal};
use ehb_sdk::{Client, Error};
use ehb_wallet::amount::format_amount;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::failure::Failure;

/// The module that keeps assets and balances.
pub(super) const MODULE: &str = "wallet";

/// The maximum number of decimals of an asset.
const DECIMALS_MAX: u8 = 12;

/// The part of an asset's description that the wallet needs.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Asset {
    /// Its id, such as `EUR`.
    pub(super) id: String,
    pub(super) name: String,
    /// The number of its decimals.
    pub(super) decimals: u8,
}

/// The balance of an account in one asset, in base units.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Balance {
    pub(super) asset: String,
    pub(super) available: Decimal,
    pub(super) held: Decimal,
}

impl Asset {
    /// Queries an asset.
    pub(super) async fn get(client: &Client, id: &str) -> Result<Self, Failure> {
        let asset: Self = read(client, "get-asset", &json!({ "asset": id })).await?;
        // The paid amount depends on it, so an implausible answer must not be used.
        if asset.decimals > DECIMALS_MAX || asset.id != id {
            return Err(Error::Protocol(format!("the asset {id} is described as {asset:?}")).into());
        }
        Ok(asset)
    }

    /// Base units as an amount with the asset's decimals, in the format of the input.
    pub(super) fn format(&self, units: u64) -> String {
        format_amount(units, self.decimals)
    }
}

/// Calls a read-only function of the wallet module at the head.
async fn read<T: DeserializeOwned>(
    client: &Client,
    function: &str,
    arguments: &Value,
) -> Result<T, Failure> {
    read_at(client, function, arguments, None).await.map(|(_, value)| value)
}

/// Calls a read-only function of the wallet module in a state, by default that of the head; returns its height too.
pub(super) async fn read_at<T: DeserializeOwned>(
    client: &Client,
    function: &str,
    arguments: &Value,
    at: Option<At>,
) -> Result<(u64, T), Failure> {
    let read = match at {
        None => client.read(MODULE, function, arguments).await,
        Some(at) => client.read_at(MODULE, function, arguments, at).await,
    }?;
    let value = serde_json::from_value(read.value)
        .map_err(|error| Error::Protocol(format!("{MODULE}.{function}: {error}")))?;
    Ok((read.height, value))
}
