//! The functions that upload code in parts, drop an upload, and list uploads.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_crypto::{Domain, Hash, hash};
use ehb_kernel::event::{KernelEvent, UploadedCode};
use ehb_kernel::upload::{self, PARTS_MAX, UPLOADS_MAX, Upload};
use ehb_types::{Address, Code, Name, encode};
use ehb_vm::limits::CODE_BYTES_MAX;

use super::gas::Gas;
use super::{DEPLOYER, Native, Problem, Refusal, UPGRADER, failed, position};

/// The arguments of `upload-code`.
#[derive(Clone, Debug, BorshDeserialize)]
pub(super) struct UploadCode {
    module: String,
    code: Hash,
    size: u32,
    offset: u32,
    part: Vec<u8>,
}

/// The arguments of `drop-upload`.
#[derive(Clone, Debug, BorshDeserialize)]
pub(super) struct DropUpload {
    module: String,
}

/// An item of `list-uploads`.
#[derive(BorshSerialize)]
struct UploadView {
    module: String,
    code: Hash,
    size: u32,
    uploaded: u32,
}

impl Native<'_> {
    pub(super) fn upload_code(
        &mut self,
        UploadCode { module, code, size, offset, part }: UploadCode,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        // Simulations and reads write no code.
        self.purpose.library()?;
        let module = self.uploadable(&module, gas)?;
        Refusal::check_range("size", u64::from(size), 1, CODE_BYTES_MAX as u64)?;
        let owner = self.session.context.sender;
        gas.pay_read(0)?;
        let known = upload::get(&self.session.overlay, &owner, &module)?;
        let upload = if offset == 0 {
            gas.pay_upload()?;
            if let Some(dropped) = known {
                self.drop_upload(&owner, &dropped, gas)?;
            } else if self.uploads(&owner, gas)?.len() >= UPLOADS_MAX {
                return Err(Refusal::too_many("uploads", UPLOADS_MAX as u32).into());
            }
            self.count_upload(&owner, size, gas)?;
            Upload { module, code, size, uploaded: 0, parts: 0 }
        } else {
            let same = |it: &Upload| (it.code, it.size) == (code, size);
            known.filter(same).ok_or_else(|| Refusal::NoUpload(module.to_string()))?
        };
        let bytes = u32::try_from(part.len()).unwrap_or(u32::MAX);
        if offset != upload.uploaded {
            return Err(Refusal::WrongOffset(upload.uploaded).into());
        }
        Refusal::check_range("part", u64::from(bytes), 1, u64::from(upload.missing()))?;
        if upload.parts >= PARTS_MAX {
            return Err(Refusal::too_many("parts", PARTS_MAX).into());
        }
        gas.pay_code(part.len())?;
        gas.pay_write(part.len())?;
        gas.pay_write(0)?;
        let upload = upload::append(&mut self.session.overlay, &owner, upload, part);
        if upload.missing() == 0 {
            self.check_whole(owner, &upload, gas)?;
        }
        Ok(Vec::new())
    }

    /// The module for which the caller can upload code: an installed one, or a new one under a free name.
    fn uploadable(&self, module: &str, gas: &mut Gas<'_>) -> Result<Name, Problem> {
        let installed = self.installed(gas)?;
        if let Ok(position) = position(&installed, module) {
            self.check_role(UPGRADER, gas)?;
            return Ok(installed[position].0.clone());
        }
        self.check_role(DEPLOYER, gas)?;
        self.free_name(module, gas)
    }

    fn uploads(&self, owner: &Address, gas: &mut Gas<'_>) -> Result<Vec<Upload>, Problem> {
        let uploads = upload::list(&self.session.overlay, owner)?;
        gas.pay_scan(uploads.len())?;
        Ok(uploads)
    }

    /// Checks that the completed code is the announced one.
    fn check_whole(
        &mut self,
        owner: Address,
        upload: &Upload,
        gas: &mut Gas<'_>,
    ) -> Result<(), Problem> {
        let bytes = self.upload_bytes(&owner, upload, gas)?;
        gas.pay_hash(bytes.len())?;
        let found = hash(Domain::ModuleCode, &bytes);
        if found != upload.code {
            return Err(Refusal::WrongCode(found).into());
        }
        let Upload { module, code, size, .. } = upload;
        let event = UploadedCode { module: module.clone(), code: *code, size: *size, by: owner };
        self.emit(&KernelEvent::CodeUploaded(event), gas)
    }

    pub(super) fn upload_bytes(
        &self,
        owner: &Address,
        upload: &Upload,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        for _ in 1..upload.parts {
            gas.pay_read(0)?;
        }
        gas.pay_read(upload.uploaded as usize)?;
        Ok(upload::bytes(&self.session.overlay, owner, upload)?)
    }

    pub(super) fn drop_upload(
        &mut self,
        owner: &Address,
        upload: &Upload,
        gas: &mut Gas<'_>,
    ) -> Result<(), Problem> {
        for _ in 0..=upload.parts {
            gas.pay_write(0)?;
        }
        upload::remove(&mut self.session.overlay, owner, upload);
        self.uncount_upload(owner, upload.size, gas)
    }

    /// Drops all uploads of an account.
    pub(super) fn drop_uploads(
        &mut self,
        owner: &Address,
        gas: &mut Gas<'_>,
    ) -> Result<(), Problem> {
        for (module, _) in self.installed(gas)? {
            gas.pay_read(0)?;
            if let Some(upload) = upload::get(&self.session.overlay, owner, &module)? {
                self.drop_upload(owner, &upload, gas)?;
            }
        }
        Ok(())
    }

    /// Drops what the sender has uploaded for a module.
    pub(super) fn drop_own_upload(
        &mut self,
        DropUpload { module }: &DropUpload,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        if self.session.context.read_only {
            let message = "an upload is dropped by a transaction only".to_owned();
            return Err(Problem::Failed(failed(Code::ReadOnly, message)));
        }
        let owner = self.session.context.sender;
        gas.pay_read(0)?;
        let known = match Name::new(module) {
            Ok(name) => upload::get(&self.session.overlay, &owner, &name)?,
            Err(_) => None,
        };
        let known = known.ok_or_else(|| Refusal::NoUpload(module.clone()))?;
        self.drop_upload(&owner, &known, gas)?;
        Ok(Vec::new())
    }

    pub(super) fn list_uploads(
        &self,
        account: &Address,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let view = |Upload { module, code, size, uploaded, .. }| UploadView {
            module: module.to_string(),
            code,
            size,
            uploaded,
        };
        let views: Vec<_> = self.uploads(account, gas)?.into_iter().map(view).collect();
        Ok(encode(&views))
    }
}
