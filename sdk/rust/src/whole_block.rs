//! Reads a block that is too long for one answer, part after part.

use ehb_rpc_api::{At, BlockView, ChainClient, Detail};
use jsonrpsee::core::ClientError;

/// The maximum number of parts of a block: a node that sends more makes the client use memory without end.
const PARTS_MAX: usize = 64;

/// Reads all parts of the block at a height; none if there are more than [`PARTS_MAX`]. Errors: those of the node,
/// [`ClientError::Custom`] if the parts do not belong together.
pub(crate) async fn whole_block<C: ChainClient + Sync>(
    node: &C,
    height: u64,
    detail: Detail,
) -> Result<Option<BlockView>, ClientError> {
    let at = Some(At::Height(height));
    let mut whole = ChainClient::block(node, at, Some(detail), None).await?;
    for _ in 1..PARTS_MAX {
        let Some(from) = whole.next_index else { return Ok(Some(whole)) };
        let part = ChainClient::block(node, at, Some(detail), Some(from)).await?;
        let wrong = || {
            let text = format!("the part of block {height} from index {from} on does not fit");
            ClientError::Custom(text)
        };
        if part.hash != whole.hash || part.next_index.is_some_and(|next| next <= from) {
            return Err(wrong());
        }
        append(&mut whole, part).ok_or_else(wrong)?;
    }
    Ok(whole.next_index.is_none().then_some(whole))
}

/// Appends a part of the same detail.
fn append(whole: &mut BlockView, part: BlockView) -> Option<()> {
    whole.next_index = part.next_index;
    match (&mut whole.canonical, part.canonical) {
        (Some(whole), Some(part)) => {
            whole.block.0.extend(part.block.0);
            whole.receipts.0.extend(part.receipts.0);
        }
        (None, None) => {
            whole.transactions.as_mut()?.extend(part.transactions?);
            whole.receipts.as_mut()?.extend(part.receipts?);
        }
        _ => return None,
    }
    Some(())
}
