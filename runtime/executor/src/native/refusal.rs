//! The errors that functions of the kernel return, in the encoding of its WIT.

use std::fmt::{self, Display, Formatter};

use borsh::BorshSerialize;
use ehb_crypto::{Hash, PublicKey};
use ehb_kernel::chain::ModuleStatus;
use ehb_kernel::quota::{QuotaKind, QuotaUse};
use ehb_types::{Address, Code, Name, Status, TypedError, encode};
use ehb_vm::{CallError, CallFailure, InstallCode, InstallError};

use super::{KERNEL, Problem};

/// The maximum length of the reason why code is rejected, bytes; it can contain names from the code.
const MESSAGE_BYTES_MAX: usize = 512;

/// The number of cases that begin the error of every module: those of `ehb:common`'s `refusal` but its last.
const SHARED: u8 = 30;

/// The errors of the kernel: the WIT's `error`, case by case. Each has its case's position there; the kernel does not
/// return all of the shared ones.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, thiserror::Error)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub(super) enum Refusal {
    #[error("there is no {} {}", .0.kind, .0.id)]
    UnknownItem(Item) = 0,
    #[error("the {} is {}", .0.item.kind, .0.state)]
    WrongState(WrongState) = 1,
    #[error("this is possible from {} on (milliseconds since 1970)", .0.deadline_ms)]
    TooEarly(Deadline) = 2,
    #[error("{} is {} to {}", .0.parameter, .0.min, .0.max)]
    OutOfRange(Range) = 4,
    #[error("the caller does not have the role {0:?}")]
    MissingRole(String) = 8,
    #[error("no change is announced")]
    NoChangeAnnounced = 17,
    #[error("no account of the organisation has this address")]
    UnknownAccount(Address) = 19,
    #[error("{} names something twice: look at position {}", .0.list, .0.position)]
    Duplicate(ListEntry) = 22,
    #[error("there are at most {} {}", .0.max, .0.what)]
    TooMany(Bound) = 23,
    #[error("no module {0:?} is installed")]
    UnknownModule(String) = SHARED,
    #[error("the next part begins at byte {0}")]
    WrongOffset(u32),
    #[error("the caller has uploaded no such code for the module {0:?}")]
    NoUpload(String),
    #[error("the parts have the hash {0}")]
    WrongCode(Hash),
    #[error("{} bytes of the code of the module {:?} are missing", .0.missing, .0.module)]
    Incomplete(Incomplete),
    #[error("the module {0:?} has this code already")]
    SameCode(String),
    #[error("the code of the module {:?} is refused: {}", .0.module, .0.reason)]
    Refused(RefusedCode),
    #[error("the new code is not compatible: {0}")]
    Incompatible(String),
    #[error("the modules do not fit each other: {0}")]
    Unlinked(Reason),
    #[error("an account has this address already")]
    AccountExists(Address),
    #[error("the account is {}", .0.as_str())]
    WrongStatus(Status),
    #[error("organisations do not grant the role {0:?}")]
    UnknownRole(String),
    #[error("the account does not have the role {0:?}")]
    RoleNotHeld(String),
    #[error("a role ends after the time of the block; the role of administrator never does")]
    WrongEnd,
    #[error("the organisation would have no active administrator")]
    LastAdministrator,
    #[error("the policy is not accepted: {0}")]
    NoConsent(String),
    #[error("the recovery can be completed from {} on (milliseconds since 1970)", .0.from_ms)]
    RecoveryNotDue(RecoveryNotice),
    #[error("the organisation has voted so already")]
    VotedAlready,
    #[error("the organisation runs no validator, so it has no vote")]
    NoVotingPower,
    #[error("the parameters are not accepted: {0}")]
    WrongParameter(String),
    #[error("there is no organisation {0:?}")]
    UnknownOrganisation(String),
    #[error("no new organisation can be called {0:?}: the name is taken, or is no name")]
    OrganisationExists(String),
    #[error("the organisation is {0}")]
    WrongOrganisationStatus(String),
    #[error("the organisation {0:?} runs a validator")]
    RunsValidator(String),
    #[error("organisations grant the role {0:?} to their own accounts")]
    OrganisationRole(String),
    #[error("no new module can be called {0:?}: the name is taken, or is no name for a module")]
    ModuleExists(String),
    #[error("the module is {}", .0.as_str())]
    WrongModuleStatus(ModuleStatus),
    #[error("the module {0:?} imports it")]
    ModuleImported(String),
    #[error("the module keeps something: {0}")]
    HoldsValue(String),
    #[error("the module does not start: {0}")]
    NotStarted(String),
    #[error(
        "modules are installed by proposals only: the parameter modules.deployers_install is 0"
    )]
    NeedsProposal,
    #[error("the code of the module {0:?} changed in this block: it changes again in a later one")]
    JustChanged(String),
    #[error("the quota of the organisation for {} is {}, and it would have {}", .0.kind.as_str(), .0.limit, .0.needed)]
    QuotaReached(QuotaExcess),
    #[error("the key {0} is that of a permitted node already")]
    NodeExists(PublicKey),
    #[error("no observer of the organisation has the node key {0}")]
    UnknownNode(PublicKey),
    #[error("{0:?} is no name: 1 to 64 of a-z, 0-9 and -, starting with a letter")]
    MalformedName(String),
    #[error("there is no validator {0:?}")]
    UnknownValidator(String),
    #[error("the validator is not accepted: {0}")]
    WrongValidator(String),
    #[error("{0}")]
    WrongStep(String),
    #[error("the account is not that of a candidate's consensus key")]
    NotACandidate,
    #[error("the hash is not that of the block {0}, or the block is not one of the last")]
    UnknownBlock(u64),
}

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Item {
    kind: String,
    id: u64,
}

