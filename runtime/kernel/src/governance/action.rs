//! The actions of proposals: what each contains, how it is decided, and a sample of it.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_types::{
    Address, Hash, Policy, PublicKey, Signature, TransactionSignature, ValidatorSignatures,
};

use crate::quota::QuotaKind;

/// A change that a proposal makes, in the order of the WIT's cases.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Action {
    /// Sets a parameter.
    SetParameter(NewParameter),
    /// Lets organisations grant a role.
    AddOrganisationRole(String),
    /// Lets organisations grant a role no more.
    RemoveOrganisationRole(String),
    /// Adds an organisation with its first administrator.
    InviteOrganisation(Invitation),
    /// Suspends an organisation.
    SuspendOrganisation(String),
    /// Lifts the suspension of an organisation.
    ReinstateOrganisation(String),
    /// Removes an organisation for good.
    RemoveOrganisation(String),
    /// Grants a role that counts for the whole network.
    GrantNetworkRole(NetworkRole),
    /// Takes a role that counts for the whole network.
    RevokeNetworkRole(HeldRole),
    /// Freezes an account.
    FreezeAccount(Address),
    /// Lets a frozen account transact again.
    UnfreezeAccount(Address),
    /// Installs a new module.
    InstallModule(Installation),
    /// Lets a module answer reads alone.
    PauseModule(String),
    /// Lets a paused module run calls again.
    ResumeModule(String),
    /// Removes a module for good.
    RemoveModule(String),
    /// Sets a limit of an organisation.
    SetQuota(NewQuota),
    /// Adds a validator, which counts once its node is there.
    AddValidator(NewValidator),
    /// Changes the power of a validator.
    SetValidatorPower(ValidatorPower),
    /// Removes a validator.
    RemoveValidator(String),
}

/// The kinds of actions, by how they are decided.
pub(super) enum Kind {
    /// With the usual percentage, and a lock, in which those who do not agree can prepare.
    Ordinary,
    /// With the higher percentage and the lock.
    Critical,
    /// With the usual percentage, at once: it stops something harmful, or lifts that.
    Urgent,
}

