use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use anyhow::Context;
use ehb_sdk::api::{LocatedReceipt, OutcomeView};
use ehb_sdk::{Client, Draft};
use ehb_types::Hash;

use super::flow::{Flow, Kind, Step};
use super::senders::{Accounts, Function};
use super::world::World;

/// What a step may cost, as a multiple of what it cost at the first time.
const GAS_FACTOR: u64 = 2;

/// How much of a load is of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) kind: Kind,
    /// Its part of the calls, in per cent.
    pub(crate) percent: u64,
}

/// The flows of a load. Who sends at a fixed rate asks for the next call each time that one is due, and
/// always gets one: of a flow whose last call is final by now, else the first of a new flow. So calls
/// that depend on each other keep their order, and a chain that is slow is sent no less.
pub(crate) struct Flows {
    world: World,
    queues: Vec<Queue>,
    /// What each function may cost.
    gas_limits: BTreeMap<Function, u64>,
    /// Flows that wait for a transaction, with the places of their queues.
    waiting: HashMap<Hash, (usize, Flow)>,
}

/// The flows of one kind.
struct Queue {
    share: Share,
    /// How many were begun.
    begun: usize,
    /// How many of their calls were given out.
    calls: u64,
    /// Those that can go on.
    ready: VecDeque<Flow>,
}

/// A call that is due, and what it belongs to.
pub(crate) struct Due {
    queue: usize,
    flow: Flow,
    pub(crate) step: Step,
    pub(crate) gas_limit: u64,
}

impl Flows {
    /// Sets up what the flows need, and makes one of each kind, which tells what its calls cost.
    pub(crate) async fn prepare(
        client: &Client,
        accounts: &Arc<Accounts>,
        shares: &[Share],
    ) -> anyhow::Result<Self> {
        let kinds: Vec<Kind> = shares.iter().map(|it| it.kind).collect();
        let world = World::prepare(client, accounts.clone(), &kinds).await?;
        let mut gas_limits = BTreeMap::new();
        for kind in kinds {
            let mut flow = world.flow(kind, 0);
            while let Some(Step { sender, function, arguments }) = flow.step() {
                let Function { module, name } = function;
                let call = client.call(module, name, &arguments).await?;
                let located = client.execute(accounts.signer(sender), Draft::new(call)).await;
                let located = located.with_context(|| format!("{module}.{name} does not work"))?;
                gas_limits.insert(function, located.receipt.gas_used.0 * GAS_FACTOR);
                flow.go_on(&located);
            }
        }
        let queue =
            |share: &Share| Queue { share: *share, begun: 0, calls: 0, ready: VecDeque::new() };
        let queues = shares.iter().map(queue).collect();
        Ok(Self { world, queues, gas_limits, waiting: HashMap::new() })
    }

    /// The call that is sent next: of the kind that lags most behind its share.
    pub(crate) fn next(&mut self) -> anyhow::Result<Due> {
        let lag = |(_, queue): &(usize, &Queue)| queue.calls * 1_000 / queue.share.percent.max(1);
        let next = self.queues.iter().enumerate().min_by_key(lag).map(|(place, _)| place);
        let place = next.context("a load of no kind")?;
        let queue = &mut self.queues[place];
        queue.calls += 1;
        let flow = match queue.ready.pop_front() {
            Some(flow) => flow,
            None => {
                queue.begun += 1;
                self.world.flow(queue.share.kind, queue.begun)
            }
        };
        let step = flow.step().context("a flow without a call")?;
        let gas_limit = self.gas_limits.get(&step.function).copied();
        let gas_limit = gas_limit.with_context(|| format!("{:?} has no cost", step.function))?;
        Ok(Due { queue: place, flow, step, gas_limit })
    }

    /// Lets the flow of a call that was signed wait for its transaction.
    pub(crate) fn wait(&mut self, id: Hash, due: Due) {
        self.waiting.insert(id, (due.queue, due.flow));
    }

    /// Lets the flow go on that waited for a transaction, if there is one and it took effect.
    pub(crate) fn is_final(&mut self, located: &LocatedReceipt) {
        let Some((queue, mut flow)) = self.waiting.remove(&located.receipt.transaction) else {
            return;
        };
        if matches!(located.receipt.outcome, OutcomeView::Success { .. }) {
            flow.go_on(located);
            if flow.step().is_some() {
                self.queues[queue].ready.push_back(flow);
            }
        }
    }

    /// Ends the flow that waits for a transaction which was refused.
    pub(crate) fn is_refused(&mut self, id: &Hash) {
        self.waiting.remove(id);
    }
}
