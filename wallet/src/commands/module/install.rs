//! `ehb module upload` and `ehb module install`: the code of new modules.

use std::time::Duration;

use clap::Args;
use ehb_sdk::{Client, Hash, Name, code_hash};
use serde_json::json;

use super::{NewVersion, bring, new_version, read_code};
use crate::accounts::Accounts;
use crate::commands::confirm::{Question, confirm};
use crate::commands::send::Sending;
use crate::failure::Failure;
use crate::options::Patience;
use crate::output::Output;

#[derive(Debug, Args)]
pub(crate) struct ModuleUpload {
    /// A module and the file with its code, a WebAssembly component; 1 to 16 of them
    #[arg(required = true, num_args = 1..=16, value_name = "MODULE=FILE", value_parser = new_version)]
    modules: Vec<NewVersion>,
    #[command(flatten)]
    deploying: Deploying,
}

#[derive(Debug, Args)]
pub(crate) struct ModuleInstall {
    /// The name of the module and the file with its code, a WebAssembly component
    #[arg(value_name = "MODULE=FILE", value_parser = new_version)]
    module: NewVersion,
    /// Install once more, although the result of the same installation before was not shown
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    deploying: Deploying,
}

/// Who uploads code.
#[derive(Debug, Args)]
struct Deploying {
    /// Who uploads it, an account with the role deployer, or upgrader for an installed module: the name of a key of yours,
    /// or its address
    #[arg(long, value_name = "ACCOUNT")]
    from: String,
    /// A key of yours that signs, for an account that several keys sign for; can be given several times
    /// [default: the key of the account]
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<String>,
    /// Don't ask before uploading
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    patience: Patience,
}

const UPLOAD: Question =
    Question { text: "Upload?", verb: "upload", hint: "use --yes to upload without confirmation" };

const INSTALL: Question = Question {
    text: "Install?",
    verb: "install",
    hint: "use --yes to install without confirmation",
};

/// Code from a file.
struct Code {
    module: Name,
    bytes: Vec<u8>,
    hash: Hash,
}

impl Code {
    fn read(NewVersion { module, file }: &NewVersion) -> Result<Self, Failure> {
        let bytes = read_code(file)?;
        let hash = code_hash(&bytes);
        Ok(Self { module: module.clone(), bytes, hash })
    }

    /// The code as a part of a sentence.
    fn named(&self) -> String {
        format!("the code {} ({} bytes) of the module {}", self.hash, self.bytes.len(), self.module)
    }
}

/// Uploads the code of modules, and installs nothing.
pub(super) async fn upload(
    client: &Client,
    accounts: &Accounts,
    ModuleUpload { modules, deploying }: &ModuleUpload,
    output: &Output,
) -> Result<(), Failure> {
    let network = client.chain().network;
    let (from, keys) = accounts.signers(network, &deploying.from, &deploying.keys)?;
    let codes = modules.iter().map(Code::read).collect::<Result<Vec<_>, _>>()?;
    let journal = accounts.journal_of(&keys, client);
    let patience = Some(Duration::from_secs(deploying.patience.timeout));
    let mut sending = Sending::new((client, accounts), journal, output, patience, false)?;
    let named = codes.iter().map(Code::named).collect::<Vec<_>>().join(", and ");
    let sentence =
        format!("{} uploads {named}, on the chain {}", from.shown(network), client.chain().id);
    let asked = confirm(deploying.yes, &sentence, &UPLOAD, output);
    sending.prepare(asked).await??;
    let signer = accounts.signer(&from.address, &keys, output)?;
    for Code { module, bytes, .. } in &codes {
        bring((client, output), &mut sending, &signer, (module, bytes.as_slice()), &sentence)
            .await?;
    }
    let row = |it: &Code| vec![it.module.to_string(), it.hash.to_string()];
    let view = |it: &Code| json!({ "module": it.module, "code": it.hash });
    let view = json!({
        "by": from.address.to_text(network),
        "modules": codes.iter().map(view).collect::<Vec<_>>(),
    });
    output.result(&codes.iter().map(row).collect::<Vec<_>>(), &view)
}

/// Uploads the code of a new module, and installs it.
pub(super) async fn install(
    client: &Client,
    accounts: &Accounts,
    ModuleInstall { module, again, deploying }: &ModuleInstall,
    output: &Output,
) -> Result<(), Failure> {
    let network = client.chain().network;
    let (from, keys) = accounts.signers(network, &deploying.from, &deploying.keys)?;
    let code = Code::read(module)?;
    let draft = client.install_draft(&code.module, &code.hash).await?;
    let journal = accounts.journal_of(&keys, client);
    let patience = Some(Duration::from_secs(deploying.patience.timeout));
    let mut sending = Sending::new((client, accounts), journal, output, patience, *again)?;
    // A module that the same command has already installed would now be refused as existing.
    let sent = match sending.resume(&from.address, draft.calls()).await? {
        Some(sent) => sent,
        None => {
            let (shown, named) = (from.shown(network), code.named());
            let sentence = format!("{shown} installs {named}, on the chain {}", client.chain().id);
            let asked = confirm(deploying.yes, &sentence, &INSTALL, output);
            sending.prepare(asked).await??;
            let signer = accounts.signer(&from.address, &keys, output)?;
            let bytes = (&code.module, code.bytes.as_slice());
            bring((client, output), &mut sending, &signer, bytes, &sentence).await?;
            sending.send(&signer, &draft, &sentence).await?
        }
    };
    let id = sent.id();
    let height = sent.located.as_ref().map(|located| located.position.height);
    let mut row = vec![id.to_string()];
    if let Some(height) = height {
        output.talk(&format!("final at height {height}; the module {} is in use", code.module));
        row.push(height.to_string());
    }
    let view = json!({
        "id": id,
        "status": "final",
        "height": height,
        "module": code.module,
        "code": code.hash,
        "receipt": sent.located,
    });
    sending.show(&sent, &[row], &view)
}
