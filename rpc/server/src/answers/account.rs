use ehb_rpc_api::{AccountServer, AccountView, Decimal, error};
use ehb_types::Code;
use jsonrpsee::core::{RpcResult, async_trait};

use super::Answers;

#[async_trait]
impl AccountServer for Answers {
    async fn get(&self, address: String) -> RpcResult<AccountView> {
        let parsed = self.address(&address)?;
        match self.shown(self.backend.account(&parsed))? {
            Some(account) => Ok(AccountView::new(&parsed, account, self.network)),
            None => Err(error(Code::NotFound, format!("no account is registered at {address}"))),
        }
    }

    async fn next_sequence(&self, address: String, lane: u32) -> RpcResult<Decimal> {
        let parsed = self.address(&address)?;
        if self.shown(self.backend.account(&parsed))?.is_none() {
            return Err(error(Code::NotFound, format!("no account is registered at {address}")));
        }
        self.shown(self.backend.next_sequence(&parsed, lane)).map(Decimal)
    }
}
