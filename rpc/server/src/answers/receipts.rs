//! Subscriptions of receipts: the filter, and the search for matches in block after block.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ehb_rpc_api::{
    FILTER_IDS_MAX, LocatedReceipt, Position, RECEIPTS_PER_MESSAGE_MAX, ReceiptFilter,
    ReceiptNotice, error,
};
use ehb_types::{Address, Code, Hash, Name, Outcome};
use jsonrpsee::SubscriptionSink;
use jsonrpsee::types::ErrorObjectOwned;
use tokio::time::Instant;

use super::{Answers, above_head};
use crate::backend::{DecidedBlock, Refusal};
use crate::call_source::CallSource;
use crate::follow::{Follower, Notices, Sent, Step};
use crate::limits::{
    POSITION_EVERY_MS, SCAN_BLOCKS_MAX, SCAN_TRANSACTIONS_MAX, SUBSCRIPTION_MESSAGE_BYTES,
};
use crate::views::Views;
use crate::workers::run_blocking;

/// The filter of a subscription.
pub(super) struct Wanted {
    sender: Option<Address>,
    ids: Option<BTreeSet<Hash>>,
    module: Option<Name>,
    event: Option<String>,
    account: Option<Address>,
    without_events: bool,
}

impl Wanted {
    fn includes(&self, views: Views<'_>, block: &DecidedBlock, index: usize) -> bool {
        let Some(receipt) = block.receipts.get(index) else { return false };
        self.sender.is_none_or(|wanted| views.sender(block, index) == Some(wanted))
            && self.ids.as_ref().is_none_or(|ids| ids.contains(&receipt.transaction))
            && self.module.as_ref().is_none_or(|name| self.has(views, name, block, index))
            && self.account.is_none_or(|account| mentions(views, &account, block, index))
    }

    /// Whether a receipt has the wanted event of a module, or any event or call of it if no event is named.
    fn has(&self, views: Views<'_>, module: &Name, block: &DecidedBlock, index: usize) -> bool {
        let events = block.receipts.get(index).map_or(&[][..], |receipt| &receipt.events);
        let mut events = events.iter().filter(|event| event.module == *module);
        let Some(name) = &self.event else {
            let calls = views.calls(block, index);
            return calls.iter().any(|call| call.module == *module) || events.next().is_some();
        };
        events.any(|event| {
            let info = views.module(module.as_str(), event.call.into());
            info.is_some_and(|info| info.interface.event_name(&event.data) == Some(name))
        })
    }
}

/// Whether an account is the sender at an index of a block, or an address in arguments, results or events there.
fn mentions(views: Views<'_>, account: &Address, block: &DecidedBlock, index: usize) -> bool {
    let Some(receipt) = block.receipts.get(index) else { return false };
    if views.sender(block, index) == Some(*account) {
        return true;
    }
    let in_event = receipt.events.iter().any(|event| {
        let info = views.module(event.module.as_str(), event.call.into());
        info.is_some_and(|info| info.interface.event_mentions(&event.data, account))
    });
    let in_call = |(at, call): (usize, &ehb_types::Call)| {
        let Some(info) = views.module(call.module.as_str(), at) else { return false };
        let Some(function) = info.interface.function(call.function.as_str()) else { return false };
        let result = match &receipt.outcome {
            Outcome::Success(results) => results.get(at),
            Outcome::Failure(_) => None,
        };
        function.arguments_mention(&call.arguments, account)
            || result.is_some_and(|data| function.output_mentions(data, account))
    };
    let calls = views.calls(block, index);
    in_event || calls.iter().enumerate().any(in_call) || {
        let Outcome::Failure(failure) = &receipt.outcome else { return false };
        failure.error.as_ref().is_some_and(|error| {
            let info = views.module(error.module.as_str(), failure.call.unwrap_or(0).into());
            let function =
                info.as_ref().and_then(|it| it.interface.function(error.function.as_str()));
            function.is_some_and(|function| function.error_mentions(&error.data, account))
        })
    }
}

