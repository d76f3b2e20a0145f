//! `ehb module`: lists, installs and upgrades modules.

mod install;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use ehb_sdk::api::{At, ModuleClient};
use ehb_sdk::{
    Client, Code, Function, Hash, Name, Signer, Type, UploadProgress, code_hash, is_component,
};
use serde_json::{Value, json};

use super::arguments;
use super::confirm::{Question, confirm};
use super::send::{Sending, Sent};
use crate::accounts::Accounts;
use crate::failure::{Exit, Failure};
use crate::options::{Patience, State};
use crate::output::Output;
use install::{ModuleInstall, ModuleUpload};

/// The module of the chain itself.
const KERNEL: &str = "kernel";

#[derive(Debug, Subcommand)]
pub(crate) enum ModuleCommand {
    /// List the installed modules: name, address, the hash of the code, and whether it is active or paused; one a line
    #[command(after_help = "Example:\n  ehb module list --json")]
    List(State),
    /// Show what a module offers: its functions with their parameters, and what each does; one a line. Of one function:
    /// all that its author says about it, the types of its parameters, its result, its errors, and the command that calls it
    #[command(after_help = "Example:\n  ehb module show wallet transfer")]
    Show {
        /// The module
        name: Name,
        /// A function of it
        function: Option<Name>,
        /// Print the whole interface instead, with its types, errors and documentation, as WIT
        #[arg(long, conflicts_with = "function")]
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
    /// Upload the code of new modules, which a proposal can then install, or of new versions; prints each module with
    /// the hash of its code
    ///
    /// The code is uploaded in as many transactions as it needs. After an interruption, the same command continues.
    #[command(after_help = "Example:\n  ehb module upload tally=tally.wasm --from dana")]
    Upload(ModuleUpload),
    /// Install a new module without a vote, where the network lets deployers do so; prints the transaction's id and height
    ///
    /// The code is uploaded first, as far as it is not on the chain. Where it needs a vote: `ehb gov propose --install`.
    #[command(after_help = "Example:\n  ehb module install tally=tally.wasm --from dana")]
    Install(ModuleInstall),
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
        ModuleCommand::Show { name, function: Some(function), state, .. } => {
            show_function(&client, &name, &function, state, output).await
        }
        ModuleCommand::Show { name, function: None, wit, state } => {
            show(&client, &name, wit, state, output).await
        }
        ModuleCommand::Upgrade(arguments) => upgrade(&client, accounts, &arguments, output).await,
        ModuleCommand::Upload(arguments) => {
            install::upload(&client, accounts, &arguments, output).await
        }
        ModuleCommand::Install(arguments) => {
            install::install(&client, accounts, &arguments, output).await
        }
    }
}

async fn list(client: &Client, State { at }: State, output: &Output) -> Result<(), Failure> {
    let modules = ModuleClient::list(client.rpc(), at).await;
    let modules = modules.map_err(|error| client.error(error))?;
    let statuses = Statuses::read(client, at).await?;
    let (mut rows, mut views) = (Vec::new(), Vec::new());
    for module in &modules {
        let status = statuses.of(module.name.as_str());
        let (name, address) = (module.name.to_string(), module.address.clone());
        rows.push(vec![name, address, module.code_hash.to_string(), status.to_owned()]);
        let mut view = json!(module);
        view["status"] = json!(status);
        views.push(view);
    }
    output.result(&rows, &json!(views))
}

/// What modules do with calls.
struct Statuses(BTreeMap<String, String>);

impl Statuses {
    /// Of the modules in a state. A node does not know it of a state that it does not keep.
    async fn read(client: &Client, at: Option<At>) -> Result<Self, Failure> {
        let (function, nothing) = ("list-modules", json!({}));
        let read = match at {
            None => client.read(KERNEL, function, &nothing).await,
            Some(at) => client.read_at(KERNEL, function, &nothing, at).await,
        };
        let states = match read {
            Ok(read) => read.value,
            Err(error) if error.is(Code::Pruned) => Value::Null,
            Err(error) => return Err(error.into()),
        };
        let status = |state: &Value| {
            let text = |name: &str| state[name].as_str().map(str::to_owned);
            Some((text("module")?, text("status")?))
        };
        Ok(Self(states.as_array().into_iter().flatten().filter_map(status).collect()))
    }

