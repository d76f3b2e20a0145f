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
use super::refusal::Reason;
use super::{Installed, Native, Problem, Refusal};

/// The function by which a new version takes over what an earlier one has stored, and the interface that
/// it stands in.
const MIGRATE: (&str, &str) = ("migrate", "upgrade");
/// As whom the kernel calls: no account has this address.
const NOBODY: Address = Address([0; 32]);

/// The arguments of `upgrade-module`.
#[derive(Clone, Debug, BorshDeserialize)]
pub(super) struct UpgradeModule {
    module: String,
    code: Hash,
}

impl Native<'_> {
    pub(super) fn upgrade_module(
        &mut self,
        UpgradeModule { module, code }: &UpgradeModule,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        self.check_upgrader(gas)?;
        let library = self.purpose.library()?;
        let by = self.session.context.sender;
        let mut installed = self.installed(module, gas)?;
        let Installed { modules, position } = &mut installed;
        let (name, InstalledModule { code: before }) = modules[*position].clone();
        if before == *code {
            return Err(Refusal::SameCode.into());
        }
        let bytes = self.take_upload(&by, &name, code, gas)?;
        gas.pay_installed(bytes.len())?;
        let compiled = library.compile(&name, code, &bytes);
        let compiled = compiled.map_err(|error| problem(&error, Refusal::Refused))?;
        let linked = self.linked(&compiled)?;

        modules[*position].1 = InstalledModule { code: *code };
        gas.pay_write(bytes.len())?;
        gas.pay_write(0)?;
        gas.pay_write(0)?;
        let overlay = &mut self.session.overlay;
        chain::put_modules(overlay, modules);
        chain::put_code(overlay, code, bytes);
        if modules.iter().all(|(_, other)| other.code != before) {
            chain::remove_code(overlay, &before);
        }
        let event = Upgrade { module: name, before, after: *code, by };
        self.emit(&KernelEvent::ModuleUpgraded(event), gas)?;
        self.migrate(&linked, &compiled, gas)?;
        library.keep(installed.modules, linked.clone());
        *self.modules = linked;
        Ok(Vec::new())
    }

    /// The code that the account has brought for the module, which leaves its upload.
    fn take_upload(
        &mut self,
        owner: &Address,
        module: &Name,
        code: &Hash,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        gas.pay_read(0)?;
        let upload = upload::get(&self.session.overlay, owner)?;
        let upload = upload.filter(|it| it.module == *module && it.code == *code);
        let upload = upload.ok_or(Refusal::NoUpload)?;
        if upload.missing() > 0 {
            return Err(Refusal::Incomplete(upload.missing()).into());
        }
        let bytes = self.upload_bytes(owner, &upload, gas)?;
        self.drop_upload(owner, &upload, gas)?;
        Ok(bytes)
    }

    /// The installed modules with the new version of one of them.
    fn linked(&self, new: &Module) -> Result<Modules, Problem> {
        if let Some(old) = self.modules.get(new.name().as_str()) {
            check_compatible(old.interface(), new.interface()).map_err(Refusal::Incompatible)?;
        }
        self.modules.with(new.clone()).map_err(|error| problem(&error, Refusal::Unlinked))
    }

    /// Lets the new version migrate what the old one stored, called by nobody's address.
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

/// A module that is refused is refused on every node alike; a machine that fails must stop.
fn problem(error: &InstallError, refusal: fn(Reason) -> Refusal) -> Problem {
    match Reason::of(error) {
        Some(reason) => refusal(reason).into(),
        None => Problem::Failed(CallError::Machine(error.to_string())),
    }
}
