//! Installs, pauses, resumes and removes modules while the chain runs: by proposals, and a new module also by an account
//! with a role, if the parameters allow it.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_crypto::Hash;
use ehb_kernel::chain::{self, InstalledModule, MODULES_MAX, ModuleStatus};
use ehb_kernel::event::{ChangedModule, InstalledCode, KernelEvent};
use ehb_kernel::governance::Installation;
use ehb_state::{Overlay, StoreError};
use ehb_types::{Code, Name, encode, is_reserved_module};
use ehb_vm::{Module, Modules, state_key};

use super::gas::Gas;
use super::refusal::RefusedCode;
use super::upgrade::problem;
use super::{DEPLOYER, Native, Problem, Purpose, Refusal, failed, position};
use crate::library::with_status;

/// The function of a module's interface `upgrade` that makes what the module needs when it is installed.
const START: &str = "start";
/// The function of it that refuses while the module's books hold value.
const RETIRE: &str = "retire";
/// The key of the entry that counts the versions of what a module stores, which is worth nothing.
const SCHEMA_KEY: [u8; 1] = [0];

/// The arguments of `install-module`.
#[derive(Clone, Debug, BorshDeserialize)]
pub(super) struct InstallModule {
    module: String,
    code: Hash,
}

/// An item of `list-modules`.
#[derive(BorshSerialize)]
struct ModuleView {
    module: Name,
    code: Hash,
    status: ModuleStatus,
}

