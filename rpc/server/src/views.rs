//! Converts values to JSON, as far as their types are known from the modules' interfaces.

use std::borrow::Cow;
use std::sync::Arc;

use ehb_rpc_api::{
    Base64, BlockView, Bytes, CallView, CanonicalView, Decimal, Detail, ErrorData, EventView,
    EvidenceView, FateView, GenesisCallView, HeaderView, LocatedReceipt, OutcomeView, Position,
    ReceiptView, TransactionView, TypedErrorView, ValueView, rpc_number,
};
use ehb_types::{
    Address, Call, Code, Event, Failure, GenesisCall, Hash, Network, Outcome, Receipt,
    SignedTransaction, TypedError,
};
use jsonrpsee::types::ErrorObjectOwned;
use serde_json::Value;

use crate::backend::{
    Backend, BlockModules, CanonicalBlock, DecidedBlock, Fate, ModuleInfo, Refusal,
};
use crate::follow::json_len;
use crate::limits::BLOCK_PART_BYTES;

/// Shows what the chain holds.
#[derive(Clone, Copy)]
pub(crate) struct Views<'a> {
    backend: &'a dyn Backend,
    pub(crate) network: Network,
    /// Where the values are that are shown; none for what is in no block, and shown as it is at the head.
    place: Option<Place<'a>>,
}

/// A place in a decided block.
#[derive(Clone, Copy)]
struct Place<'a> {
    modules: &'a BlockModules,
    index: u32,
}

impl<'a> Views<'a> {
    pub(crate) fn new(backend: &'a dyn Backend, network: Network) -> Self {
        Self { backend, network, place: None }
    }

