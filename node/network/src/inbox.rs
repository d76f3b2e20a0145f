//! Queues events for the application: two queues, so that one thread can decode blocks while another
//! processes votes. Each queue has lanes with shares, and in each lane the peers take turns, so that a
//! flooding peer delays only itself.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use ehb_types::PublicKey;

use crate::credit::Credit;
use crate::{Channel, Event, Held};

/// The maximum number of connections and disconnections that wait for the application; sessions wait if it is
/// full.
const CONNECTIONS_MAX: usize = 1_024;
/// The maximum number of rejections that wait for the application; further ones are only logged.
const REFUSALS_MAX: usize = 1_024;
/// The number of events taken from a lane while others wait: all urgent events are in one lane.
const URGENT_SHARES: [u32; 1] = [1];
/// Like [`URGENT_SHARES`], for blocks, sync, and gossip with rejections.
const BULK_SHARES: [u32; 3] = [4, 2, 4];
/// The number of urgent events that [`Events::recv`] returns in a row while others wait.
const URGENT_IN_A_ROW_MAX: u32 = 16;

const URGENT_LANE: usize = 0;
const BLOCKS_LANE: usize = 0;
const SYNC_LANE: usize = 1;
const GOSSIP_LANE: usize = 2;

/// The sending side. The memory of frames and gossip is limited by the [`Held`] that comes with each.
#[derive(Clone)]
pub(crate) struct Inbox {
    urgent: Sender,
    bulk: Sender,
    connections: Credit,
    refusals: Credit,
}

/// The application has dropped its [`Events`].
#[derive(Debug)]
pub(crate) struct ApplicationGone;

/// The receiving end of the network's events.
///
/// Urgent ones are frames of [`Channel::Consensus`], connections and disconnections; blocks, sync, gossip and
/// refusals are the others. The events of each peer and channel are in order of arrival, and
/// [`Event::Connected`] comes before all frames of that connection; a block, sync or gossip event can come
/// after its peer's [`Event::Disconnected`]. While nothing is received, peers are slowed down, not
/// disconnected.
pub struct Events {
    urgent: Receiver,
    bulk: Receiver,
    urgent_in_a_row: u32,
}

/// One of the two halves of [`Events`].
pub struct Receiver(Arc<Queue>);

pub(crate) fn events() -> (Inbox, Events) {
    let (urgent, bulk) = (Queue::new(&URGENT_SHARES), Queue::new(&BULK_SHARES));
    let inbox = Inbox {
        urgent: Sender::new(&urgent),
        bulk: Sender::new(&bulk),
        connections: Credit::new(CONNECTIONS_MAX << 10, 0),
        refusals: Credit::new(REFUSALS_MAX << 10, 0),
    };
    (inbox, Events { urgent: Receiver(urgent), bulk: Receiver(bulk), urgent_in_a_row: 0 })
}

impl Inbox {
    /// Delivers a connection or disconnection, and waits if the queue is full.
    pub(crate) async fn deliver(&self, event: Event) -> Result<(), ApplicationGone> {
        let room = self.connections.take(0).await.ok_or(ApplicationGone)?;
        self.urgent.push(URGENT_LANE, event, room)
    }

    /// Delivers a frame, whose memory is already reserved.
    pub(crate) fn deliver_frame(
        &self,
        channel: Channel,
        event: Event,
    ) -> Result<(), ApplicationGone> {
        let none = Held::default();
        match channel {
            Channel::Consensus => self.urgent.push(URGENT_LANE, event, none),
            Channel::Blocks => self.bulk.push(BLOCKS_LANE, event, none),
            Channel::Sync => self.bulk.push(SYNC_LANE, event, none),
        }
    }

    /// Reports the progress of a frame, unless such a report is already waiting.
    pub(crate) fn offer_progress(&self, channel: Channel, event: Event, credit: &Credit) {
        let lane = match channel {
            // Frames there are small.
            Channel::Consensus => return,
            Channel::Blocks => BLOCKS_LANE,
            Channel::Sync => SYNC_LANE,
        };
        if let Some(room) = credit.try_take(0) {
            // An application that has stopped does not need it.
            let _ = self.bulk.push(lane, event, room);
        }
    }

    /// Delivers a gossiped message, whose memory is already reserved.
    pub(crate) fn deliver_gossip(&self, event: Event) -> Result<(), ApplicationGone> {
        self.bulk.push(GOSSIP_LANE, event, Held::default())
    }

    /// Delivers a rejection if the queue is not full.
    pub(crate) fn offer_refusal(&self, event: Event) {
        if let Some(room) = self.refusals.try_take(0) {
            // An application that has stopped does not need it.
            let _ = self.bulk.push(GOSSIP_LANE, event, room);
        }
    }
}

impl Events {
    /// Splits into the urgent events and the others, for one thread each.
    pub fn split(self) -> (Receiver, Receiver) {
        (self.urgent, self.bulk)
    }

