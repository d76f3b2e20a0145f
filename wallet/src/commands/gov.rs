//! `ehb gov`: proposals that change what concerns the whole network, and votes on them.

mod actions;
pub(super) mod text;

use std::time::Duration;

use clap::{Args, Subcommand};
use ehb_sdk::{Client, Code};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::confirm::Question;
use super::submit::{Planned, Signing};
use crate::accounts::Accounts;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use actions::{Actions, of_actions};
use text::KERNEL;

#[derive(Debug, Subcommand)]
pub(crate) enum GovCommand {
    /// Propose changes, all of which take effect or none; prints the transaction's id, its height and the number of the
    /// proposal
    ///
    /// The node tries them before they are sent and shows what would be different.
    #[command(
        after_help = "Example:\n  ehb gov propose --set consensus.heartbeat_ms=5000 --reason 'fewer empty blocks' --from alice\n  ehb gov propose --invite newco.json --from alice\n  ehb gov propose --install tally=tally.wasm --uploaded-by dana --from alice"
    )]
    Propose(Propose),
    /// Show what changes would make different if they were executed now, and send nothing
    #[command(after_help = "Example:\n  ehb gov simulate --freeze dora")]
    Simulate {
        #[command(flatten)]
        actions: Actions,
    },
    /// Vote on a proposal for your organisation; prints the transaction's id, its height, and how far the proposal is
    #[command(after_help = "Example:\n  ehb gov vote 3 yes --from alice")]
    Vote(Vote),
    /// Execute a proposal that was accepted and whose lock is over; prints the transaction's id, its height and the outcome
    #[command(after_help = "Example:\n  ehb gov execute 3 --from bob")]
    Execute(OfProposal),
    /// Take back a proposal of your organisation; prints the transaction's id and height
    #[command(after_help = "Example:\n  ehb gov withdraw 3 --from alice")]
    Withdraw(OfProposal),
    /// Show a proposal: what it would change now, who voted, and how far it is
    #[command(after_help = "Example:\n  ehb gov show 3")]
    Show {
        /// The number of the proposal
        proposal: u64,
    },
    /// List the proposals, the last one first: number, how far it is, and what it changes
    #[command(after_help = "Example:\n  ehb gov list")]
    List {
        /// How many at most
        #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: u32,
        /// Only those before this one
        #[arg(long, value_name = "PROPOSAL")]
        before: Option<u64>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Propose {
    #[command(flatten)]
    actions: Actions,
    /// Why, for those who vote
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    #[command(flatten)]
    signing: Signing,
}

#[derive(Debug, Args)]
pub(crate) struct Vote {
    /// The number of the proposal
    proposal: u64,
    /// Whether your organisation is for it
    vote: Choice,
    #[command(flatten)]
    signing: Signing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Choice {
    /// For it.
    Yes,
    /// Against it.
    No,
}

#[derive(Debug, Args)]
pub(crate) struct OfProposal {
    /// The number of the proposal
    proposal: u64,
    #[command(flatten)]
    signing: Signing,
}

const PROPOSE: Question = Question {
    text: "Propose this?",
    verb: "propose it",
    hint: "use --yes to propose without confirmation",
};

const VOTE: Question =
    Question { text: "Vote so?", verb: "vote", hint: "use --yes to vote without confirmation" };

const EXECUTE: Question = Question {
    text: "Execute it?",
    verb: "execute it",
    hint: "use --yes to execute without confirmation",
};

const WITHDRAW: Question = Question {
    text: "Take it back?",
    verb: "take it back",
    hint: "use --yes to take it back without confirmation",
};

/// Runs the command.
pub(super) async fn run(
    accounts: &Accounts,
    command: GovCommand,
    output: &Output,
) -> Result<(), Failure> {
    let client = accounts.connect(output).await?;
    match command {
        GovCommand::Propose(command) => propose(&client, accounts, &command, output).await,
        GovCommand::Simulate { actions } => {
            let simulated = simulate(&client, &actions.to_json(&client, accounts)?).await?;
            output.result(&text::differences(&simulated), &simulated)
        }
        GovCommand::Vote(command) => vote(&client, accounts, &command, output).await,
        GovCommand::Execute(command) => {
            let found = proposal(&client, command.proposal).await?;
            let sentence = format!("executes {}", text::sentence(&found));
            let planned = ("execute-proposal", sentence, json!({}));
            send(&client, accounts, &command, planned, &EXECUTE, output).await
        }
        GovCommand::Withdraw(command) => {
            let found = proposal(&client, command.proposal).await?;
            let sentence = format!("takes back {}", text::sentence(&found));
            let planned = ("withdraw-proposal", sentence, json!({}));
            send(&client, accounts, &command, planned, &WITHDRAW, output).await
        }
        GovCommand::Show { proposal } => show(&client, proposal, output).await,
        GovCommand::List { limit, before } => list(&client, limit, before, output).await,
    }
}

async fn propose(
    client: &Client,
    accounts: &Accounts,
    Propose { actions, reason, signing }: &Propose,
    output: &Output,
) -> Result<(), Failure> {
    let network = client.chain().network;
    let (from, keys) = accounts.signers(network, &signing.from, &signing.keys)?;
    let actions = actions.to_json(client, accounts)?;
    let simulated = simulate(client, &actions).await?;
    for row in text::differences(&simulated) {
        output.talk(&row.join(" "));
    }
    let arguments = json!({ "reason": reason, "actions": actions });
    let call = client.call(KERNEL, "propose", &arguments).await?;
    let sentence = format!(
        "{} proposes to {}, on the chain {}",
        from.shown(network),
        of_actions(&actions),
        client.chain().id
    );
    let view = json!({
        "from": from.address.to_text(network),
        "reason": reason,
        "actions": actions,
        "simulation": simulated,
    });
    let planned = Planned { from: from.address, keys, call, sentence, view };
    signing.submit(client, accounts, planned, &PROPOSE, Failure::from, output).await
}

async fn vote(
    client: &Client,
    accounts: &Accounts,
    Vote { proposal: id, vote, signing }: &Vote,
    output: &Output,
) -> Result<(), Failure> {
    let found = proposal(client, *id).await?;
    match simulate(client, &found["actions"]).await {
        Ok(simulated) => {
            for row in text::differences(&simulated) {
                output.talk(&row.join(" "));
            }
        }
        Err(failure) => output.warn(&format!("it would not work now: {}", failure.summary())),
    }
    let side = if *vote == Choice::Yes { "for" } else { "against" };
    let network = client.chain().network;
    let (from, keys) = accounts.signers(network, &signing.from, &signing.keys)?;
    let accepts = json!(*vote == Choice::Yes);
    let arguments = json!({ "proposal": id.to_string(), "accepts": accepts });
    let call = client.call(KERNEL, "vote", &arguments).await?;
    let sentence = format!(
        "{} votes {side} {}, on the chain {}",
        from.shown(network),
        text::sentence(&found),
        client.chain().id
    );
    let view = json!({
        "from": from.address.to_text(network),
        "proposal": id.to_string(),
        "accepts": accepts,
    });
    let planned = Planned { from: from.address, keys, call, sentence, view };
    signing.submit(client, accounts, planned, &VOTE, Failure::from, output).await
}

/// Sends a call about a proposal.
async fn send(
    client: &Client,
    accounts: &Accounts,
    OfProposal { proposal, signing }: &OfProposal,
    (function, does, more): (&str, String, Value),
    question: &Question,
    output: &Output,
) -> Result<(), Failure> {
    let network = client.chain().network;
    let (from, keys) = accounts.signers(network, &signing.from, &signing.keys)?;
    let mut arguments = more;
    arguments["proposal"] = json!(proposal.to_string());
    let call = client.call(KERNEL, function, &arguments).await?;
    let sentence = format!("{} {does}, on the chain {}", from.shown(network), client.chain().id);
    let mut view = arguments;
    view["from"] = json!(from.address.to_text(network));
    let planned = Planned { from: from.address, keys, call, sentence, view };
    signing.submit(client, accounts, planned, question, Failure::from, output).await
}

/// How long a node compiles code that was just uploaded, and how often it is asked meanwhile.
const COMPILING: Duration = Duration::from_secs(20);
const ASK_EVERY: Duration = Duration::from_millis(500);

async fn simulate(client: &Client, actions: &Value) -> Result<Value, Failure> {
    let (arguments, deadline) = (json!({ "actions": actions }), Instant::now() + COMPILING);
    loop {
        match client.read(KERNEL, "simulate-actions", &arguments).await {
            Err(error) if error.is(Code::NotReady) && Instant::now() < deadline => {
                sleep(ASK_EVERY).await;
            }
            read => {
                let value = read?.value;
                return Ok(value.get("ok").cloned().unwrap_or(value));
            }
        }
    }
}

async fn proposal(client: &Client, id: u64) -> Result<Value, Failure> {
    let arguments = json!({ "proposal": id.to_string() });
    match client.read(KERNEL, "get-proposal", &arguments).await?.value {
        Value::Null => {
            let message = format!("there is no proposal {id}");
            Err(Failure::new(Exit::Refused, Code::NotFound.as_str(), message)
                .hint("see `ehb gov list`"))
        }
        found => Ok(found),
    }
}

async fn show(client: &Client, id: u64, output: &Output) -> Result<(), Failure> {
    let found = proposal(client, id).await?;
    let now_ms = client.status().await?.timestamp_ms;
    let powers = client.read(KERNEL, "list-voting-powers", &json!({})).await?.value;
    let mut rows = text::rows(&found, &powers, now_ms);
    let (mut simulated, mut problem) = (Value::Null, Value::Null);
    if text::is_undecided(&found, now_ms) {
        match simulate(client, &found["actions"]).await {
            Ok(now) => {
                rows.extend(text::differences(&now));
                simulated = now;
            }
            Err(failure) => {
                rows.push(vec!["would fail now".to_owned(), failure.summary()]);
                problem = json!(failure.summary());
            }
        }
    }
    let view = json!({
        "proposal": found,
        "state": text::state(&found, now_ms),
        "powers": powers,
        "simulation": simulated,
        "wouldFail": problem,
    });
    output.result(&rows, &view)
}

async fn list(
    client: &Client,
    limit: u32,
    before: Option<u64>,
    output: &Output,
) -> Result<(), Failure> {
    let before = before.map(|before| before.to_string());
    let arguments = json!({ "before": before, "limit": limit });
    let page = client.read(KERNEL, "list-proposals", &arguments).await?.value;
    let now_ms = client.status().await?.timestamp_ms;
    let proposals = page["proposals"].as_array().map(Vec::as_slice).unwrap_or_default();
    let row = |it: &Value| {
        vec![text::plain(&it["id"]), text::state(it, now_ms), of_actions(&it["actions"])]
    };
    output.result(&proposals.iter().map(row).collect::<Vec<_>>(), &page)
}
