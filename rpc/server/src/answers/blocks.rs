//! Reads consecutive blocks.

use ehb_rpc_api::{
    BLOCKS_ANSWER_BYTES_MAX, BLOCKS_PER_ANSWER_MAX, BlockView, BlocksView,
    CANONICAL_PART_BYTES_MAX, Detail,
};
use ehb_types::Code;

use super::{above_head, block_at};
use crate::backend::Refusal;
use crate::follow::json_len;
use crate::limits::{ANSWER_BYTES_MAX, RANGE_READ_BYTES_MAX};
use crate::long_blocks::LongBlocks;
use crate::views::Views;

/// An upper bound of an answer's JSON without its blocks, bytes.
const ENVELOPE_BYTES: usize = 4 << 10;

/// The view of a block, with the canonical size of the data read for it; none if its JSON would be longer
/// than `json_bytes_max`, with a size that is certainly above that.
pub(crate) fn shown_block(
    views: Views<'_>,
    height: u64,
    detail: Detail,
    json_bytes_max: usize,
) -> Result<Result<(BlockView, usize), usize>, Refusal> {
    if detail == Detail::Canonical {
        let canonical = views.backend().canonical(height)?;
        let canonical = canonical.ok_or_else(|| above_head(views.backend(), height))?;
        let bytes = canonical.block.len() + canonical.receipts.len();
        let json_bytes = bytes.saturating_mul(4) / 3;
        let fits = json_bytes <= json_bytes_max;
        let shown = fits.then(|| (views.canonical_part(canonical, 0, usize::MAX), bytes));
        return Ok(shown.ok_or(json_bytes));
    }
    let block = block_at(views.backend(), height)?;
    let bytes = block.bytes();
    if detail == Detail::Full && block.json_bytes_min() > json_bytes_max {
        return Ok(Err(block.json_bytes_min()));
    }
    let modules = views.backend().modules_of_block(height)?;
    Ok(Ok((views.within(&modules).block(&block, detail), bytes)))
}

/// A block from an index on, or as much of it as fits into a part.
pub(super) fn part(
    views: Views<'_>,
    height: u64,
    detail: Detail,
    from: usize,
) -> Result<BlockView, Refusal> {
    let beyond = |count: usize, counted: &str| {
        let s = if count == 1 { "" } else { "s" };
        let problem = format!("fromIndex is {from}; block {height} has {count} {counted}{s}");
        Refusal::new(Code::InvalidRequest, problem)
    };
    match detail {
        Detail::Full => {
            let block = block_at(views.backend(), height)?;
            if from > 0 && from >= block.receipts.len() {
                return Err(beyond(block.receipts.len(), "receipt"));
            }
            let modules = views.backend().modules_of_block(height)?;
            Ok(views.within(&modules).block_part(&block, detail, from))
        }
        Detail::Canonical => {
            let canonical = views.backend().canonical(height)?;
            let canonical = canonical.ok_or_else(|| above_head(views.backend(), height))?;
            let bytes = canonical.block.len() + canonical.receipts.len();
            if from > 0 && from >= bytes {
                return Err(beyond(bytes, "byte"));
            }
            Ok(views.canonical_part(canonical, from, CANONICAL_PART_BYTES_MAX))
        }
        Detail::Header | Detail::Ids if from > 0 => {
            let problem = format!(
                "fromIndex is {from}, but headers and ids have no parts: leave it out, or set detail to \
                 \"full\" or \"canonical\""
            );
            Err(Refusal::new(Code::InvalidRequest, problem))
        }
        // The library rejects an answer that is still too long.
        Detail::Header | Detail::Ids => {
            let shown = shown_block(views, height, detail, ANSWER_BYTES_MAX)?;
            shown.map(|(block, _)| block).map_err(|bytes| too_long(height, bytes))
        }
    }
}

/// Whole blocks from a height on, as many as fit into an answer.
pub(super) fn range(
    views: Views<'_>,
    long_blocks: &LongBlocks,
    from: u64,
    count: u64,
    detail: Detail,
) -> Result<BlocksView, Refusal> {
    let head = views.backend().height();
    check_range(views, from, count, head)?;
    let is_full = detail == Detail::Full;
    if let Some(json_bytes) = long_blocks.bytes(from).filter(|_| is_full) {
        return Err(too_long(from, json_bytes));
    }
    let end = from.saturating_add(count.min(BLOCKS_PER_ANSWER_MAX)).min(head.saturating_add(1));
    let (mut blocks, mut next) = (Vec::new(), from);
    let (mut answer_bytes, mut read_bytes) = (0, 0);
    while next < end && read_bytes < RANGE_READ_BYTES_MAX {
        let is_first = blocks.is_empty();
        let json_bytes_max = match is_first {
            true => ANSWER_BYTES_MAX - ENVELOPE_BYTES,
            false => BLOCKS_ANSWER_BYTES_MAX.saturating_sub(answer_bytes),
        };
        let shown = match shown_block(views, next, detail, json_bytes_max) {
            // It was just pruned, or is damaged: the previous ones are valid.
            Err(_) if !is_first => break,
            shown => shown?,
        };
        let shown = shown.and_then(|(block, bytes)| match json_len(&block) {
            json_bytes if json_bytes <= json_bytes_max => Ok((block, bytes, json_bytes)),
            json_bytes => Err(json_bytes),
        });
        match shown {
            Ok((block, bytes, json_bytes)) => {
                blocks.push(block);
                // Each needs a comma.
                answer_bytes += json_bytes + 1;
                read_bytes += bytes;
                next += 1;
            }
            Err(json_bytes) if is_first => {
                if is_full {
                    long_blocks.note(next, json_bytes);
                }
                return Err(too_long(next, json_bytes));
            }
            Err(_) => break,
        }
    }
    Ok(BlocksView { blocks, next, head })
}

fn check_range(views: Views<'_>, from: u64, count: u64, head: u64) -> Result<(), Refusal> {
    if count == 0 {
        return Err(Refusal::new(Code::InvalidRequest, "count is 0; request at least 1 block"));
    }
    if from > head.saturating_add(1) {
        return Err(above_head(views.backend(), from));
    }
    let earliest = views.backend().earliest();
    if from < earliest {
        let text = format!("block {from} is no longer kept; the first kept one is {earliest}");
        return Err(Refusal::new(Code::Pruned, text));
    }
    Ok(())
}

fn too_long(height: u64, json_bytes: usize) -> Refusal {
    let text = format!(
        "block {height} alone takes at least {json_bytes} bytes of JSON, more than an answer of \
         {ANSWER_BYTES_MAX}: read it with less detail, or in parts with chain_getBlock"
    );
    Refusal::new(Code::LimitExceeded, text)
}
