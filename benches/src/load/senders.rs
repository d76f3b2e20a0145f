//! The accounts of a load, and the signing of their transactions in sequence.

use std::sync::Arc;

use ehb_localnet::LoadAccounts;
use ehb_sdk::{Client, Draft, Signer};
use ehb_types::{Address, Call, Hash, SignedTransaction, Transaction};

/// How long the transactions are valid, milliseconds: longer than any run.
const VALID_FOR_MS: u64 = 24 * 60 * 60 * 1_000;

/// A function of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Function {
    pub(crate) module: &'static str,
    pub(crate) name: &'static str,
}

/// A transaction that is ready to be sent.
pub(crate) struct Ready {
    pub(crate) id: Hash,
    pub(crate) signed: SignedTransaction,
    pub(crate) function: Function,
}

/// The load accounts, by their places in the network's list.
pub(crate) struct Accounts {
    signers: Vec<Signer>,
    texts: Vec<String>,
}

impl Accounts {
    pub(crate) fn new(accounts: &LoadAccounts) -> anyhow::Result<Self> {
        let signers = accounts.accounts.iter().map(|it| Ok(Signer::of_key(it.key()?)));
        let texts = accounts.accounts.iter().map(|it| it.address.clone()).collect();
        Ok(Self { signers: signers.collect::<anyhow::Result<_>>()?, texts })
    }

    pub(crate) fn len(&self) -> usize {
        self.signers.len()
    }

    pub(crate) fn signer(&self, place: usize) -> &Signer {
        &self.signers[place]
    }

    /// An account's address, in bech32m.
    pub(crate) fn text(&self, place: usize) -> &str {
        &self.texts[place]
    }
}

/// Signs the transactions of the load accounts, each with its account's next sequence.
pub(crate) struct Senders {
    accounts: Arc<Accounts>,
    next_sequences: Vec<u64>,
    /// The fields common to all transactions.
    template: Transaction,
}

impl Senders {
    /// Asks for the next sequences of the first `used` accounts.
    pub(crate) async fn open(
        client: &Client,
        accounts: Arc<Accounts>,
        used: usize,
    ) -> anyhow::Result<Self> {
        let template = Transaction {
            version: Transaction::VERSION,
            chain: client.chain().genesis_hash,
            sender: Address([0; 32]),
            lane: 0,
            sequence: 0,
            valid_until_ms: client.status().await?.chain_time_ms + VALID_FOR_MS,
            gas_limit: 0,
            calls: Vec::new(),
            memo: String::new(),
        };
        let mut next_sequences = Vec::with_capacity(used);
        let arguments =
            serde_json::json!({ "to": accounts.text(0), "asset": "EUR", "amount": "1" });
        let any = client.call("wallet", "transfer", &arguments).await?;
        for place in 0..used {
            let draft =
                Draft::new(any.clone()).gas_limit(0).valid_until_ms(template.valid_until_ms);
            let built = client.build(&accounts.signer(place).address(), draft).await?;
            next_sequences.push(built.sequence);
        }
        Ok(Self { accounts, next_sequences, template })
    }

    /// Signs a call as an account's next transaction.
    pub(crate) fn sign(&mut self, place: usize, call: Call, gas_limit: u64) -> SignedTransaction {
        let signer = self.accounts.signer(place);
        let sequence = self.next_sequences[place];
        self.next_sequences[place] += 1;
        signer.sign(Transaction {
            sender: signer.address(),
            sequence,
            gas_limit,
            calls: vec![call],
            ..self.template.clone()
        })
    }
}
