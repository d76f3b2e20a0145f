//! The clients that send transactions to the network: generated business, accounts that upgrade modules and freeze
//! other accounts, and clients that send invalid transactions.

mod governing;
mod invalid;
mod upgrades;

use std::collections::BTreeSet;

use ehb_kernel::accounts;
use ehb_replica::{Event, Ticket};
use ehb_state::Overlay;
use ehb_types::{Address, Call, SignedTransaction, Transaction};
use ehb_workload::{PEOPLE, Step};
use serde_json::json;

use crate::Setup;
use crate::accounts::is_active;
use crate::checks::Rule;
use crate::genesis::UPGRADING;
use crate::releases::TALLY;
use crate::setup::Account;
use crate::state_reader::StateReader;
use crate::world::{SimEvent, World};

/// The gas limit of a transaction without code.
const GAS: u64 = 2_000_000;
/// The number of steps that are tried to find one that leads to a call: the next step of an order needs it.
const STEPS: usize = 4;
/// How long a transaction is valid, milliseconds.
const VALID_MS: u64 = 30_000;

/// The clients that send transactions to the network.
#[derive(Default)]
pub(crate) struct Clients {
    next_ticket: Ticket,
    /// Submissions of transactions with the sender's next sequence, while nothing of the sender was pending.
    first: BTreeSet<Ticket>,
}

impl Clients {
    /// Whether a transaction had its sender's next sequence, and nothing of that sender was pending.
    pub(crate) fn is_first(&mut self, ticket: Ticket) -> bool {
        self.first.remove(&ticket)
    }
}

/// A transaction to be submitted.
struct PlannedTransaction {
    signed: SignedTransaction,
    /// The node that receives it must reject it.
    invalid: bool,
    /// It must not be in any block.
    forbidden: bool,
    /// It has its sender's next sequence, and nothing of that sender is pending.
    first: bool,
}

/// A transaction that a client plans.
struct Asked {
    who: &'static str,
    call: Call,
    gas: u64,
}

/// The view of an account at the node that it asks.
struct SenderView {
    /// Whether it can send transactions.
    is_active: bool,
    next: u64,
    free: u64,
    /// The time of its head, and its clock.
    head_ms: u64,
    now_ms: u64,
}

