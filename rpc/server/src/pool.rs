//! Limits how much of a resource each client, and all clients together, can have.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use ehb_types::Code;
use tokio::time::{Instant, sleep};

use crate::backend::Refusal;
use crate::client_key::ClientKey;
use crate::limits::PLACE_PAUSE_MS;

/// A holder of places: a connection.
pub(crate) trait Holder: Send + Sync + 'static {
    /// Ends it, so that it releases its places.
    fn close(&self);
}

/// A bounded number of places, for all clients together and for each.
///
/// When all places are taken, the client with the most gives way to one that has fewer: the connections of its oldest
/// places are closed. So a few clients that take all they can do not keep others out. Where places are held for a short
/// time only, those held longest also give way to a client that has none: a large number of clients keeps nobody out either.
///
/// One that waits for many places would never find them free at once while others take each that becomes free. So for one
/// that waits, has none and has waited long enough, the others leave what becomes free.
#[derive(Debug)]
pub(crate) struct Pool {
    /// The name of the resource.
    name: &'static str,
    all_max: usize,
    client_max: usize,
    /// The time after which a place gives way to a client that has none, if places do so at all.
    held_min: Option<Duration>,
    /// The time before which no place is taken away: an honest client that needs many for a moment keeps them.
    kept_min: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    taken: usize,
    by_client: HashMap<ClientKey, usize>,
    held: BTreeMap<u64, Held>,
    next_number: u64,
    /// Who gets what becomes free.
    next: Option<Next>,
}

/// A client that waits and has no places, and the number that it needs.
#[derive(Clone, Copy, Debug)]
struct Next {
    number: u64,
    client: ClientKey,
    places: usize,
}

/// Is next among those that wait, until it is dropped.
struct Turn {
    pool: Arc<Pool>,
    number: u64,
}

/// How a client takes places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Now or never: the client with the most gives way.
    AtOnce,
    /// It waits, and takes what is free.
    Waits,
    /// It has waited: the client with the most gives way.
    HasWaited,
}

#[derive(Debug)]
struct Held {
    client: ClientKey,
    places: usize,
    since: Instant,
    /// Weak, because a holder itself can own places.
    holder: Weak<dyn Holder>,
}

/// Places of a pool; released when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    pool: Arc<Pool>,
    number: u64,
}

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Full {
    /// The client has its maximum.
    Client,
    /// All are taken, and no client has enough of them to give way.
    All,
}

impl Pool {
    pub(crate) fn new(name: &'static str, all_max: usize, client_max: usize) -> Arc<Self> {
        let (held_min, kept_min, state) = (None, Duration::ZERO, Mutex::default());
        Arc::new(Self { name, all_max, client_max, held_min, kept_min, state })
    }

    /// A pool whose places give way to a client that has none once they are held for `held_min`, and to none before
    /// `kept_min`.
    pub(crate) fn of_short_use(
        name: &'static str,
        all_max: usize,
        client_max: usize,
        kept_min: Duration,
        held_min: Duration,
    ) -> Arc<Self> {
        let (held_min, state) = (Some(held_min), Mutex::default());
        Arc::new(Self { name, all_max, client_max, held_min, kept_min, state })
    }

    /// Takes a place for a client on a connection; if there is none, the client with the most gives way.
    pub(crate) fn place(
        self: &Arc<Self>,
        client: ClientKey,
        holder: &Arc<impl Holder>,
    ) -> Result<Place, Refusal> {
        self.take(client, 1, holder, Way::AtOnce).map_err(|full| self.refusal(full))
    }

    /// Takes a number of places for a client on a connection.
    pub(crate) fn take(
        self: &Arc<Self>,
        client: ClientKey,
        places: usize,
        holder: &Arc<impl Holder>,
        way: Way,
    ) -> Result<Place, Full> {
        let (number, ended) = {
            let mut state = self.lock();
            let own = state.by_client.get(&client).copied().unwrap_or(0);
            if own.saturating_add(places) > self.client_max {
                return Err(Full::Client);
            }
            let missing = state.taken.saturating_add(places).saturating_sub(self.all_max);
            let ended = match missing {
                0 if way != Way::AtOnce && state.leaves(own, places, self.all_max) => {
                    return Err(Full::All);
                }
                0 => Vec::new(),
                _ if way != Way::Waits => {
                    let held_min = self.held_min.filter(|_| own == 0);
                    state
                        .make_room(missing, own + places, self.kept_min, held_min)
                        .ok_or(Full::All)?
                }
                _ => return Err(Full::All),
            };
            let since = Instant::now();
            let holder: Arc<dyn Holder> = holder.clone();
            let holder = Arc::downgrade(&holder);
            (state.add(Held { client, places, since, holder }), ended)
        };
        // Not while the lock is held: closing can release places.
        ended.iter().for_each(|holder| holder.close());
        Ok(Place { pool: self.clone(), number })
    }

    /// Waits for places. After `patience.0` the client with the most gives way, and if this one has none it is the
    /// next to get what becomes free; after `patience.1` the call fails. Until then a call that needs few places gets
    /// them before one that needs many.
    pub(crate) async fn wait(
        self: &Arc<Self>,
        client: ClientKey,
        places: usize,
        holder: &Arc<impl Holder>,
        patience: (Duration, Duration),
    ) -> Result<Place, Refusal> {
        let begun = Instant::now();
        let mut turn = None;
        loop {
            let way = match begun.elapsed() >= patience.0 && patience.0 < patience.1 {
                true => Way::HasWaited,
                false => Way::Waits,
            };
            if way == Way::HasWaited && turn.is_none() {
                turn = self.turn(client, places);
            }
            match self.take(client, places, holder, way) {
                Ok(place) => return Ok(place),
                Err(full) if begun.elapsed() >= patience.1 => return Err(self.refusal(full)),
                Err(_) => sleep(Duration::from_millis(PLACE_PAUSE_MS)).await,
            }
        }
    }

