//! `ehb wallet transfer`: shows the payment, asks, signs, sends and waits.

use std::time::Duration;

use clap::Args;
use ehb_sdk::{Address, Call, Client, Code, Draft, Error};
use ehb_wallet::amount::{grouped_amount, parse_amount};
use serde_json::{Value, json};

use super::asset::{Asset, MODULE};
use super::confirm::{Question, confirm};
use super::send::{Sending, Sent};
use crate::accounts::{Accounts, FoundKey, Party};
use crate::failure::{Exit, Failure};
use crate::options::Patience;
use crate::output::Output;

#[derive(Debug, Args)]
pub(crate) struct Transfer {
    /// Who pays: the name of a key of yours, or its address
    #[arg(long, value_name = "ACCOUNT")]
    from: String,
    /// Who is paid: a name you know the account by, or an address
    #[arg(long, value_name = "ACCOUNT")]
    to: String,
    /// A key of yours that signs, for an account that several keys sign for; can be given several times
    /// [default: the key of the account]
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<String>,
    /// What is paid, for instance EUR
    #[arg(long, value_name = "ASSET")]
    asset: String,
    /// How much, in units of the asset, for instance 12.50
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    amount: String,
    /// What for, for instance an invoice number; everybody on the chain can read it
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,
    /// The lane of the account, for several programs that pay from it at the same time: on lanes of their
    /// own they never wait for each other. The chain remembers every lane that was ever used
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    lane: u32,
    /// Don't ask before paying
    #[arg(long, short)]
    yes: bool,
    /// Return once the node has accepted it, before it is final
    #[arg(long, conflicts_with = "dry_run")]
    no_wait: bool,
    /// Pay the same once more. Without it, a command that repeats a payment whose result was not shown
    /// (killed, timed out, stdout full or closed, or at the same time) pays nothing and shows the result of
    /// the first; once the payment is seen to be final, for 12 hours. Another --reference is another payment
    #[arg(long)]
    again: bool,
    /// Let the node try it, and pay nothing
    #[arg(long)]
    dry_run: bool,
    /// How long a block can take up the payment before it expires: a number with s, m, h or d, 10s to 90d;
    /// the chain may allow less
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "5m",
        value_parser = crate::clock::validity
    )]
    valid_for: Duration,
    #[command(flatten)]
    patience: Patience,
}

const QUESTION: Question = Question {
    text: "Pay?",
    verb: "pay",
    hint: "use --yes to pay without confirmation, or --dry-run to simulate it",
};

/// A payment as requested by the user.
struct Payment {
    from: Address,
    keys: Vec<FoundKey>,
    asset: Asset,
    call: Call,
    sentence: String,
    view: Value,
}

pub(super) async fn run(
    client: &Client,
    accounts: &Accounts,
    arguments: &Transfer,
    output: &Output,
) -> Result<(), Failure> {
    let payment = prepare(client, accounts, arguments).await?;
    let journal = accounts.journal_of(&payment.keys, client);
    let patience = (!arguments.no_wait).then(|| Duration::from_secs(arguments.patience.timeout));
    let mut sending = Sending::new(client, journal, output, patience, arguments.again)?;
    if !arguments.dry_run {
        // Before the simulation: an earlier payment of the same command has already lowered the balance.
        let calls = std::slice::from_ref(&payment.call);
        if let Some(sent) = sending.resume(&payment.from, calls).await? {
            return show(payment, &sent, &sending, output);
        }
    }
    let draft = Draft::new(payment.call.clone())
        .signatures(payment.keys.len())
        .lane(arguments.lane)
        .valid_for(arguments.valid_for);
    let tried = sending.prepare(client.build(&payment.from, draft.clone())).await?;
    client.forget_sequence(&payment.from, arguments.lane).await;
    let gas_limit = tried.map_err(|error| explain(error, &payment.asset))?.gas_limit;
    if arguments.dry_run {
        output.talk(&payment.sentence);
        output.talk("the simulation succeeded; nothing was paid");
        let mut view = payment.view;
        view["status"] = json!("tried");
        view["gasLimit"] = json!(gas_limit.to_string());
        return output.result(&[], &view);
    }
    let asked = confirm(arguments.yes, &payment.sentence, &QUESTION, output);
    sending.prepare(asked).await??;
    let signer = accounts.signer(&payment.from, &payment.keys, output)?;
    let sent = sending.send(&signer, &draft.gas_limit(gas_limit), &payment.sentence).await?;
    show(payment, &sent, &sending, output)
}

/// Prints the payment.
fn show(
    payment: Payment,
    sent: &Sent,
    sending: &Sending<'_>,
    output: &Output,
) -> Result<(), Failure> {
    let id = sent.id();
    let mut view = payment.view;
    view["id"] = json!(id);
    view["gasLimit"] = json!(sent.gas_limit().to_string());
    view["repeated"] = json!(sent.repeated);
    let Some(located) = &sent.located else {
        view["status"] = json!("pending");
        return sending.show(sent, &[vec![id.to_string()]], &view);
    };
    let height = located.position.height;
    output.talk(&format!("final at height {height}"));
    view["status"] = json!("final");
    view["height"] = json!(height);
    view["receipt"] = json!(located);
    sending.show(sent, &[vec![id.to_string(), height.to_string()]], &view)
}

/// Resolves payer, recipient and amount.
async fn prepare(
    client: &Client,
    accounts: &Accounts,
    arguments: &Transfer,
) -> Result<Payment, Failure> {
    let network = client.chain().network;
    let (from, keys) = accounts.signers(network, &arguments.from, &arguments.keys)?;
    let to = accounts.party(network, &arguments.to)?;
    let asset = Asset::get(client, &arguments.asset).await?;
    let units = parse_amount(&arguments.amount, asset.precision)?;
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
        "id": null,
        "status": null,
        "from": from.address.to_text(network),
        "to": to.address.to_text(network),
        "asset": asset.id,
        "amount": asset.format(units),
        "amountUnits": units.to_string(),
        "reference": arguments.reference,
        "gasLimit": null,
        "repeated": false,
        "height": null,
        "receipt": null,
    });
    Ok(Payment { from: from.address, keys, asset, call, sentence, view })
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
        grouped_amount(units, asset.precision),
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
                .detail("moduleError", error.module_error().map(|it| it.value.value.clone()))
        }
        _ => error.into(),
    }
}
