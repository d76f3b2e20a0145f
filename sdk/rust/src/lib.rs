//! Builds, signs, submits, awaits and verifies transactions.
//!
//! ```
//! use ehb_devnet::DevNet;
//! use ehb_sdk::{Client, Draft, Signer};
//! use serde_json::json;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A whole chain in this process; a node of a network has a URL such as http://127.0.0.1:9650.
//! let net = DevNet::start()?;
//! let client = Client::connect(net.url()).await?;
//! let alice = Signer::of_key(net.account("alice")?.key.clone());
//!
//! // Reading needs no transaction.
//! let account = json!({"account": net.account("alice")?.text(), "asset": "EUR"});
//! let balance = client.read("wallet", "get-balance", &account).await?;
//! assert_eq!(balance.value["available"], "100000");
//!
//! // Arguments are encoded by the interface that the installed module declares.
//! let payment = json!({"to": net.account("bob")?.text(), "asset": "EUR", "amount": "1250"});
//! let call = client.call("wallet", "transfer", &payment).await?;
//! let done = client.execute(&alice, Draft::new(call).memo("rent, May")).await?;
//! assert_eq!(done.position.height, 1);
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
//! A transaction that expires leaves a gap in its lane, for which those after it wait. [`Client::execute`],
//! [`Client::send_as`] and [`Client::settle_as`], which have the keys, close it with a transaction that changes nothing.
//!
//! A node does not need to be trusted: [`Trust`] checks headers, receipts and entries of the state against
//! the validators of the genesis. A [`ProofFile`] has all of that in one file, which is verified without a network.

mod client;
mod draft;
mod endpoints;
mod error;
mod follow;
mod gaps;
mod genesis;
mod outcome;
mod proof;
mod prove;
mod sequences;
mod settle;
mod sign_in;
mod signer;
mod status;
mod stored;
mod upgrade;
mod verify;
mod whole_block;

pub use client::{Chain, Client};
pub use draft::Draft;
pub use endpoints::{Patience, check_url};
pub use error::Error;
pub use follow::{Blocks, Receipts};
pub use outcome::{Outcome, Settled};
pub use proof::{ProofFile, Proven, ProvenEntry, ProvenReceipt, SetChange};
pub use sign_in::{SignIn, SignInError};
pub use signer::Signer;
pub use stored::StoredEntry;
pub use upgrade::{UploadProgress, code_hash, is_component};
pub use verify::{ProofError, Trust};

pub use ehb_abi::{Function, Interface, Type};
pub use ehb_rpc_api as api;
pub use ehb_types::{
    Address, Call, ChainId, Code, Genesis, Hash, Name, Network, Policy, PolicyConsent, PublicKey,
    RoleName, SecretKey, Signature, SignedTransaction, Transaction, TransactionSignature,
    ValidatorRequest, WeightedKey, decode, encode, span, utc,
};
