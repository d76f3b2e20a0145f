use ehb_rpc_api::{
    Base64, BlockId, BlockNotice, BlockView, CertificateView, ChainServer, Detail,
    GENESIS_PART_BYTES_MAX, GenesisPart, HeaderView, SignedHeaderView, Status, ValidatorView,
};
use ehb_types::{Code, Parameters};
use jsonrpsee::core::{RpcResult, SubscriptionResult, async_trait};
use jsonrpsee::{Extensions, PendingSubscriptionSink, SubscriptionSink};

use super::{Answers, above_head, block_at, height_at};
use crate::backend::Refusal;
use crate::follow::{Follower, Step, json, make, send};
use crate::session::Session;

#[async_trait]
impl ChainServer for Answers {
    async fn status(&self) -> RpcResult<Status> {
        Ok(self.backend.status())
    }

    async fn parameters(&self) -> RpcResult<Parameters> {
        self.run(|views| views.backend.parameters()).await
    }

    async fn genesis(&self, offset: Option<u64>) -> RpcResult<GenesisPart> {
        let text = self.genesis.clone();
        self.run(move |views| {
            let genesis = views.backend.genesis();
            if text.get().is_none() {
                let written = genesis.to_json().map_err(|problem| {
                    tracing::error!(error = %problem, "the genesis cannot be written as text");
                    Refusal::new(Code::Internal, "the node could not write its genesis as text")
                })?;
                // Another call may have been faster: its text is the same.
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

    async fn block(&self, at: Option<BlockId>, detail: Option<Detail>) -> RpcResult<BlockView> {
        self.run(move |views| {
            let height = height_at(views.backend, at)?;
            let block = block_at(views.backend, height)?;
            Ok(views.block(&block, detail.unwrap_or_default()))
        })
        .await
    }

    async fn header(&self, at: Option<BlockId>) -> RpcResult<SignedHeaderView> {
        self.run(move |views| {
            let height = height_at(views.backend, at)?;
            let decided = views.backend.header(height)?;
            let decided = decided.ok_or_else(|| above_head(views.backend, height))?;
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
        with_ids: Option<bool>,
    ) -> SubscriptionResult {
        let follower = Follower::new(self.backend.clone(), self.readers.clone(), from_height);
        let session = Session::of(extensions)?;
        let sink = pending.accept().await?;
        let detail = if with_ids.unwrap_or(false) { Detail::Ids } else { Detail::Header };
        self.tell_blocks(&session, &sink, follower, detail).await;
        Ok(())
    }
}

impl Answers {
    /// Tells block after block until the subscriber is gone.
    async fn tell_blocks(
        &self,
        session: &Session,
        sink: &SubscriptionSink,
        mut follower: Follower,
        detail: Detail,
    ) {
        loop {
            let notice = match follower.next(sink).await {
                Step::Block(block) => {
                    let answers = self.clone();
                    let shown = move || {
                        let block = Box::new(answers.views().block(&block, detail));
                        json(&BlockNotice::Block { block })
                    };
                    make(session, sink, shown).await.flatten()
                }
                Step::Gap { from_height, to_height } => {
                    json(&BlockNotice::Gap { from_height, to_height })
                }
                Step::Ended => return,
            };
            let Some(notice) = notice else { return };
            if !send(session, sink, notice).await {
                return;
            }
        }
    }
}
