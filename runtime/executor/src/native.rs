//! The kernel's own module: the functions of the chain itself for transactions.
//!
//! It is called like every module, by name and with canonical arguments, and its types are in WIT
//! (`wit/kernel.wit`), so that clients need no special support for it. No module can call it.

mod compatible;
mod gas;
mod governance;
mod install;
mod interface;
mod nodes;
mod organisation;
mod permission;
mod quota;
mod recovery;
mod refusal;
mod roles;
mod upgrade;
mod upload;
mod validators;

use borsh::BorshDeserialize;
use ehb_abi::Interface;
use ehb_kernel::chain::InstalledModule;
use ehb_kernel::event::KernelEvent;
use ehb_kernel::{accounts, chain};
use ehb_state::StoreError;
use ehb_types::{Code, Event, Name, decode, encode};
use ehb_vm::{CallError, CallFailure, EVENTS_MAX, Modules, Session};

use crate::{Library, ReadLibrary};
use gas::Gas;
use refusal::Refusal;

pub(crate) use interface::kernel_interface;

/// The name under which the kernel is called; no module can have it.
pub const KERNEL: &str = "kernel";
/// The role whose holders can upgrade modules. It counts for the whole network.
pub const UPGRADER: &str = "upgrader";
/// The role whose holders upload the code of new modules. It counts for the whole network.
pub const DEPLOYER: &str = "deployer";

/// The context of a kernel call.
#[derive(Clone, Copy)]
pub(crate) enum Purpose<'a> {
    /// A block is executed. Only this uploads and compiles code.
    Block(&'a Library),
    /// A client reads or simulates.
    Read(&'a ReadLibrary),
}

impl<'a> Purpose<'a> {
    fn kernel(self) -> &'a Interface {
        match self {
            Self::Block(library) => library.kernel(),
            Self::Read(library) => library.kernel(),
        }
    }

    /// The library that compiles. Errors: this is not a block.
    fn library(self) -> Result<&'a Library, Problem> {
        let Self::Block(library) = self else {
            let message = "code is uploaded and installed by transactions in blocks only; it is not \
                simulated: submit the transaction with a gas limit of your own";
            return Err(Problem::Failed(failed(Code::ReadOnly, message.to_owned())));
        };
        Ok(library)
    }
}

/// The context of a kernel function.
pub(crate) struct Native<'a> {
    pub(crate) purpose: Purpose<'a>,
    /// The modules that the next call runs.
    pub(crate) modules: &'a mut Modules,
    pub(crate) session: &'a mut Session,
}

