//! Runs `ehb-node consent`, which prints the consent of this node's key to be an observer of an organisation.

use ehb_types::{NodeConsent, SignedNodeConsent};

use crate::cli::forming::ConsentArguments;
use crate::error_code;
use crate::init::genesis_in;
use crate::keys::Keys;

/// Prints the consent, for the chain of the genesis in the directory.
pub(crate) fn consent(arguments: &ConsentArguments) -> anyhow::Result<()> {
    let dir = &arguments.data_dir;
    let keys = error_code::step(error_code::KEYS, Keys::read(dir))?;
    let chain = genesis_in(dir)?.hash();
    let content =
        NodeConsent { organisation: arguments.organisation.clone(), name: arguments.name.clone() };
    ehb_console::json(&SignedNodeConsent::new(chain, content, &keys.node))?;
    ehb_console::say(&format!(
        "give this to an administrator or manager of {}; it is not secret",
        arguments.organisation
    ));
    Ok(())
}
