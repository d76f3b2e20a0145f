use std::sync::{Arc, Mutex, PoisonError};

use ehb_sdk::Client;

use super::flow::Kind;
use super::flows::{Flows, Share};
use super::senders::{Accounts, Ready, Senders};
use super::{Plan, Scenario, transfers};

/// Where the transactions come from.
pub(crate) enum Source {
    /// They are signed beforehand.
    Signed(std::vec::IntoIter<Ready>),
    /// Each is signed when it is due, as it depends on what others told.
    Flows { flows: Arc<Mutex<Flows>>, senders: Senders },
}

impl Source {
    /// Prepares on the network what a scenario needs.
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

    /// The flows that are to be told what became of their transactions.
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

/// The flows of a scenario; none where transfers are signed beforehand.
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
