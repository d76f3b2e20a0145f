//! Runs `ehb-node unlock`, which lets a validator that lost its signing records vote again.

use anyhow::bail;
use ehb_consensus::LastSigned;
use ehb_types::encode;

use crate::cli::Unlock;
use crate::config::Config;
use crate::descriptors::Descriptors;
use crate::error_code;
use crate::init::genesis_in;
use crate::keys::Keys;
use crate::open::{Chain, open};

/// Records, as the operator's decision, from which height a validator that lost its records can vote.
pub(crate) fn unlock(arguments: &Unlock) -> anyhow::Result<()> {
    let Unlock { data_dir, sign_from, json } = arguments;
    let config = error_code::step(error_code::CONFIG, Config::read_checked(data_dir))?;
    let genesis = genesis_in(data_dir)?;
    let Chain { store, place, recovery, .. } =
        open(data_dir, &genesis, &config, &Descriptors::claim()?)?;
    let head = store.head().height();
    let key = Keys::read(data_dir)?.consensus.public_key();
    // A directory that is older than the record cannot continue from it: only an operator can know that nothing was decided.
    let lacking = recovery.lacks(&key);
    let record = recovery.last_signed.filter(|_| lacking.is_none());
    let by_itself = match lacking {
        Some(last) => Some(last.height.saturating_add(1)),
        None => record.and_then(|it| it.floor()),
    };
    error_code::step(error_code::UNLOCK, check(record, by_itself, head, *sign_from))?;
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

/// Checks a height. `by_itself` is the one from which the validator votes in any case, if that is known.
fn check(
    record: Option<LastSigned>,
    by_itself: Option<u64>,
    head: u64,
    sign_from: u64,
) -> anyhow::Result<()> {
    if sign_from <= head {
        bail!("height {sign_from} is decided here already: the head is at {head}");
    }
    if let Some(from) = by_itself.filter(|from| *from > head + 1 && sign_from >= *from) {
        bail!(
            "this validator votes from height {from} by itself, so unlocking it from height {sign_from} does not help: \
             name a height from {} to {}",
            head + 1,
            from - 1
        );
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

#[cfg(test)]
mod tests {
    use ehb_consensus::LastSigned;

    use super::check;

    /// Head 41; the validator votes from height 50 by itself.
    #[test]
    fn only_heights_that_help_are_recorded() {
        let record = Some(LastSigned::below(50));
        for (sign_from, refused) in [
            (41, Some("is decided here already")),
            (42, None),
            (49, None),
            (50, Some("votes from height 50 by itself")),
            (999_999, Some("name a height from 42 to 49")),
        ] {
            let found = check(record, Some(50), 41, sign_from).map_err(|error| error.to_string());
            match refused {
                None => assert_eq!(found, Ok(()), "{sign_from}"),
                Some(text) => {
                    let error = found.unwrap_err();
                    assert!(error.contains(text), "{sign_from}: {error}");
                }
            }
        }
        // A directory that is older than the record: the key signed up to height 49.
        assert!(check(None, Some(50), 41, 49).is_ok());
        assert!(check(None, Some(50), 41, 50).is_err());
        // Where nothing is known of the key, the chain may be far beyond this head.
        assert!(check(None, None, 41, 999_999).is_ok());
        let signed = Some(LastSigned::below(42));
        assert!(check(signed, Some(42), 41, 42).is_err(), "nothing is locked");
    }
}
