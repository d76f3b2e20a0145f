//! What the kernel emits: each change of its part of the state.
//!
//! The encodings are the canonical forms of the types in the kernel's WIT (`kernel.wit`, interface
//! `events`), so clients decode them as they decode the events of any module.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_types::{Account, Address, Hash, Name, Parameters, PublicKey, ValidatorSet};

use crate::chain::{Identity, Node};

/// Something that the kernel changed, in the order of the WIT's cases.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum KernelEvent {
    /// Uploaded code is whole and can be installed.
    CodeStored(StoredCode),
    /// A module has new code.
    ModuleUpgraded(Upgrade),
    /// The chain begins.
    ChainStarted(Identity),
    /// An organisation takes part.
    OrganisationAdded(Name),
    /// A node may connect.
    NodePermitted(PermittedNode),
    /// An account was registered, or has another policy, organisation, status or other roles.
    AccountChanged(ChangedAccount),
    /// Other validators decide from a height on.
    ValidatorsChanged(ChangedValidators),
    /// Other parameters hold.
    ParametersChanged(Box<Parameters>),
    /// A module was installed.
    ModuleInstalled(InstalledCode),
    /// A validator was silent in its turn, and is passed over.
    ProposerSilent(Silent),
    /// A validator that was silent proposes again.
    ProposerActive(PublicKey),
    /// A block recorded that a validator signed two things where one is allowed.
    MisbehaviourRecorded(Misbehaviour),
}

/// Code that is whole.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct StoredCode {
    /// The module that it is for.
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
    /// The hash of the code that it had.
    pub before: Hash,
    /// The hash of the code that it has now.
    pub after: Hash,
    /// The account that upgraded it.
    pub by: Address,
}

/// A node that may connect.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct PermittedNode {
    /// The key that identifies it among peers.
    pub key: PublicKey,
    /// Its name and organisation.
    pub node: Node,
}

/// An account as it is now.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ChangedAccount {
    /// Its address.
    pub address: Address,
    /// What is stored under it.
    pub account: Account,
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

/// A validator that was silent in its turn.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Silent {
    /// Its consensus key.
    pub validator: PublicKey,
    /// The last height at which it is passed over.
    pub until: u64,
    /// How many times in a row it was silent.
    pub times: u32,
}

/// Recorded misbehaviour.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Misbehaviour {
    /// The validator's consensus key.
    pub validator: PublicKey,
    /// The height at which it signed twice.
    pub height: u64,
}
