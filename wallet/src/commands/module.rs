//! `ehb module`: which modules are installed, and new versions of them.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use ehb_sdk::api::ModuleClient;
use ehb_sdk::{Brought, Client, Code, Hash, Name, code_hash};
use serde_json::json;

use super::confirm::{Question, confirm};
use super::send::{Sending, Sent};
use crate::accounts::Accounts;
use crate::args::ModuleUpgrade;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// The largest file that is read, bytes; what a module may have, the chain says.
const CODE_BYTES_MAX: u64 = 16 << 20;

const QUESTION: Question = Question {
    text: "Upgrade?",
    verb: "upgrade",
    hint: "give --yes to upgrade without being asked",
};

pub(super) async fn list(client: &Client, output: &Output) -> Result<(), Failure> {
    let modules = ModuleClient::list(client.rpc()).await.map_err(|error| client.error(error))?;
    let row = |module: &ehb_sdk::api::ModuleSummary| {
        vec![module.name.to_string(), module.address.clone(), module.code_hash.to_string()]
    };
    output.result(&modules.iter().map(row).collect::<Vec<_>>(), &json!(modules))
}

pub(super) async fn upgrade(
    client: &Client,
    accounts: &Accounts,
    arguments: &ModuleUpgrade,
    output: &Output,
) -> Result<(), Failure> {
    let network = client.chain().network;
    let (from, keys) = accounts.signers(network, &arguments.from, &arguments.keys)?;
    let code = read_code(&arguments.file)?;
    let module = arguments.name.as_str();
    let before = installed(client, &arguments.name).await?;
    let after = code_hash(&code);
    let draft = client.upgrade_draft(module, &after).await?;
    let journal = accounts.journal_of(&keys, client);
    let patience = Some(Duration::from_secs(arguments.patience.timeout));
    let mut sending = Sending::new(client, journal, output, patience, arguments.again)?;
    // What was installed already by the same command would now be refused as the same code.
    if let Some(sent) = sending.resume(&from.address, draft.calls()).await? {
        return show_upgrade(module, &before, &after, &sent, &sending, output);
    }
    if before == after {
        let message = format!("the module {module} has the code {after} already");
        return Err(Failure::new(Exit::Refused, "SAME_CODE", message)
            .hint("see `ehb module list` for the code that is installed"));
    }
    let sentence = format!(
        "{} gives the module {module} the code {after} ({} bytes) in place of {before}, on the chain {}",
        from.shown(network),
        code.len(),
        client.chain().id,
    );
    let asked = confirm(arguments.yes, &sentence, &QUESTION, output);
    sending.prepare(asked).await??;
    let signer = accounts.signer(&from.address, &keys, output)?;
    let told = |Brought { stored, size }| {
        output.talk(&format!("{stored} of {size} bytes are on the chain"));
    };
    let store = async |part| sending.step(&signer, &part, &sentence).await;
    client.store_code_by(&from.address, module, &code, told, store).await?;
    let sent = sending.send(&signer, &draft, &sentence).await?;
    show_upgrade(module, &before, &after, &sent, &sending, output)
}

/// Prints that a module has its new code.
fn show_upgrade(
    module: &str,
    before: &Hash,
    after: &Hash,
    sent: &Sent,
    sending: &Sending<'_>,
    output: &Output,
) -> Result<(), Failure> {
    let id = sent.id();
    let height = sent.located.as_ref().map(|located| located.position.height);
    let mut row = vec![id.to_string()];
    if let Some(height) = height {
        output.talk(&format!("final at height {height}; the new code runs from now on"));
        row.push(height.to_string());
    }
    let view = json!({
        "id": id,
        "status": "final",
        "height": height,
        "module": module,
        "before": before,
        "after": after,
        "receipt": sent.located,
    });
    sending.show(sent, &[row], &view)
}

/// The hash of the code that a module has.
async fn installed(client: &Client, module: &Name) -> Result<Hash, Failure> {
    let modules = ModuleClient::list(client.rpc()).await.map_err(|error| client.error(error))?;
    let found = modules.into_iter().find(|it| it.name == *module);
    found.map(|it| it.code_hash).ok_or_else(|| {
        let message = format!("no module is named {module}");
        Failure::new(Exit::Refused, Code::UnknownModule.as_str(), message)
            .hint(Code::UnknownModule.hint())
    })
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
    Ok(code)
}
