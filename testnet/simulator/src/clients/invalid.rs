//! The clients that send invalid transactions, such as ones with a wrong signature, chain or sequence, or of a
//! frozen account.

use ehb_types::Hash;
use ehb_workload::{ASSET, PEOPLE};
use serde_json::json;

use super::{PlannedTransaction, SenderView, sign};
use crate::Setup;
use crate::dice::Dice;
use crate::setup::Account;
use crate::world::World;

impl World<'_> {
    /// A transaction that a node must reject.
    pub(super) fn invalid(&mut self, node: usize) -> Result<Option<PlannedTransaction>, String> {
        let account = &self.setup.accounts[self.dice.index(PEOPLE.len())];
        let Some(view) = self.sender_view(node, &account.address) else { return Ok(None) };
        invalid(self.setup, &mut self.dice, account, &view).map(Some)
    }
}

fn invalid(
    setup: &Setup,
    dice: &mut Dice,
    account: &Account,
    view: &SenderView,
) -> Result<PlannedTransaction, String> {
    let arguments = json!({ "to": "@alice", "asset": ASSET, "amount": "1" });
    let call = setup.call("wallet", "transfer", &arguments)?;
    let stranger = Account::stranger();
    let mut forbidden = true;
    // Otherwise equal transactions differ in the memo.
    let memo = dice.below(u64::MAX).to_string();
    let signed = match dice.below(9) {
        _ if !view.is_active => {
            // At another node the account may be active.
            forbidden = false;
            sign(setup, account, view, call, |it| it.memo = memo)
        }
        0 => {
            let mut signed = sign(setup, account, view, call, |it| it.memo = memo);
            signed.signatures[0].signature.0[3] ^= 1;
            signed
        }
        1 => sign(setup, account, view, call, |it| it.chain = Hash::ZERO),
        2 => sign(setup, &stranger, view, call, |_| {}),
        3 if view.next > 0 => sign(setup, account, view, call, |it| {
            it.memo = memo;
            it.sequence = view.next - 1;
        }),
        4 => sign(setup, account, view, call, |it| it.sequence += 1_000_000),
        5 => {
            // A node that is behind may still accept it.
            forbidden = false;
            sign(setup, account, view, call, |it| {
                it.memo = memo;
                it.valid_until_ms = view.head_ms;
            })
        }
        6 => {
            // A node whose clock is ahead may still accept it.
            forbidden = false;
            let parameters = &setup.genesis.parameters;
            let latest_ms = (view.head_ms + 1).max(view.now_ms + parameters.consensus.drift_max_ms);
            sign(setup, account, view, call, |it| {
                it.memo = memo;
                it.valid_until_ms = latest_ms + parameters.validity_ms_max + 1;
            })
        }
        7 => sign(setup, account, view, call, |it| it.version += 1),
        _ => sign(setup, account, view, call, |it| it.gas_limit = 1),
    };
    Ok(PlannedTransaction { signed, invalid: true, forbidden, first: false })
}
