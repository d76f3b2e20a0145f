//! The function `upgrade-modules`: installs uploaded versions, links them and lets them migrate their data.

use std::sync::Arc;

use borsh::BorshDeserialize;
use ehb_crypto::Hash;
use ehb_kernel::chain::{self, InstalledModule};
use ehb_kernel::event::{KernelEvent, Upgrade};
use ehb_kernel::upload;
use ehb_types::{Address, Name};
use ehb_vm::{CallError, Context, InstallError, Module, Modules};

use super::compatible::check_compatible;
use super::gas::Gas;
use super::refusal::{Incomplete, Reason, RefusedCode};
use super::{Native, Problem, Refusal, UPGRADER, position};
use crate::Library;
use crate::library::{Installed, with_status};

/// The most modules that one call upgrades.
const UPGRADES_MAX: usize = 16;
/// The interface of a module whose functions are for the kernel.
const UPGRADE: &str = "upgrade";
/// The function of it with which a new version migrates the stored data of an earlier one.
const MIGRATE: &str = "migrate";
/// The sender of the kernel's calls: no account has this address.
const NOBODY: Address = Address([0; 32]);

/// The arguments of `upgrade-modules`.
#[derive(Clone, Debug, BorshDeserialize)]
pub(super) struct UpgradeModules {
    upgrades: Vec<NewCode>,
}

#[derive(Clone, Debug, BorshDeserialize)]
struct NewCode {
    module: String,
    code: Hash,
}

impl Native<'_> {
    pub(super) fn upgrade_modules(
        &mut self,
        UpgradeModules { upgrades }: &UpgradeModules,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let library = self.purpose.library()?;
        self.check_role(UPGRADER, gas)?;
        Refusal::check_range("upgrades", upgrades.len() as u64, 1, UPGRADES_MAX as u64)?;
        gas.pay_upgrade()?;
        let mut installed = self.installed(gas)?;
        let mut compiled: Vec<Module> = Vec::new();
        for (place, upgrade) in upgrades.iter().enumerate() {
            if compiled.iter().any(|module| module.name().as_str() == upgrade.module) {
                return Err(Refusal::duplicate("upgrades", place).into());
            }
            compiled.push(self.take(library, &mut installed, upgrade, gas)?);
        }
        let linked = self.linked(&compiled)?;
        gas.pay_write(0)?;
        chain::put_modules(&mut self.session.overlay, &installed);
        for module in linked.by_imports() {
            if compiled.iter().any(|new| new.name() == module.name()) {
                // Also of a paused one: a pause is to give time for just this.
                self.call_hook(&linked, module, MIGRATE, gas)?;
            }
        }
        self.put_in_force(&installed, &linked);
        Ok(Vec::new())
    }

    /// Takes the uploaded code of a module into the state, and puts it into the list of what is installed.
    fn take(
        &mut self,
        library: &Library,
        installed: &mut [(Name, InstalledModule)],
        NewCode { module, code }: &NewCode,
        gas: &mut Gas<'_>,
    ) -> Result<Module, Problem> {
        let by = self.session.context.sender;
        let position = position(installed, module)?;
        let (name, InstalledModule { code: before, is_paused }) = installed[position].clone();
        if before == *code {
            return Err(Refusal::SameCode(module.clone()).into());
        }
        self.check_settled(&name, &before, gas)?;
        let bytes = self.take_upload(&by, &name, code, gas)?;
        gas.pay_installed(bytes.len())?;
        let compiled = library.compile(&name, code, &bytes);
        let compiled = compiled.map_err(|error| {
            problem(&error, |reason| {
                Refusal::Refused(RefusedCode { module: module.clone(), reason })
            })
        })?;
        installed[position].1 = InstalledModule { code: *code, is_paused };
        gas.pay_write(0)?;
        let overlay = &mut self.session.overlay;
        chain::put_code(overlay, code, bytes);
        if installed.iter().all(|(_, other)| other.code != before) {
            chain::remove_code(overlay, &before);
        }
        let event = Upgrade { module: name, before, after: *code, by };
        self.emit(&KernelEvent::ModuleUpgraded(event), gas)?;
        Ok(compiled)
    }

    /// The code that the account has uploaded for the module. The upload is over.
    pub(super) fn take_upload(
        &mut self,
        owner: &Address,
        module: &Name,
        code: &Hash,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        gas.pay_read(0)?;
        let upload = upload::get(&self.session.overlay, owner, module)?;
        let upload = upload.filter(|it| it.code == *code);
        let upload = upload.ok_or_else(|| Refusal::NoUpload(module.to_string()))?;
        if upload.missing() > 0 {
            let incomplete = Incomplete { module: module.to_string(), missing: upload.missing() };
            return Err(Refusal::Incomplete(incomplete).into());
        }
        let bytes = self.upload_bytes(owner, &upload, gas)?;
        self.drop_upload(owner, &upload, gas)?;
        Ok(bytes)
    }

    /// The installed modules with the new versions of some of them.
    fn linked(&self, new: &[Module]) -> Result<Modules, Problem> {
        for module in new {
            let Some(old) = self.modules.get(module.name().as_str()) else { continue };
            check_compatible(old.interface(), module.interface())
                .map_err(|reason| Refusal::Incompatible(format!("{}: {reason}", module.name())))?;
        }
        self.modules.with(new).map_err(|error| problem(&error, Refusal::Unlinked))
    }

    /// Calls a function of a module's interface `upgrade` that is for the kernel alone, by an address without an account;
    /// returns whether the module has it.
    pub(super) fn call_hook(
        &mut self,
        linked: &Modules,
        module: &Module,
        function: &str,
        gas: &mut Gas<'_>,
    ) -> Result<bool, CallError> {
        // Of whatever package: a third party has its own.
        let declared = module.interface().function(function);
        let has_it = declared.is_some_and(|it| {
            let name = it.interface.split_once('/').and_then(|(_, name)| name.split_once('@'));
            name.is_some_and(|(name, _)| name == UPGRADE) && it.parameters.is_empty()
        });
        if !has_it {
            return Ok(false);
        }
        let (context, simulated) = (self.session.context.clone(), self.session.simulated);
        // A read that tries actions discards what they write.
        let hook = Context { sender: NOBODY, read_only: false, ..(*context).clone() };
        self.session.simulated = simulated || context.read_only;
        self.session.context = Arc::new(hook);
        let name = module.name().as_str();
        let called = linked.call(self.session, name, function, &[], gas.left());
        self.session.context = context;
        self.session.simulated = simulated;
        called.map(|_| true)
    }

    /// Lets the next call run these modules, of which the state says which are paused.
    pub(super) fn put_in_force(&mut self, installed: &Installed, linked: &Modules) {
        *self.modules = with_status(linked, installed);
    }
}

/// A rejected module is rejected on every node; a machine that fails must stop.
pub(super) fn problem(error: &InstallError, refusal: impl FnOnce(Reason) -> Refusal) -> Problem {
    match Reason::of(error) {
        Some(reason) => refusal(reason).into(),
        None => Problem::Failed(CallError::Machine(error.to_string())),
    }
}
