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
//! Every refusal keeps the node's stable code, its hint and whether repeating is safe and can help;
//! see [`Error`]. When a connection breaks after something was sent, the outcome is *unknown*: what was
//! signed may still act, and a new transaction could act beside it. A program that must not act twice
//! signs with [`Client::sign_next`], keeps what it signed, and asks [`Client::settle`] until the
//! [`Outcome`] is certain.
//!
//! An account's lanes are sequences of their own. Programs that send for one account at the same time
//! and each on a lane of its own ([`Draft::lane`]) never wait for each other; on one lane they do, and
//! each takes the next sequence when another was faster. Which lane a program uses is for its operator
//! to say: the state remembers every lane that an account ever used, so none is chosen at random.
//!
//! What a node says need not be believed: [`Trust`] checks headers, receipts and entries of the
//! state against the validators of the genesis.

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
