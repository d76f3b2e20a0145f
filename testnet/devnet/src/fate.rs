//! The fate of a transaction, read so that none gets lost between the mempool and the chain.

use ehb_kernel::accounts;
use ehb_mempool::{Loss, Lost, Slot};
use ehb_rpc_server::{Fate, Refusal};
use ehb_state::Overlay;
use ehb_types::{Code, Hash, Transaction};

use crate::chain::{Chain, Kept, state_failed};

/// The fate of a transaction, whose content may be given.
pub(crate) fn of(chain: &Chain, id: &Hash, content: Option<&Transaction>) -> Result<Fate, Refusal> {
    if let Some(content) = content.filter(|it| it.chain != chain.genesis_hash) {
        let message = format!("the transaction is for chain {}", content.chain);
        return Err(Refusal::new(Code::WrongChain, message));
    }
    // The pool first: what a block takes from it leaves it only after that block is kept.
    let (pending, lost) = {
        let mempool = chain.mempool.read();
        let pending = mempool.get(id).cloned();
        (pending.map(|it| (it, mempool.missing_sequence(id))), mempool.lost(id).cloned())
    };
    let kept = chain.kept();
    if let Some((height, index)) = kept.positions.get(id)
        && let Some(block) = kept.at(*height)
    {
        return Ok(Fate::Final(block.decided.clone(), *index as usize));
    }
    if let Some((transaction, missing_sequence)) = pending {
        return Ok(Fate::Pending { transaction, missing_sequence });
    }
    let (slot, dropped) = match lost {
        Some(Lost { loss: Loss::Superseded { by, height }, .. }) => {
            return Ok(Fate::Superseded { by: Some(by), height });
        }
        Some(Lost { loss: Loss::Expired { height, timestamp_ms }, .. }) => {
            return Ok(Fate::Expired { height, timestamp_ms });
        }
        Some(Lost { loss: Loss::Dropped(rejection), slot }) => {
            (Some(slot), Some(Refusal::new(rejection.code, rejection.message)))
        }
        None => (content.map(Slot::from), None),
    };
    let settled = slot.map(|slot| settled(&slot, &kept)).transpose()?.flatten();
    Ok(settled.unwrap_or(Fate::Unknown { dropped }))
}

/// The certain fate of a transaction that is in no block up to the head, if there is one.
fn settled(slot: &Slot, kept: &Kept) -> Result<Option<Fate>, Refusal> {
    let head = kept.head();
    let (height, timestamp_ms) = (head.header().height, head.header().timestamp_ms);
    let Some(state) = &head.state else { return Ok(None) };
    let state = Overlay::new(state.clone());
    let next = accounts::next_sequence(&state, &slot.sender, slot.lane).map_err(state_failed)?;
    Ok(if next > slot.sequence {
        Some(Fate::Superseded { by: None, height })
    } else if slot.is_expired(timestamp_ms) {
        Some(Fate::Expired { height, timestamp_ms })
    } else {
        None
    })
}