    pub(crate) fn backend(&self) -> &'a dyn Backend {
        self.backend
    }

    /// The same for values in a block, by the interfaces that its modules had.
    pub(crate) fn within<'b>(&self, modules: &'b BlockModules) -> Views<'b>
    where
        'a: 'b,
    {
        Views { place: Some(Place { modules, index: 0 }), ..*self }
    }

    /// The same for values of one of the block's transactions.
    pub(crate) fn at(&self, index: usize) -> Self {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        Self { place: self.place.map(|place| Place { index, ..place }), ..*self }
    }

    /// The module by whose interface the values of a call are read.
    pub(crate) fn module(&self, name: &str, call: usize) -> Option<Arc<ModuleInfo>> {
        let Some(Place { modules, index }) = self.place else { return self.backend.module(name) };
        modules.get(name, index, u16::try_from(call).unwrap_or(u16::MAX)).cloned()
    }

    pub(crate) fn transaction(&self, signed: &SignedTransaction) -> TransactionView {
        let mut view = TransactionView::new(signed, self.network);
        let calls = view.calls.iter_mut().zip(&signed.transaction.calls);
        for (position, (call, canonical)) in calls.enumerate() {
            call.arguments = self.arguments(position, canonical).unwrap_or_default();
        }
        view
    }

    /// The fate of a transaction.
    pub(crate) fn fate(&self, id: &Hash, fate: Fate) -> Result<FateView, Refusal> {
        Ok(match fate {
            Fate::Pending { transaction, missing_sequence } => FateView::Pending {
                transaction: self.transaction(&transaction),
                missing_sequence: missing_sequence.map(Decimal),
            },
            Fate::Final(block, index) => {
                let modules = self.backend.modules_of_block(block.block.header.height)?;
                let views = self.within(&modules);
                let signed = block.block.transactions.get(index);
                if signed.is_none() && index < block.receipts.len() {
                    let text = format!(
                        "{id} is the id of a receipt without a transaction: read it with tx_getReceipt"
                    );
                    return Err(Refusal::new(Code::NotFound, text));
                }
                let found = signed.zip(views.located(&block, index, true));
                let (signed, receipt) = found.ok_or_else(|| {
                    Refusal::new(Code::Internal, format!("the receipt of {id} is not at hand"))
                })?;
                let transaction = views.at(index).transaction(signed);
                FateView::Final { transaction, receipt: Box::new(receipt) }
            }
            Fate::Superseded { by, height } => FateView::Superseded { by, height },
            Fate::Expired { height, timestamp_ms } => FateView::Expired { height, timestamp_ms },
            Fate::Unknown { dropped } => {
                FateView::Unknown { dropped: dropped.map(|refusal| self.error_data(&refusal)) }
            }
        })
    }

    fn arguments(&self, position: usize, call: &Call) -> Option<Value> {
        let module = self.module(call.module.as_str(), position)?;
        let function = module.interface.function(call.function.as_str())?;
        function.arguments_to_json(self.network, &call.arguments).ok()
    }

    /// A receipt; `calls` are those of its transaction.
    pub(crate) fn receipt(&self, receipt: &Receipt, calls: &[Call]) -> ReceiptView {
        let events = receipt.events.iter().map(|event| self.event(event)).collect();
        ReceiptView { events, ..self.receipt_without_events(receipt, calls) }
    }

    fn receipt_without_events(&self, receipt: &Receipt, calls: &[Call]) -> ReceiptView {
        let outcome = match &receipt.outcome {
            Outcome::Success(results) => OutcomeView::Success {
                results: results
                    .iter()
                    .enumerate()
                    .map(|(index, data)| {
                        self.result(calls.get(index).map(|call| (index, call)), data)
                    })
                    .collect(),
            },
            Outcome::Failure(failure) => self.failure(failure),
        };
        ReceiptView {
            transaction: receipt.transaction,
            genesis_call: None,
            outcome,
            gas_used: receipt.gas_used.into(),
            events: Vec::new(),
        }
    }

    fn result(&self, call: Option<(usize, &Call)>, data: &[u8]) -> ValueView {
        let value = call.and_then(|(position, call)| {
            let module = self.module(call.module.as_str(), position)?;
            let function = module.interface.function(call.function.as_str())?;
            function.output_to_json(self.network, data).ok()
        });
        ValueView { data: Bytes(data.to_vec()), value: value.unwrap_or_default() }
    }

    fn failure(&self, failure: &Failure) -> OutcomeView {
        OutcomeView::Failure {
            call: failure.call,
            code: failure.code.as_str().to_owned(),
            message: failure.message.clone(),
            hint: failure.code.hint().to_owned(),
            retryable: failure.code.retryable(),
            error: failure.error.as_ref().map(|error| self.typed_error(failure.call, error)),
        }
    }

    fn typed_error(&self, call: Option<u16>, error: &TypedError) -> TypedErrorView {
        let module = self.module(error.module.as_str(), call.unwrap_or_default().into());
        let value = module.and_then(|module| {
            let function = module.interface.function(error.function.as_str())?;
            function.error_to_json(self.network, &error.data).ok()
        });
        TypedErrorView {
            module: error.module.clone(),
            function: error.function.clone(),
            value: ValueView { data: Bytes(error.data.clone()), value: value.unwrap_or_default() },
        }
    }

    fn event(&self, event: &Event) -> EventView {
        let module = self.module(event.module.as_str(), event.call.into());
        let value = module
            .and_then(|module| module.interface.event_to_json(self.network, &event.data)?.ok());
        EventView {
            call: event.call,
            module: event.module.clone(),
            value: ValueView { data: Bytes(event.data.clone()), value: value.unwrap_or_default() },
        }
    }

    /// The receipt at an index of a block, if the block has that many.
    pub(crate) fn located(
        &self,
        decided: &DecidedBlock,
        index: usize,
        events: bool,
    ) -> Option<LocatedReceipt> {
        let header = &decided.block.header;
        Some(LocatedReceipt {
            position: Position { height: header.height, index: u32::try_from(index).ok()? },
            timestamp_ms: header.timestamp_ms,
            sender: self.sender(decided, index).map(|it| it.to_text(self.network)),
            receipt: self.at(index).receipt_of_block(decided, index, events)?,
        })
    }

    /// A whole block; its values need [`Self::within`].
    pub(crate) fn block(&self, decided: &DecidedBlock, detail: Detail) -> BlockView {
        self.block_from(decided, detail, 0, usize::MAX)
    }

    /// A block; with [`Detail::Full`] the part of it that begins at the receipt `from`, as much of it as
    /// [`BLOCK_PART_BYTES`] hold.
    pub(crate) fn block_part(
        &self,
        decided: &DecidedBlock,
        detail: Detail,
        from: usize,
    ) -> BlockView {
        self.block_from(decided, detail, from, BLOCK_PART_BYTES)
    }

    fn block_from(
        &self,
        decided: &DecidedBlock,
        detail: Detail,
        from: usize,
        bytes_max: usize,
    ) -> BlockView {
        let block = &decided.block;
        let count = block.transactions.len();
        let is_full = detail == Detail::Full;
        let is_first = is_full && from == 0;
        let part = is_full.then(|| self.part(decided, from, bytes_max));
        let (transactions, receipts, next) = part.map_or((None, None, None), |part| {
            (Some(part.transactions), Some(part.receipts), part.next)
        });
        BlockView {
            hash: decided.hash,
            header: HeaderView::from(&block.header),
            transaction_count: u32::try_from(count).unwrap_or(u32::MAX),
            ids: (detail == Detail::Ids)
                .then(|| decided.receipts.iter().take(count).map(|it| it.transaction).collect()),
            receipt_count: decided.receipts.count(),
            next_index: next.and_then(|next| u32::try_from(next).ok()),
            transactions,
            receipts,
            parent_certificate: block.certificate.as_ref().filter(|_| is_first).map(Into::into),
            evidence: is_first.then(|| block.evidence.iter().map(EvidenceView::from).collect()),
            canonical: None,
        }
    }

    /// Transactions and receipts from an index on, at least one, until their JSON is longer than `bytes_max`.
    fn part(&self, decided: &DecidedBlock, from: usize, bytes_max: usize) -> Part {
        let is_counted = bytes_max < usize::MAX;
        let mut part = Part::default();
        let mut bytes = 0;
        for index in from..decided.receipts.len() {
            if bytes >= bytes_max {
                part.next = Some(index);
                break;
            }
            if let Some(signed) = decided.block.transactions.get(index) {
                let transaction = self.at(index).transaction(signed);
                bytes += if is_counted { json_len(&transaction) } else { 0 };
                part.transactions.push(transaction);
            }
            if let Some(receipt) = self.at(index).receipt_of_block(decided, index, true) {
                bytes += if is_counted { json_len(&receipt) } else { 0 };
                part.receipts.push(receipt);
            }
        }
        part
    }

    /// The receipt at an index of a block, which is the place of these views.
    fn receipt_of_block(
        &self,
        decided: &DecidedBlock,
        index: usize,
        events: bool,
    ) -> Option<ReceiptView> {
        let (receipt, calls) = (decided.receipts.get(index)?, self.calls(decided, index));
        let mut view = match events {
            true => self.receipt(receipt, &calls),
            false => self.receipt_without_events(receipt, &calls),
        };
        view.genesis_call = self.genesis_call(decided, index).map(|genesis| GenesisCallView {
            sender: genesis.sender,
            call: CallView {
                module: genesis.module,
                function: genesis.function,
                data: Bytes(calls.first().map_or_else(Vec::new, |call| call.arguments.clone())),
                arguments: Value::Object(genesis.arguments),
            },
        });
        Some(view)
    }

    /// The call of genesis that the receipt at an index of a block is of: these receipts are the last ones of block 0.
    fn genesis_call(&self, decided: &DecidedBlock, index: usize) -> Option<GenesisCall> {
        if decided.block.header.height > 0 {
            return None;
        }
        let genesis = self.backend.genesis();
        let first = decided.receipts.len().saturating_sub(genesis.calls.len());
        genesis.calls.get(index.checked_sub(first)?).cloned()
    }

    /// The sender of the transaction, or of the call of genesis, at an index of a block.
    pub(crate) fn sender(&self, decided: &DecidedBlock, index: usize) -> Option<Address> {
        if let Some(signed) = decided.block.transactions.get(index) {
            return Some(signed.transaction.sender);
        }
        let call = self.genesis_call(decided, index)?;
        Address::from_text(self.network, &call.sender).ok()
    }

    /// The calls whose results the receipt at an index of a block holds.
    pub(crate) fn calls<'b>(&self, decided: &'b DecidedBlock, index: usize) -> Cow<'b, [Call]> {
        if let Some(signed) = decided.block.transactions.get(index) {
            return Cow::Borrowed(&signed.transaction.calls);
        }
        let call = self.genesis_call(decided, index).map(|call| {
            let (module, function) = (call.module, call.function);
            let info = self.module(module.as_str(), 0);
            let signature = info.as_ref().and_then(|it| it.interface.function(function.as_str()));
            let json = Value::Object(call.arguments);
            let encode = |it: &ehb_abi::Function| it.arguments_from_json(self.network, &json).ok();
            let arguments = signature.and_then(encode).unwrap_or_default();
            Call { module, function, arguments }
        });
        Cow::Owned(call.into_iter().collect())
    }

    /// At most `bytes_max` of the canonical bytes of a block and its receipts, from one of them on.
    pub(crate) fn canonical_part(
        &self,
        canonical: CanonicalBlock,
        from: usize,
        bytes_max: usize,
    ) -> BlockView {
        let CanonicalBlock { hash, header, mut block, mut receipts, certificate } = canonical;
        let certificate = certificate.map(Base64);
        // A list begins with its length.
        let receipt_count = receipts.first_chunk::<4>().map_or(0, |it| u32::from_le_bytes(*it));
        let end = from.saturating_add(bytes_max);
        let next = (end < block.len() + receipts.len()).then_some(end);
        let block_bytes = block.len();
        cut(&mut block, from, end);
        cut(&mut receipts, from.saturating_sub(block_bytes), end.saturating_sub(block_bytes));
        BlockView {
            hash,
            header: HeaderView::from(&header),
            transaction_count: header.transactions_count,
            receipt_count,
            next_index: next.and_then(|next| u32::try_from(next).ok()),
            ids: None,
            transactions: None,
            receipts: None,
            parent_certificate: None,
            evidence: None,
            canonical: Some(CanonicalView {
                block: Base64(block),
                receipts: Base64(receipts),
                certificate,
            }),
        }
    }

    /// A refusal as the catalogue's data.
    pub(crate) fn error_data(&self, refusal: &Refusal) -> ErrorData {
        let mut data = ErrorData::new(refusal.code, refusal.message.clone());
        data.error = refusal.error.as_ref().map(|error| self.typed_error(None, error));
        data
    }

    /// A refusal as a JSON-RPC error.
    pub(crate) fn error(&self, refusal: &Refusal) -> ErrorObjectOwned {
        ehb_rpc_api::error_with(rpc_number(refusal.code), self.error_data(refusal))
    }
}

/// Keeps only a range of bytes, as far as there are any.
fn cut(bytes: &mut Vec<u8>, from: usize, end: usize) {
    bytes.truncate(end);
    bytes.drain(..from.min(bytes.len()));
}

/// A part of a block.
#[derive(Default)]
struct Part {
    transactions: Vec<TransactionView>,
    receipts: Vec<ReceiptView>,
    /// Where the next part begins.
    next: Option<usize>,
}
