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
//! Every refusal keeps the node's stable code, its hint and whether trying again can help; see
//! [`Error`]. When a connection breaks after something was sent, the outcome is *unknown*, and the
//! error holds the transaction's id, by which [`Client::wait`] finds out.
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
mod signer;
mod upgrade;
mod verify;

pub use client::{Chain, Client};
pub use draft::Draft;
pub use endpoints::Patience;
pub use error::Error;
pub use follow::{Blocks, Receipts};
pub use signer::Signer;
pub use upgrade::{Brought, code_hash};
pub use verify::{ProofError, Trust};

pub use ehb_abi::Interface;
pub use ehb_rpc_api as api;
pub use ehb_types::{
    Address, Call, ChainId, Code, Genesis, Hash, Name, Network, Policy, PublicKey, SecretKey,
    SignedTransaction, Transaction, WeightedKey, decode, encode,
};
