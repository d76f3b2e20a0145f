//! `ehb module`: lists and upgrades the installed modules.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use ehb_sdk::api::ModuleClient;
use ehb_sdk::{Client, Code, Hash, Name, UploadProgress, code_hash, is_component};
use serde_json::json;

use super::confirm::{Question, confirm};
use super::send::{Sending, Sent};
use crate::accounts::Accounts;
use crate::failure::{Exit, Failure};
use crate::options::{Patience, State};
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum ModuleCommand {
    /// List the installed modules: name, address and the hash of the code, one a line
    #[command(after_help = "Example:\n  ehb module list --json")]
    List(State),
    /// Show what a module offers: its functions with their parameters, and what each does; one a line
    #[command(after_help = "Example:\n  ehb module show wallet")]
    Show {
        /// The module
        name: Name,
        /// Print the whole interface instead, with its types, errors and documentation, as WIT
        #[arg(long)]
        wit: bool,
        #[command(flatten)]
        state: State,
    },
    /// Upgrade modules to new versions, which migrate the data of the old ones; prints the transaction's id
    /// and height
    ///
    /// Several modules are upgraded together: the types that they import from each other can then change. The code is
    /// uploaded in as many transactions as it needs and installed by a last one. After an interruption, the same
    /// command continues.
    #[command(
        after_help = "Example:\n  ehb module upgrade wallet=wallet-2.wasm jobs=jobs-2.wasm --from treasury"
    )]
    Upgrade(ModuleUpgrade),
}

#[derive(Debug, Args)]
pub(crate) struct ModuleUpgrade {
    /// A module and the file with its new version, a WebAssembly component; 1 to 16 of them
    #[arg(required = true, num_args = 1..=16, value_name = "MODULE=FILE", value_parser = new_version)]
    versions: Vec<NewVersion>,
    /// Who upgrades them, an account with the role upgrader: the name of a key of yours, or its address
    #[arg(long, value_name = "ACCOUNT")]
    from: String,
    /// A key of yours that signs, for an account that several keys sign for; can be given several times
    /// [default: the key of the account]
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<String>,
    /// Don't ask before upgrading
    #[arg(long, short)]
    yes: bool,
    /// Upgrade once more, although the result of the same upgrade before was not shown
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    patience: Patience,
}

/// A module and the file with its new version.
#[derive(Clone, Debug)]
struct NewVersion {
    module: Name,
    file: PathBuf,
}

fn new_version(text: &str) -> Result<NewVersion, String> {
    let (module, file) = text.split_once('=').ok_or("expected MODULE=FILE")?;
    let module = Name::new(module).map_err(|error| error.to_string())?;
    Ok(NewVersion { module, file: file.into() })
}

/// The largest file that is read, bytes; what a module may have, the chain says.
const CODE_BYTES_MAX: u64 = 16 << 20;

const QUESTION: Question = Question {
    text: "Upgrade?",
    verb: "upgrade",
    hint: "use --yes to upgrade without confirmation",
};

/// Runs the command.
pub(super) async fn run(
    accounts: &Accounts,
    command: ModuleCommand,
    output: &Output,
) -> Result<(), Failure> {
    let client = accounts.connect(output).await?;
    match command {
        ModuleCommand::List(state) => list(&client, state, output).await,
        ModuleCommand::Show { name, wit, state } => show(&client, &name, wit, state, output).await,
        ModuleCommand::Upgrade(arguments) => upgrade(&client, accounts, &arguments, output).await,
    }
}

async fn list(client: &Client, State { at }: State, output: &Output) -> Result<(), Failure> {
    let modules = ModuleClient::list(client.rpc(), at).await;
    let modules = modules.map_err(|error| client.error(error))?;
    let row = |module: &ehb_sdk::api::ModuleSummary| {
        vec![module.name.to_string(), module.address.clone(), module.code_hash.to_string()]
    };
    output.result(&modules.iter().map(row).collect::<Vec<_>>(), &json!(modules))
}

async fn show(
    client: &Client,
    name: &Name,
    wit: bool,
    State { at }: State,
    output: &Output,
) -> Result<(), Failure> {
    let described = match at {
        None => client.module(name.as_str()).await?,
        Some(at) => client.module_at(name.as_str(), at).await?.into(),
    };
    let functions = described.interface.functions.iter().map(|function| {
        let names = function.parameters.iter().map(|parameter| parameter.name.as_str());
        let call = format!("{}({})", function.name, names.collect::<Vec<_>>().join(", "));
        vec![call, first_sentence(&function.docs)]
    });
    if wit {
        return output.lines(&described.wit, &json!(*described));
    }
    let rows: Vec<Vec<String>> = functions.collect();
    output.result(&rows, &json!(*described))
}

fn first_sentence(docs: &str) -> String {
    let words = docs.split_whitespace().collect::<Vec<_>>().join(" ");
    words.split_inclusive(". ").next().unwrap_or_default().trim_end().to_owned()
}

