//! `ehb call` and `ehb read`: any function of any installed module.

use clap::Args;
use ehb_sdk::api::At;
use ehb_sdk::{Client, Name};
use serde_json::{Value, json};

use super::arguments::{self, Argument};
use super::confirm::Question;
use super::submit::{Planned, Signing};
use crate::accounts::Accounts;
use crate::failure::{Exit, Failure};
use crate::options::State;
use crate::output::Output;

/// A function and its arguments.
#[derive(Debug, Args)]
pub(crate) struct Function {
    /// The module; `ehb module list` shows what is installed
    module: Name,
    /// The function; `ehb module show MODULE` lists those of a module, and `ehb module show MODULE FUNCTION` explains one
    function: Name,
    /// Its arguments, each by name. A value is text, a number, true or false; an account by the name you know it
    /// by or its address; `null` for none; bytes in hex after 0x; JSON for what has parts
    #[arg(value_name = "NAME=VALUE", value_parser = arguments::argument)]
    given: Vec<Argument>,
    /// A file with arguments as a JSON object by name, or - for stdin
    #[arg(long, value_name = "FILE")]
    arguments: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Call {
    #[command(flatten)]
    function: Function,
    #[command(flatten)]
    signing: Signing,
}

#[derive(Debug, Args)]
pub(crate) struct Read {
    #[command(flatten)]
    function: Function,
    #[command(flatten)]
    state: State,
}

const QUESTION: Question = Question {
    text: "Send?",
    verb: "send it",
    hint: "use --yes to send without confirmation, or --dry-run to simulate it",
};

impl Function {
    async fn object(
        &self,
        client: &Client,
        accounts: &Accounts,
        at: Option<At>,
    ) -> Result<Value, Failure> {
        let (module, function) = (self.module.as_str(), self.function.as_str());
        let function = arguments::function(client, module, function, at).await?;
        let (network, file) = (client.chain().network, self.arguments.as_deref());
        arguments::object(accounts, network, &function, file, &self.given)
    }
}

/// Runs `ehb call`.
pub(super) async fn call(
    accounts: &Accounts,
    Call { function, signing }: &Call,
    output: &Output,
) -> Result<(), Failure> {
    let client = accounts.connect(output).await?;
    let object = function.object(&client, accounts, None).await?;
    let network = client.chain().network;
    let (from, keys) = accounts.signers(network, &signing.from, &signing.keys)?;
    let (module, name) = (function.module.as_str(), function.function.as_str());
    let call = client.call(module, name, &object).await?;
    let sentence = format!(
        "{} calls {module}.{name} with {object}, on the chain {}",
        from.shown(network),
        client.chain().id
    );
    let view = json!({
        "from": from.address.to_text(network),
        "module": module,
        "function": name,
        "arguments": object,
    });
    let planned = Planned { from: from.address, keys, call, sentence, view };
    signing.submit(&client, accounts, planned, &QUESTION, Failure::from, output).await
}

/// Runs `ehb read`.
pub(super) async fn read(
    accounts: &Accounts,
    Read { function, state: State { at } }: &Read,
    output: &Output,
) -> Result<(), Failure> {
    let client = accounts.connect(output).await?;
    let object = function.object(&client, accounts, *at).await?;
    let (module, name) = (function.module.as_str(), function.function.as_str());
    let answer = match at {
        None => client.read(module, name, &object).await,
        Some(at) => client.read_at(module, name, &object, *at).await,
    }?;
    let text = serde_json::to_string_pretty(&answer.value)
        .map_err(|error| Failure::of(Exit::Internal, "INTERNAL", &error))?;
    output.lines(&text, &json!(answer))
}
