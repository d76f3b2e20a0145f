//! `ehb wallet transfer`: shows the payment, asks, signs, sends and waits.

use clap::Args;
use ehb_sdk::{Client, Code, Error};
use ehb_wallet::amount::{grouped_amount, parse_amount};
use serde_json::json;

use super::asset::{Asset, MODULE};
use super::confirm::Question;
use super::submit::{Planned, Signing};
use crate::accounts::{Accounts, Party};
use crate::failure::{Exit, Failure};
use crate::output::Output;

#[derive(Debug, Args)]
pub(crate) struct Transfer {
    /// Who is paid: a name you know the account by, or an address
    #[arg(long, value_name = "ACCOUNT")]
    to: String,
    /// What is paid, for instance EUR
    #[arg(long, value_name = "ASSET")]
    asset: String,
    /// How much, in units of the asset, for instance 12.50
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    amount: String,
    /// What for, for instance an invoice number; everybody on the chain can read it
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,
    #[command(flatten)]
    signing: Signing,
}

const QUESTION: Question = Question {
    text: "Pay?",
    verb: "pay",
    hint: "use --yes to pay without confirmation, or --dry-run to simulate it",
};

pub(super) async fn run(
    client: &Client,
    accounts: &Accounts,
    arguments: &Transfer,
    output: &Output,
) -> Result<(), Failure> {
    let (planned, asset) = prepare(client, accounts, arguments).await?;
    for warning in accounts.look_alikes(planned.view["to"].as_str().unwrap_or_default())? {
        output.caution(warning);
    }
    let explained = |error| explain(error, &asset);
    arguments.signing.submit(client, accounts, planned, &QUESTION, explained, output).await
}

/// Resolves payer, recipient and amount.
async fn prepare(
    client: &Client,
    accounts: &Accounts,
    arguments: &Transfer,
) -> Result<(Planned, Asset), Failure> {
    let network = client.chain().network;
    let (from, keys) =
        accounts.signers(network, &arguments.signing.from, &arguments.signing.keys)?;
    let to = accounts.party(network, &arguments.to)?;
    let asset = Asset::get(client, &arguments.asset).await?;
    let units = parse_amount(&arguments.amount, asset.decimals)?;
    if units == 0 {
        return Err(Failure::new(Exit::Usage, "BAD_AMOUNT", "there is nothing to pay: 0"));
    }
    let mut call = json!({
        "to": to.address.to_text(network),
        "asset": asset.id,
        "amount": units.to_string(),
    });
    let mut function = "transfer";
    if let Some(reference) = &arguments.reference {
        function = "transfer-with-reference";
        call["reference"] = json!(reference);
    }
    let call = client.call(MODULE, function, &call).await?;
    let sentence = sentence(client, &from, &to, &asset, units, arguments.reference.as_deref());
    let view = json!({
        "from": from.address.to_text(network),
        "to": to.address.to_text(network),
        "asset": asset.id,
        "amount": asset.format(units),
        "amountUnits": units.to_string(),
        "reference": arguments.reference,
    });
    Ok((Planned { from: from.address, keys, call, sentence, view }, asset))
}

fn sentence(
    client: &Client,
    from: &Party,
    to: &Party,
    asset: &Asset,
    units: u64,
    reference: Option<&str>,
) -> String {
    let network = client.chain().network;
    let reference = reference.map(|text| format!(", for {text:?}")).unwrap_or_default();
    format!(
        "{} pays {} {} ({}) to {}{reference}, on the chain {}",
        from.shown(network),
        grouped_amount(units, asset.decimals),
        asset.id,
        asset.name,
        to.shown(network),
        client.chain().id,
    )
}

/// Converts the module's base units to amounts with decimals.
fn explain(error: Error, asset: &Asset) -> Failure {
    let units = |field: &str| {
        let shortfall = error.module_error()?.value.value.get("insufficient-balance")?;
        shortfall.get(field)?.as_str()?.parse::<u64>().ok()
    };
    match (units("available"), units("needed")) {
        (Some(available), Some(needed)) => {
            let message = format!(
                "the payer can spend {} {}, and the payment needs {}",
                asset.format(available),
                asset.id,
                asset.format(needed)
            );
            Failure::new(Exit::Refused, Code::ModuleError.as_str(), message)
                .hint("pay less, or wait for incoming payments")
                .detail("retryable", error.retryable())
                .detail("moduleError", error.module_error().map(|it| it.value.value.clone()))
        }
        _ => error.into(),
    }
}
