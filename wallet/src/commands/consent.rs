//! How keys come to govern an account: their holder consents with a file, and the organisation registers it, or it replaces
//! the keys of an account.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;
use ehb_console::read_text;
use ehb_sdk::{
    Address, Client, Hash, Name, Network, Policy, PolicyConsent, PublicKey, RoleName, Signature,
    TransactionSignature, WeightedKey,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::confirm::Question;
use super::submit::{Planned, Signing};
use crate::accounts::Accounts;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// The largest file with a consent, bytes.
const FILE_BYTES_MAX: u64 = 64 << 10;

#[derive(Debug, Args)]
pub(crate) struct Consent {
    /// A key of yours; given several times, these keys share an account, each with the weight 1
    #[arg(long = "key", value_name = "KEY", required = true)]
    keys: Vec<String>,
    /// How many of the keys must sign a transaction [default: all]
    #[arg(long, value_name = "NUMBER")]
    threshold: Option<u32>,
    /// The organisation that is to register the account, or has registered it
    #[arg(long, value_name = "NAME")]
    organisation: Name,
    /// An account that exists and gets these keys instead of its own [default: a new account]
    #[arg(long = "for", value_name = "ACCOUNT")]
    account: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Register {
    /// Files with consents, as `ehb account consent` prints them: one for each account, 1 to 64
    #[arg(required = true, num_args = 1..=64, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A role that each of them gets, in all modules, or in one: clerk@marketplace; can be given several times
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<RoleName>,
    #[command(flatten)]
    signing: Signing,
}

#[derive(Debug, Args)]
pub(crate) struct Replace {
    /// A file with the new keys' consent, as `ehb account consent --for ACCOUNT` prints it
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    signing: Signing,
}

/// A consent as a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Document {
    /// The genesis hash of the chain.
    chain: Hash,
    pub(super) organisation: Name,
    pub(super) account: String,
    pub(super) policy: Policy,
    pub(super) consents: Vec<Signed>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signed {
    key: PublicKey,
    signature: Halves,
}

/// A signature in the two parts that the kernel's interface has.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Halves {
    r: Hash,
    s: Hash,
}

impl From<&TransactionSignature> for Signed {
    fn from(TransactionSignature { key, signature }: &TransactionSignature) -> Self {
        Self { key: *key, signature: signature.into() }
    }
}

impl From<&Signature> for Halves {
    fn from(signature: &Signature) -> Self {
        let (r, s) = signature.0.split_at(32);
        let half = |bytes: &[u8]| Hash(bytes.try_into().unwrap_or([0; 32]));
        Self { r: half(r), s: half(s) }
    }
}

const QUESTION: Question = Question {
    text: "Register?",
    verb: "register them",
    hint: "use --yes to register without confirmation",
};

const REPLACE: Question = Question {
    text: "Replace the keys?",
    verb: "replace the keys",
    hint: "use --yes to replace them without confirmation",
};

/// Prints the consent of keys to govern an account.
pub(super) async fn consent(
    client: &Client,
    accounts: &Accounts,
    Consent { keys, threshold, organisation, account }: &Consent,
    output: &Output,
) -> Result<(), Failure> {
    let (chain, network) = (client.chain().genesis_hash, client.chain().network);
    // The account does not matter here: each key opens its own file.
    let first = keys.first().map_or("", String::as_str);
    let (_, found) = accounts.signers(network, first, keys)?;
    let signer = accounts.signer(&Address([0; 32]), &found, output)?;
    let public: BTreeSet<PublicKey> = signer.public_keys().collect();
    let policy = match (threshold, public.first()) {
        (None, Some(key)) if public.len() == 1 => Policy::Key(*key),
        _ => Policy::Weighted {
            threshold: threshold.unwrap_or(u32::try_from(public.len()).unwrap_or(u32::MAX)),
            keys: public.iter().map(|key| WeightedKey { key: *key, weight: 1 }).collect(),
        },
    };
    policy.check().map_err(|error| Failure::of(Exit::Usage, "BAD_POLICY", &error))?;
    let mut content = PolicyConsent::of_new_account(organisation.clone(), policy);
    if let Some(account) = account {
        content.account = accounts.party(network, account)?.address;
    }
    let document = Document {
        chain,
        organisation: content.organisation.clone(),
        account: content.account.to_text(network),
        consents: signer.consent(&chain, &content).iter().map(Signed::from).collect(),
        policy: content.policy,
    };
    output.talk("give this to an administrator or manager of the organisation; it is not secret");
    let text = serde_json::to_string_pretty(&document)
        .map_err(|error| Failure::of(Exit::Internal, "INTERNAL", &error))?;
    output.lines(&text, &json!(document))
}

/// Replaces the keys of the sender's own account.
pub(super) async fn replace_keys(
    client: &Client,
    accounts: &Accounts,
    Replace { file, signing }: &Replace,
    output: &Output,
) -> Result<(), Failure> {
    let network = client.chain().network;
    let (from, keys) = accounts.signers(network, &signing.from, &signing.keys)?;
    let Document { account, policy, consents, .. } = document(file, client)?;
    if account != from.address.to_text(network) {
        let message =
            format!("the new keys consent to govern {account}, not {}", from.shown(network));
        return Err(Failure::new(Exit::Usage, "BAD_FILE", message)
            .hint("make it with `ehb account consent --for ACCOUNT`"));
    }
    let sentence = format!(
        "{} gets other keys; its old ones sign nothing any more, on the chain {}",
        from.shown(network),
        client.chain().id
    );
    let arguments = json!({ "policy": policy, "consents": consents });
    let call = client.call("kernel", "set-policy", &arguments).await?;
    let view = json!({ "from": account, "policy": policy });
    let planned = Planned { from: from.address, keys, call, sentence, view };
    signing.submit(client, accounts, planned, &REPLACE, Failure::from, output).await
}

/// Announces other keys for an account of the sender's organisation.
pub(super) async fn recover(
    client: &Client,
    accounts: &Accounts,
    Replace { file, signing }: &Replace,
    output: &Output,
) -> Result<(), Failure> {
    let network = client.chain().network;
    let (from, keys) = accounts.signers(network, &signing.from, &signing.keys)?;
    let Document { account, policy, consents, .. } = document(file, client)?;
    let notice_ms = client.parameters().await?.accounts.recovery_notice_ms;
    let sentence = format!(
        "{} announces other keys for {account}, which can object for {} hours, on the chain {}",
        from.shown(network),
        notice_ms.div_ceil(3_600_000),
        client.chain().id
    );
    let arguments = json!({ "account": account, "policy": policy, "consents": consents });
    let call = client.call("kernel", "begin-recovery", &arguments).await?;
    let view = json!({
        "from": from.address.to_text(network),
        "account": account,
        "policy": policy,
        "noticeMs": notice_ms,
    });
    let planned = Planned { from: from.address, keys, call, sentence, view };
    signing.submit(client, accounts, planned, &REPLACE, Failure::from, output).await
}

/// Registers accounts.
pub(super) async fn register(
    client: &Client,
    accounts: &Accounts,
    Register { files, roles, signing }: &Register,
    output: &Output,
) -> Result<(), Failure> {
    let network = client.chain().network;
    let (from, keys) = accounts.signers(network, &signing.from, &signing.keys)?;
    let mut new = Vec::new();
    let mut addresses = Vec::new();
    for file in files {
        let Document { account, policy, consents, .. } =
            new_account(document(file, client)?, file, network)?;
        addresses.push(account);
        new.push(json!({ "policy": policy, "roles": roles, "consents": consents }));
    }
    let call = client.call("kernel", "register-accounts", &json!({ "accounts": new })).await?;
    let roles = roles.iter().map(RoleName::as_str).collect::<Vec<_>>().join(", ");
    let roles = if roles.is_empty() { String::new() } else { format!(" with the roles {roles}") };
    let sentence = format!(
        "{} registers {}{roles}, on the chain {}",
        from.shown(network),
        addresses.join(", "),
        client.chain().id
    );
    let view = json!({ "from": from.address.to_text(network), "accounts": addresses });
    let planned = Planned { from: from.address, keys, call, sentence, view };
    signing.submit(client, accounts, planned, &QUESTION, Failure::from, output).await
}

pub(super) fn bad_file(path: &Path, message: &str) -> Failure {
    Failure::new(Exit::Usage, "BAD_FILE", format!("{}: {message}", path.display()))
        .hint("give a file that `ehb account consent` printed for this chain")
}

/// A consent to a new account.
pub(super) fn new_account(
    document: Document,
    path: &Path,
    network: Network,
) -> Result<Document, Failure> {
    let expected = Address::of_account(&document.policy).to_text(network);
    if document.account == expected {
        return Ok(document);
    }
    let message = format!(
        "it is for the existing account {}; a new account with these keys would have the address {expected}",
        document.account
    );
    Err(bad_file(path, &message))
}

/// Reads a consent for this chain.
pub(super) fn document(path: &Path, client: &Client) -> Result<Document, Failure> {
    let bad = |message: String| bad_file(path, &message);
    let text = File::open(path).and_then(|file| read_text(file, FILE_BYTES_MAX));
    let text = text.map_err(|error| bad(error.to_string()))?;
    let document: Document = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
    if document.chain != client.chain().genesis_hash {
        return Err(bad(format!("it is for the chain with genesis {}", document.chain)));
    }
    Ok(document)
}
