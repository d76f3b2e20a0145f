//! The nodes that a client can use, and its timeouts.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ehb_rpc_api::{ChainClient, Status};
use ehb_types::Code;
use jsonrpsee::http_client::{HttpClient, HttpClientBuilder};
use tokio::time::timeout;

use crate::{Chain, Error};

/// The timeouts and retries of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patience {
    /// The time limit for an answer, and the silence of a subscription after which the node is probed. A slow
    /// line gets more time.
    pub silence: Duration,
    /// The pause after the first failure; each further one doubles, less a random part.
    pub pause_first: Duration,
    /// The longest pause.
    pub pause_max: Duration,
    /// The time that nodes can be away, for example for a restart, before a follower returns the error.
    pub outage: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            silence: Duration::from_secs(15),
            pause_first: Duration::from_millis(100),
            pause_max: Duration::from_secs(5),
            outage: Duration::from_secs(600),
        }
    }
}

impl Patience {
    /// The pause after N consecutive failures. The random part prevents clients that were disconnected
    /// together from reconnecting together.
    pub(crate) fn pause(&self, failures: u32) -> Duration {
        let doubled = self.pause_first.saturating_mul(1 << failures.saturating_sub(1).min(16));
        let pause = doubled.min(self.pause_max);
        let mut random = [0];
        // Without randomness the full pause is used.
        let _ = getrandom::fill(&mut random);
        pause - pause / 2 * u32::from(random[0]) / 255
    }
}

/// The maximum number of endpoints of a client.
const ENDPOINTS_MAX: usize = 64;
/// The maximum length of an answer, bytes.
const ANSWER_BYTES_MAX: u32 = 64 << 20;
/// The maximum number of concurrent requests.
const REQUESTS_MAX: usize = 1_024;

/// Nodes of one chain, of which one is in use.
pub(crate) struct Endpoints {
    all: Vec<Endpoint>,
    current: AtomicUsize,
    chain: Chain,
    /// The status of the first node that answered.
    first_status: Status,
    /// How far the clock of this machine was ahead of the chain's time then, milliseconds.
    clock_ahead_ms: i64,
    patience: Patience,
}

struct Endpoint {
    /// Its address, as errors show it.
    url: String,
    http: HttpClient,
}

impl Endpoint {
    fn new(url: &str, request_timeout: Duration) -> Result<Self, Error> {
        let address = http_url(url)?;
        let url = without_password(&address);
        let http = HttpClientBuilder::default()
            .request_timeout(request_timeout)
            .max_response_size(ANSWER_BYTES_MAX)
            .max_concurrent_requests(REQUESTS_MAX)
            .build(&address)
            .map_err(|_| Error::Url(url.clone()))?;
        Ok(Self { url, http })
    }

    async fn status(&self, patience: &Patience) -> Result<Status, Error> {
        match timeout(patience.silence, self.http.status()).await {
            Ok(status) => status.map_err(|error| Error::of_call(&self.url, error)),
            Err(_) => Err(Error::silent(&self.url, patience.silence)),
        }
    }
}

