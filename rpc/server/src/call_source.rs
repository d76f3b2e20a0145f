//! The context of a call: its client, its connection, and the resources that all clients share.

use std::sync::Arc;
use std::time::Duration;

use ehb_rpc_api::Cost;
use jsonrpsee::Extensions;
use tokio::time::sleep;

use crate::client::Client;
use crate::connections::{Busy, Connection};
use crate::limits::{Limits, NOTICE_PAUSE_MS, NOTICES_AT_ONCE_MAX};
use crate::memory::{Memory, Share};
use crate::pool::Place;
use crate::turns::{Turn, Turns};
use crate::usage::{SessionGuard, Usage};
use crate::wire::Wire;

/// State shared by the calls of all clients.
pub(crate) struct Resources {
    pub(crate) memory: Memory,
    reads: Arc<Turns>,
    block_reads: Arc<Turns>,
    executions: Arc<Turns>,
    /// The turns in which notices of subscriptions are built.
    notices: Arc<Turns>,
    pub(crate) usage: Arc<Usage>,
}

impl Resources {
    pub(crate) fn new(limits: &Limits, usage: Arc<Usage>) -> Arc<Self> {
        let turns =
            |at_once| Turns::new(at_once, limits.client_calls_max + limits.client_waits_max);
        Arc::new(Self {
            memory: Memory::new(limits),
            reads: turns(limits.reads_at_once),
            block_reads: turns(limits.block_reads_at_once),
            executions: turns(limits.executions_at_once),
            notices: Turns::new(NOTICES_AT_ONCE_MAX, limits.client_subscriptions_max),
            usage,
        })
    }

    /// The turns that a call takes.
    pub(crate) fn turns(&self, cost: Cost) -> Arc<Turns> {
        match cost {
            Cost::Block => self.block_reads.clone(),
            Cost::Execution => self.executions.clone(),
            Cost::Light | Cost::Read | Cost::Wait | Cost::Subscription => self.reads.clone(),
        }
    }
}

/// The source of a call: an HTTP request, or a WebSocket. Clones share the same one.
#[derive(Clone)]
pub(crate) struct CallSource(Arc<Inner>);

struct Inner {
    client: Arc<Client>,
    resources: Arc<Resources>,
    connection: Arc<Connection>,
    websocket: Option<WebSocket>,
}

/// The resources of an open WebSocket.
pub(crate) struct WebSocket {
    pub(crate) _place: Place,
    pub(crate) _guard: SessionGuard,
    pub(crate) _busy: Busy,
}

impl CallSource {
    pub(crate) fn new(
        client: Arc<Client>,
        resources: Arc<Resources>,
        connection: Arc<Connection>,
        websocket: Option<WebSocket>,
    ) -> Self {
        Self(Arc::new(Inner { client, resources, connection, websocket }))
    }

    /// The WebSocket that a subscription belongs to.
    pub(crate) fn of(extensions: &Extensions) -> Result<Self, &'static str> {
        extensions.get::<Self>().cloned().ok_or("the subscription has no WebSocket")
    }

    pub(crate) fn client(&self) -> &Arc<Client> {
        &self.0.client
    }

    pub(crate) fn resources(&self) -> &Resources {
        &self.0.resources
    }

    /// The bytes of the connection.
    pub(crate) fn wire(&self) -> &Arc<Wire> {
        self.0.connection.wire()
    }

    pub(crate) fn is_websocket(&self) -> bool {
        self.0.websocket.is_some()
    }

    /// Waits for the turn to build a notice, without a time limit: no notice is skipped.
    pub(crate) async fn notice_turn(&self) -> Turn {
        loop {
            match self.0.resources.notices.turn(self.0.client.key).await {
                Ok(turn) => return turn,
                Err(_) => sleep(Duration::from_millis(NOTICE_PAUSE_MS)).await,
            }
        }
    }

    /// Waits for the memory of a notice of a subscription, without a time limit.
    pub(crate) async fn notice_share(&self, bytes: usize) -> Option<Share> {
        loop {
            match self.0.resources.memory.share(&self.0.client, self.wire(), bytes).await {
                Ok(share) => return share,
                Err(_) => sleep(Duration::from_millis(NOTICE_PAUSE_MS)).await,
            }
        }
    }
}
