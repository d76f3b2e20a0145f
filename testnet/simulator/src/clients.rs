use ehb_kernel::accounts;
use ehb_replica::{Event, Ticket};
use ehb_state::Overlay;
use ehb_types::{Address, Call, ChainId, Name, SignedTransaction, Transaction};
use serde_json::{Value, json};

use crate::Setup;
use crate::checks::Rule;
use crate::dice::Dice;
use crate::setup::{ASSET, Account, WALLET};
use crate::world::{Happening, World};

/// What a transaction may use.
const GAS: u64 = 2_000_000;
/// For how many heights a transaction is valid.
const VALID_HEIGHTS: u64 = 60;

/// Who sends transactions to the network.
#[derive(Default)]
pub(crate) struct Clients {
    next_ticket: Ticket,
}

/// A transaction to be submitted.
struct Wish {
    signed: SignedTransaction,
    /// The node that it is made for must refuse it.
    invalid: bool,
    /// It may stand in no block.
    forbidden: bool,
}

/// Where an account stands at the node that it asks.
struct Standing {
    next: u64,
    free: u64,
    height: u64,
}

impl World<'_> {
    /// Clients submit some transactions, each at some node that is up, now and then at two.
    pub(crate) fn submit(&mut self) {
        for _ in 0..self.dice.between(1, self.plan.client_burst) {
            let up: Vec<usize> =
                (0..self.nodes.len()).filter(|node| self.nodes[*node].replica.is_some()).collect();
            let Some(node) = self.dice.pick(&up) else { break };
            let Some(wish) = self.wish(node) else { continue };
            self.submit_at(node, &wish);
            let other = self.dice.pick(&up).filter(|other| *other != node);
            if let Some(other) = other.filter(|_| self.dice.chance(100)) {
                // What one node must refuse may be valid at one that is behind.
                self.submit_at(other, &Wish { invalid: false, ..wish });
            }
        }
        let delay = self.dice.between(1, 2 * self.plan.client_us);
        self.after(delay, Happening::Clients);
    }

    fn submit_at(&mut self, node: usize, wish: &Wish) {
        let ticket = self.clients.next_ticket;
        self.clients.next_ticket += 1;
        if wish.invalid {
            self.checks.transactions.must_refuse(ticket);
        }
        if wish.forbidden {
            self.checks.transactions.forbid(wish.signed.id());
        }
        self.step(node, Event::Submit(vec![(ticket, wish.signed.clone().into())]));
    }

    fn wish(&mut self, node: usize) -> Option<Wish> {
        let setup = self.setup;
        let account = &setup.accounts[self.dice.index(setup.accounts.len())];
        let standing = self.standing(node, &account.address)?;
        let wish =
            if self.dice.chance(250) {
                invalid(setup, &mut self.dice, account, &standing)
            } else {
                let call = action(setup, &mut self.dice, account);
                call.and_then(|call| sign(setup, account, &standing, call, |_| {}))
                    .map(|signed| Wish { signed, invalid: false, forbidden: false })
            };
        match wish {
            Ok(wish) => Some(wish),
            Err(what) => {
                self.violate(Rule::Transactions, what);
                None
            }
        }
    }

    fn standing(&self, node: usize, address: &Address) -> Option<Standing> {
        let head = self.nodes[node].replica.as_ref()?.head();
        let state = Overlay::new(head.state.clone());
        let next = accounts::next_sequence(&state, address, 0).ok()?;
        let free = self.nodes[node].mempool.as_ref()?.read().free_sequence(address, 0, next);
        Some(Standing { next, free, height: head.header.height })
    }
}

/// A call that may stand in a block; it may still fail there.
fn action(setup: &Setup, dice: &mut Dice, account: &Account) -> Result<Call, String> {
    let amount = match dice.below(10) {
        0 => 0,
        1 => u64::MAX,
        2 => 90_000,
        _ => dice.between(1, 2_000),
    };
    let to = setup.text(&setup.accounts[dice.index(setup.accounts.len())].address);
    let amount = amount.to_string();
    let own = setup.text(&account.address);
    let hold = dice.between(1, 12).to_string();
    let transfer = json!({ "to": to, "asset": ASSET, "amount": amount });
    let (function, arguments) = match dice.below(20) {
        0 => ("mint", json!({ "asset": ASSET, "to": to, "amount": amount })),
        1 => ("burn", json!({ "asset": ASSET, "amount": amount })),
        2 | 3 => {
            let expires = (crate::setup::START_MS + dice.between(1, 60_000)).to_string();
            let arguments = json!({
                "asset": ASSET,
                "amount": amount,
                "payee": to,
                "controller": own,
                "expires-ms": expires,
                "reference": "simulated",
            });
            ("place-hold", arguments)
        }
        4 => ("pay-out", json!({ "hold": hold, "to": to, "amount": amount })),
        5 => ("release-hold", json!({ "hold": hold })),
        6 => ("expire-hold", json!({ "hold": hold })),
        _ => ("transfer", transfer),
    };
    call(setup, function, &arguments)
}

fn call(setup: &Setup, function: &str, arguments: &Value) -> Result<Call, String> {
    let name = |text: &str| Name::new(text).map_err(|error| error.to_string());
    let arguments = setup.arguments(function, arguments)?;
    Ok(Call { module: name(WALLET)?, function: name(function)?, arguments })
}

fn sign(
    setup: &Setup,
    account: &Account,
    standing: &Standing,
    call: Call,
    change: impl FnOnce(&mut Transaction),
) -> Result<SignedTransaction, String> {
    let mut transaction = Transaction {
        chain_id: setup.chain_id().clone(),
        sender: account.address,
        lane: 0,
        sequence: standing.free,
        valid_until_height: standing.height + VALID_HEIGHTS,
        gas_limit: GAS,
        calls: vec![call],
        memo: String::new(),
    };
    change(&mut transaction);
    Ok(transaction.sign(&[&account.key]))
}

/// A transaction that must be refused.
fn invalid(
    setup: &Setup,
    dice: &mut Dice,
    account: &Account,
    standing: &Standing,
) -> Result<Wish, String> {
    let to = setup.text(&account.address);
    let arguments = json!({ "to": to, "asset": ASSET, "amount": "1" });
    let call = call(setup, "transfer", &arguments)?;
    let stranger = Account::stranger();
    let other_chain = ChainId::new("another").map_err(|error| error.to_string())?;
    let mut forbidden = true;
    // What else is the same in two of them differs in the memo.
    let memo = dice.below(u64::MAX).to_string();
    let signed = match dice.below(7) {
        0 => {
            let mut signed = sign(setup, account, standing, call, |it| it.memo = memo)?;
            signed.signatures[0].signature.0[3] ^= 1;
            signed
        }
        1 => sign(setup, account, standing, call, |it| it.chain_id = other_chain)?,
        2 => sign(setup, &stranger, standing, call, |_| {})?,
        3 if standing.next > 0 => sign(setup, account, standing, call, |it| {
            it.memo = memo;
            it.sequence = standing.next - 1;
        })?,
        4 => sign(setup, account, standing, call, |it| it.sequence += 1_000_000)?,
        5 if standing.height > 0 => {
            // A node that is behind may still take it.
            forbidden = false;
            sign(setup, account, standing, call, |it| {
                it.memo = memo;
                it.valid_until_height = standing.height;
            })?
        }
        _ => sign(setup, account, standing, call, |it| it.gas_limit = 1)?,
    };
    Ok(Wish { signed, invalid: true, forbidden })
}
