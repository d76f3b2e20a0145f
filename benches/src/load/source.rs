//! Supplies the transactions of a load, from a list signed in advance or from flows.

use std::sync::{Arc, Mutex, PoisonError};

use ehb_sdk::Client;

use super::flow::Kind;
use super::flows::{Flows, Share};
use super::senders::{Accounts, Ready, Senders};
use super::{Plan, Scenario, transfers};

/// The source of the transactions.
pub(crate) enum Source {
    /// Transactions signed in advance.
    Signed(std::vec::IntoIter<Ready>),
    /// Each is signed when it is due, because it depends on the receipts of others.
    Flows { flows: Arc<Mutex<Flows>>, senders: Senders },
}

impl Source {
    /// Prepares the network for a scenario.
    pub(crate) async fn prepare(
        client: &Client,
        accounts: Arc<Accounts>,
        plan: &Plan,
    ) -> anyhow::Result<Self> {
        let shares = shares(plan.scenario);
        if shares.is_empty() {
            let signed = transfers::prepare(client, accounts, plan.count).await?;
            return Ok(Self::Signed(signed.into_iter()));
        }
        let flows = Flows::prepare(client, &accounts, &shares).await?;
        let used = accounts.len();
        let senders = Senders::open(client, accounts, used).await?;
        Ok(Self::Flows { flows: Arc::new(Mutex::new(flows)), senders })
    }

    /// The flows that must be notified of the outcomes of their transactions.
    pub(crate) fn flows(&self) -> Option<Arc<Mutex<Flows>>> {
        match self {
            Self::Signed(_) => None,
            Self::Flows { flows, .. } => Some(flows.clone()),
        }
    }

    /// The next transaction; none at the end.
    pub(crate) async fn next(&mut self, client: &Client) -> anyhow::Result<Option<Ready>> {
        let (flows, senders) = match self {
            Self::Signed(signed) => return Ok(signed.next()),
            Self::Flows { flows, senders } => (flows, senders),
        };
        let lock = || flows.lock().unwrap_or_else(PoisonError::into_inner);
        let due = lock().next()?;
        let function = due.step.function;
        let call = client.call(function.module, function.name, &due.step.arguments).await?;
        let signed = senders.sign(due.step.sender, call, due.gas_limit);
        let id = signed.id();
        lock().wait(id, due);
        Ok(Some(Ready { id, signed, function }))
    }
}

/// The flows of a scenario; none if transfers are signed in advance.
fn shares(scenario: Scenario) -> Vec<Share> {
    let share = |kind, percent| Share { kind, percent };
    match scenario {
        Scenario::Transfer => Vec::new(),
        Scenario::Marketplace => vec![share(Kind::Order, 100)],
        Scenario::Credit => vec![share(Kind::Usage, 100)],
        Scenario::Jobs => vec![share(Kind::Job, 100)],
        Scenario::Mixed => vec![
            share(Kind::Order, 40),
            share(Kind::Job, 20),
            share(Kind::Usage, 20),
            share(Kind::Transfer, 20),
        ],
    }
}
