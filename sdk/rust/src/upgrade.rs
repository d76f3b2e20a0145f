//! Upgrades modules: uploads code in parts, then installs it.

use ehb_crypto::{Domain, hash};
use ehb_rpc_api::LocatedReceipt;
use ehb_types::{Address, Code, Hash, Name, Parameters};
use serde_json::{Value, json};

use crate::{Client, Draft, Error, Signer};

/// The module that installs modules.
pub(crate) const KERNEL: &str = "kernel";
/// The bytes of a transaction besides a part of code: at most this, and at most half of the transaction.
const AROUND_BYTES: u32 = 16 << 10;

/// How much of the code of a module is on the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadProgress {
    /// The number of uploaded bytes, from the code's beginning.
    pub uploaded: u32,
    /// The size of the code, bytes.
    pub size: u32,
}

/// The hash by which code is installed.
pub fn code_hash(code: &[u8]) -> Hash {
    hash(Domain::ModuleCode, code)
}

/// Whether bytes begin as a component of the WebAssembly component model does; the chain verifies the rest.
pub fn is_component(code: &[u8]) -> bool {
    code.starts_with(b"\0asm\x0d\0\x01\0")
}

impl Client {
    /// Uploads the code of a module's new version, in as many transactions as needed, and waits for each.
    /// Parts that an earlier attempt uploaded are not uploaded again. `progress` is called after each step.
    /// The account needs the role `upgrader`. Errors: those of [`Client::execute`], and bytes that are no component are refused.
    pub async fn upload_code(
        &self,
        signer: &Signer,
        module: &str,
        code: &[u8],
        progress: impl FnMut(UploadProgress),
    ) -> Result<Hash, Error> {
        let execute = async |draft| self.execute(signer, draft).await;
        self.upload_code_by(&signer.address(), module, code, progress, execute).await
    }

    /// Like [`Client::upload_code`], for an account whose transactions `execute` sends.
    pub async fn upload_code_by<E: From<Error>>(
        &self,
        account: &Address,
        module: &str,
        code: &[u8],
        mut progress: impl FnMut(UploadProgress),
        mut execute: impl AsyncFnMut(Draft) -> Result<LocatedReceipt, E>,
    ) -> Result<Hash, E> {
        if !is_component(code) {
            let message = "the code is no WebAssembly component: everything that is uploaded stays in the chain's blocks, so \
                           it is not sent";
            return Err(Error::refused(Code::InvalidRequest, message).into());
        }
        let hash = code_hash(code);
        let size = u32::try_from(code.len()).unwrap_or(u32::MAX);
        let parameters = self.parameters().await?;
        let (part_bytes, gas_max) = (part_bytes(&parameters), parameters.transaction_gas_max);
        let mut uploaded = self.uploaded(account, module, &hash, size).await?;
        progress(UploadProgress { uploaded, size });
        while uploaded < size {
            let end = uploaded.saturating_add(part_bytes).min(size);
            let part = code.get(uploaded as usize..end as usize).unwrap_or_default();
            let arguments = json!({
                "module": module,
                "code": hash,
                "size": size,
                "offset": uploaded,
                "part": format!("0x{}", hex::encode(part)),
            });
            let call = self.call(KERNEL, "upload-code", &arguments).await?;
            // Nodes do not simulate uploads and installations of code.
            execute(Draft::new(call).gas_limit(gas_max)).await?;
            uploaded = end;
            progress(UploadProgress { uploaded, size });
        }
        Ok(hash)
    }

    /// Installs code that the account has uploaded with [`Client::upload_code`], for 1 to 16 modules together: from then
    /// on their calls run it. Types that these modules import from each other can change. Errors: those of
    /// [`Client::execute`], including why the code is rejected.
    pub async fn upgrade_modules(
        &self,
        signer: &Signer,
        upgrades: &[(Name, Hash)],
    ) -> Result<LocatedReceipt, Error> {
        let draft = self.upgrade_draft(upgrades).await?;
        let located = self.execute(signer, draft).await?;
        for (module, _) in upgrades {
            self.forget_module(module.as_str());
        }
        Ok(located)
    }

    /// The transaction by which [`Client::upgrade_modules`] installs code.
    pub async fn upgrade_draft(&self, upgrades: &[(Name, Hash)]) -> Result<Draft, Error> {
        let new = |(module, code): &(Name, Hash)| json!({ "module": module, "code": code });
        let arguments = json!({ "upgrades": upgrades.iter().map(new).collect::<Vec<_>>() });
        let call = self.call(KERNEL, "upgrade-modules", &arguments).await?;
        Ok(Draft::new(call).gas_limit(self.parameters().await?.transaction_gas_max))
    }

    /// How much of this code the account has uploaded.
    async fn uploaded(
        &self,
        account: &Address,
        module: &str,
        code: &Hash,
        size: u32,
    ) -> Result<u32, Error> {
        let account = account.to_text(self.chain().network);
        let asked = json!({ "account": account });
        let uploads = self.read(KERNEL, "list-uploads", &asked).await?.value;
        let same = |upload: &&Value| {
            upload["module"] == module
                && upload["code"] == json!(code)
                && upload["size"] == json!(size)
        };
        let upload = uploads.as_array().and_then(|uploads| uploads.iter().find(same));
        let uploaded = upload.and_then(|upload| upload["uploaded"].as_u64());
        Ok(uploaded.and_then(|uploaded| u32::try_from(uploaded).ok()).unwrap_or(0).min(size))
    }
}

/// How much code fits into a transaction, by size and by gas, which also pays for compiling it. In addition
/// to the bytes, gas pays for reading and hashing the whole code, so only half of it is available for the
/// bytes.
fn part_bytes(parameters: &Parameters) -> u32 {
    let bytes_max = parameters.transaction_bytes_max;
    let by_size = bytes_max - AROUND_BYTES.min(bytes_max / 2);
    let gas = &parameters.gas;
    let written = gas.transaction_byte.saturating_add(gas.storage_write_byte);
    let each = written.saturating_add(gas.code_byte).max(1);
    let by_gas = parameters.transaction_gas_max / 2 / each;
    by_size.min(u32::try_from(by_gas).unwrap_or(u32::MAX)).max(1)
}
