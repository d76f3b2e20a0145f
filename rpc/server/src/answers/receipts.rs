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
use crate::follow::{Follower, Notices, Sent, Step};
use crate::limits::{
    POSITION_EVERY_MS, SCAN_BLOCKS_MAX, SCAN_TRANSACTIONS_MAX, SUBSCRIPTION_MESSAGE_BYTES,
};
use crate::session::Session;
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

/// The position at which a subscription continues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    height: u64,
    index: usize,
}

impl Place {
    fn after(position: Position) -> Self {
        Self { height: position.height, index: (position.index as usize).saturating_add(1) }
    }

    /// The last checked position; none before the first block.
    fn last(self) -> Option<Position> {
        match self.index.checked_sub(1) {
            Some(index) => {
                let index = u32::try_from(index).unwrap_or(Position::END);
                Some(Position { height: self.height, index })
            }
            None => Some(Position { height: self.height.checked_sub(1)?, index: Position::END }),
        }
    }
}

impl Wanted {
    fn includes(&self, views: Views<'_>, block: &DecidedBlock, index: usize) -> bool {
        let Some(receipt) = block.receipts.get(index) else { return false };
        let sender = block.block.transactions.get(index).map(|it| it.transaction.sender);
        self.sender.is_none_or(|wanted| sender == Some(wanted))
            && self.ids.as_ref().is_none_or(|ids| ids.contains(&receipt.transaction))
            && self.module.as_ref().is_none_or(|name| self.has(views, name, block, index))
            && self.account.is_none_or(|account| mentions(views, &account, block, index))
    }

    /// Whether a receipt has the wanted event of a module, or any event or call of it if no event is named.
    fn has(&self, views: Views<'_>, module: &Name, block: &DecidedBlock, index: usize) -> bool {
        let events = block.receipts.get(index).map_or(&[][..], |receipt| &receipt.events);
        let mut events = events.iter().filter(|event| event.module == *module);
        let Some(name) = &self.event else {
            let signed = block.block.transactions.get(index);
            let mut calls = signed.iter().flat_map(|signed| &signed.transaction.calls);
            return calls.any(|call| call.module == *module) || events.next().is_some();
        };
        events.any(|event| {
            let info = views.module(module.as_str(), event.call.into());
            info.is_some_and(|info| info.interface.event_name(&event.data) == Some(name))
        })
    }
}

