//! Runs `ehb-node unlock`, which lets a validator that lost its signing records vote again.

use anyhow::bail;
use ehb_consensus::LastSigned;
use ehb_types::encode;

use crate::chain::{Chain, open};
use crate::cli::Unlock;
use crate::code;
use crate::config::Config;
use crate::descriptors::Descriptors;
use crate::init::{GENESIS_FILE, read_genesis};
use crate::keys::Keys;

/// Records, as the operator's decision, from which height a validator that lost its records can vote.
pub(crate) fn unlock(arguments: &Unlock) -> anyhow::Result<()> {
    let Unlock { data_dir, sign_from, json } = arguments;
    let config = code::step(code::CONFIG, Config::read_checked(data_dir))?;
    let genesis = code::step(code::GENESIS, read_genesis(&data_dir.join(GENESIS_FILE)))?;
    let Chain { store, place, recovery, .. } =
        open(data_dir, &genesis, &config, &Descriptors::claim()?)?;
    let head = store.head().height();
    let key = Keys::read(data_dir)?.consensus.public_key();
    // A directory that is older than the record cannot continue from it: only an operator can know that nothing was decided.
    let record = recovery.last_signed.filter(|_| recovery.lacks(&key).is_none());
    code::step(code::UNLOCK, check(record, head, *sign_from))?;
    store.record_signed(&place.stored(&encode(&LastSigned::below(*sign_from))))?;
    store.sync()?;
    if *json {
        let document = serde_json::json!({ "height": head, "signFrom": sign_from });
        ehb_console::json(&document)?;
    } else {
        ehb_console::result(&format!("head       {head}\nsign from  {sign_from}"))?;
        ehb_console::say(
            "start the node: it votes from that height on, once no other node with its key was noticed for 15 seconds",
        );
    }
    Ok(())
}

fn check(record: Option<LastSigned>, head: u64, sign_from: u64) -> anyhow::Result<()> {
    if sign_from <= head {
        bail!("height {sign_from} is decided here already: the head is at {head}");
    }
    let Some(record) = record else { return Ok(()) };
    match record.floor() {
        Some(floor) if floor <= head + 1 => {
            bail!("this node has its records of what its key signed: there is nothing to unlock")
        }
        Some(_) => Ok(()),
        None => bail!(
            "this validator knows what it signed, up to height {}: there is nothing to unlock",
            record.height
        ),
    }
}
