//! Prints each payment in EUR once, also over restarts: `example-follow-payments POSITION_FILE [COUNT]`.
//!
//! The position to go on at is written into the file after what comes before it was printed. A program that writes into a database
//! writes both in one transaction, and then misses and repeats nothing even when it is killed between the two.

use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use ehb_console::{deliver, say};
use ehb_examples::TestNetwork;
use ehb_sdk::api::{Position, ReceiptFilter, ReceiptNotice};
use ehb_sdk::{Hash, Name};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().filter(|file| !file.starts_with('-'));
    let usage = "name a file for the position: example-follow-payments POSITION_FILE [COUNT]";
    let file = PathBuf::from(file.context(usage)?);
    let count = arguments.next().map_or(Ok(usize::MAX), |count| count.parse())?;
    let client = TestNetwork::open()?.connect().await?;

    // A position means nothing in another chain.
    let genesis = client.chain().genesis_hash;

    let filter = ReceiptFilter {
        module: Some(Name::new("wallet")?),
        event: Some("transferred".to_owned()),
        ..ReceiptFilter::default()
    };
    let from = match std::fs::read_to_string(&file) {
        Ok(text) => {
            let (of, next): (Hash, Position) = serde_json::from_str(&text)?;
            let file = file.display();
            ensure!(
                of == genesis,
                "{file} is a position in the chain with genesis {of}, and this one has {genesis}: remove it to begin again"
            );
            Some(next)
        }
        // From the beginning of the chain; without a position it would be from now on.
        Err(error) if error.kind() == ErrorKind::NotFound => Some(Position { height: 0, index: 0 }),
        Err(error) => return Err(error).context(format!("cannot read {}", file.display())),
    };
    let mut receipts = client.receipts(filter, from);
    let mut printed = 0;
    while printed < count {
        // A connection that breaks is made again, here or at another node, and continues where it was. If all nodes are away
        // for ten minutes, an error says so; the next call keeps trying.
        let notice = match receipts.next().await {
            Err(error) if error.retryable() => {
                say(&format!("no node answers, still trying: {error}"));
                continue;
            }
            notice => notice?,
        };
        match notice {
            ReceiptNotice::Gap { from_height, to_height } => {
                say(&format!(
                    "heights {from_height} to {to_height} are no longer kept by this node"
                ));
            }
            ReceiptNotice::Receipts { next, receipts } => {
                for event in receipts.iter().flat_map(|located| &located.receipt.events) {
                    let Some(payment) = event.value.value.get("transferred") else { continue };
                    let [from, to, amount] = ["from", "to", "amount"].map(|name| &payment[name]);
                    if !deliver(&format!("{from} paid {amount} to {to}"))? {
                        // Nobody reads any more: the next run prints it.
                        return Ok(());
                    }
                    printed += 1;
                }
                // In one step: a file that is half written would be no position.
                let new = file.with_extension("new");
                std::fs::write(&new, serde_json::to_string(&(genesis, next))?)?;
                std::fs::rename(&new, &file)?;
            }
        }
    }
    Ok(())
}
