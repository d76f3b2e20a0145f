//! Schedules calls: each client gets the same processor time, however many calls it sends.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ehb_types::Code;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::backend::Refusal;
use crate::client_key::ClientKey;
use crate::limits::{TURN_WAIT_SECONDS_MAX, TURNS_WAITING_MAX};

/// A bounded number of turns for calls of one kind.
///
/// A free turn goes to the waiting client that used the least time (start-time fair queueing, by the duration
/// of its calls). One client never has all turns at a time if there are several, so that another one's call
/// begins at once. When too many calls wait, the client with the most gives way.
pub(crate) struct Turns {
    state: Mutex<State>,
    running_max: usize,
    client_running_max: usize,
    client_waiting_max: usize,
}

#[derive(Default)]
struct State {
    lanes: HashMap<ClientKey, Lane>,
    running: usize,
    waiting: usize,
    /// The used time of the client that began last, microseconds: new clients begin there.
    now_us: u64,
}

#[derive(Default)]
struct Lane {
    running: usize,
    waiting: VecDeque<oneshot::Sender<Turn>>,
    used_us: u64,
}

/// The permission to run; released when dropped.
pub(crate) struct Turn {
    turns: Arc<Turns>,
    client: ClientKey,
    began: Instant,
    /// Whether it was granted.
    taken: bool,
}

/// The minimum cost of a turn, microseconds, however short its measured time.
const TURN_US_MIN: u64 = 10;

impl Turns {
    /// Turns for `running_max` calls at a time, of which `client_waiting_max` of one client can wait.
    pub(crate) fn new(running_max: usize, client_waiting_max: usize) -> Arc<Self> {
        let client_running_max = running_max.saturating_sub(1).max(1);
        let state = Mutex::default();
        Arc::new(Self { state, running_max, client_running_max, client_waiting_max })
    }

    /// Waits for a turn.
    pub(crate) async fn turn(self: &Arc<Self>, client: ClientKey) -> Result<Turn, Refusal> {
        let busy = || Refusal::new(Code::NotReady, "too many calls of this kind wait for a turn");
        let turn = {
            let mut state = self.lock();
            let now_us = state.now_us;
            if state.waiting >= TURNS_WAITING_MAX && !state.makes_room_for(client) {
                return Err(busy());
            }
            let lane = state.lanes.entry(client).or_default();
            if lane.running == 0 && lane.waiting.is_empty() {
                lane.used_us = lane.used_us.max(now_us);
            }
            lane.waiting.retain(|it| !it.is_closed());
            if lane.waiting.len() >= self.client_waiting_max {
                return Err(busy());
            }
            let (sender, turn) = oneshot::channel();
            lane.waiting.push_back(sender);
            self.hand_out(&mut state);
            turn
        };
        let wait = Duration::from_secs(TURN_WAIT_SECONDS_MAX);
        match tokio::time::timeout(wait, turn).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(busy()),
        }
    }

    /// Grants free turns to waiting calls.
    fn hand_out(self: &Arc<Self>, state: &mut State) {
        while state.running < self.running_max {
            let free =
                |lane: &Lane| lane.running < self.client_running_max && !lane.waiting.is_empty();
            let next = state.lanes.iter_mut().filter(|(_, lane)| free(lane));
            let next = next.min_by_key(|(client, lane)| (lane.used_us, **client));
            let Some((client, lane)) = next else { break };
            let Some(sender) = lane.waiting.pop_front() else { break };
            let (client, began) = (*client, Instant::now());
            let turn = Turn { turns: self.clone(), client, began, taken: true };
            match sender.send(turn) {
                Ok(()) => {
                    lane.running += 1;
                    state.now_us = state.now_us.max(lane.used_us);
                    state.running += 1;
                }
                // It no longer waits.
                Err(mut turn) => turn.taken = false,
            }
        }
        state.lanes.retain(|_, lane| lane.running > 0 || !lane.waiting.is_empty());
        state.waiting = state.lanes.values().map(|lane| lane.waiting.len()).sum();
    }

    /// The number of waiting calls.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.lock().waiting
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Rejects the last waiting call of the client with the most, if it has more than this one.
    fn makes_room_for(&mut self, client: ClientKey) -> bool {
        let own = self.lanes.get(&client).map_or(0, |lane| lane.waiting.len());
        let most = self.lanes.iter_mut().max_by_key(|(key, lane)| (lane.waiting.len(), **key));
        most.is_some_and(|(_, lane)| {
            lane.waiting.len() > own + 1 && lane.waiting.pop_back().is_some()
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.taken {
            return;
        }
        let took_us = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let turns = self.turns.clone();
        let mut state = turns.lock();
        state.running = state.running.saturating_sub(1);
        if let Some(lane) = state.lanes.get_mut(&self.client) {
            lane.running = lane.running.saturating_sub(1);
            lane.used_us = lane.used_us.saturating_add(took_us.max(TURN_US_MIN));
        }
        turns.hand_out(&mut state);
    }
}