impl Native<'_> {
    /// Calls a function of the kernel. Like [`Modules::call`], except that writes and events of a failed call
    /// stay: the transaction is undone as a whole.
    pub(crate) fn call(
        mut self,
        function: &str,
        arguments: &[u8],
        gas: &mut u64,
    ) -> Result<Vec<u8>, CallError> {
        let interface = self.purpose.kernel();
        let declared = interface.function(function).ok_or_else(|| {
            failed(Code::UnknownFunction, format!("the kernel has no function {function:?}"))
        })?;
        declared
            .check_arguments(arguments)
            .map_err(|error| failed(Code::BadArguments, format!("{KERNEL}.{function}: {error}")))?;
        let mut gas = Gas::new(gas, self.session.context.gas.clone());
        gas.pay_call()?;
        let outcome = match function {
            "upload-code" => self.upload_code(read(arguments)?, &mut gas),
            "upgrade-modules" => self.upgrade_modules(&read(arguments)?, &mut gas),
            "install-module" => self.install_module(read(arguments)?, &mut gas),
            "list-modules" => self.list_modules(&mut gas),
            "drop-upload" => self.drop_own_upload(&read(arguments)?, &mut gas),
            "list-uploads" => self.list_uploads(&read(arguments)?, &mut gas),
            "register-accounts" => self.register_accounts(read(arguments)?, &mut gas),
            "grant-role" => self.grant_role(read(arguments)?, &mut gas),
            "revoke-role" => self.revoke_role(&read(arguments)?, &mut gas),
            "set-status" => self.set_status(&read(arguments)?, &mut gas),
            "set-policy" => self.set_policy(read(arguments)?, &mut gas),
            "begin-recovery" => self.begin_recovery(read(arguments)?, &mut gas),
            "cancel-recovery" => self.cancel_recovery(&read(arguments)?, &mut gas),
            "complete-recovery" => self.complete_recovery(&read(arguments)?, &mut gas),
            "list-accounts" => self.list_accounts(&read(arguments)?, &mut gas),
            "get-organisation" => self.get_organisation(&read(arguments)?, &mut gas),
            "get-recovery" => self.get_recovery(&read(arguments)?, &mut gas),
            "add-observer" => self.add_observer(read(arguments)?, &mut gas),
            "remove-observer" => self.remove_observer(&read(arguments)?, &mut gas),
            "list-nodes" => self.list_nodes(&read(arguments)?, &mut gas),
            "check-permission" => self.check_permission(&read(arguments)?, &mut gas),
            "propose" => self.propose(read(arguments)?, &mut gas),
            "vote" => self.vote(&read(arguments)?, &mut gas),
            "withdraw-proposal" => self.withdraw_proposal(read(arguments)?, &mut gas),
            "execute-proposal" => self.execute_proposal(read(arguments)?, &mut gas),
            "get-proposal" => self.get_proposal(read(arguments)?, &mut gas),
            "list-proposals" => self.list_proposals(&read(arguments)?, &mut gas),
            "list-voting-powers" => self.list_voting_powers(&mut gas),
            "join-validators" => self.join_validators(&read(arguments)?, &mut gas),
            "list-candidates" => self.list_candidates(&mut gas),
            "simulate-actions" => self.simulate_actions(read(arguments)?, &mut gas),
            other => {
                let message = format!("the kernel's function {other:?} is declared and not made");
                return Err(CallError::Machine(message));
            }
        };
        outcome.map_err(|problem| match problem {
            Problem::Refused(refusal) => refusal.into_failure(function),
            Problem::Failed(error) => error,
        })
    }

    /// Rejects callers without a role of the network.
    fn check_role(&self, role: &str, gas: &mut Gas<'_>) -> Result<(), Problem> {
        let context = &self.session.context;
        gas.pay_read(0)?;
        let account = accounts::account(&self.session.overlay, &context.sender)?;
        if account.is_some_and(|account| account.roles.hold(role, context.time_ms)) {
            return Ok(());
        }
        Err(Refusal::MissingRole(role.to_owned()).into())
    }

    /// The installed modules, ascending by name.
    fn installed(&self, gas: &mut Gas<'_>) -> Result<Vec<(Name, InstalledModule)>, Problem> {
        gas.pay_read(0)?;
        Ok(chain::modules(&self.session.overlay)?)
    }

    fn emit(&mut self, event: &KernelEvent, gas: &mut Gas<'_>) -> Result<(), Problem> {
        let data = encode(event);
        gas.pay_event(data.len())?;
        let call = self.session.call;
        let events = &mut self.session.events;
        if events.len() >= EVENTS_MAX {
            let message = format!("a transaction emits at most {EVENTS_MAX} events");
            return Err(Problem::Failed(failed(Code::StateLimit, message)));
        }
        let module = Name::new(KERNEL).map_err(|error| StoreError(error.to_string()))?;
        events.push(Event { call, module, data });
        Ok(())
    }
}

/// The position of a module among the installed ones.
fn position(installed: &[(Name, InstalledModule)], module: &str) -> Result<usize, Refusal> {
    let position = installed.iter().position(|(name, _)| name.as_str() == module);
    position.ok_or_else(|| Refusal::UnknownModule(module.to_owned()))
}

/// Why a kernel function has no result.
enum Problem {
    /// It returned an error.
    Refused(Refusal),
    /// The call fails in another way.
    Failed(CallError),
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        Self::Failed(error)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

fn failed(code: Code, message: String) -> CallError {
    CallError::Failed(CallFailure { code, message, error: None })
}

/// Arguments that were checked with the WIT types, which have the same layout.
fn read<T: BorshDeserialize>(arguments: &[u8]) -> Result<T, CallError> {
    decode(arguments).map_err(|error| failed(Code::BadArguments, error.to_string()))
}
