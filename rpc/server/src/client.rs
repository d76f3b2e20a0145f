//! The client of a request, and the limits of one client.

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

/// The key of a client, whose requests count together.
///
/// Today that is an address. A token in a request can become a second kind: limits of a client apply to its
/// key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum ClientKey {
    /// An IPv4 address, or the first 64 bits of an IPv6 address: a provider assigns each customer at least a
    /// /64.
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

/// The client of a trusted proxy: the last address in `X-Forwarded-For` that is not a proxy's. The addresses
/// before it are only claims of the client.
pub(crate) fn forwarded(headers: &HeaderMap, proxies: &[IpAddr]) -> Option<IpAddr> {
    let values: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().map(|it| it.to_str().unwrap_or("")).collect();
    let mut addresses = values.iter().flat_map(|value| value.split(',')).rev();
    addresses.find_map(|text| match text.trim().parse::<IpAddr>() {
        Ok(address) if proxies.contains(&address.to_canonical()) => None,
        // An invalid address ends the search: the ones before it are even less reliable.
        parsed => Some(parsed.ok()),
    })?
}

/// A limit for all clients together and for each of them.
struct Quota {
    name: &'static str,
    all: Arc<Semaphore>,
    own: Arc<Semaphore>,
}

impl Quota {
    fn place(&self) -> Result<Place, Refusal> {
        let Ok(own) = self.own.clone().try_acquire_owned() else {
            let text = format!("this address has already its share of {}", self.name);
            return Err(Refusal::new(Code::LimitExceeded, text));
        };
        match self.all.clone().try_acquire_owned() {
            Ok(all) => Ok(Place { _own: own, _all: all }),
            Err(_) => {
                let text = format!("the node has already its maximum of {}", self.name);
                Err(Refusal::new(Code::NotReady, text))
            }
        }
    }
}

/// One counted item; released when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _own: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

/// A client with open items. It is removed when it has none any more.
pub(crate) struct Client {
    pub(crate) key: ClientKey,
    websockets: Quota,
    subscriptions: Quota,
    waits: Quota,
    calls: Quota,
    /// Its share of the memory for requests and answers, in pieces of [`PIECE_BYTES`].
    pub(crate) memory: Arc<Semaphore>,
    /// Its calls that reserve the most memory: few enough at a time that its other calls can reserve some,
    /// too.
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

    /// Waits until the client has few enough of the longest answers in progress.
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
        // Another one with the same key may have been added at the same time.
        if open.get(&self.key).is_some_and(|known| known.strong_count() == 0) {
            open.remove(&self.key);
        }
    }
}

/// The clients with open items: at most as many as connections and forwarded requests.
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
            // Bounded by the calls of a client and by the queue for turns.
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
    /// The number of clients with open items.
    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ClientKey, Weak<Client>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
