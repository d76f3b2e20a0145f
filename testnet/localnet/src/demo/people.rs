//! The people of the demonstration, who sign calls and wait until these are final.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, anyhow};
use ehb_localnet::Manifest;
use ehb_sdk::api::{LocatedReceipt, OutcomeView};
use ehb_sdk::{Client, Draft, Error, Signer};
use ehb_wallet::keystore::{Passphrase, read_key_file};
use serde_json::{Value, json};

/// The time limit for a transaction to become final.
const PATIENCE: Duration = Duration::from_secs(30);

/// The balance of an account at a time, in cents, and the balance according to its statements.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Owned {
    pub(crate) available: u64,
    pub(crate) held: u64,
    /// The closing balance of the latest statement.
    pub(crate) stated: u64,
    /// The number of credits and debits in the statements.
    pub(crate) entries: u64,
}

impl Owned {
    pub(crate) fn total(&self) -> u64 {
        self.available.saturating_add(self.held)
    }
}

/// The accounts for people, who act through one node.
pub(crate) struct People {
    client: Client,
    people: Vec<(String, Signer)>,
    /// Results by the names that later steps use.
    kept: BTreeMap<&'static str, Value>,
}

/// The outcome of an action.
pub(crate) struct Done {
    pub(crate) located: LocatedReceipt,
    /// The time from submission to the notification that it is final.
    pub(crate) took: Duration,
}

impl People {
    /// Opens the keys of all accounts for people.
    pub(crate) fn new(client: Client, manifest: &Manifest) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(&manifest.passphrase_file)
            .context("cannot read the passphrase of the network's accounts")?;
        let passphrase = Passphrase::new(text.trim_end())?;
        let mut people = Vec::new();
        for account in &manifest.accounts {
            let key = read_key_file(Path::new(&account.keystore))?.open(&passphrase)?;
            people.push((account.name.to_string(), Signer::of_key(key)));
        }
        Ok(Self { client, people, kept: BTreeMap::new() })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// All names.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.people.iter().map(|(name, _)| name.as_str()).collect()
    }

    fn signer(&self, name: &str) -> anyhow::Result<&Signer> {
        let found = self.people.iter().find(|(it, _)| it == name);
        Ok(&found.with_context(|| format!("the network has no account {name}"))?.1)
    }

    /// The address of a person, in bech32m.
    pub(crate) fn address(&self, name: &str) -> anyhow::Result<String> {
        Ok(self.signer(name)?.address().to_text(self.client.chain().network))
    }

    /// Remembers a result for later arguments.
    pub(crate) fn keep(&mut self, name: &'static str, value: Value) {
        self.kept.insert(name, value);
    }

    /// Calls a function as a person and waits until it is final. In the arguments `@alice` is replaced by her
    /// address, `$order` by the value stored under that name, `+1000` by the time in one second.
    pub(crate) async fn act(
        &self,
        who: &str,
        module: &str,
        function: &str,
        arguments: &Value,
    ) -> anyhow::Result<Done> {
        let signer = self.signer(who)?;
        let arguments = self.filled(arguments)?;
        let call = self.client.call(module, function, &arguments).await?;
        let mut draft = Draft::new(call);
        // Nodes simulate no unsigned calls of the kernel, so their gas is not known before.
        if module == "kernel" {
            draft = draft.gas_limit(self.client.parameters().await?.transaction_gas_max);
        }
        let transaction = self.client.build(&signer.address(), draft).await?;
        let signed = signer.sign(transaction);
        let begun = Instant::now();
        let id = self.client.submit(&signed).await?;
        let located = self.client.wait(&id, PATIENCE).await?;
        let took = begun.elapsed();
        match located.receipt.outcome {
            OutcomeView::Success { .. } => Ok(Done { located, took }),
            OutcomeView::Failure { .. } => Err(Error::Failed(Box::new(located)).into()),
        }
    }

    fn filled(&self, value: &Value) -> anyhow::Result<Value> {
        Ok(match value {
            Value::String(text) => match text.split_at_checked(1) {
                Some(("@", name)) => self.address(name)?.into(),
                Some(("$", name)) => {
                    let kept = self.kept.get(name).cloned();
                    kept.with_context(|| format!("no value is stored under {name}"))?
                }
                Some(("+", milliseconds)) => in_ms(milliseconds.parse()?).into(),
                _ => value.clone(),
            },
            Value::Array(values) => {
                values.iter().map(|it| self.filled(it)).collect::<Result<_, _>>()?
            }
            Value::Object(fields) => {
                let filled = fields.iter().map(|(name, it)| Ok((name.clone(), self.filled(it)?)));
                Value::Object(filled.collect::<anyhow::Result<_>>()?)
            }
            _ => value.clone(),
        })
    }

    /// The balances of all accounts, in the order of the names.
    pub(crate) async fn owned(&self) -> anyhow::Result<Vec<Owned>> {
        let mut owned = Vec::new();
        for name in self.names() {
            let account = self.address(name)?;
            let arguments = json!({ "account": account, "asset": "EUR" });
            let balance = self.client.read("wallet", "get-balance", &arguments).await?.value;
            let (stated, entries) = self.statements(&account).await?;
            let (available, held) = (number(&balance["available"])?, number(&balance["held"])?);
            owned.push(Owned { available, held, stated, entries });
        }
        Ok(owned)
    }

    /// The closing balance of an account's latest statement, and the number of entries in all statements.
    async fn statements(&self, account: &str) -> anyhow::Result<(u64, u64)> {
        let (mut closing, mut entries) = (0, 0);
        let mut after = Value::Null;
        loop {
            let arguments =
                json!({ "account": account, "asset": "EUR", "after": after, "limit": 100 });
            let page = self.client.read("wallet", "list-statements", &arguments).await?.value;
            for statement in page["statements"].as_array().into_iter().flatten() {
                closing = number(&statement["closing"])?;
                entries += number(&statement["entries"])?;
            }
            after = page["next"].clone();
            if after.is_null() {
                return Ok((closing, entries));
            }
        }
    }
}

/// The time after a number of milliseconds.
fn in_ms(milliseconds: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
    now_ms.saturating_add(milliseconds).to_string()
}

/// A number that is text in JSON.
fn number(value: &Value) -> anyhow::Result<u64> {
    let text = value.as_str().ok_or_else(|| anyhow!("{value} is not an amount"))?;
    text.parse().with_context(|| format!("{text:?} is not an amount"))
}
