//! Answers the methods of `chain`, and notifies subscribers of blocks.

use ehb_rpc_api::{
    At, BLOCKS_PER_ANSWER_MAX, Base64, BlockNotice, BlockView, BlocksView, CertificateView,
    ChainServer, Detail, GENESIS_PART_BYTES_MAX, GapReason, GenesisPart, HeaderView,
    ParametersView, SignedHeaderView, Status, ValidatorView,
};
use ehb_types::Code;
use jsonrpsee::core::{RpcResult, SubscriptionResult, async_trait};
use jsonrpsee::{Extensions, PendingSubscriptionSink, SubscriptionSink};

use super::blocks::{part, range, shown_block};
use super::{Answers, above_head, height_at, read_state};
use crate::backend::{AtHeight, Refusal};
use crate::call_source::CallSource;
use crate::follow::{Follower, Notices, Sent, Step};
use crate::limits::ANSWER_BYTES_MAX;

#[async_trait]
impl ChainServer for Answers {
    async fn status(&self) -> RpcResult<Status> {
        Ok(self.backend.status())
    }

    async fn parameters(&self, at: Option<At>) -> RpcResult<ParametersView> {
        self.run(move |views| {
            let backend = views.backend();
            let AtHeight { height, value } =
                read_state(backend, at, |height| backend.parameters(height))?;
            Ok(ParametersView { height, parameters: value })
        })
        .await
    }

    async fn genesis(&self, offset: Option<u64>) -> RpcResult<GenesisPart> {
        let text = self.genesis.clone();
        self.run(move |views| {
            let genesis = views.backend().genesis();
            if text.get().is_none() {
                let written = genesis.to_json().map_err(|problem| {
                    tracing::error!(error = %problem, "the genesis cannot be written as text");
                    Refusal::new(Code::Internal, "the node could not write its genesis as text")
                })?;
                // Another call may have been faster; its text is the same.
                let _ = text.set((genesis.hash(), written));
            }
            let (genesis_hash, text) = text.get().ok_or_else(|| {
                Refusal::new(Code::Internal, "the node could not keep its genesis as text")
            })?;
            let offset = offset.unwrap_or(0);
            let rest = usize::try_from(offset).ok().and_then(|it| text.as_bytes().get(it..));
            let rest = rest.filter(|rest| !rest.is_empty()).ok_or_else(|| {
                let problem = format!("offset is {offset}; the genesis has {} bytes", text.len());
                Refusal::new(Code::InvalidRequest, problem)
            })?;
            let data = Base64(rest[..rest.len().min(GENESIS_PART_BYTES_MAX)].to_vec());
            Ok(GenesisPart { genesis_hash: *genesis_hash, bytes: text.len() as u64, offset, data })
        })
        .await
    }

    async fn block(
        &self,
        at: Option<At>,
        detail: Option<Detail>,
        from_index: Option<u32>,
    ) -> RpcResult<BlockView> {
        self.run(move |views| {
            let height = height_at(views.backend(), at)?;
            part(views, height, detail.unwrap_or_default(), from_index.unwrap_or(0) as usize)
        })
        .await
    }

    async fn blocks(
        &self,
        from: u64,
        count: Option<u64>,
        detail: Option<Detail>,
    ) -> RpcResult<BlocksView> {
        let (count, detail) = (count.unwrap_or(BLOCKS_PER_ANSWER_MAX), detail.unwrap_or_default());
        let long_blocks = self.long_blocks.clone();
        self.run(move |views| range(views, &long_blocks, from, count, detail)).await
    }

    async fn header(&self, at: Option<At>) -> RpcResult<SignedHeaderView> {
        self.run(move |views| {
            let height = height_at(views.backend(), at)?;
            let decided = views.backend().header(height)?;
            let decided = decided.ok_or_else(|| above_head(views.backend(), height))?;
            Ok(SignedHeaderView {
                hash: decided.header.hash(),
                header: HeaderView::from(&decided.header),
                certificate: decided.certificate.as_ref().map(CertificateView::from),
                validators: ValidatorView::all(&decided.validators),
            })
        })
        .await
    }

    async fn subscribe_blocks(
        &self,
        pending: PendingSubscriptionSink,
        extensions: &Extensions,
        from_height: Option<u64>,
        detail: Option<Detail>,
    ) -> SubscriptionResult {
        let follower = match Follower::new(self.backend.clone(), from_height) {
            Ok(follower) => follower,
            Err(error) => {
                pending.reject(error).await;
                return Ok(());
            }
        };
        let source = CallSource::of(extensions)?;
        let sink = pending.accept().await?;
        let detail = detail.unwrap_or(Detail::Header);
        Ok(self.notify_of_blocks(&source, &sink, follower, detail).await?)
    }
}

impl Answers {
    /// Sends block after block until the subscriber disconnects. An error ends the subscription.
    async fn notify_of_blocks(
        &self,
        source: &CallSource,
        sink: &SubscriptionSink,
        mut follower: Follower,
        detail: Detail,
    ) -> Result<(), String> {
        let mut notices = Notices::new(source, sink);
        loop {
            let height = match follower.ready(sink, None).await {
                Step::Ready { .. } => follower.next_height(),
                Step::Gap { from_height, to_height } => {
                    let reason = GapReason::Pruned;
                    match notices.send(&BlockNotice::Gap { from_height, to_height, reason }).await {
                        true => continue,
                        false => return Ok(()),
                    }
                }
                Step::Late => continue,
                Step::Ended => return Ok(()),
            };
            let is_long = |bytes| detail == Detail::Full && bytes > ANSWER_BYTES_MAX;
            let is_long = self.long_blocks.bytes(height).is_some_and(is_long);
            let answers = self.clone();
            let made = move || {
                if is_long {
                    return Ok((None, ()));
                }
                let shown = answers.followed_block(height, detail)?;
                let notice = shown.map(|block| BlockNotice::Block { block: Box::new(block) });
                Ok((notice, ()))
            };
            match notices.send_made(made).await {
                Sent::Done { sent: true, .. } => {}
                ended @ (Sent::Done { sent: false, .. } | Sent::TooLong(_)) => {
                    if let (Sent::TooLong(bytes), Detail::Full) = (ended, detail) {
                        self.long_blocks.note(height, bytes);
                    }
                    let (from_height, to_height) = (height, height);
                    let reason = GapReason::TooLong;
                    let gap = BlockNotice::Gap { from_height, to_height, reason };
                    if !notices.send(&gap).await {
                        return Ok(());
                    }
                }
                Sent::Refused(_) if follower.is_pruned() => continue,
                Sent::Refused(refusal) => return Err(notices.failed(height, &refusal)),
                Sent::Closed => return Ok(()),
            }
            follower.go_on_at(height.saturating_add(1));
        }
    }

    /// A block for a subscription; none if it is too long for a message.
    fn followed_block(&self, height: u64, detail: Detail) -> Result<Option<BlockView>, Refusal> {
        let views = self.views();
        if detail == Detail::Canonical {
            return Ok(shown_block(views, height, detail, ANSWER_BYTES_MAX)?.ok().map(|it| it.0));
        }
        let block = self.cache.block(views.backend(), height)?;
        let block = block.ok_or_else(|| above_head(views.backend(), height))?;
        let fits = detail != Detail::Full || block.json_bytes_min() <= ANSWER_BYTES_MAX;
        let modules = views.backend().modules_of_block(height)?;
        Ok(fits.then(|| views.within(&modules).block(&block, detail)))
    }
}
