//! Chooses the next call of a load among flows, so that each kind gets its share.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use anyhow::Context;
use ehb_sdk::api::{LocatedReceipt, OutcomeView};
use ehb_sdk::{Client, Draft};
use ehb_types::Hash;

use super::flow::{Flow, Kind, Step};
use super::senders::{Accounts, Function};
use super::world::World;

/// The gas limit of a step, as a multiple of its gas at the first time.
const GAS_FACTOR: u64 = 2;

/// The share of one kind in a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) kind: Kind,
    /// Its part of the calls, in per cent.
    pub(crate) percent: u64,
}

/// The flows of a load. The sender, which has a fixed rate, asks for the next call each time that one is due,
/// and always gets one: of a flow whose last call is final, otherwise the first of a new flow. So dependent
/// calls keep their order, and a slow chain does not lower the rate.
pub(crate) struct Flows {
    world: World,
    queues: Vec<Queue>,
    /// The gas limit of each function.
    gas_limits: BTreeMap<Function, u64>,
    /// Flows that wait for a transaction, with the places of their queues.
    waiting: HashMap<Hash, (usize, Flow)>,
}

/// The flows of one kind.
struct Queue {
    share: Share,
    /// The number of started flows.
    begun: usize,
    /// The number of returned calls.
    calls: u64,
    /// Flows that can continue.
    ready: VecDeque<Flow>,
}

/// A due call and its flow.
pub(crate) struct Due {
    queue: usize,
    flow: Flow,
    pub(crate) step: Step,
    pub(crate) gas_limit: u64,
}

impl Flows {
    /// Sets up the world of the flows, and runs one of each kind to measure the gas of its calls.
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

    /// The next call to send: of the kind that is furthest below its share.
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

    /// Makes the flow of a signed call wait for its transaction.
    pub(crate) fn wait(&mut self, id: Hash, due: Due) {
        self.waiting.insert(id, (due.queue, due.flow));
    }

    /// Continues the flow that waited for a transaction, if there is one and the transaction succeeded.
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

    /// Ends the flow that waits for a rejected transaction.
    pub(crate) fn is_refused(&mut self, id: &Hash) {
        self.waiting.remove(id);
    }
}