impl Item {
    pub(super) fn proposal(id: u64) -> Self {
        Self { kind: "proposal".to_owned(), id }
    }
}

/// An action that the item's state does not allow.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct WrongState {
    pub(super) item: Item,
    pub(super) state: String,
    pub(super) action: String,
}

/// A deadline, compared with the block's time.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Deadline {
    pub(super) item: Item,
    pub(super) deadline_ms: u64,
    pub(super) now_ms: u64,
}

/// A number, or the length of a text or list, outside its range.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Range {
    parameter: String,
    given: u64,
    min: u64,
    max: u64,
}

/// A place in a list of a call's arguments.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct ListEntry {
    list: String,
    position: u32,
}

/// A bound that is reached.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Bound {
    what: String,
    max: u32,
}

/// More of something than an organisation can have.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct QuotaExcess {
    kind: QuotaKind,
    limit: u64,
    needed: u64,
}

/// A recovery whose notice is not over.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct RecoveryNotice {
    pub(super) account: Address,
    pub(super) from_ms: u64,
    pub(super) now_ms: u64,
}

/// An upload that is not complete.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Incomplete {
    pub(super) module: String,
    /// The number of missing bytes.
    pub(super) missing: u32,
}

/// Code that no module can have.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct RefusedCode {
    pub(super) module: String,
    pub(super) reason: Reason,
}

/// Why code is rejected: a code of a closed list and our own text. It never contains a library's text:
/// receipts are hashed into the next header, and such texts change with the library's version.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Reason {
    code: InstallCode,
    message: String,
}

impl Reason {
    /// The reason of a rejection; none if the machine failed, which implies nothing about the code.
    pub(super) fn of(error: &InstallError) -> Option<Self> {
        let mut message = error.to_string();
        let end = message.floor_char_boundary(MESSAGE_BYTES_MAX);
        message.truncate(end);
        error.code().map(|code| Self { code, message })
    }
}

impl Display for Reason {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Refusal {
    /// As many of something as are possible.
    pub(super) fn too_many(what: &str, max: u32) -> Self {
        Self::TooMany(Bound { what: what.to_owned(), max })
    }

    /// A list that names something twice; `position` is that of the second.
    pub(super) fn duplicate(list: &str, position: usize) -> Self {
        let position = u32::try_from(position).unwrap_or(u32::MAX);
        Self::Duplicate(ListEntry { list: list.to_owned(), position })
    }

    /// Rejects a number that is not between `min` and `max`.
    pub(super) fn check_range(parameter: &str, given: u64, min: u64, max: u64) -> Result<(), Self> {
        if (min..=max).contains(&given) {
            return Ok(());
        }
        Err(Self::OutOfRange(Range { parameter: parameter.to_owned(), given, min, max }))
    }

    /// A hook of a module that failed, as the kernel's own refusal: the error of a module that is not installed must not be
    /// in a receipt, because nobody has its interface. What depends on the rest of the transaction (its gas, the number of
    /// its events) stays a failure of that.
    pub(super) fn of_hook(error: CallError, refusal: impl FnOnce(String) -> Self) -> Problem {
        match error {
            CallError::Failed(CallFailure { code, mut message, .. }) => {
                if matches!(code, Code::OutOfGas | Code::StateLimit) {
                    let failure = CallFailure { code, message, error: None };
                    return Problem::Failed(CallError::Failed(failure));
                }
                message.truncate(message.floor_char_boundary(MESSAGE_BYTES_MAX));
                refusal(message).into()
            }
            other => Problem::Failed(other),
        }
    }

    /// Rejects what an organisation would have above its quota.
    pub(super) fn check_quota(known: QuotaUse, more: u64) -> Result<(), Self> {
        let QuotaUse { kind, used, limit, .. } = known;
        let needed = used.saturating_add(more);
        if needed <= limit {
            return Ok(());
        }
        Err(Self::QuotaReached(QuotaExcess { kind, limit, needed }))
    }

    /// The failure of a call of `function`.
    pub(super) fn into_failure(self, function: &str) -> CallError {
        let code = match self {
            Self::MissingRole(_) => Code::PermissionDenied,
            _ => Code::ModuleError,
        };
        let names = Name::new(KERNEL).ok().zip(Name::new(function).ok());
        let error =
            names.map(|(module, function)| TypedError { module, function, data: encode(&self) });
        let message = format!("{KERNEL}.{function}: {self}");
        CallError::Failed(CallFailure { code, message, error })
    }
}