/// A planned upgrade of a module.
struct Planned {
    module: Name,
    code: Vec<u8>,
    before: Hash,
    after: Hash,
}

async fn upgrade(
    client: &Client,
    accounts: &Accounts,
    arguments: &ModuleUpgrade,
    output: &Output,
) -> Result<(), Failure> {
    let network = client.chain().network;
    let (from, keys) = accounts.signers(network, &arguments.from, &arguments.keys)?;
    let planned = plan(client, &arguments.versions).await?;
    let upgrades: Vec<_> = planned.iter().map(|it| (it.module.clone(), it.after)).collect();
    let draft = client.upgrade_draft(&upgrades).await?;
    let journal = accounts.journal_of(&keys, client);
    let patience = Some(Duration::from_secs(arguments.patience.timeout));
    let mut sending = Sending::new((client, accounts), journal, output, patience, arguments.again)?;
    // Code that the same command has already installed would now be rejected as unchanged.
    if let Some(sent) = sending.resume(&from.address, draft.calls()).await? {
        return show_upgrade(&planned, &sent, &sending, output);
    }
    if let Some(same) = planned.iter().find(|it| it.before == it.after) {
        let message = format!("the module {} has the code {} already", same.module, same.after);
        return Err(Failure::new(Exit::Refused, "SAME_CODE", message)
            .hint("see `ehb module list` for the code that is installed"));
    }
    let named = |Planned { module, code, before, after }: &Planned| {
        format!("the module {module} to the code {after} ({} bytes) from {before}", code.len())
    };
    let named = planned.iter().map(named).collect::<Vec<_>>().join(", and ");
    let sentence =
        format!("{} upgrades {named}, on the chain {}", from.shown(network), client.chain().id);
    let asked = confirm(arguments.yes, &sentence, &QUESTION, output);
    sending.prepare(asked).await??;
    let signer = accounts.signer(&from.address, &keys, output)?;
    for Planned { module, code, .. } in &planned {
        let shown = |UploadProgress { uploaded, size }| {
            output.talk(&format!("{module}: {uploaded} of {size} bytes are on the chain"));
        };
        let store = async |part| sending.step(&signer, &part, &sentence).await;
        client.upload_code_by(&from.address, module.as_str(), code, shown, store).await?;
    }
    let sent = sending.send(&signer, &draft, &sentence).await?;
    show_upgrade(&planned, &sent, &sending, output)
}

/// Reads the files, and which code the modules have now.
async fn plan(client: &Client, versions: &[NewVersion]) -> Result<Vec<Planned>, Failure> {
    let installed = ModuleClient::list(client.rpc(), None).await;
    let installed = installed.map_err(|error| client.error(error))?;
    let plan = |NewVersion { module, file }: &NewVersion| {
        let code = read_code(file)?;
        let found = installed.iter().find(|it| it.name == *module).ok_or_else(|| {
            let message = format!("no module is named {module}");
            Failure::new(Exit::Refused, Code::UnknownModule.as_str(), message)
                .hint(Code::UnknownModule.hint())
        })?;
        let after = code_hash(&code);
        Ok(Planned { module: module.clone(), code, before: found.code_hash, after })
    };
    versions.iter().map(plan).collect()
}

/// Prints that modules have their new code.
fn show_upgrade(
    planned: &[Planned],
    sent: &Sent,
    sending: &Sending<'_>,
    output: &Output,
) -> Result<(), Failure> {
    let id = sent.id();
    let height = sent.located.as_ref().map(|located| located.position.height);
    let mut row = vec![id.to_string()];
    if let Some(height) = height {
        output.talk(&format!("final at height {height}; the new code is in use"));
        row.push(height.to_string());
    }
    let module = |Planned { module, before, after, .. }: &Planned| json!({ "module": module, "before": before, "after": after });
    let view = json!({
        "id": id,
        "status": "final",
        "height": height,
        "modules": planned.iter().map(module).collect::<Vec<_>>(),
        "receipt": sent.located,
    });
    sending.show(sent, &[row], &view)
}

fn read_code(path: &Path) -> Result<Vec<u8>, Failure> {
    let cannot = |reason: String| {
        let message = format!("cannot read the module {}: {reason}", path.display());
        Failure::new(Exit::Usage, "BAD_FILE", message)
            .hint("give the file of a WebAssembly component")
    };
    let file = File::open(path).map_err(|error| cannot(error.to_string()))?;
    let mut code = Vec::new();
    let read = file.take(CODE_BYTES_MAX + 1).read_to_end(&mut code);
    read.map_err(|error| cannot(error.to_string()))?;
    if code.is_empty() || code.len() as u64 > CODE_BYTES_MAX {
        return Err(cannot(format!("it must have 1 to {CODE_BYTES_MAX} bytes")));
    }
    // Uploaded bytes stay in the chain's blocks, so a wrong path must not publish a file.
    if !is_component(&code) {
        return Err(cannot("it is no WebAssembly component".to_owned()));
    }
    Ok(code)
}
