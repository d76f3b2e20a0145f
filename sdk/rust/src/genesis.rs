//! Reads the genesis, which may be longer than one answer.

use ehb_rpc_api::ChainClient;
use ehb_types::Genesis;

use crate::{Client, Error};

/// The maximum length of a genesis text, bytes.
const GENESIS_BYTES_MAX: u64 = 1 << 30;

impl Client {
    /// The genesis of the chain, read in as many parts as needed. Its hash is checked against the node's
    /// status; only a trusted source can confirm that this is the right one.
    pub async fn genesis(&self) -> Result<Genesis, Error> {
        let mut text = Vec::new();
        loop {
            let offset = text.len() as u64;
            let part = self.answer(self.rpc().genesis(Some(offset))).await?;
            let end = offset.saturating_add(part.data.0.len() as u64);
            let fits = part.offset == offset && end > offset && end <= part.bytes;
            if !fits || part.bytes > GENESIS_BYTES_MAX {
                let text = format!(
                    "a part of the genesis from {} to {end} of {} bytes, where {offset} was asked for",
                    part.offset, part.bytes
                );
                return Err(Error::Protocol(text));
            }
            text.extend(part.data.0);
            if end == part.bytes {
                break;
            }
        }
        let text = String::from_utf8(text).map_err(|error| Error::Protocol(error.to_string()))?;
        let genesis =
            Genesis::from_json(&text).map_err(|error| Error::Protocol(error.to_string()))?;
        let (hash, expected) = (genesis.hash(), self.chain().genesis_hash);
        if hash != expected {
            let text = format!("the genesis that was sent has the hash {hash}, not {expected}");
            return Err(Error::Protocol(text));
        }
        Ok(genesis)
    }
}