impl Answers {
    /// Checks a filter.
    pub(super) fn wanted(&self, filter: ReceiptFilter) -> Result<Wanted, ErrorObjectOwned> {
        let ids = filter.ids.map(|ids| {
            if ids.len() > FILTER_IDS_MAX {
                let text = format!("a filter holds at most {FILTER_IDS_MAX} ids");
                return Err(error(Code::LimitExceeded, text));
            }
            Ok(ids.into_iter().collect())
        });
        let ids = ids.transpose()?;
        self.check_event(filter.module.as_ref(), filter.event.as_deref())?;
        let address = |text: Option<String>| text.map(|text| self.address(&text)).transpose();
        Ok(Wanted {
            sender: address(filter.sender)?,
            ids,
            module: filter.module,
            event: filter.event,
            account: address(filter.account)?,
            without_events: filter.without_events,
        })
    }

    /// Checks that a module and its event can occur.
    fn check_event(
        &self,
        module: Option<&Name>,
        event: Option<&str>,
    ) -> Result<(), ErrorObjectOwned> {
        let Some(module) = module else {
            return match event {
                Some(_) => {
                    let text = "a filter that names an event must name the module that emits it";
                    Err(error(Code::InvalidRequest, text))
                }
                None => Ok(()),
            };
        };
        let Some(info) = self.backend.module(module.as_str()) else {
            let text = format!("no module is installed under the name {module}");
            return Err(error(Code::UnknownModule, text));
        };
        // A new version of a module has all events of the old one.
        let names = info.interface.event_names();
        match event {
            Some(event) if !names.contains(&event) => {
                let shown: String = event.chars().take(64).collect();
                let text = format!(
                    "the module {module} emits no event {shown:?}; its events are: {}",
                    names.join(", ")
                );
                Err(error(Code::InvalidRequest, text))
            }
            _ => Ok(()),
        }
    }

    /// Checks that the position exists on this chain, if its block is available: it is that of a receipt, or the end
    /// of a block.
    pub(super) async fn check_position(
        &self,
        source: &CallSource,
        from: Option<Position>,
    ) -> Result<(), ErrorObjectOwned> {
        let Some(from) = from.filter(|from| from.index > 0) else { return Ok(()) };
        let turn = source.notice_turn().await;
        let answers = self.clone();
        let checked = move || {
            let backend = &*answers.backend;
            if from.height > backend.height() || from.height < backend.earliest() {
                return Ok(());
            }
            let block = answers.cache.block(backend, from.height)?;
            block.map_or(Ok(()), |block| within(&block, from))
        };
        self.shown(run_blocking(checked, turn).await)
    }

    /// Sends the matching receipts of block after block until the subscriber disconnects, and the position if
    /// none matched for a while. An error ends the subscription.
    pub(super) async fn notify_of_receipts(
        &self,
        source: &CallSource,
        sink: &SubscriptionSink,
        mut follower: Follower,
        wanted: &Arc<Wanted>,
        from: Option<Position>,
    ) -> Result<(), String> {
        let mut notices = Notices::new(source, sink);
        let every = Duration::from_millis(POSITION_EVERY_MS);
        let mut next = from.unwrap_or(Position::first_of(follower.next_height()));
        let (mut known, mut due) = (next, Instant::now() + every);
        loop {
            let head = match follower.ready(sink, (next != known).then_some(due)).await {
                Step::Ready { head } if next == known || Instant::now() < due => head,
                Step::Ready { .. } | Step::Late => {
                    let receipts = Vec::new();
                    if !notices.send(&ReceiptNotice::Receipts { next, receipts }).await {
                        return Ok(());
                    }
                    (known, due) = (next, Instant::now() + every);
                    continue;
                }
                Step::Gap { from_height, to_height } => {
                    if !notices.send(&ReceiptNotice::Gap { from_height, to_height }).await {
                        return Ok(());
                    }
                    next = Position::first_of(follower.next_height());
                    (known, due) = (next, Instant::now() + every);
                    continue;
                }
                Step::Ended => return Ok(()),
            };
            let (answers, wanted, from) = (self.clone(), wanted.clone(), next);
            match notices.send_made(move || answers.scan(&wanted, from, head)).await {
                Sent::Done { sent, rest } => {
                    next = rest;
                    if sent {
                        (known, due) = (next, Instant::now() + every);
                    }
                }
                Sent::Refused(_) if follower.is_pruned() => {}
                Sent::Refused(refusal) => return Err(notices.failed(next.height, &refusal)),
                Sent::TooLong(_) => {
                    let text = "a receipt is too long for a message";
                    let refusal = Refusal::new(Code::LimitExceeded, text);
                    return Err(notices.failed(next.height, &refusal));
                }
                Sent::Closed => return Ok(()),
            }
            follower.go_on_at(next.height);
        }
    }

