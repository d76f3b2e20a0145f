//! Who a request comes from, and what one client may take of the server at a time.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use ehb_types::Code;
use http::HeaderMap;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::backend::Refusal;
use crate::limits::{ANSWER_BYTES_MAX, Limits, TURN_WAIT_SECONDS_MAX};
use crate::memory::PIECE_BYTES;

/// Whose requests count together.
///
/// Today that is an address. A token that a request presents can become a second kind: what counts for a
/// client, counts for its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ClientKey {
    /// An IPv4 address, or the first 64 bits of an IPv6 address: a provider gives each customer at least as many.
    Address(IpAddr),
}

impl ClientKey {
    pub(crate) fn of(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
            address @ IpAddr::V4(_) => address,
        })
    }
}

impl fmt::Display for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => fmt::Display::fmt(address, f),
        }
    }
}

/// The client that a trusted proxy speaks for: the last address of `X-Forwarded-For` that is none of the
/// proxies'. Addresses before it are what the client claims itself.
pub(crate) fn forwarded(headers: &HeaderMap, proxies: &[IpAddr]) -> Option<IpAddr> {
    let values: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().map(|it| it.to_str().unwrap_or("")).collect();
    let mut addresses = values.iter().flat_map(|value| value.split(',')).rev();
    addresses.find_map(|text| match text.trim().parse::<IpAddr>() {
        Ok(address) if proxies.contains(&address.to_canonical()) => None,
        // What is no address ends the search: all before it is less reliable still.
        parsed => Some(parsed.ok()),
    })?
}

/// A bound for all clients together and for each of them.
struct Quota {
    name: &'static str,
    all: Arc<Semaphore>,
    own: Arc<Semaphore>,
}

impl Quota {
    fn place(&self) -> Result<Place, Refusal> {
        let Ok(own) = self.own.clone().try_acquire_owned() else {
            let text = format!("this address has its share of {} already", self.name);
            return Err(Refusal::new(Code::LimitExceeded, text));
        };
        match self.all.clone().try_acquire_owned() {
            Ok(all) => Ok(Place { _own: own, _all: all }),
            Err(_) => {
                let text = format!("the node has as many {} as it can", self.name);
                Err(Refusal::new(Code::NotReady, text))
            }
        }
    }
}

/// One of the things that are counted; given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _own: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

/// A client with something open. It is forgotten when it has nothing open any more.
pub(crate) struct Client {
    pub(crate) key: ClientKey,
    websockets: Quota,
    subscriptions: Quota,
    waits: Quota,
    calls: Quota,
    /// What it may take of the memory for requests and answers, in pieces of [`PIECE_BYTES`].
    pub(crate) memory: Arc<Semaphore>,
    /// Its calls that set the most memory aside: so few at a time that its other calls find some, too.
    large_answers: Arc<Semaphore>,
    clients: Weak<Clients>,
}

impl Client {
    /// Counts a WebSocket.
    pub(crate) fn websocket(&self) -> Result<Place, Refusal> {
        self.websockets.place()
    }

    /// Counts a subscription.
    pub(crate) fn subscription(&self) -> Result<Place, Refusal> {
        self.subscriptions.place()
    }

    /// Counts a call that waits for a transaction.
    pub(crate) fn wait(&self) -> Result<Place, Refusal> {
        self.waits.place()
    }

    /// Waits until the client makes few enough of the longest answers.
    pub(crate) async fn large_answer(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let place = self.large_answers.clone().acquire_owned();
        match timeout(Duration::from_secs(TURN_WAIT_SECONDS_MAX), place).await {
            Ok(Ok(place)) => Ok(place),
            _ => {
                let text = "too many reads of blocks of this address wait for their turn";
                Err(Refusal::new(Code::NotReady, text))
            }
        }
    }

    /// Counts another call.
    pub(crate) fn call(&self) -> Result<Place, Refusal> {
        self.calls.place()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let Some(clients) = self.clients.upgrade() else { return };
        let mut open = clients.lock();
        // Another one with the same key may have come in this moment.
        if open.get(&self.key).is_some_and(|known| known.strong_count() == 0) {
            open.remove(&self.key);
        }
    }
}

/// The clients that have something open: no more than there are connections and forwarded requests.
pub(crate) struct Clients {
    limits: Limits,
    websockets: Arc<Semaphore>,
    subscriptions: Arc<Semaphore>,
    waits: Arc<Semaphore>,
    calls: Arc<Semaphore>,
    open: Mutex<HashMap<ClientKey, Weak<Client>>>,
}

impl Clients {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        let semaphore = |places| Arc::new(Semaphore::new(places));
        Arc::new(Self {
            limits,
            websockets: semaphore(limits.websockets_max),
            subscriptions: semaphore(limits.subscriptions_max),
            waits: semaphore(limits.waits_max),
            // Bounded by the calls of a client and by the turns that can be waited for.
            calls: semaphore(Semaphore::MAX_PERMITS),
            open: Mutex::default(),
        })
    }

    /// The client with this key.
    pub(crate) fn get(self: &Arc<Self>, key: ClientKey) -> Arc<Client> {
        let mut open = self.lock();
        if let Some(known) = open.get(&key).and_then(Weak::upgrade) {
            return known;
        }
        let client = Arc::new(self.client(key));
        open.insert(key, Arc::downgrade(&client));
        client
    }

    fn client(self: &Arc<Self>, key: ClientKey) -> Client {
        let limits = &self.limits;
        let quota = |name, all: &Arc<Semaphore>, own| Quota {
            name,
            all: all.clone(),
            own: Arc::new(Semaphore::new(own)),
        };
        Client {
            key,
            websockets: quota("WebSockets", &self.websockets, limits.client_websockets_max),
            subscriptions: quota(
                "subscriptions",
                &self.subscriptions,
                limits.client_subscriptions_max,
            ),
            waits: quota("waiting calls", &self.waits, limits.client_waits_max),
            calls: quota("calls under way", &self.calls, limits.client_calls_max),
            memory: Arc::new(Semaphore::new((limits.client_memory_mib << 20) / PIECE_BYTES)),
            large_answers: Arc::new(Semaphore::new(
                ((limits.client_memory_mib << 20) / ANSWER_BYTES_MAX).saturating_sub(1).max(1),
            )),
            clients: Arc::downgrade(self),
        }
    }

    #[cfg(test)]
    /// How many clients have something open.
    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ClientKey, Weak<Client>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
