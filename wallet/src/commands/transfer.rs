//! `ehb wallet transfer`: says what will be paid, asks, signs, sends and waits.

use std::time::Duration;

use ehb_sdk::{Address, Client, Code, Draft, Error, SignedTransaction, Signer};
use ehb_wallet::amount::{grouped_amount, parse_amount};
use serde_json::{Value, json};

use super::asset::{Asset, MODULE};
use super::confirm::{Question, confirm};
use crate::accounts::{Accounts, FoundKey, Party};
use crate::args::Transfer;
use crate::failure::{Exit, Failure, took_effect};
use crate::node::{Interrupt, follow};
use crate::output::Output;

/// How often a payment is signed anew because its sequence was taken.
const TRIES_MAX: u32 = 10;

const QUESTION: Question = Question {
    text: "Pay?",
    verb: "pay",
    hint: "give --yes to pay without being asked, or --dry-run to try it",
};

/// A payment that the node has tried and found possible.
struct Payment {
    from: Address,
    keys: Vec<FoundKey>,
    draft: Draft,
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
    let mut view = payment.view.clone();
    if arguments.dry_run {
        output.talk(&payment.sentence);
        output.talk("the node tried it, and it would succeed; nothing was paid");
        view["status"] = json!("tried");
        return output.result(&[], &view);
    }
    confirm(arguments.yes, &payment.sentence, &QUESTION, output)?;
    let keys = payment.keys.iter().map(|key| accounts.unlock(key, output));
    let keys = keys.collect::<Result<Vec<_>, _>>()?;
    let signer = Signer::new(payment.from, keys)
        .map_err(|error| Failure::of(Exit::Usage, "BAD_KEYS", &error))?;
    let (mut interrupt, wait) = (Interrupt::watch()?, !arguments.no_wait);
    let signed = submit(client, &signer, payment.draft, wait, &mut interrupt, output).await?;
    let id = signed.id();
    view["id"] = json!(id);
    if !wait {
        view["status"] = json!("pending");
        return output.result(&[vec![id.to_string()]], &view);
    }
    let patience = Duration::from_secs(arguments.patience.timeout);
    let located = follow(&id, output, &mut interrupt, client.wait(&id, patience)).await?;
    took_effect(&located)?;
    let height = located.position.height;
    output.talk(&format!("final at height {height}"));
    view["status"] = json!("final");
    view["height"] = json!(height);
    view["receipt"] = json!(located);
    output.result(&[vec![id.to_string(), height.to_string()]], &view)
}

/// Signs and submits, with the next sequence where another transaction of the sender took it.
///
/// A connection that breaks while submitting leaves the outcome unknown, which waiting finds out;
/// only what was surely refused is sent once more.
async fn submit(
    client: &Client,
    signer: &Signer,
    draft: Draft,
    wait: bool,
    interrupt: &mut Interrupt,
    output: &Output,
) -> Result<SignedTransaction, Failure> {
    let mut tries = 1;
    loop {
        // The sequence is asked for only now: while somebody reads and types, others may send.
        let transaction = client.build(&signer.address(), draft.clone()).await?;
        let signed = signer.sign(transaction);
        let id = signed.id();
        output.talk(&format!("sending the transaction {id}"));
        let submitted = async {
            match client.submit(&signed).await {
                Err(Error::OutcomeUnknown { .. }) if wait => Ok(Submitted::Accepted),
                Err(error) if error.is_sequence_taken() && tries < TRIES_MAX => {
                    Ok(Submitted::Taken)
                }
                Err(error) => Err(error),
                Ok(_) => Ok(Submitted::Accepted),
            }
        };
        match follow(&id, output, interrupt, submitted).await? {
            Submitted::Accepted => return Ok(signed),
            Submitted::Taken => tries += 1,
        }
    }
}

enum Submitted {
    Accepted,
    Taken,
}

/// Finds out who pays whom how much, and lets the node try it.
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
    let draft = Draft::new(call).signatures(keys.len()).valid_for(arguments.valid_for);
    let tried = client.build(&from.address, draft.clone()).await;
    client.forget_sequence(&from.address, 0).await;
    let gas_limit = tried.map_err(|error| explain(error, &asset))?.gas_limit;
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
        "gasLimit": gas_limit.to_string(),
        "height": null,
        "receipt": null,
    });
    Ok(Payment { from: from.address, keys, draft: draft.gas_limit(gas_limit), sentence, view })
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

/// The module speaks of base units; people of amounts with decimals.
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