impl Native<'_> {
    pub(super) fn install_module(
        &mut self,
        InstallModule { module, code }: InstallModule,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        self.purpose.library()?;
        self.check_role(DEPLOYER, gas)?;
        if self.parameters(gas)?.modules.deployers_install == 0 {
            return Err(Refusal::NeedsProposal.into());
        }
        let by = self.session.context.sender;
        self.install(&Installation { module, code, by }, gas)?;
        Ok(Vec::new())
    }

    pub(super) fn list_modules(&self, gas: &mut Gas<'_>) -> Result<Vec<u8>, Problem> {
        let view = |(module, it): (Name, InstalledModule)| {
            let status = it.status();
            ModuleView { module, code: it.code, status }
        };
        let views: Vec<ModuleView> = self.installed(gas)?.into_iter().map(view).collect();
        Ok(encode(&views))
    }

    /// Installs a new module, which runs from the next call on. It can import only what is installed, so no circle comes
    /// about.
    pub(super) fn install(
        &mut self,
        Installation { module, code, by }: &Installation,
        gas: &mut Gas<'_>,
    ) -> Result<Module, Problem> {
        gas.pay_upgrade()?;
        let name = self.free_name(module, gas)?;
        let mut installed = self.installed(gas)?;
        if installed.len() >= MODULES_MAX {
            return Err(Refusal::too_many("modules", MODULES_MAX as u32).into());
        }
        let bytes = self.take_upload(by, &name, code, gas)?;
        gas.pay_installed(bytes.len())?;
        let new = self.compiled(&name, code, &bytes)?;
        let linked = self.link(self.modules.iter().cloned().chain([new.clone()]).collect())?;
        let place = installed.partition_point(|(it, _)| *it < name);
        installed.insert(place, (name.clone(), InstalledModule::active(*code)));
        gas.pay_write(0)?;
        let overlay = &mut self.session.overlay;
        chain::put_code(overlay, code, bytes);
        chain::put_modules(overlay, &installed);
        self.emit(&KernelEvent::ModuleInstalled(InstalledCode { module: name, code: *code }), gas)?;
        // With what it imports as it is: a paused module does not serve a new one.
        let as_they_are = with_status(&linked, &installed);
        self.call_hook(&as_they_are, &new, START, gas)
            .map_err(|error| Refusal::of_hook(error, Refusal::NotStarted))?;
        self.put_in_force(&installed, &linked);
        Ok(new)
    }

    /// Pauses a module, or lets a paused one run calls again.
    pub(super) fn set_paused(
        &mut self,
        module: &str,
        is_paused: bool,
        gas: &mut Gas<'_>,
    ) -> Result<(), Problem> {
        let mut installed = self.installed(gas)?;
        let position = position(&installed, module)?;
        let (name, known) = &mut installed[position];
        if known.is_paused == is_paused {
            return Err(Refusal::WrongModuleStatus(known.status()).into());
        }
        known.is_paused = is_paused;
        let changed = ChangedModule { module: name.clone(), status: known.status() };
        gas.pay_write(0)?;
        chain::put_modules(&mut self.session.overlay, &installed);
        self.emit(&KernelEvent::ModuleChanged(changed), gas)?;
        let modules = self.modules.clone();
        self.put_in_force(&installed, &modules);
        Ok(())
    }

    /// Removes a module for good, and returns what it did with calls before. What it has stored stays where it is, and
    /// the name is not used again, so that no other module finds it.
    pub(super) fn remove_module(
        &mut self,
        module: &str,
        gas: &mut Gas<'_>,
    ) -> Result<ModuleStatus, Problem> {
        gas.pay_upgrade()?;
        let mut installed = self.installed(gas)?;
        let position = position(&installed, module)?;
        let (name, known) = installed[position].clone();
        let others = self.modules.iter().filter(|it| *it.name() != name);
        let others: Vec<Module> = others.cloned().collect();
        if let Some(importer) = others.iter().find(|it| it.imports().contains(&name)) {
            return Err(Refusal::ModuleImported(importer.name().to_string()).into());
        }
        self.check_settled(&name, &known.code, gas)?;
        self.check_holds_nothing(&name, gas)?;
        let linked = self.link(others)?;
        installed.remove(position);
        for _ in 0..3 {
            gas.pay_write(0)?;
        }
        let overlay = &mut self.session.overlay;
        chain::put_modules(overlay, &installed);
        chain::put_removed(overlay, &name);
        if installed.iter().all(|(_, other)| other.code != known.code) {
            chain::remove_code(overlay, &known.code);
        }
        let removed = ChangedModule { module: name, status: ModuleStatus::Removed };
        self.emit(&KernelEvent::ModuleChanged(removed), gas)?;
        self.put_in_force(&installed, &linked);
        Ok(known.status())
    }

    /// A name that a new module can have.
    pub(super) fn free_name(&self, module: &str, gas: &mut Gas<'_>) -> Result<Name, Problem> {
        let taken = || Refusal::ModuleExists(module.to_owned());
        let name = Name::new(module).map_err(|_| taken())?;
        gas.pay_read(0)?;
        let is_taken = is_reserved_module(module)
            || position(&self.installed(gas)?, module).is_ok()
            || chain::was_removed(&self.session.overlay, &name)?;
        if is_taken { Err(taken().into()) } else { Ok(name) }
    }

    /// Checks that a module had its code before this block. Readers of the chain get the interfaces that modules have after
    /// a block: without this, code that was in force between two calls would have emitted events that nobody can read.
    pub(super) fn check_settled(
        &self,
        name: &Name,
        code: &Hash,
        gas: &mut Gas<'_>,
    ) -> Result<(), Problem> {
        gas.pay_read(0)?;
        let before = chain::modules(&Overlay::new(self.session.overlay.base().clone()))?;
        match before.iter().any(|(it, known)| it == name && known.code == *code) {
            true => Ok(()),
            false => Err(Refusal::JustChanged(name.to_string()).into()),
        }
    }

    /// Checks that nothing is lost with a module: it has stored nothing, or says that what it has stored is worth nothing.
    /// The kernel cannot know it otherwise: what entries mean, only the module's code knows.
    fn check_holds_nothing(&mut self, name: &Name, gas: &mut Gas<'_>) -> Result<(), Problem> {
        let entries = self.session.overlay.scan(&state_key(name, &[]), None, 2)?;
        gas.pay_scan(entries.len())?;
        let schema = state_key(name, &SCHEMA_KEY);
        if entries.iter().all(|(key, _)| *key == schema) {
            return Ok(());
        }
        let linked = self.modules.with_paused(|_| false);
        let missing = || StoreError(format!("the module {name} is installed and not linked"));
        let module = linked.get(name.as_str()).ok_or_else(missing)?;
        let agrees = self
            .call_hook(&linked, module, RETIRE, gas)
            .map_err(|error| Refusal::of_hook(error, Refusal::HoldsValue))?;
        if agrees {
            return Ok(());
        }
        let reason = format!("it has stored entries, and has no function upgrade.{RETIRE}");
        Err(Refusal::HoldsValue(reason).into())
    }

    /// Uploaded code as a module. A read takes what this node has compiled, and compiles nothing.
    fn compiled(&self, name: &Name, code: &Hash, bytes: &[u8]) -> Result<Module, Problem> {
        let compiled = match self.purpose {
            Purpose::Block(library) => library.compile(name, code, bytes),
            Purpose::Read(library) => library.compiled(name, code).ok_or_else(|| {
                let message = format!(
                    "this node has not compiled the code {code} of the module {name}, so it cannot try \
                     it: ask another node, or submit the transaction with a gas limit of your own"
                );
                Problem::Failed(failed(Code::NotReady, message))
            })?,
        };
        compiled.map_err(|error| {
            problem(&error, |reason| {
                Refusal::Refused(RefusedCode { module: name.to_string(), reason })
            })
        })
    }

    /// Links modules, for the next call or for a read that tries actions.
    fn link(&self, modules: Vec<Module>) -> Result<Modules, Problem> {
        let engine = self.modules.engine();
        let linked = match self.purpose {
            Purpose::Block(_) => Modules::link(engine, modules),
            Purpose::Read(_) => Modules::link(&engine.for_reads(), modules),
        };
        linked.map_err(|error| problem(&error, Refusal::Unlinked))
    }
}