impl Action {
    /// How it is decided.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::SetParameter(parameter) if parameter.name.starts_with("governance.") => {
                Kind::Critical
            }
            Self::RemoveOrganisation(_)
            | Self::RemoveModule(_)
            | Self::AddValidator(_)
            | Self::SetValidatorPower(_)
            | Self::RemoveValidator(_) => Kind::Critical,
            Self::SetParameter(_)
            | Self::AddOrganisationRole(_)
            | Self::RemoveOrganisationRole(_)
            | Self::InviteOrganisation(_)
            | Self::GrantNetworkRole(_)
            | Self::RevokeNetworkRole(_)
            | Self::InstallModule(_)
            | Self::SetQuota(_) => Kind::Ordinary,
            Self::SuspendOrganisation(_)
            | Self::ReinstateOrganisation(_)
            | Self::FreezeAccount(_)
            | Self::UnfreezeAccount(_)
            | Self::PauseModule(_)
            | Self::ResumeModule(_) => Kind::Urgent,
        }
    }

    /// A sample of each action, in the order of the cases, for tests of all of them.
    pub fn samples(account: Address, policy: &Policy) -> Vec<Self> {
        let first = Self::SetParameter(NewParameter { name: "gas.call".to_owned(), value: 5 });
        std::iter::successors(Some(first), |it| it.next_sample(account, policy)).collect()
    }

    /// The sample after this one. An action that is missing here does not compile.
    fn next_sample(&self, account: Address, policy: &Policy) -> Option<Self> {
        let name = || "org".to_owned();
        Some(match self {
            Self::SetParameter(_) => Self::AddOrganisationRole(name()),
            Self::AddOrganisationRole(_) => Self::RemoveOrganisationRole(name()),
            Self::RemoveOrganisationRole(_) => Self::InviteOrganisation(Invitation {
                organisation: name(),
                policy: policy.clone(),
                consents: vec![],
            }),
            Self::InviteOrganisation(_) => Self::SuspendOrganisation(name()),
            Self::SuspendOrganisation(_) => Self::ReinstateOrganisation(name()),
            Self::ReinstateOrganisation(_) => Self::RemoveOrganisation(name()),
            Self::RemoveOrganisation(_) => {
                Self::GrantNetworkRole(NetworkRole { account, role: name(), until_ms: Some(3) })
            }
            Self::GrantNetworkRole(_) => {
                Self::RevokeNetworkRole(HeldRole { account, role: name() })
            }
            Self::RevokeNetworkRole(_) => Self::FreezeAccount(account),
            Self::FreezeAccount(_) => Self::UnfreezeAccount(account),
            Self::UnfreezeAccount(_) => {
                let (module, code) = (name(), Hash([4; 32]));
                Self::InstallModule(Installation { module, code, by: account })
            }
            Self::InstallModule(_) => Self::PauseModule(name()),
            Self::PauseModule(_) => Self::ResumeModule(name()),
            Self::ResumeModule(_) => Self::RemoveModule(name()),
            Self::RemoveModule(_) => Self::SetQuota(NewQuota {
                organisation: name(),
                kind: QuotaKind::Observers,
                limit: Some(7),
            }),
            Self::SetQuota(_) => Self::AddValidator(NewValidator {
                organisation: name(),
                name: name(),
                consensus_key: PublicKey([4; 32]),
                node_key: PublicKey([5; 32]),
                power: 6,
                signatures: ValidatorSignatures {
                    consensus: Signature([7; 64]),
                    node: Signature([8; 64]),
                },
            }),
            Self::AddValidator(_) => {
                Self::SetValidatorPower(ValidatorPower { name: name(), power: 9 })
            }
            Self::SetValidatorPower(_) => Self::RemoveValidator(name()),
            Self::RemoveValidator(_) => return None,
        })
    }
}

/// A value for a parameter.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct NewParameter {
    /// The name, as in the genesis file.
    pub name: String,
    /// The value.
    pub value: u64,
}

/// A new organisation and its first administrator, whose consent accepts the invitation.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Invitation {
    /// The name of the organisation.
    pub organisation: String,
    /// The policy of the administrator's account.
    pub policy: Policy,
    /// The consent of each key of the policy, ascending by key.
    pub consents: Vec<TransactionSignature>,
}

/// A role that counts for the whole network, for an account.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct NetworkRole {
    /// The account.
    pub account: Address,
    /// The role.
    pub role: String,
    /// When it ends, milliseconds since 1970; none if it does not end.
    pub until_ms: Option<u64>,
}

/// A role of an account.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct HeldRole {
    /// The account.
    pub account: Address,
    /// The role.
    pub role: String,
}

/// A new module, whose code an account has uploaded.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Installation {
    /// The name of the module.
    pub module: String,
    /// The hash of its code.
    pub code: Hash,
    /// The account that uploaded the code.
    pub by: Address,
}

/// A limit of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct NewQuota {
    /// The organisation.
    pub organisation: String,
    /// What is limited.
    pub kind: QuotaKind,
    /// How much of it the organisation can have; none if the parameter is to count.
    pub limit: Option<u64>,
}

/// A validator that is to join, with the consent of its keys.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct NewValidator {
    /// The organisation that operates it.
    pub organisation: String,
    /// Its name.
    pub name: String,
    /// The key that signs its votes.
    pub consensus_key: PublicKey,
    /// The key that identifies its node among peers.
    pub node_key: PublicKey,
    /// Its voting power.
    pub power: u64,
    /// The signatures of both keys.
    pub signatures: ValidatorSignatures,
}

/// Another power for a validator.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ValidatorPower {
    /// The name of the validator.
    pub name: String,
    /// The power.
    pub power: u64,
}
