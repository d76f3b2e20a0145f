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
use super::{Native, Problem, Refusal, position};
use crate::Library;

/// The most modules that one call upgrades.
const UPGRADES_MAX: usize = 16;
/// The function with which a new version migrates the stored data of an earlier one, and its interface.
const MIGRATE: (&str, &str) = ("migrate", "upgrade");
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
        self.check_upgrader(gas)?;
        let library = self.purpose.library()?;
        Refusal::check_range("upgrades", upgrades.len() as u64, 1, UPGRADES_MAX as u64)?;
        gas.pay_upgrade()?;
        let mut installed = self.installed(gas)?;
        let mut compiled: Vec<Module> = Vec::new();
        for (place, upgrade) in upgrades.iter().enumerate() {
            if compiled.iter().any(|module| module.name().as_str() == upgrade.module) {
                return Err(Refusal::duplicate("upgrades", place).into());
            }
            compiled.push(self.install(library, &mut installed, upgrade, gas)?);
        }
        let linked = self.linked(&compiled)?;
        gas.pay_write(0)?;
        chain::put_modules(&mut self.session.overlay, &installed);
        for module in linked.by_imports() {
            if compiled.iter().any(|new| new.name() == module.name()) {
                self.migrate(&linked, module, gas)?;
            }
        }
        library.keep(installed, linked.clone());
        *self.modules = linked;
        Ok(Vec::new())
    }

    /// Takes the uploaded code of a module into the state, and puts it into the list of what is installed.
    fn install(
        &mut self,
        library: &Library,
        installed: &mut [(Name, InstalledModule)],
        NewCode { module, code }: &NewCode,
        gas: &mut Gas<'_>,
    ) -> Result<Module, Problem> {
        let by = self.session.context.sender;
        let position = position(installed, module)?;
        let (name, InstalledModule { code: before }) = installed[position].clone();
        if before == *code {
            return Err(Refusal::SameCode(module.clone()).into());
        }
        let bytes = self.take_upload(&by, &name, code, gas)?;
        gas.pay_installed(bytes.len())?;
        let compiled = library.compile(&name, code, &bytes);
        let compiled = compiled.map_err(|error| {
            problem(&error, |reason| {
                Refusal::Refused(RefusedCode { module: module.clone(), reason })
            })
        })?;
        installed[position].1 = InstalledModule { code: *code };
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
    fn take_upload(
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

    /// Lets the new version migrate the stored data of the old one, called by an address without an account.
    fn migrate(
        &mut self,
        linked: &Modules,
        module: &Module,
        gas: &mut Gas<'_>,
    ) -> Result<(), CallError> {
        let (function, interface) = MIGRATE;
        let interface = format!("ehb:{}/{interface}@", module.name());
        let declared = module.interface().function(function);
        let migrates = declared
            .is_some_and(|it| it.interface.starts_with(&interface) && it.parameters.is_empty());
        if !migrates {
            return Ok(());
        }
        let context = self.session.context.clone();
        self.session.context = Arc::new(Context { sender: NOBODY, ..(*context).clone() });
        let name = module.name().as_str();
        let called = linked.call(self.session, name, function, &[], gas.left());
        self.session.context = context;
        called.map(drop)
    }
}

/// A rejected module is rejected on every node; a machine that fails must stop.
fn problem(error: &InstallError, refusal: impl FnOnce(Reason) -> Refusal) -> Problem {
    match Reason::of(error) {
        Some(reason) => refusal(reason).into(),
        None => Problem::Failed(CallError::Machine(error.to_string())),
    }
}