    fn of(&self, module: &str) -> &str {
        match self.0.get(module) {
            Some(status) => status,
            None if module == KERNEL => "active",
            None => "unknown",
        }
    }
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
    let statuses = Statuses::read(client, at).await?;
    let status = statuses.of(name.as_str());
    if status == "paused" {
        output.warn(&format!("the network paused the module {name}: it answers reads alone"));
    }
    let mut view = json!(*described);
    view["status"] = json!(status);
    if wit {
        return output.lines(&described.wit, &view);
    }
    let rows: Vec<Vec<String>> = functions.collect();
    output.result(&rows, &view)
}

async fn show_function(
    client: &Client,
    module: &Name,
    function: &Name,
    State { at }: State,
    output: &Output,
) -> Result<(), Failure> {
    let function = arguments::function(client, module.as_str(), function.as_str(), at).await?;
    output.result(&explained(module, &function), &json!(function))
}

/// A function for people: its documentation, its types, and how to call it.
fn explained(module: &Name, function: &Function) -> Vec<Vec<String>> {
    let row = |cells: &[&str]| cells.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let mut rows = vec![row(&[&format!("{module} {}", function.name)])];
    rows.extend(function.docs.lines().map(|line| row(&[&format!("  {line}")])));
    for it in &function.parameters {
        rows.push(row(&["parameter", &it.name, &it.kind.to_string()]));
    }
    if let Some(kind) = function.output() {
        rows.push(row(&["returns", &kind.to_string()]));
    }
    // All functions of a module have one type of errors; the documentation names those of this one.
    if let Some(Type::Variant(cases)) = function.error() {
        for case in cases.iter().filter(|it| function.docs.contains(&format!("`{}`", it.name))) {
            let content = case.kind.as_ref().map(ToString::to_string).unwrap_or_default();
            rows.push(row(&["error", &case.name, &content]));
        }
    }
    // Modules have their read-only functions in an interface of this name.
    let reads = function.interface.contains("/queries@");
    let mut command =
        format!("ehb {} {module} {}", if reads { "read" } else { "call" }, function.name);
    for it in &function.parameters {
        let value = format!("{}={}", it.name, placeholder(&it.kind));
        command += &match it.kind {
            Type::Option(_) => format!(" [{value}]"),
            _ => format!(" {value}"),
        };
    }
    if !reads {
        command += " --from ACCOUNT";
    }
    rows.push(row(&["command", &command]));
    rows
}

/// What is given for a value of a type.
fn placeholder(kind: &Type) -> &'static str {
    match kind {
        Type::Bool => "true|false",
        Type::Address => "ACCOUNT",
        Type::Hash => "HASH",
        Type::String | Type::Char => "TEXT",
        Type::Enum(_) => "NAME",
        Type::Option(inner) => placeholder(inner),
        Type::List(inner) if **inner == Type::U8 => "0xHEX",
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => "NUMBER",
        Type::S8 | Type::S16 | Type::S32 | Type::S64 => "NUMBER",
        _ => "JSON",
    }
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
        bring((client, output), &mut sending, &signer, (module, code.as_slice()), &sentence)
            .await?;
    }
    let sent = sending.send(&signer, &draft, &sentence).await?;
    show_upgrade(&planned, &sent, &sending, output)
}

/// Uploads the code of a module, as far as the chain does not have it.
async fn bring(
    (client, output): (&Client, &Output),
    sending: &mut Sending<'_>,
    signer: &Signer,
    (module, code): (&Name, &[u8]),
    sentence: &str,
) -> Result<(), Failure> {
    let shown = |UploadProgress { uploaded, size }| {
        output.talk(&format!("{module}: {uploaded} of {size} bytes are on the chain"));
    };
    let store = async |part| sending.step(signer, &part, sentence).await;
    client.upload_code_by(&signer.address(), module.as_str(), code, shown, store).await?;
    Ok(())
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

pub(super) fn read_code(path: &Path) -> Result<Vec<u8>, Failure> {
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
