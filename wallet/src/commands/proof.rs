//! `ehb proof`: writes a proof into a file, and checks one without a network.

mod get;
mod shown;

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use ehb_sdk::{Error, Genesis, ProofFile, Trust};

use crate::accounts::Accounts;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// The longest genesis file, bytes: that of a node.
const GENESIS_BYTES_MAX: u64 = 64 << 20;

#[derive(Debug, Subcommand)]
pub(crate) enum ProofCommand {
    /// Write a proof into a file, which anybody who has the genesis can check without a network
    ///
    /// Proven is what one block did, or single entries of the state after it. Nothing proves that a list is complete: that
    /// there is no other payment, or no other order.
    #[command(
        subcommand,
        after_help = "Example:\n  ehb proof get balance alice --asset EUR --out balance.json"
    )]
    Get(get::Get),
    /// Check the proof in a file without a network, and print what it proves
    #[command(after_help = "Example:\n  ehb proof verify balance.json --genesis genesis.json")]
    Verify(Verify),
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The file that `ehb proof get` wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The genesis file of the chain, from somebody you trust: its validators and no others are believed
    #[arg(long, value_name = "FILE")]
    genesis: PathBuf,
}

/// Runs the command.
pub(super) async fn run(
    accounts: &Accounts,
    command: ProofCommand,
    output: &Output,
) -> Result<(), Failure> {
    match command {
        ProofCommand::Get(command) => get::get(accounts, command, output).await,
        ProofCommand::Verify(command) => verify(&command, output),
    }
}

fn verify(Verify { file, genesis }: &Verify, output: &Output) -> Result<(), Failure> {
    let (genesis, trust) = trusted(genesis)?;
    let read = ProofFile::from_json(&read(file, ProofFile::BYTES_MAX as u64)?);
    let proof = read.map_err(|error| bad_file(file, &error.to_string()))?;
    let proven = proof.verify(trust).map_err(|error| {
        Failure::from(Error::from(error)).hint(
            "do not rely on this file; if the chain is another one than that of the genesis, give its genesis",
        )
    })?;
    shown::show(&genesis, &proof, &proven, output)
}

/// A genesis in a file, and the trust in its validators.
fn trusted(path: &Path) -> Result<(Genesis, Trust), Failure> {
    let genesis = Genesis::from_json(&read(path, GENESIS_BYTES_MAX)?);
    let genesis = genesis.map_err(|error| bad_file(path, &error.to_string()))?;
    let trust = Trust::of_genesis(&genesis);
    let trust = trust.map_err(|error| bad_file(path, &error.to_string()))?;
    Ok((genesis, trust))
}

fn read(path: &Path, bytes_max: u64) -> Result<String, Failure> {
    let file = File::open(path).map_err(|error| bad_file(path, &error.to_string()))?;
    ehb_console::read_text(file, bytes_max).map_err(|error| bad_file(path, &error.to_string()))
}

fn bad_file(path: &Path, message: &str) -> Failure {
    Failure::new(Exit::Usage, "BAD_FILE", format!("{}: {message}", path.display())).hint(
        "give a proof that `ehb proof get` wrote, and the genesis file of its chain, unchanged",
    )
}
