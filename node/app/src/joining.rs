//! Runs `ehb-node join`, which writes the request of this node to join a running chain as a validator.

use ehb_types::ValidatorRequest;

use crate::cli::forming::JoinArguments;
use crate::init::{GENESIS_FILE, read_genesis};
use crate::keys::Keys;
use crate::{code, text_file};

/// Writes the request.
pub(crate) fn join(arguments: &JoinArguments) -> anyhow::Result<()> {
    let keys = code::step(code::KEYS, Keys::read(&arguments.data_dir))?;
    let genesis = read_genesis(&arguments.data_dir.join(GENESIS_FILE));
    let chain = code::step(code::GENESIS, genesis)?.hash();
    let names = (arguments.organisation.clone(), arguments.name.clone());
    let request = ValidatorRequest::new(chain, names, &keys.consensus, &keys.node);
    code::step(code::DISK, text_file::create(&arguments.out, &request.to_json()?))?;
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
