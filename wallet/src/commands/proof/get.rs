//! `ehb proof get`: asks a node for a proof and writes it, once it is checked.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use ehb_sdk::api::{Bytes, StateKey};
use ehb_sdk::{Hash, Name, ProofFile, StoredEntry, Trust};

use super::{shown, trusted};
use crate::accounts::Accounts;
use crate::failure::{Exit, Failure};
use crate::options::State;
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum Get {
    /// Prove the balance of an account in an asset
    #[command(
        after_help = "Example:\n  ehb proof get balance alice --asset EUR --out balance.json"
    )]
    Balance {
        /// The account: a name you know it by, or an address
        account: String,
        /// The asset
        #[arg(long, value_name = "ASSET")]
        asset: String,
        #[command(flatten)]
        state: State,
        #[command(flatten)]
        target: Target,
    },
    /// Prove any entry of the state, or that there is none; `docs/state.md` has the keys of all
    #[command(
        after_help = "Example:\n  ehb proof get entry 0x61455552 --module wallet --out asset.json"
    )]
    Entry {
        /// The key in hex after 0x
        #[arg(value_name = "KEY", value_parser = bytes)]
        key: Bytes,
        /// The module in whose storage the key is [default: it is a key of the whole state]
        #[arg(long, value_name = "MODULE")]
        module: Option<Name>,
        #[command(flatten)]
        state: State,
        #[command(flatten)]
        target: Target,
    },
    /// Prove what a final transaction did
    #[command(
        after_help = "Example:\n  ehb proof get receipt 92f01963acbd2246b87e75006c652a6a7e3e96e2e8a52adc67d555b8185c7b98 --out receipt.json"
    )]
    Receipt {
        /// The transaction's id, 64 hex digits
        id: Hash,
        #[command(flatten)]
        target: Target,
    },
    /// Prove that the validators decided a block, with the roots that its header has
    #[command(after_help = "Example:\n  ehb proof get header --at 42 --out header.json")]
    Header {
        #[command(flatten)]
        state: State,
        #[command(flatten)]
        target: Target,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Target {
    /// The file to write, which must not exist
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The genesis file of the chain, from somebody you trust [default: what the node has, which proves nothing to you
    /// until you check the file with a genesis that you trust]
    #[arg(long, value_name = "FILE")]
    genesis: Option<PathBuf>,
}

fn bytes(text: &str) -> Result<Bytes, String> {
    let wrong = || "a key is an even number of hex digits in lower case after 0x".to_owned();
    serde_json::from_value(text.into()).map_err(|_| wrong())
}

/// Runs the command.
pub(super) async fn get(accounts: &Accounts, command: Get, output: &Output) -> Result<(), Failure> {
    let target = match &command {
        Get::Balance { target, .. }
        | Get::Entry { target, .. }
        | Get::Receipt { target, .. }
        | Get::Header { target, .. } => target,
    };
    if target.out.exists() {
        return Err(there(&target.out));
    }
    let client = accounts.connect(output).await?;
    let (genesis, trust) = match &target.genesis {
        Some(path) => trusted(path)?,
        None => {
            let genesis = client.genesis().await?;
            let trust = Trust::of_genesis(&genesis)
                .map_err(|error| Failure::of(Exit::Refused, "NOT_PROVEN", &error))?;
            (genesis, trust)
        }
    };
    let proof = match &command {
        Get::Balance { account, asset, state, .. } => {
            let account = accounts.party(genesis.network, account)?.address;
            let keys = [StoredEntry::balance_key(&account, asset), StoredEntry::asset_key(asset)];
            let proof = client.prove_entries(&trust, &keys, state.at).await?;
            if proof.entries.last().is_none_or(|it| it.value.is_none()) {
                let message = format!("there is no asset {asset} in that state");
                return Err(Failure::new(Exit::Refused, "NOT_FOUND", message)
                    .hint("see the assets: ehb read wallet list-assets limit=100"));
            }
            proof
        }
        Get::Entry { key, module, state, .. } => {
            let key = StateKey { module: module.clone(), key: key.clone() };
            client.prove_entries(&trust, &[key], state.at).await?
        }
        Get::Receipt { id, .. } => client.prove_receipt(&trust, id).await?,
        Get::Header { state, .. } => client.prove_header(&trust, state.at).await?,
    };
    let proven = proof.verify(trust).map_err(ehb_sdk::Error::from)?;
    write(&target.out, &proof)?;
    output.talk(&format!("written to {}", target.out.display()));
    if target.genesis.is_none() {
        output.talk(&format!(
            "check it with a genesis that you trust: ehb proof verify {} --genesis FILE",
            target.out.display()
        ));
    }
    shown::show(&genesis, &proof, &proven, output)
}

/// Writes the file at once, where none is.
fn write(path: &Path, proof: &ProofFile) -> Result<(), Failure> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = |error: &std::io::Error| {
        let message = format!("cannot write {}: {error}", path.display());
        Failure::new(Exit::Internal, "DISK", message)
            .hint("check that the folder exists, is yours and has space")
    };
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
    file.write_all(proof.to_json().as_bytes()).map_err(|error| failed(&error))?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Err(there(path)),
        Err(error) => Err(failed(&error.error)),
    }
}

fn there(path: &Path) -> Failure {
    Failure::new(Exit::Usage, "FILE_EXISTS", format!("the file {} exists", path.display()))
        .hint("choose another name")
}
