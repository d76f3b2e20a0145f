//! Runs `ehb-node join`, which writes the request of this node to join a running chain as a validator.

use ehb_types::ValidatorRequest;

use crate::cli::forming::JoinArguments;
use crate::init::genesis_in;
use crate::keys::Keys;
use crate::{error_code, text_file};

/// Writes the request.
pub(crate) fn join(arguments: &JoinArguments) -> anyhow::Result<()> {
    let keys = error_code::step(error_code::KEYS, Keys::read(&arguments.data_dir))?;
    let chain = genesis_in(&arguments.data_dir)?.hash();
    let names = (arguments.organisation.clone(), arguments.name.clone());
    let request = ValidatorRequest::new(chain, names, &keys.consensus, &keys.node);
    error_code::step(error_code::DISK, text_file::create(&arguments.out, &request.to_json()?))?;
    if arguments.json {
        let document = serde_json::json!({
            "request": arguments.out,
            "consensusKey": request.consensus_key,
            "nodeKey": request.node_key,
        });
        ehb_console::json(&document)?;
        return Ok(());
    }
    let out = arguments.out.display();
    ehb_console::say(&format!("wrote {out}"));
    ehb_console::say(&format!(
        "an administrator proposes it next: ehb gov propose --add-validator {out} --from NAME"
    ));
    Ok(())
}
