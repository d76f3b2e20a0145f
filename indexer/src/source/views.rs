//! The canonical block from the JSON views of a node's answers.

use ehb_sdk::api::{BlockView, EventView, OutcomeView, ReceiptView, SignedHeaderView};
use ehb_types::{
    Code, CommitCertificate, Event, Failure, Header, Network, Outcome, Receipt, SharedTransaction,
    TypedError, decode,
};

use super::SourceError;
use crate::block::FetchedBlock;

/// The block that a node's two answers about one height hold.
pub(super) fn block(
    network: Network,
    view: BlockView,
    signed: SignedHeaderView,
) -> Result<FetchedBlock, SourceError> {
    let wrong = |what: &str| SourceError::Answer(format!("the block's {what}"));
    let transactions = view.transactions.ok_or_else(|| wrong("transactions are missing"))?;
    let transactions = transactions.into_iter().map(|it| {
        let signed = it.to_signed(network);
        signed.map(SharedTransaction::from).map_err(|error| wrong(&error.to_string()))
    });
    let evidence = view.evidence.unwrap_or_default().into_iter();
    let evidence = evidence.map(|it| decode(&it.data.0).map_err(|error| wrong(&error.to_string())));
    let receipts = view.receipts.ok_or_else(|| wrong("receipts are missing"))?;
    Ok(FetchedBlock {
        header: Header::from(view.header),
        transactions: transactions.collect::<Result<_, _>>()?,
        parent_certificate: view.parent_certificate.map(CommitCertificate::from),
        evidence: evidence.collect::<Result<_, _>>()?,
        receipts: receipts.into_iter().map(receipt).collect::<Result<_, _>>()?,
        certificate: signed.certificate.map(CommitCertificate::from),
    })
}

fn receipt(view: ReceiptView) -> Result<Receipt, SourceError> {
    let outcome = match view.outcome {
        OutcomeView::Success { results } => {
            Outcome::Success(results.into_iter().map(|result| result.data.0).collect())
        }
        OutcomeView::Failure { call, code, message, error, .. } => {
            let known = Code::ALL.iter().find(|known| known.as_str() == code);
            let code = *known
                .ok_or_else(|| SourceError::Answer(format!("the code {code:?} is unknown")))?;
            let error = error.map(|it| TypedError {
                module: it.module,
                function: it.function,
                data: it.value.data.0,
            });
            Outcome::Failure(Failure { call, code, message, error })
        }
    };
    let event = |it: EventView| Event { call: it.call, module: it.module, data: it.value.data.0 };
    Ok(Receipt {
        transaction: view.transaction,
        outcome,
        gas_used: view.gas_used.0,
        events: view.events.into_iter().map(event).collect(),
    })
}