    /// Searches block after block for matching receipts; returns the first message of them, and the position
    /// to continue at.
    fn scan(
        &self,
        wanted: &Wanted,
        from: Position,
        head: u64,
    ) -> Result<(Option<ReceiptNotice>, Position), Refusal> {
        let (mut next, mut looked_at) = (from, 0);
        let last = head.min(from.height.saturating_add(SCAN_BLOCKS_MAX));
        while next.height <= last && looked_at < SCAN_TRANSACTIONS_MAX {
            let block = match self.cache.block(&*self.backend, next.height) {
                Ok(Some(block)) => block,
                Ok(None) => return Err(above_head(&*self.backend, next.height)),
                // The blocks before it were checked.
                Err(_) if next.height > from.height => break,
                Err(refusal) => return Err(refusal),
            };
            // A subscription can begin in a block that this node did not have yet, as after a failover.
            within(&block, next)?;
            let modules = self.backend.modules_of_block(next.height)?;
            let (views, first) = (self.views(), next.index as usize);
            let (receipts, end) = receipts_from(views.within(&modules), &block, first, wanted);
            looked_at += end - first.min(end);
            next = match u32::try_from(end) {
                Ok(index) if end < block.receipts.len() => Position { index, ..next },
                _ => Position::first_of(next.height.saturating_add(1)),
            };
            if !receipts.is_empty() {
                return Ok((Some(ReceiptNotice::Receipts { next, receipts }), next));
            }
        }
        Ok((None, next))
    }
}

/// Checks that a position is that of a receipt of the block, or its end.
fn within(block: &DecidedBlock, Position { height, index }: Position) -> Result<(), Refusal> {
    let count = block.receipts.len();
    if index as usize <= count {
        return Ok(());
    }
    let s = if count == 1 { "" } else { "s" };
    let text =
        format!("there is no position {index} in block {height}, which has {count} receipt{s}");
    Err(Refusal::new(Code::InvalidRequest, text))
}

/// The matching receipts of a block for the next message, and the index after the checked ones.
fn receipts_from(
    views: Views<'_>,
    block: &DecidedBlock,
    mut index: usize,
    wanted: &Wanted,
) -> (Vec<LocatedReceipt>, usize) {
    let mut receipts: Vec<LocatedReceipt> = Vec::new();
    let mut bytes = 0;
    while index < block.receipts.len()
        && receipts.len() < RECEIPTS_PER_MESSAGE_MAX
        && bytes < SUBSCRIPTION_MESSAGE_BYTES
    {
        if wanted.includes(views.at(index), block, index)
            && let Some(located) = views.located(block, index, !wanted.without_events)
        {
            let events = located.receipt.events.iter();
            bytes += events.map(|event| event.value.data.0.len()).sum::<usize>();
            receipts.push(located);
        }
        index += 1;
    }
    (receipts, index)
}
