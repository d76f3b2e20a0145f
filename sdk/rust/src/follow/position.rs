//! The subjects of subscriptions, blocks and receipts, and the position at which each continues.

use ehb_rpc_api::{
    BlockNotice, BlocksView, ChainClient, Detail, GapReason, Position, ReceiptFilter,
    ReceiptNotice, TransactionClient, rpc_number,
};
use ehb_types::Code;
use jsonrpsee::core::ClientError;
use jsonrpsee::core::client::Subscription;
use jsonrpsee::ws_client::WsClient;

use super::line::Subject;
use crate::whole_block::whole_block;

/// Blocks from a height on.
#[derive(Clone)]
pub(super) struct BlocksFrom {
    detail: Detail,
    next_height: Option<u64>,
}

impl BlocksFrom {
    pub(super) fn new(next_height: Option<u64>, detail: Detail) -> Self {
        Self { detail, next_height }
    }

    /// Whether whole blocks are followed, which are long: they are read when the consumer has room, and not
    /// sent in advance.
    fn reads_blocks(&self) -> bool {
        matches!(self.detail, Detail::Full | Detail::Canonical)
    }
}

impl Subject for BlocksFrom {
    type Notice = BlockNotice;

    fn begin(&mut self, head: u64) {
        self.next_height.get_or_insert(head.saturating_add(1));
    }

    async fn subscribe(&self, client: &WsClient) -> Result<Subscription<BlockNotice>, ClientError> {
        let detail = if self.reads_blocks() { Detail::Header } else { self.detail };
        client.subscribe_blocks(self.next_height, Some(detail)).await
    }

    async fn expand(
        &self,
        client: &WsClient,
        notice: BlockNotice,
    ) -> Result<Vec<BlockNotice>, ClientError> {
        let BlockNotice::Block { block } = &notice else { return Ok(vec![notice]) };
        if !self.reads_blocks() {
            return Ok(vec![notice]);
        }
        let (announced, next) = (block.header.height, self.next_height.unwrap_or_default());
        // It was already read at an earlier notice.
        if announced < next {
            return Ok(Vec::new());
        }
        match client.blocks(next, None, Some(self.detail)).await {
            Ok(BlocksView { blocks, .. }) if !blocks.is_empty() => {
                let notice = |block| BlockNotice::Block { block: Box::new(block) };
                Ok(blocks.into_iter().map(notice).collect())
            }
            // The node announced more than it has: the subscription is restarted.
            Ok(_) => Err(ClientError::Custom(format!("the node does not send block {next}"))),
            Err(error) if is_too_long(&error) => {
                let block = match whole_block(client, next, self.detail).await {
                    // If the header is sent, only the length of a single receipt can be the reason.
                    Err(error) if is_too_long(&error) => {
                        client.blocks(next, Some(1), Some(Detail::Header)).await?;
                        None
                    }
                    read => read?,
                };
                let (from_height, to_height, reason) = (next, next, GapReason::TooLong);
                let gap = BlockNotice::Gap { from_height, to_height, reason };
                Ok(vec![block.map_or(gap, |block| BlockNotice::Block { block: Box::new(block) })])
            }
            Err(error) => Err(error),
        }
    }

    fn advance(&mut self, notice: &BlockNotice) -> Result<(), String> {
        let (first, last) = match notice {
            BlockNotice::Block { block } => (block.header.height, block.header.height),
            BlockNotice::Gap { from_height, to_height, .. } => (*from_height, *to_height),
        };
        let expected = self.next_height.unwrap_or(first);
        if first != expected || last < first {
            return Err(format!("expected height {expected}, got {first} to {last}"));
        }
        self.next_height = Some(last.saturating_add(1));
        Ok(())
    }

    fn is_owed(&self, head: u64) -> bool {
        self.next_height.is_some_and(|next| next <= head)
    }
}

fn is_too_long(error: &ClientError) -> bool {
    matches!(error, ClientError::Call(call) if call.code() == rpc_number(Code::LimitExceeded))
}

/// Receipts from a position on.
#[derive(Clone)]
pub(super) struct ReceiptsFrom {
    filter: ReceiptFilter,
    from: Option<Position>,
}

impl ReceiptsFrom {
    pub(super) fn new(filter: ReceiptFilter, from: Option<Position>) -> Self {
        Self { filter, from }
    }
}

impl Subject for ReceiptsFrom {
    type Notice = ReceiptNotice;

    fn begin(&mut self, head: u64) {
        self.from.get_or_insert(Position::first_of(head.saturating_add(1)));
    }

    async fn subscribe(
        &self,
        client: &WsClient,
    ) -> Result<Subscription<ReceiptNotice>, ClientError> {
        client.subscribe_receipts(Some(self.filter.clone()), self.from).await
    }

    async fn expand(
        &self,
        _: &WsClient,
        notice: ReceiptNotice,
    ) -> Result<Vec<ReceiptNotice>, ClientError> {
        Ok(vec![notice])
    }

    fn advance(&mut self, notice: &ReceiptNotice) -> Result<(), String> {
        let from = self.from.unwrap_or(Position::first_of(0));
        let next = match notice {
            ReceiptNotice::Receipts { next, receipts } => {
                let mut least = from;
                for Position { height, index } in receipts.iter().map(|located| located.position) {
                    if (Position { height, index }) < least {
                        return Err(format!(
                            "a receipt at {height}/{index} comes before {least:?}"
                        ));
                    }
                    least = Position { height, index: index.saturating_add(1) };
                }
                if *next < least {
                    return Err(format!("{next:?} comes before its receipts end, at {least:?}"));
                }
                *next
            }
            ReceiptNotice::Gap { to_height, .. } => Position::first_of(to_height.saturating_add(1)),
        };
        if next <= from {
            return Err(format!("the position {next:?} does not come after {from:?}"));
        }
        self.from = Some(next);
        Ok(())
    }

    /// Only the node knows which receipts match a filter.
    fn is_owed(&self, _head: u64) -> bool {
        false
    }
}
