//! Shows values as JSON, as far as the modules' interfaces tell their types.

use std::sync::Arc;

use ehb_rpc_api::{
    Base64, BlockView, Bytes, CanonicalView, Detail, ErrorData, EventView, EvidenceView,
    HeaderView, LocatedReceipt, OutcomeView, Position, ReceiptView, TransactionStatus,
    TransactionView, TypedErrorView, ValueView, rpc_number,
};
use ehb_types::{
    Call, Code, Event, Failure, Hash, Network, Outcome, Receipt, SignedTransaction, TypedError,
};
use jsonrpsee::types::ErrorObjectOwned;
use serde_json::Value;

use crate::backend::{Backend, CanonicalBlock, DecidedBlock, Fate, ModuleInfo, Refusal};

/// Shows what the chain holds.
#[derive(Clone, Copy)]
pub(crate) struct Views<'a> {
    pub(crate) backend: &'a dyn Backend,
    pub(crate) network: Network,
}

impl Views<'_> {
    /// The interface by which a module's values are shown.
    pub(crate) fn module(&self, name: &str) -> Option<Arc<ModuleInfo>> {
        self.backend.module(name)
    }

    pub(crate) fn transaction(&self, signed: &SignedTransaction) -> TransactionView {
        let mut view = TransactionView::new(signed, self.network);
        for (call, canonical) in view.calls.iter_mut().zip(&signed.transaction.calls) {
            call.arguments = self.arguments(canonical).unwrap_or_default();
        }
        view
    }

    /// The fate of a transaction.
    pub(crate) fn fate(&self, id: &Hash, fate: Fate) -> Result<TransactionStatus, Refusal> {
        Ok(match fate {
            Fate::Pending(signed) => {
                TransactionStatus::Pending { transaction: self.transaction(&signed) }
            }
            Fate::Final(block, index) => {
                let signed = block.block.transactions.get(index);
                let found = signed.zip(self.located(&block, index, true));
                let (signed, receipt) = found.ok_or_else(|| {
                    Refusal::new(Code::Internal, format!("the receipt of {id} is not at hand"))
                })?;
                let transaction = self.transaction(signed);
                TransactionStatus::Final { transaction, receipt: Box::new(receipt) }
            }
            Fate::Superseded { by, height } => TransactionStatus::Superseded { by, height },
            Fate::Expired { height, timestamp_ms } => {
                TransactionStatus::Expired { height, timestamp_ms }
            }
            Fate::Unknown { dropped } => TransactionStatus::Unknown {
                dropped: dropped.map(|refusal| self.error_data(&refusal)),
            },
        })
    }

    fn arguments(&self, call: &Call) -> Option<Value> {
        let module = self.module(call.module.as_str())?;
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
                    .map(|(index, data)| self.result(calls.get(index), data))
                    .collect(),
            },
            Outcome::Failure(failure) => self.failure(failure),
        };
        ReceiptView {
            transaction: receipt.transaction,
            outcome,
            gas_used: receipt.gas_used.into(),
            events: Vec::new(),
        }
    }

    fn result(&self, call: Option<&Call>, data: &[u8]) -> ValueView {
        let value = call.and_then(|call| {
            let module = self.module(call.module.as_str())?;
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
            error: failure.error.as_ref().map(|error| self.typed_error(error)),
        }
    }

    fn typed_error(&self, error: &TypedError) -> TypedErrorView {
        let module = self.module(error.module.as_str());
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
        let module = self.module(event.module.as_str());
        let value = module
            .and_then(|module| module.interface.event_to_json(self.network, &event.data)?.ok());
        EventView {
            call: event.call,
            module: event.module.clone(),
            value: ValueView { data: Bytes(event.data.clone()), value: value.unwrap_or_default() },
        }
    }

    /// The receipt at an index of a block, if the block has so many.
    pub(crate) fn located(
        &self,
        decided: &DecidedBlock,
        index: usize,
        events: bool,
    ) -> Option<LocatedReceipt> {
        let transaction = &decided.block.transactions.get(index)?.transaction;
        let receipt = decided.receipts.get(index)?;
        let header = &decided.block.header;
        Some(LocatedReceipt {
            position: Position { height: header.height, index: u32::try_from(index).ok()? },
            timestamp_ms: header.timestamp_ms,
            sender: transaction.sender.to_text(self.network),
            receipt: if events {
                self.receipt(receipt, &transaction.calls)
            } else {
                self.receipt_without_events(receipt, &transaction.calls)
            },
        })
    }

    pub(crate) fn block(&self, decided: &DecidedBlock, detail: Detail) -> BlockView {
        let block = &decided.block;
        let full = detail == Detail::Full;
        let located = || block.transactions.iter().zip(&decided.receipts);
        BlockView {
            hash: decided.hash,
            header: HeaderView::from(&block.header),
            transaction_count: u32::try_from(block.transactions.len()).unwrap_or(u32::MAX),
            ids: (detail == Detail::Ids)
                .then(|| decided.receipts.iter().map(|it| it.transaction).collect()),
            transactions: full
                .then(|| block.transactions.iter().map(|it| self.transaction(it)).collect()),
            receipts: full.then(|| {
                located()
                    .map(|(signed, receipt)| self.receipt(receipt, &signed.transaction.calls))
                    .collect()
            }),
            parent_certificate: block.certificate.as_ref().filter(|_| full).map(Into::into),
            evidence: full.then(|| block.evidence.iter().map(EvidenceView::from).collect()),
            canonical: None,
        }
    }

    pub(crate) fn canonical(&self, canonical: CanonicalBlock) -> BlockView {
        let CanonicalBlock { hash, header, block, receipts, certificate } = canonical;
        let certificate = certificate.map(Base64);
        BlockView {
            hash,
            header: HeaderView::from(&header),
            transaction_count: header.transactions_count,
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
        data.error = refusal.error.as_ref().map(|error| self.typed_error(error));
        data
    }

    /// A refusal as a JSON-RPC error.
    pub(crate) fn error(&self, refusal: &Refusal) -> ErrorObjectOwned {
        ehb_rpc_api::error_with(rpc_number(refusal.code), self.error_data(refusal))
    }
}
