//! `ehb account sign-in`: signs the challenge of a server that shows its data to accounts of the chain.

use std::fs::File;
use std::path::PathBuf;

use clap::Args;
use ehb_console::read_text;
use ehb_sdk::api::SignatureView;
use ehb_sdk::{Client, SignIn as Challenge};
use serde::Deserialize;
use serde_json::json;

use super::consent::bad_file;
use crate::accounts::Accounts;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// The largest file with a challenge, bytes.
const FILE_BYTES_MAX: u64 = 16 << 10;

#[derive(Debug, Args)]
pub(crate) struct SignIn {
    /// A file with the server's challenge, the answer of its path /v1/challenge?account=ADDRESS
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The server that you sign in at, as in its URL: a challenge that names another one is not signed
    #[arg(long, value_name = "HOST:PORT")]
    server: String,
    /// Who signs in: the name of a key of yours, or its address
    #[arg(long, value_name = "ACCOUNT")]
    from: String,
    /// A key of yours that signs, for an account that several keys sign for; can be given several times
    /// [default: the key of the account]
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<String>,
}

/// The server's answer; what else it has does not matter.
#[derive(Deserialize)]
struct Document {
    challenge: String,
}

/// Prints the answer to a challenge.
pub(super) async fn sign_in(
    client: &Client,
    accounts: &Accounts,
    SignIn { file, server, from, keys }: &SignIn,
    output: &Output,
) -> Result<(), Failure> {
    let bad = |message: String| bad_file(file, &message);
    let text = File::open(file).and_then(|file| read_text(file, FILE_BYTES_MAX));
    let text = text.map_err(|error| bad(error.to_string()))?;
    let document: Document = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
    let challenge: Challenge =
        document.challenge.parse().map_err(|error| bad(format!("{error}")))?;
    let (chain, network) = (client.chain().genesis_hash, client.chain().network);
    let (party, found) = accounts.signers(network, from, keys)?;
    let account = party.address.to_text(network);
    let wrong = [
        (challenge.host != *server, format!("the server {}", challenge.host)),
        (challenge.chain != chain, format!("the chain with genesis {}", challenge.chain)),
        (challenge.account != account, format!("the account {}", challenge.account)),
    ];
    if let Some((_, what)) = wrong.into_iter().find(|(is_wrong, _)| *is_wrong) {
        return Err(Failure::new(
            Exit::Refused,
            "OTHER_CHALLENGE",
            format!("the challenge is for {what}, so it is not signed"),
        )
        .hint("ask the server whose address you know for a challenge for your account"));
    }
    let signer = accounts.signer(&party.address, &found, output)?;
    let signatures = signer.sign_in(&challenge);
    let signatures =
        signatures.iter().map(|it| SignatureView { key: it.key, signature: it.signature });
    let answer = json!({
        "challenge": document.challenge,
        "signatures": signatures.collect::<Vec<_>>(),
    });
    output.talk(&format!("send this to http(s)://{server}/v1/session within two minutes"));
    output.lines(&answer.to_string(), &answer)
}
