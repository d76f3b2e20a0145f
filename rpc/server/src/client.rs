//! Clients with open items, and the limits of one client.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use ehb_types::Code;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::backend::Refusal;
use crate::client_key::ClientKey;
use crate::limits::{ANSWER_BYTES_MAX, Limits, TURN_WAIT_SECONDS_MAX};
use crate::pool::{Holder, Place, Pool};

/// A client with open items. It is removed when it has none any more.
pub(crate) struct Client {
    pub(crate) key: ClientKey,
    /// The limits of each client and of all.
    pools: Arc<Pools>,
    /// Its calls that reserve the most memory: few enough at a time that its other calls can reserve some,
    /// too.
    large_answers: Arc<Semaphore>,
    clients: Weak<Clients>,
}

/// The limits that apply to each client and to all together.
#[derive(Debug)]
pub(crate) struct Pools {
    websockets: Arc<Pool>,
    subscriptions: Arc<Pool>,
    waits: Arc<Pool>,
    calls: Arc<Pool>,
    submissions: Arc<Pool>,
}

impl Pools {
    fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            websockets: Pool::new(
                "WebSockets",
                limits.websockets_max,
                limits.client_websockets_max,
            ),
            subscriptions: Pool::new(
                "subscriptions",
                limits.subscriptions_max,
                limits.client_subscriptions_max,
            ),
            waits: Pool::new("waiting calls", limits.waits_max, limits.client_waits_max),
            // Bounded by the calls of a client and by the queue for turns.
            calls: Pool::new("concurrent calls", usize::MAX, limits.client_calls_max),
            submissions: Pool::new(
                "submissions",
                limits.submissions_max,
                limits.client_submissions_max,
            ),
        })
    }
}

impl Client {
    /// Counts a WebSocket.
    pub(crate) fn websocket(&self, holder: &Arc<impl Holder>) -> Result<Place, Refusal> {
        self.pools.websockets.place(self.key, holder)
    }

    /// Counts a subscription.
    pub(crate) fn subscription(&self, holder: &Arc<impl Holder>) -> Result<Place, Refusal> {
        self.pools.subscriptions.place(self.key, holder)
    }

    /// Counts a call that waits for a transaction.
    pub(crate) fn wait(&self, holder: &Arc<impl Holder>) -> Result<Place, Refusal> {
        self.pools.waits.place(self.key, holder)
    }

    /// Counts another call.
    pub(crate) fn call(&self, holder: &Arc<impl Holder>) -> Result<Place, Refusal> {
        self.pools.calls.place(self.key, holder)
    }

    /// Waits until few enough transactions of the client, and of all, wait for admission to the mempool. No
    /// connection is closed for it: the wait is short.
    pub(crate) async fn submission(
        &self,
        transactions: usize,
        holder: &Arc<impl Holder>,
    ) -> Result<Place, Refusal> {
        let wait = Duration::from_secs(TURN_WAIT_SECONDS_MAX);
        let pool = &self.pools.submissions;
        pool.wait(self.key, transactions, holder, (wait, wait)).await
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
    pools: Arc<Pools>,
    open: Mutex<HashMap<ClientKey, Weak<Client>>>,
}

impl Clients {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self { limits, pools: Pools::new(&limits), open: Mutex::default() })
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
        Client {
            key,
            pools: self.pools.clone(),
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