    /// Makes a client the next one, if it has no places and none is next.
    fn turn(self: &Arc<Self>, client: ClientKey, places: usize) -> Option<Turn> {
        let mut state = self.lock();
        if state.next.is_some() || state.by_client.contains_key(&client) {
            return None;
        }
        let number = state.next_number;
        state.next_number += 1;
        state.next = Some(Next { number, client, places });
        Some(Turn { pool: self.clone(), number })
    }

    /// The error for the client.
    pub(crate) fn refusal(&self, full: Full) -> Refusal {
        let name = self.name;
        match full {
            Full::Client => {
                let text = format!("this address has already its share of {name}");
                Refusal::new(Code::LimitExceeded, text)
            }
            Full::All => {
                Refusal::new(Code::NotReady, format!("the node has already its maximum of {name}"))
            }
        }
    }

    #[cfg(test)]
    /// The number of places in use.
    pub(crate) fn taken(&self) -> usize {
        self.lock().taken
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether a client that has some places leaves what is free to the next one, which has none.
    fn leaves(&self, own: usize, places: usize, all_max: usize) -> bool {
        let has_none = |next: &Next| !self.by_client.contains_key(&next.client);
        let aside = self.next.filter(has_none).map_or(0, |next| next.places);
        own > 0 && self.taken.saturating_add(places).saturating_add(aside) > all_max
    }

    fn add(&mut self, held: Held) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        self.taken += held.places;
        *self.by_client.entry(held.client).or_default() += held.places;
        self.held.insert(number, held);
        number
    }

    fn remove(&mut self, number: u64) -> Option<Held> {
        let held = self.held.remove(&number)?;
        self.give_back(held.client, held.places);
        Some(held)
    }

    fn give_back(&mut self, client: ClientKey, places: usize) {
        self.taken -= places;
        if let Some(own) = self.by_client.get_mut(&client) {
            *own -= places;
            if *own == 0 {
                self.by_client.remove(&client);
            }
        }
    }

    /// Takes `missing` places from the clients with the most, as long as these have more than `own`, or else from
    /// those that were held longest, and at least for `held_min`; returns the holders to close. Returns none and
    /// takes nothing if that is not enough.
    fn make_room(
        &mut self,
        missing: usize,
        own: usize,
        kept_min: Duration,
        held_min: Option<Duration>,
    ) -> Option<Vec<Arc<dyn Holder>>> {
        let of_most = self.of_those_with_most(missing, own, kept_min);
        let chosen = of_most.or_else(|| self.held_longest(missing, held_min?))?;
        let ended = chosen.into_iter().filter_map(|number| self.remove(number));
        Some(ended.filter_map(|held| held.holder.upgrade()).collect())
    }

    /// Places of the clients with the most, while these have more than `own`; only those held for `kept_min` count.
    fn of_those_with_most(
        &self,
        missing: usize,
        own: usize,
        kept_min: Duration,
    ) -> Option<Vec<u64>> {
        let mut left: HashMap<ClientKey, usize> = HashMap::new();
        let counts = |held: &Held| held.since.elapsed() >= kept_min;
        for held in self.held.values().filter(|held| counts(held)) {
            *left.entry(held.client).or_default() += held.places;
        }
        let (mut freed, mut chosen) = (0, Vec::new());
        while freed < missing {
            let most = left.iter().max_by_key(|(client, places)| (**places, **client))?;
            let (client, places) = (*most.0, *most.1);
            if places <= own {
                return None;
            }
            let is_next = |(number, held): &(&u64, &Held)| {
                held.client == client && counts(held) && !chosen.contains(*number)
            };
            let (number, held) = self.held.iter().find(is_next)?;
            chosen.push(*number);
            freed += held.places;
            left.insert(client, places.saturating_sub(held.places));
        }
        Some(chosen)
    }

    /// The oldest places, if enough of them are held for `held_min`.
    fn held_longest(&self, missing: usize, held_min: Duration) -> Option<Vec<u64>> {
        let (mut freed, mut chosen) = (0, Vec::new());
        for (number, held) in &self.held {
            if held.since.elapsed() >= held_min {
                chosen.push(*number);
                freed += held.places;
            }
            if freed >= missing {
                return Some(chosen);
            }
        }
        None
    }
}

impl Place {
    /// The number of places; 0 if they were taken away.
    pub(crate) fn places(&self) -> usize {
        self.pool.lock().held.get(&self.number).map_or(0, |held| held.places)
    }

    /// Releases all but a number of places.
    pub(crate) fn shrink(&mut self, places: usize) {
        let mut state = self.pool.lock();
        let Some(held) = state.held.get_mut(&self.number) else { return };
        let spare = held.places.saturating_sub(places);
        held.places -= spare;
        let client = held.client;
        state.give_back(client, spare);
    }

    /// Takes the places of another one of the same pool and client.
    pub(crate) fn join(&mut self, other: &Self) {
        let mut state = self.pool.lock();
        let Some(taken) = state.held.remove(&other.number) else { return };
        match state.held.get_mut(&self.number) {
            Some(held) => held.places += taken.places,
            None => state.give_back(taken.client, taken.places),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let removed = self.pool.lock().remove(self.number);
        drop(removed);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.pool.lock();
        if state.next.is_some_and(|next| next.number == self.number) {
            state.next = None;
        }
    }
}
