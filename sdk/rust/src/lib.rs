//! Builds, signs, submits, awaits and verifies transactions.
//!
//! ```no_run
//! use ehb_sdk::{Client, Draft, Signer, SecretKey};
//! use serde_json::json;
//!
//! # async fn example() -> Result<(), ehb_sdk::Error> {
//! let client = Client::connect("http://127.0.0.1:9650").await?;
//! let alice = Signer::of_key(SecretKey::from_seed(&[7; 32]));
//!
//! // Reading needs no transaction.
//! let account = json!({"account": alice.address().to_text(client.chain().network), "asset": "EUR"});
//! let balance = client.read("wallet", "balance", &account).await?;
//! println!("{}", balance.value);
//!
//! // Arguments are encoded by the interface that the installed module declares.
//! let transfer = client
//!     .call("wallet", "transfer", &json!({"to": "ehbt1...", "asset": "EUR", "amount": "1250"}))
//!     .await?;
//! let done = client.execute(&alice, Draft::new(transfer).memo("rent, May")).await?;
//! println!("final at height {}", done.position.height);
//! # Ok(())
//! # }
//! ```
//!
//! Every rejection has the node's stable code, its hint and whether a repeat is safe and can help; see
//! [`Error`]. If a connection breaks after something was sent, the outcome is *unknown*: the signed
//! transaction may still take effect, and a new one could take effect in addition. A program that must not
//! act twice signs with [`Client::sign_next`], stores what it signed, and calls [`Client::settle`] until the
//! [`Outcome`] is certain.
//!
//! An account's lanes have independent sequences. Programs that send for one account at the same time, each
//! on its own lane ([`Draft::lane`]), never wait for each other; on a shared lane they do, and each takes the
//! next sequence if another was faster. The operator decides which lane a program uses: the state remembers
//! every lane that an account ever used, so lanes must not be chosen at random.
//!
//! A node does not need to be trusted: [`Trust`] checks headers, receipts and entries of the state against
//! the validators of the genesis.

mod client;
mod draft;
mod endpoints;
mod error;
mod follow;
mod genesis;
mod sequences;
mod settle;
mod signer;
mod upgrade;
mod verify;

pub use client::{Chain, Client};
pub use draft::Draft;
pub use endpoints::Patience;
pub use error::Error;
pub use follow::{Blocks, Receipts};
pub use settle::Outcome;
pub use signer::Signer;
pub use upgrade::{Brought, code_hash};
pub use verify::{ProofError, Trust};

pub use ehb_abi::Interface;
pub use ehb_rpc_api as api;
pub use ehb_types::{
    Address, Call, ChainId, Code, Genesis, Hash, Name, Network, Policy, PublicKey, SecretKey,
    SignedTransaction, Transaction, WeightedKey, decode, encode,
};