    /// The next event; `None` once the network has stopped and all events were received. Safe to cancel.
    pub async fn recv(&mut self) -> Option<Event> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    /// Like [`Self::recv`], but blocks the thread. Do not call it from an async task.
    pub fn blocking_recv(&mut self) -> Option<Event> {
        futures::executor::block_on(self.recv())
    }

    /// The next event, without waiting.
    pub fn try_recv(&mut self) -> Option<Event> {
        let mut context = Context::from_waker(Waker::noop());
        match self.poll(&mut context) {
            Poll::Ready(event) => event,
            Poll::Pending => None,
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        if self.urgent_in_a_row < URGENT_IN_A_ROW_MAX
            && let Poll::Ready(Some(event)) = self.urgent.0.poll(context)
        {
            self.urgent_in_a_row += 1;
            return Poll::Ready(Some(event));
        }
        self.urgent_in_a_row = 0;
        let bulk = self.bulk.0.poll(context);
        if let Poll::Ready(Some(event)) = bulk {
            return Poll::Ready(Some(event));
        }
        match (self.urgent.0.poll(context), bulk) {
            (Poll::Ready(None), Poll::Pending) => Poll::Pending,
            (urgent, _) => urgent,
        }
    }
}

impl Receiver {
    /// The next event; `None` once the network has stopped and all events were received. Safe to cancel.
    pub async fn recv(&mut self) -> Option<Event> {
        std::future::poll_fn(|context| self.0.poll(context)).await
    }

    /// Like [`Self::recv`], but blocks the thread. Do not call it from an async task.
    pub fn blocking_recv(&mut self) -> Option<Event> {
        futures::executor::block_on(self.recv())
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.receiver_gone = true;
        state.lanes.iter_mut().for_each(Lane::clear);
    }
}

/// The queues of one receiver.
struct Queue(Mutex<State>);

struct State {
    lanes: Vec<Lane>,
    waker: Option<Waker>,
    senders: usize,
    receiver_gone: bool,
}

/// Events of one kind; peers with events take turns.
struct Lane {
    share: u32,
    /// The rest of the share until all lanes with events have used theirs.
    left: u32,
    waiting: BTreeMap<PublicKey, VecDeque<Queued>>,
    turns: VecDeque<PublicKey>,
}

/// An event, with the memory reserved for it while it waits, if it has none of its own.
type Queued = (Event, Held);

impl Queue {
    fn new(shares: &[u32]) -> Arc<Self> {
        let lanes = shares.iter().map(|share| Lane::new(*share)).collect();
        Arc::new(Self(Mutex::new(State { lanes, waker: None, senders: 0, receiver_gone: false })))
    }

    fn poll(&self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        let mut state = self.lock();
        match state.pop() {
            Some(event) => Poll::Ready(Some(event)),
            None if state.senders == 0 => Poll::Ready(None),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    /// A panic while the lock was held leaves no partial change here.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn pop(&mut self) -> Option<Event> {
        if let Some(lane) = self.lanes.iter_mut().find(|lane| lane.is_due()) {
            return lane.pop();
        }
        for lane in &mut self.lanes {
            lane.left = lane.share;
        }
        self.lanes.iter_mut().find(|lane| lane.is_due()).and_then(Lane::pop)
    }
}

impl Lane {
    fn new(share: u32) -> Self {
        Self { share, left: share, waiting: BTreeMap::new(), turns: VecDeque::new() }
    }

    fn is_due(&self) -> bool {
        self.left > 0 && !self.turns.is_empty()
    }

    fn push(&mut self, event: Event, room: Held) {
        let peer = event.peer();
        let waiting = self.waiting.entry(peer).or_default();
        if waiting.is_empty() {
            self.turns.push_back(peer);
        }
        waiting.push_back((event, room));
    }

    fn pop(&mut self) -> Option<Event> {
        let peer = self.turns.pop_front()?;
        let waiting = self.waiting.get_mut(&peer)?;
        let (event, _) = waiting.pop_front()?;
        if waiting.is_empty() {
            self.waiting.remove(&peer);
        } else {
            self.turns.push_back(peer);
        }
        self.left = self.left.saturating_sub(1);
        Some(event)
    }

    fn clear(&mut self) {
        self.waiting.clear();
        self.turns.clear();
    }
}

/// Closes the queue when the last sender is dropped.
struct Sender(Arc<Queue>);

impl Sender {
    fn new(queue: &Arc<Queue>) -> Self {
        queue.lock().senders += 1;
        Self(Arc::clone(queue))
    }

    fn push(&self, lane: usize, event: Event, room: Held) -> Result<(), ApplicationGone> {
        let waker = {
            let mut state = self.0.lock();
            if state.receiver_gone {
                return Err(ApplicationGone);
            }
            state.lanes[lane].push(event, room);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }
}

impl Clone for Sender {
    fn clone(&self) -> Self {
        Self::new(&self.0)
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let waker = {
            let mut state = self.0.lock();
            state.senders -= 1;
            if state.senders == 0 { state.waker.take() } else { None }
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}
