//! Signs and sends one call, for the commands that consist of one: shows it, asks, sends, waits, and prints the result.

use std::time::Duration;

use clap::Args;
use ehb_sdk::{Address, Call, Client, Draft, Error};
use serde_json::{Value, json};

use super::confirm::{Question, confirm};
use super::gov::text;
use super::send::{Sending, Sent};
use crate::accounts::{Accounts, FoundKey};
use crate::failure::{Exit, Failure};
use crate::options::Patience;
use crate::output::Output;

/// The module of the chain itself, whose calls nodes do not simulate before they are signed.
const KERNEL: &str = "kernel";

/// Who signs, and how the transaction is sent.
#[derive(Debug, Args)]
#[command(next_help_heading = "Signing and sending")]
pub(crate) struct Signing {
    /// Who sends it: the name of a key of yours, or its address
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) from: String,
    /// A key of yours that signs, for an account that several keys sign for; can be given several times
    /// [default: the key of the account]
    #[arg(long = "key", value_name = "KEY")]
    pub(crate) keys: Vec<String>,
    /// The lane of the account, for several programs that send from it at the same time: on lanes of their
    /// own they never wait for each other. The chain remembers every lane that was ever used
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    lane: u32,
    /// Don't ask before sending
    #[arg(long, short)]
    yes: bool,
    /// Return once the node has accepted it, before it is final
    #[arg(long, conflicts_with = "dry_run")]
    no_wait: bool,
    /// Send the same once more. Without it, a command that repeats one whose result was not shown (killed,
    /// timed out, stdout full or closed, or at the same time) sends nothing and shows the result of the
    /// first; once that is seen to be final, for 12 hours
    #[arg(long)]
    again: bool,
    /// Let the node try it, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// How long a block can take it up before it expires: a number with s, m, h or d, 10s to 90d; the chain
    /// may allow less
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

/// A call as requested by the user.
pub(super) struct Planned {
    pub(super) from: Address,
    pub(super) keys: Vec<FoundKey>,
    pub(super) call: Call,
    /// A description for people.
    pub(super) sentence: String,
    /// The subject of the command, as JSON; id, status, gas limit, height and receipt are added.
    pub(super) view: Value,
}

impl Signing {
    /// Sends a call. `explain` words an error of the simulation.
    pub(super) async fn submit(
        &self,
        client: &Client,
        accounts: &Accounts,
        mut planned: Planned,
        question: &Question,
        explain: impl FnOnce(Error) -> Failure,
        output: &Output,
    ) -> Result<(), Failure> {
        for field in ["id", "status", "gasLimit", "height", "receipt"] {
            planned.view[field] = Value::Null;
        }
        planned.view["repeated"] = json!(false);
        let journal = accounts.journal_of(&planned.keys, client);
        let patience = (!self.no_wait).then(|| Duration::from_secs(self.patience.timeout));
        let mut sending = Sending::new((client, accounts), journal, output, patience, self.again)?;
        if !self.dry_run {
            // Before the simulation: an earlier transaction of the same command has already changed the state.
            let calls = std::slice::from_ref(&planned.call);
            if let Some(sent) = sending.resume(&planned.from, calls).await? {
                return show(planned, &sent, &sending, output);
            }
        }
        let draft = Draft::new(planned.call.clone())
            .signatures(planned.keys.len())
            .lane(self.lane)
            .valid_for(self.valid_for);
        let gas_limit = if planned.call.module.as_str() == KERNEL {
            self.kernel_gas(client, &mut sending).await?
        } else {
            let tried = sending.prepare(client.build(&planned.from, draft.clone())).await?;
            client.forget_sequence(&planned.from, self.lane).await;
            tried.map_err(explain)?.gas_limit
        };
        if self.dry_run {
            output.talk(&planned.sentence);
            output.talk("the simulation succeeded; nothing was sent");
            planned.view["status"] = json!("tried");
            planned.view["gasLimit"] = json!(gas_limit.to_string());
            return output.result(&[], &planned.view);
        }
        let asked = confirm(self.yes, &planned.sentence, question, output);
        sending.prepare(asked).await??;
        let signer = accounts.signer(&planned.from, &planned.keys, output)?;
        let sent = sending.send(&signer, &draft.gas_limit(gas_limit), &planned.sentence).await?;
        show(planned, &sent, &sending, output)
    }

    async fn kernel_gas(&self, client: &Client, sending: &mut Sending<'_>) -> Result<u64, Failure> {
        if self.dry_run {
            let message = "nodes simulate calls of the kernel in signed transactions only";
            return Err(Failure::new(Exit::Usage, "NOT_SIMULATED", message)
                .hint("leave out --dry-run: a call that is refused changes nothing"));
        }
        Ok(sending.prepare(client.parameters()).await??.transaction_gas_max)
    }
}

/// Prints the result.
fn show(
    planned: Planned,
    sent: &Sent,
    sending: &Sending<'_>,
    output: &Output,
) -> Result<(), Failure> {
    let id = sent.id();
    let mut view = planned.view;
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
    let mut row = vec![id.to_string(), height.to_string()];
    row.extend(text::result(&planned.call, located));
    sending.show(sent, &[row], &view)
}