impl World<'_> {
    /// Clients submit some transactions, each to a running node, sometimes to two.
    pub(crate) fn submit(&mut self) {
        for _ in 0..self.dice.between(1, self.plan.client_burst) {
            let up: Vec<usize> =
                (0..self.nodes.len()).filter(|node| self.nodes[*node].replica.is_some()).collect();
            let Some(node) = self.dice.pick(&up) else { break };
            let Some(planned) = self.plan_transaction(node) else { continue };
            self.submit_at(node, &planned);
            let other = self.dice.pick(&up).filter(|other| *other != node);
            if let Some(other) = other.filter(|_| self.dice.chance(100)) {
                // A transaction that one node must reject may be valid at one that is behind.
                self.submit_at(
                    other,
                    &PlannedTransaction { invalid: false, first: false, ..planned },
                );
            }
        }
        let delay = self.dice.between(1, 2 * self.plan.client_us);
        self.after(delay, SimEvent::Clients);
    }

    fn submit_at(&mut self, node: usize, planned: &PlannedTransaction) {
        let ticket = self.clients.next_ticket;
        self.clients.next_ticket += 1;
        if planned.invalid {
            self.checks.transactions.must_refuse(ticket);
        }
        if planned.forbidden {
            self.checks.transactions.forbid(planned.signed.id());
        }
        self.watch(ticket, node, &planned.signed);
        if planned.first {
            self.clients.first.insert(ticket);
        }
        if let Some(rejection) = self.hoarded(node) {
            return self.answer_client(node, ticket, &Err(rejection));
        }
        self.step(node, Event::Submit(vec![(ticket, planned.signed.clone().into())]));
    }

    fn plan_transaction(&mut self, node: usize) -> Option<PlannedTransaction> {
        let planned = if self.dice.chance(250) { self.invalid(node) } else { self.valid(node) };
        planned.unwrap_or_else(|what| {
            self.violate(Rule::Transactions, what);
            None
        })
    }

    /// A transaction that is valid in a block; its call may still fail there.
    fn valid(&mut self, node: usize) -> Result<Option<PlannedTransaction>, String> {
        let asked = match self.dice.below(20) {
            0..6 if !self.plan.upgrades.is_empty() => self.upgrading(node)?,
            6 => Some(self.counting()?),
            7 => self.governing(node)?,
            8..12 if self.changing.is_some() => self.governing(node)?,
            _ => self.next_step(node)?,
        };
        let Some(Asked { who, call, gas }) = asked else { return Ok(None) };
        let account = self.setup.account(who)?;
        let view = self.sender_view(node, &account.address).filter(|it| it.is_active);
        let Some(view) = view else { return Ok(None) };
        let gap = self.gap();
        let first = gap.is_none() && view.free == view.next;
        let signed = sign(self.setup, account, &view, call, |it| {
            it.gas_limit = gas;
            if let Some(gap) = gap {
                it.sequence += gap.left_out;
                it.valid_until_ms = it.valid_until_ms - VALID_MS + gap.valid_ms;
            }
        });
        Ok(Some(PlannedTransaction { signed, invalid: false, forbidden: false, first }))
    }

    /// The first of several steps that leads to a call.
    fn next_step(&mut self, node: usize) -> Result<Option<Asked>, String> {
        for _ in 0..STEPS {
            if let Some(asked) = self.business(node)? {
                return Ok(Some(asked));
            }
        }
        Ok(None)
    }

    /// An account's next step in the business of the modules, in the view of a node.
    fn business(&mut self, node: usize) -> Result<Option<Asked>, String> {
        let dice = &mut self.dice;
        let step = Step {
            kind: dice.index(Step::KINDS),
            who: dice.index(1 << 16),
            id: dice.pick(&[2, 8, 8, 12]).map_or(1, |most| dice.between(1, most)),
            amount: match dice.below(20) {
                0 => 0,
                1 => u64::MAX,
                2 => 90_000,
                _ => dice.between(1, 3_000),
            },
        };
        let Some(replica) = self.nodes[node].replica.as_ref() else { return Ok(None) };
        let (head, library) = (replica.head(), self.executions.library());
        let reader = StateReader::after(self.setup, library, head.state.clone(), &head.header)?;
        let asked = step.call(&mut reader.at(self.clock_ms(node)))?;
        let asked = asked.map(|ehb_workload::Call { who, module, function, arguments }| {
            Ok(Asked { who, call: self.setup.call(module, function, &arguments)?, gas: GAS })
        });
        asked.transpose()
    }

    /// An account adds to the tally.
    fn counting(&mut self) -> Result<Asked, String> {
        let who = self.dice.pick(&PEOPLE).map_or(UPGRADING, |person| person.name);
        let n = self.dice.below(1_000);
        Ok(Asked { who, call: self.setup.call(TALLY, "add", &json!({ "n": n }))?, gas: GAS })
    }

    fn sender_view(&self, node: usize, address: &Address) -> Option<SenderView> {
        let head = self.nodes[node].replica.as_ref()?.head();
        let state = Overlay::new(head.state.clone());
        let next = accounts::next_sequence(&state, address, 0).ok()?;
        let free = self.nodes[node].mempool.as_ref()?.read().free_sequence(address, 0, next);
        let is_active = is_active(&state, address).ok()?;
        let head_ms = head.header.timestamp_ms;
        Some(SenderView { is_active, next, free, head_ms, now_ms: self.clock_ms(node) })
    }
}

fn sign(
    setup: &Setup,
    account: &Account,
    view: &SenderView,
    call: Call,
    change: impl FnOnce(&mut Transaction),
) -> SignedTransaction {
    let mut transaction = Transaction {
        version: Transaction::VERSION,
        chain: *setup.chain(),
        sender: account.address,
        lane: 0,
        sequence: view.free,
        valid_until_ms: view.head_ms.max(view.now_ms) + VALID_MS,
        gas_limit: GAS,
        calls: vec![call],
        memo: String::new(),
    };
    change(&mut transaction);
    transaction.sign(&[&account.key])
}
