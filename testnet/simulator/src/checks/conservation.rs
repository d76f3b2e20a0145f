//! A check of the modules' state: no value is created or lost.

use std::sync::Arc;

use ehb_abi::Interface;
use ehb_executor::{Installation, Library, module_events};
use ehb_invariants::{Counted, Resolutions, Violation};
use ehb_replica::Commit;
use ehb_state::StateStore;
use ehb_types::{Header, Outcome, Receipt, decode};

use crate::Setup;
use crate::releases::TALLY;
use crate::state_reader::StateReader;

/// The books are checked after one block in this many, and at the end: lost value stays lost.
const CHECKED_ONE_IN: u64 = 3;
/// The module that holds all money.
const WALLET: &str = "wallet";

/// Value is conserved in the books of all modules, no hold is resolved twice, and the tally loses nothing in
/// its upgrade.
#[derive(Default)]
pub(crate) struct Conservation {
    resolutions: Resolutions,
    /// The interfaces of the wallet that upgrades installed, in order, each with the height, the index of the transaction
    /// and the position of the call from which it is in force.
    wallets: Vec<((u64, u32, u16), Interface)>,
    /// The sum added to the tally.
    added: u32,
}

impl Conservation {
    /// A block is committed for the first time on any node; `state` is the state after it.
    pub(crate) fn committed(
        &mut self,
        setup: &Setup,
        library: &Library,
        state: Arc<dyn StateStore>,
        commit: &Commit,
    ) -> Result<(), String> {
        let header = &commit.block.header;
        self.added(commit)?;
        let execution = &commit.execution;
        self.installed(header.height, &execution.installed);
        let broken = self.record(setup, header.height, &execution.receipts)?;
        broken.map_or(Ok(()), |violation| Err(text(header, &violation)))?;
        if !header.height.is_multiple_of(CHECKED_ONE_IN) {
            return Ok(());
        }
        check(setup, library, state, header).map(drop)
    }

    /// Records additions to the tally, which emits its sum each time.
    fn added(&mut self, commit: &Commit) -> Result<(), String> {
        let transactions = commit.block.transactions.iter().map(|signed| &signed.transaction);
        for (transaction, receipt) in transactions.zip(&commit.execution.receipts) {
            let Outcome::Success(results) = &receipt.outcome else { continue };
            for (call, result) in transaction.calls.iter().zip(results) {
                if (call.module.as_str(), call.function.as_str()) != (TALLY, "add") {
                    continue;
                }
                let number = |bytes: &[u8]| decode::<u32>(bytes).map_err(|it| it.to_string());
                let (added, sum) = (number(&call.arguments)?, number(result)?);
                self.added = self.added.wrapping_add(added);
                if sum != self.added {
                    let (height, was) = (commit.block.header.height, self.added);
                    return Err(format!(
                        "at height {height} {was} were added, the tally has {sum}"
                    ));
                }
            }
        }
        Ok(())
    }

    /// Records the interfaces of the wallet that a block installs.
    pub(crate) fn installed(&mut self, height: u64, installed: &[Installation]) {
        let wallets = installed.iter().filter(|it| it.module.as_str() == WALLET);
        let from = |it: &Installation| ((height, it.index, it.call), it.interface.clone());
        self.wallets.extend(wallets.map(from));
    }

    /// Records the wallet's events about holds in a block.
    pub(crate) fn record(
        &mut self,
        setup: &Setup,
        height: u64,
        receipts: &[Receipt],
    ) -> Result<Option<Violation>, String> {
        let first = setup.modules.get(WALLET).ok_or("there is no wallet")?.interface();
        let wallets = &self.wallets;
        let interface = |index, call| {
            let mut earlier = wallets.iter().rev();
            let found = earlier.find(|(from, _)| *from <= (height, index, call));
            Some(found.map_or(first, |(_, interface)| interface))
        };
        for (_, event) in module_events(receipts, (WALLET, setup.genesis.network), interface) {
            if let Some(violation) = self.resolutions.event(&event?) {
                return Ok(Some(violation));
            }
        }
        Ok(None)
    }
}

/// Checks the books after a block; returns the number of items checked.
pub(crate) fn check(
    setup: &Setup,
    library: &Library,
    state: Arc<dyn StateStore>,
    header: &Header,
) -> Result<Counted, String> {
    let mut reader = StateReader::after(setup, library, state, header)?;
    let mut first = None;
    let counted =
        ehb_invariants::check(&mut reader, |violation| first = first.take().or(Some(violation)))
            .map_err(|error| format!("after height {}: {error}", header.height))?;
    first.map_or(Ok(counted), |violation| Err(text(header, &violation)))
}

fn text(header: &Header, violation: &Violation) -> String {
    let Violation { code, subject, message } = violation;
    format!("after height {}: {code}: {subject}: {message}", header.height)
}
