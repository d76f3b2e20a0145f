//! Answers `account_get` and `account_nextSequence`.

use ehb_rpc_api::{AccountServer, AccountView, At, Decimal, error};
use ehb_types::Code;
use jsonrpsee::core::{RpcResult, async_trait};

use super::{Answers, read_state};
use crate::backend::AtHeight;
use crate::views::Views;

#[async_trait]
impl AccountServer for Answers {
    async fn get(&self, address: String, at: Option<At>) -> RpcResult<AccountView> {
        let parsed = self.address(&address)?;
        let read = move |views: Views<'_>| {
            let backend = views.backend();
            read_state(backend, at, |height| backend.account(&parsed, height))
        };
        let AtHeight { height, value } = self.run(read).await?;
        match value {
            Some(account) => Ok(AccountView::new(height, &parsed, account, self.network)),
            None => Err(error(Code::UnknownSender, unregistered(&address))),
        }
    }

    async fn next_sequence(&self, address: String, lane: u32) -> RpcResult<Decimal> {
        let parsed = self.address(&address)?;
        if self.shown(self.backend.account(&parsed, None))?.value.is_none() {
            return Err(error(Code::UnknownSender, unregistered(&address)));
        }
        self.shown(self.backend.next_sequence(&parsed, lane)).map(Decimal)
    }
}

fn unregistered(address: &str) -> String {
    format!("no account is registered at {address}")
}
