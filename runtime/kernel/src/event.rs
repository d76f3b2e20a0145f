//! The kernel's events: one for each change of its part of the state.
//!
//! The encodings are canonical for the types in the kernel's WIT (`kernel.wit`, interface `events`), so
//! clients decode them like the events of any module.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_types::{Account, Address, Hash, Name, Parameters, PublicKey, ValidatorSet};

use crate::candidates::Candidate;
use crate::chain::{Identity, ModuleStatus, Node};
use crate::governance::{NewQuota, Proposal};
use crate::organisations::OrganisationStatus;
use crate::recovery::Recovery;

/// A change by the kernel, in the order of the WIT's cases.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum KernelEvent {
    /// Uploaded code is complete and can be installed.
    CodeUploaded(UploadedCode),
    /// A module has new code.
    ModuleUpgraded(Upgrade),
    /// The chain starts.
    ChainStarted(Identity),
    /// An organisation joins.
    OrganisationAdded(Name),
    /// A node is permitted to connect.
    NodePermitted(PermittedNode),
    /// An account was registered, or its policy, organisation, status or roles changed.
    AccountChanged(ChangedAccount),
    /// The validator set changes from a height on.
    ValidatorsChanged(ChangedValidators),
    /// The parameters changed.
    ParametersChanged(Box<Parameters>),
    /// A module was installed.
    ModuleInstalled(InstalledCode),
    /// A validator was silent in its turn and is skipped as proposer.
    ProposerSilent(Silent),
    /// A validator that was silent proposes again, or is none any more.
    ProposerActive(PublicKey),
    /// A block recorded that a validator equivocated.
    MisbehaviourRecorded(Misbehaviour),
    /// An administrator announced another policy for an account.
    RecoveryAnnounced(AnnouncedRecovery),
    /// The policy announced for an account does not replace its own one.
    RecoveryCancelled(Address),
    /// An organisation was suspended, reinstated or removed.
    OrganisationChanged(ChangedOrganisation),
    /// A proposal was made or has changed.
    ProposalChanged(Box<Proposal>),
    /// A module was paused, resumed or removed.
    ModuleChanged(ChangedModule),
    /// An organisation has another limit.
    QuotaChanged(NewQuota),
    /// A node is not permitted to connect any more.
    NodeRemoved(PublicKey),
    /// A validator is to join, or has another power when it does.
    CandidateChanged(Candidate),
    /// The candidate with this consensus key has joined, or is not to join any more.
    CandidateRemoved(PublicKey),
}

/// Complete uploaded code.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct UploadedCode {
    /// The module for which it was uploaded.
    pub module: Name,
    /// Its hash.
    pub code: Hash,
    /// Its size, bytes.
    pub size: u32,
    /// The account that uploaded it.
    pub by: Address,
}

/// New code of a module.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Upgrade {
    /// The module.
    pub module: Name,
    /// The hash of the previous code.
    pub before: Hash,
    /// The hash of the new code.
    pub after: Hash,
    /// The account that upgraded it.
    pub by: Address,
}

/// A permitted node.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct PermittedNode {
    /// The key that identifies it among peers.
    pub key: PublicKey,
    /// Its name and organisation.
    pub node: Node,
}

/// The current state of an account.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ChangedAccount {
    /// Its address.
    pub address: Address,
    /// The stored account.
    pub account: Account,
}

/// A policy that was announced for an account.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct AnnouncedRecovery {
    /// The account.
    pub account: Address,
    /// The policy, and when it can replace the account's own one.
    pub recovery: Recovery,
}

/// What an organisation may do now.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ChangedOrganisation {
    /// Its name.
    pub name: Name,
    /// Its status.
    pub status: OrganisationStatus,
}

/// A validator set and the first height that it decides.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ChangedValidators {
    /// The first height that it decides.
    pub from_height: u64,
    /// The validators, ascending by consensus key.
    pub validators: ValidatorSet,
}

/// A module with its code.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct InstalledCode {
    /// The module.
    pub module: Name,
    /// The hash of its code.
    pub code: Hash,
}

/// What a module does with calls now.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ChangedModule {
    /// The module.
    pub module: Name,
    /// Its status.
    pub status: ModuleStatus,
}

/// A validator that was silent in its turn.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Silent {
    /// Its consensus key.
    pub validator: PublicKey,
    /// The last height at which it is skipped.
    pub until: u64,
    /// The number of consecutive turns in which it was silent.
    pub times: u32,
}

/// Recorded misbehaviour.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Misbehaviour {
    /// The validator's consensus key.
    pub validator: PublicKey,
    /// The height at which it equivocated.
    pub height: u64,
}