/// Whether an account is the sender of a transaction, or an address in its arguments, results or events.
fn mentions(views: Views<'_>, account: &Address, block: &DecidedBlock, index: usize) -> bool {
    let Some(receipt) = block.receipts.get(index) else { return false };
    let transaction = block.block.transactions.get(index).map(|signed| &signed.transaction);
    if transaction.is_some_and(|transaction| transaction.sender == *account) {
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
    let calls = transaction.map_or(&[][..], |transaction| &transaction.calls);
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

    /// Checks that the position exists on this chain, if its block is available.
    pub(super) async fn check_position(
        &self,
        session: &Session,
        after: Option<Position>,
    ) -> Result<(), ErrorObjectOwned> {
        let Some(after) = after.filter(|after| after.index != Position::END) else { return Ok(()) };
        let turn = session.notice_turn().await;
        let answers = self.clone();
        let checked = move || {
            let backend = &*answers.backend;
            if after.height > backend.height() || after.height < backend.earliest() {
                return Ok(());
            }
            let block = answers.cache.block(backend, after.height)?;
            let count = block.map_or(0, |block| block.receipts.len());
            // A client that begins at the start of an empty block uses index 0.
            if after.index as usize >= count.max(1) {
                let text = format!(
                    "there is no position {} in block {}, which has {count} transactions; its end is {}",
                    after.index,
                    after.height,
                    Position::END
                );
                return Err(Refusal::new(Code::InvalidRequest, text));
            }
            Ok(())
        };
        self.shown(run_blocking(checked, turn).await)
    }

    /// Sends the matching receipts of block after block until the subscriber disconnects, and the position if
    /// none matched for a while. An error ends the subscription.
    pub(super) async fn notify_of_receipts(
        &self,
        session: &Session,
        sink: &SubscriptionSink,
        mut follower: Follower,
        wanted: &Arc<Wanted>,
        after: Option<Position>,
    ) -> Result<(), String> {
        let mut notices = Notices::new(session, sink);
        let every = Duration::from_millis(POSITION_EVERY_MS);
        let mut place =
            after.map_or(Place { height: follower.next_height(), index: 0 }, Place::after);
        let (mut known, mut due) = (place, Instant::now() + every);
        loop {
            let head = match follower.ready(sink, (place != known).then_some(due)).await {
                Step::Ready { head } if place == known || Instant::now() < due => head,
                Step::Ready { .. } | Step::Late => {
                    let Some(position) = place.last() else { continue };
                    let receipts = Vec::new();
                    if !notices.send(&ReceiptNotice::Receipts { position, receipts }).await {
                        return Ok(());
                    }
                    (known, due) = (place, Instant::now() + every);
                    continue;
                }
                Step::Gap { from_height, to_height } => {
                    if !notices.send(&ReceiptNotice::Gap { from_height, to_height }).await {
                        return Ok(());
                    }
                    place = Place { height: follower.next_height(), index: 0 };
                    (known, due) = (place, Instant::now() + every);
                    continue;
                }
                Step::Ended => return Ok(()),
            };
            let (answers, wanted, from) = (self.clone(), wanted.clone(), place);
            match notices.send_made(move || answers.scan(&wanted, from, head)).await {
                Sent::Done { sent, rest } => {
                    place = rest;
                    if sent {
                        (known, due) = (place, Instant::now() + every);
                    }
                }
                Sent::Refused(_) if follower.is_pruned() => {}
                Sent::Refused(refusal) => return Err(notices.failed(place.height, &refusal)),
                Sent::TooLong(_) => {
                    let text = "a receipt is too long for a message";
                    let refusal = Refusal::new(Code::LimitExceeded, text);
                    return Err(notices.failed(place.height, &refusal));
                }
                Sent::Closed => return Ok(()),
            }
            follower.go_on_at(place.height);
        }
    }

    /// Searches block after block for matching receipts; returns the first message of them, and the position
    /// to continue at.
    fn scan(
        &self,
        wanted: &Wanted,
        from: Place,
        head: u64,
    ) -> Result<(Option<ReceiptNotice>, Place), Refusal> {
        let (mut place, mut looked_at) = (from, 0);
        let last = head.min(from.height.saturating_add(SCAN_BLOCKS_MAX));
        while place.height <= last && looked_at < SCAN_TRANSACTIONS_MAX {
            let block = match self.cache.block(&*self.backend, place.height) {
                Ok(Some(block)) => block,
                Ok(None) => return Err(above_head(&*self.backend, place.height)),
                // The blocks before it were checked.
                Err(_) if place.height > from.height => break,
                Err(refusal) => return Err(refusal),
            };
            let modules = self.backend.modules_of_block(place.height)?;
            let views = self.views();
            let (notice, next) = receipts_from(views.within(&modules), &block, place.index, wanted);
            looked_at += next - place.index.min(next);
            place = match next >= block.receipts.len() {
                true => Place { height: place.height.saturating_add(1), index: 0 },
                false => Place { index: next, ..place },
            };
            if notice.is_some() {
                return Ok((notice, place));
            }
        }
        Ok((None, place))
    }
}

/// The next message of a block's matching receipts, and the index after the checked ones.
fn receipts_from(
    views: Views<'_>,
    block: &DecidedBlock,
    mut index: usize,
    wanted: &Wanted,
) -> (Option<ReceiptNotice>, usize) {
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
    let position = receipts.last().map(|it| it.position);
    let notice = position.map(|position| ReceiptNotice::Receipts { position, receipts });
    (notice, index)
}
