use std::time::Duration;

use ehb_rpc_api::{
    BlockNotice, ChainClient, Position, ReceiptFilter, ReceiptNotice, TransactionClient,
};
use jsonrpsee::core::ClientError;
use jsonrpsee::core::client::Subscription;
use jsonrpsee::ws_client::{WsClient, WsClientBuilder};
use serde::de::DeserializeOwned;

use crate::Error;

/// The first pause before a broken subscription is begun again; each further one is twice as long.
const PAUSE_FIRST_MS: u64 = 100;
/// The longest such pause.
const PAUSE_MAX_MS: u64 = 5_000;
/// After so many attempts without success, the error is told.
const ATTEMPTS_MAX: u32 = 10;
/// How many messages wait to be read before the node is made to wait.
const MESSAGES_MAX: usize = 1_024;
/// The longest message, bytes.
const MESSAGE_BYTES_MAX: u32 = 32 << 20;

/// Blocks as they become final, without a hole: a connection that breaks is made again, and goes on
/// where it broke. What the node itself no longer has is told as [`BlockNotice::Gap`].
pub struct Blocks {
    url: String,
    with_ids: bool,
    next_height: Option<u64>,
    open: Option<Open<BlockNotice>>,
}

/// Receipts as they become final, without a hole, as [`Blocks`].
pub struct Receipts {
    url: String,
    filter: ReceiptFilter,
    after: Option<Position>,
    open: Option<Open<ReceiptNotice>>,
}

/// A subscription, and the connection that must outlive it.
struct Open<T> {
    subscription: Subscription<T>,
    _client: WsClient,
}

impl Blocks {
    pub(crate) fn new(url: String, from_height: Option<u64>, with_ids: bool) -> Self {
        Self { url, with_ids, next_height: from_height, open: None }
    }

    /// Waits for what comes next. An error leaves the position as it was: calling again goes on.
    pub async fn next(&mut self) -> Result<BlockNotice, Error> {
        let mut attempts = Attempts::default();
        loop {
            if self.open.is_none() {
                let client = connect(&self.url).await;
                let opened = match client {
                    Ok(client) => {
                        let with_ids = Some(self.with_ids);
                        let begun = client.subscribe_blocks(self.next_height, with_ids).await;
                        begun.map(|subscription| Open { subscription, _client: client })
                    }
                    Err(error) => Err(error),
                };
                self.open = attempts.opened(&self.url, opened).await?;
            }
            let Some(notice) = received(&mut self.open).await else { continue };
            self.next_height = Some(match &notice {
                BlockNotice::Block { block } => block.header.height.saturating_add(1),
                BlockNotice::Gap { to_height, .. } => to_height.saturating_add(1),
            });
            return Ok(notice);
        }
    }
}

impl Receipts {
    pub(crate) fn new(url: String, filter: ReceiptFilter, after: Option<Position>) -> Self {
        Self { url, filter, after, open: None }
    }

    /// Waits for what comes next. An error leaves the position as it was: calling again goes on.
    pub async fn next(&mut self) -> Result<ReceiptNotice, Error> {
        let mut attempts = Attempts::default();
        loop {
            if self.open.is_none() {
                let client = connect(&self.url).await;
                let opened = match client {
                    Ok(client) => {
                        let filter = Some(self.filter.clone());
                        let begun = client.subscribe_receipts(filter, self.after).await;
                        begun.map(|subscription| Open { subscription, _client: client })
                    }
                    Err(error) => Err(error),
                };
                self.open = attempts.opened(&self.url, opened).await?;
            }
            let Some(notice) = received(&mut self.open).await else { continue };
            self.after = Some(match &notice {
                ReceiptNotice::Receipts { position, .. } => *position,
                ReceiptNotice::Gap { to_height, .. } => {
                    Position { height: *to_height, index: u32::MAX }
                }
            });
            return Ok(notice);
        }
    }
}

async fn connect(url: &str) -> Result<WsClient, ClientError> {
    WsClientBuilder::default()
        .max_buffer_capacity_per_subscription(MESSAGES_MAX)
        .max_response_size(MESSAGE_BYTES_MAX)
        .build(url)
        .await
}

/// The next message; none when the subscription broke, which closes it.
async fn received<T: DeserializeOwned>(open: &mut Option<Open<T>>) -> Option<T> {
    let notice = open.as_mut()?.subscription.next().await;
    match notice {
        Some(Ok(notice)) => Some(notice),
        Some(Err(_)) | None => {
            *open = None;
            None
        }
    }
}

/// Counts failed attempts to open a subscription, and rests between them.
#[derive(Default)]
struct Attempts(u32);

impl Attempts {
    /// What was opened; none when it is to be tried again.
    async fn opened<T>(
        &mut self,
        url: &str,
        opened: Result<T, ClientError>,
    ) -> Result<Option<T>, Error> {
        let error = match opened {
            Ok(opened) => return Ok(Some(opened)),
            Err(error) => Error::of_call(url, error),
        };
        self.0 += 1;
        let lasting = matches!(error, Error::Refused(_) | Error::Protocol(_)) && !error.retryable();
        if self.0 >= ATTEMPTS_MAX || lasting {
            return Err(error);
        }
        let pause_ms = (PAUSE_FIRST_MS << (self.0 - 1)).min(PAUSE_MAX_MS);
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        Ok(None)
    }
}
