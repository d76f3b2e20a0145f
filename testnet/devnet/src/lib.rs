//! Runs a whole chain in one process, for tests of clients.
//!
//! [`DevNet`] is a real chain: the replica, the consensus, the executor and the modules of a node, with one validator
//! that needs no peers, and the node's JSON-RPC server in front of it. Only the disk is missing: blocks and states
//! are kept in memory, and are gone when the network is dropped. It starts in a fraction of a second once its modules
//! have been compiled by an earlier start.
//!
//! ```
//! use ehb_devnet::DevNet;
//! use ehb_sdk::{Client, Draft, Signer};
//! use serde_json::json;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let net = DevNet::start()?;
//! let (alice, bob) = (net.account("alice")?, net.account("bob")?);
//! let client = Client::connect(net.url()).await?;
//!
//! let payment = json!({"to": bob.text(), "asset": "EUR", "amount": "1250"});
//! let call = client.call("wallet", "transfer", &payment).await?;
//! let done = client.execute(&Signer::of_key(alice.key.clone()), Draft::new(call)).await?;
//! assert_eq!(done.position.height, 1);
//! # Ok(())
//! # }
//! ```
//!
//! Blocks are decided as soon as there is something to decide. A test that looks at what comes before that stops it:
//! after [`DevNet::hold_blocks`] a block becomes final with [`DevNet::produce_block`] alone. The clock is a virtual one
//! unless [`Builder::clock`] says otherwise, so that what expires does so when [`DevNet::advance`] says.
//!
//! What an honest node never does, this network never does either. A test of such things puts a double in front of
//! it, which lies about one answer and passes on the others: see [`DevNet::backend`].

mod backend;
mod builder;
mod chain;
mod devnet;
mod driver;
mod endpoint;
mod error;
mod fate;
mod genesis;
mod modules;
mod time;

pub use builder::{Account, Builder, Clock};
pub use devnet::DevNet;
pub use endpoint::Endpoint;
pub use error::DevNetError;