impl Endpoints {
    /// The nodes at these addresses. The first that answers determines the chain.
    pub(crate) async fn connect(
        urls: &[&str],
        patience: Patience,
        request_timeout: Duration,
    ) -> Result<Self, Error> {
        if urls.is_empty() || urls.len() > ENDPOINTS_MAX {
            return Err(Error::Url(format!("{} addresses", urls.len())));
        }
        let all = urls.iter().map(|url| Endpoint::new(url, request_timeout));
        let all = all.collect::<Result<Vec<_>, _>>()?;
        let mut first_error = None;
        for (index, endpoint) in all.iter().enumerate() {
            let asked_ms = now_ms();
            match endpoint.status(&patience).await {
                Ok(status) => {
                    let clock_ahead_ms = ahead_ms((asked_ms, now_ms()), status.chain_time_ms);
                    let chain = Chain {
                        id: status.chain_id.clone(),
                        network: status.network,
                        genesis_hash: status.genesis_hash,
                    };
                    let current = AtomicUsize::new(index);
                    let first_status = status;
                    return Ok(Self {
                        all,
                        current,
                        chain,
                        first_status,
                        clock_ahead_ms,
                        patience,
                    });
                }
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        Err(first_error.unwrap_or_else(|| Error::Url(String::new())))
    }

    pub(crate) fn chain(&self) -> &Chain {
        &self.chain
    }

    pub(crate) fn first_status(&self) -> &Status {
        &self.first_status
    }

    pub(crate) fn clock_ahead_ms(&self) -> i64 {
        self.clock_ahead_ms
    }

    pub(crate) fn patience(&self) -> &Patience {
        &self.patience
    }

    /// The index of the endpoint in use.
    pub(crate) fn current(&self) -> usize {
        self.current.load(Ordering::Relaxed)
    }

    /// Whether there is no other endpoint.
    pub(crate) fn is_single(&self) -> bool {
        self.count() == 1
    }

    /// The number of endpoints.
    pub(crate) fn count(&self) -> usize {
        self.all.len()
    }

    /// The endpoint after another, cyclically.
    pub(crate) fn after(&self, index: usize) -> usize {
        (index + 1) % self.all.len()
    }

    fn at(&self, index: usize) -> &Endpoint {
        // Indices come only from `current` and `after`, and there is at least one endpoint.
        &self.all[index % self.all.len()]
    }

    pub(crate) fn http(&self) -> &HttpClient {
        &self.at(self.current()).http
    }

    pub(crate) fn url(&self) -> &str {
        &self.at(self.current()).url
    }

    pub(crate) fn socket_url(&self, index: usize) -> String {
        self.at(index).url.replacen("http", "ws", 1)
    }

    /// Checks that an endpoint's node belongs to the chain.
    pub(crate) fn check(&self, index: usize, status: &Status) -> Result<(), Error> {
        let endpoint = self.at(index);
        if status.genesis_hash != self.chain.genesis_hash {
            let reason = format!(
                "the node at {} is on the chain {} (genesis {}), not on {} (genesis {})",
                endpoint.url,
                status.chain_id,
                status.genesis_hash,
                self.chain.id,
                self.chain.genesis_hash
            );
            return Err(Error::refused(Code::WrongChain, reason));
        }
        Ok(())
    }

    /// Switches to another endpoint that answers, if the current one does not: to one that is ready, if there is one.
    pub(crate) async fn fail_over(&self) {
        let failed = self.current();
        let mut index = self.after(failed);
        let mut unready = None;
        while index != failed {
            let status = self.at(index).status(&self.patience).await;
            match status {
                Ok(status) if self.check(index, &status).is_err() => {}
                Ok(status) if status.ready => return self.switch(failed, index),
                Ok(_) => unready = unready.or(Some(index)),
                Err(_) => {}
            }
            index = self.after(index);
        }
        if let Some(index) = unready {
            self.switch(failed, index);
        }
    }

    fn switch(&self, from: usize, to: usize) {
        // Another task may have switched meanwhile: its choice is as good.
        let _ = self.current.compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether the current endpoint's node reports that what it accepts cannot become final now, and there are others.
    pub(crate) async fn has_better(&self) -> bool {
        !self.is_single()
            && self.at(self.current()).status(&self.patience).await.is_ok_and(|it| !it.ready)
    }
}

/// Checks the form of a node's address, without connecting. Errors: [`Error::Url`].
pub fn check_url(url: &str) -> Result<(), Error> {
    Endpoint::new(url, Duration::from_secs(1)).map(drop)
}

/// The clock of this machine, milliseconds since 1970.
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// How far a clock is ahead that showed these times before and after a node read `chain_ms`, at least: 0 if the node can
/// have read it in between, negative for a slow clock.
fn ahead_ms((before_ms, after_ms): (u64, u64), chain_ms: u64) -> i64 {
    let whole = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
    if chain_ms < before_ms {
        whole(before_ms - chain_ms)
    } else {
        whole(chain_ms.saturating_sub(after_ms)).saturating_neg()
    }
}

/// A node's address in the format for HTTP.
fn http_url(url: &str) -> Result<String, Error> {
    let schemes =
        [("http://", "http"), ("ws://", "http"), ("https://", "https"), ("wss://", "https")];
    let found = schemes.iter().find_map(|(prefix, scheme)| {
        url.strip_prefix(prefix).map(|rest| (rest.trim_end_matches('/'), scheme))
    });
    let (rest, scheme) = found.ok_or_else(|| Error::Url(without_password(url)))?;
    Ok(format!("{scheme}://{rest}"))
}

/// An address as errors and logs show it: without a user's name and password.
fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    match (rest.rsplit_once('@'), scheme) {
        (None, _) => url.to_owned(),
        (Some((_, host)), "") => format!("***@{host}"),
        (Some((_, host)), _) => format!("{scheme}://***@{host}"),
    }
}

#[cfg(test)]
mod tests;
