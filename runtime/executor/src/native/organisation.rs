//! The functions that register accounts, change their status, and list them.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_kernel::event::{ChangedAccount, KernelEvent};
use ehb_kernel::organisations::{self, Organisation, OrganisationStatus};
use ehb_kernel::quota::{QuotaKind, QuotaUse};
use ehb_kernel::{accounts, chain, recovery};
use ehb_types::{
    ADMINISTRATOR, Account, Address, Code, MANAGER, Name, Parameters, Policy, PolicyConsent, Roles,
    Status, TransactionSignature, encode, encoded_len,
};

use super::gas::Gas;
use super::{Native, Problem, Refusal, failed};

/// The most accounts that one call registers.
const REGISTERED_MAX: usize = 64;
/// The most accounts of a page.
const PAGE_MAX: usize = 100;

/// The arguments of `register-accounts`.
#[derive(Clone, Debug, BorshDeserialize)]
pub(super) struct RegisterAccounts {
    accounts: Vec<NewAccount>,
}

#[derive(Clone, Debug, BorshDeserialize)]
pub(super) struct NewAccount {
    pub(super) policy: Policy,
    pub(super) roles: Vec<String>,
    pub(super) consents: Vec<TransactionSignature>,
}

/// The arguments of `set-status`.
#[derive(Clone, Debug, BorshDeserialize)]
pub(super) struct SetStatus {
    account: Address,
    status: Status,
}

/// The arguments of `list-accounts`.
#[derive(Clone, Debug, BorshDeserialize)]
pub(super) struct ListAccounts {
    organisation: String,
    after: Option<Address>,
    limit: u32,
}

/// The arguments of `get-organisation`.
#[derive(Clone, Debug, BorshDeserialize)]
pub(super) struct GetOrganisation {
    name: String,
}

/// The result of `list-accounts`.
#[derive(BorshSerialize)]
struct AccountPage {
    accounts: Vec<ChangedAccount>,
    next: Option<Address>,
}

/// The result of `get-organisation`.
#[derive(BorshSerialize)]
struct OrganisationView {
    accounts: u32,
    administrators: u32,
    status: OrganisationStatus,
    quotas: Vec<QuotaUse>,
}

/// Who manages the accounts of an organisation.
pub(super) struct Manager {
    pub(super) organisation: Name,
    /// Whether it also manages administrators and managers, and grants these roles.
    pub(super) is_administrator: bool,
}

impl Manager {
    /// Checks that this one grants and takes a role.
    pub(super) fn check_role(&self, role: &str) -> Result<(), Refusal> {
        if self.is_administrator || ![ADMINISTRATOR, MANAGER].contains(&role) {
            return Ok(());
        }
        Err(Refusal::MissingRole(ADMINISTRATOR.to_owned()))
    }
}

impl Native<'_> {
    pub(super) fn register_accounts(
        &mut self,
        RegisterAccounts { accounts }: RegisterAccounts,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let manager = self.manager(gas)?;
        Refusal::check_range("accounts", accounts.len() as u64, 1, REGISTERED_MAX as u64)?;
        let parameters = self.parameters(gas)?;
        let mut addresses = Vec::with_capacity(accounts.len());
        for new in accounts {
            addresses.push(self.register(&manager, &parameters, new, gas)?);
        }
        Ok(encode(&addresses))
    }

    pub(super) fn register(
        &mut self,
        manager: &Manager,
        parameters: &Parameters,
        NewAccount { policy, roles, consents }: NewAccount,
        gas: &mut Gas<'_>,
    ) -> Result<Address, Problem> {
        let organisation = manager.organisation.clone();
        let consent = PolicyConsent::of_new_account(organisation.clone(), policy);
        self.check_consent(&consent, &consents, gas)?;
        let PolicyConsent { account: address, policy, .. } = consent;
        gas.pay_read(0)?;
        if accounts::account(&self.session.overlay, &address)?.is_some() {
            return Err(Refusal::AccountExists(address).into());
        }
        self.check_quota(parameters, &organisation, (QuotaKind::Accounts, 1), gas)?;
        let mut held = Roles::default();
        for role in roles {
            self.add_role(manager, parameters, &mut held, (role, None))?;
        }
        let account = Account { policy, organisation, roles: held, status: Status::Active };
        for bytes in [encoded_len(&account), 0, 0] {
            gas.pay_write(bytes)?;
        }
        organisations::register(&mut self.session.overlay, &address, &account)?;
        self.emit(&KernelEvent::AccountChanged(ChangedAccount { address, account }), gas)?;
        Ok(address)
    }

    pub(super) fn set_status(
        &mut self,
        SetStatus { account: address, status }: &SetStatus,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let manager = self.manager(gas)?;
        let before = self.managed(&manager, address, gas)?;
        if *status == Status::Frozen || *status == before.status {
            return Err(Refusal::WrongStatus(before.status).into());
        }
        let mut after = Account { status: *status, ..before.clone() };
        if *status == Status::Closed {
            after.roles = Roles::default();
            gas.pay_write(0)?;
            recovery::remove(&mut self.session.overlay, address);
            self.drop_uploads(address, gas)?;
        }
        self.change(address, &before, after, gas)
    }

    pub(super) fn list_accounts(
        &self,
        ListAccounts { organisation, after, limit }: &ListAccounts,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let count = usize::try_from(*limit).unwrap_or(PAGE_MAX).clamp(1, PAGE_MAX);
        let state = &self.session.overlay;
        let found = match Name::new(organisation.as_str()) {
            Ok(name) => {
                gas.pay_scan(count)?;
                organisations::members(state, &name, after.as_ref(), count.saturating_add(1))?
            }
            Err(_) => Vec::new(),
        };
        let mut page = AccountPage { accounts: Vec::new(), next: None };
        for address in found.iter().take(count) {
            gas.pay_read(0)?;
            let known = accounts::account(state, address)?;
            let view = |account| ChangedAccount { address: *address, account };
            page.accounts.extend(known.map(view));
        }
        page.next =
            (found.len() > count).then(|| page.accounts.last().map(|it| it.address)).flatten();
        Ok(encode(&page))
    }

    pub(super) fn get_organisation(
        &self,
        GetOrganisation { name }: &GetOrganisation,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let none = || encode(&None::<OrganisationView>);
        let Ok(name) = Name::new(name.as_str()) else { return Ok(none()) };
        gas.pay_read(0)?;
        let known = organisations::organisation(&self.session.overlay, &name)?;
        let Some(Organisation { accounts, administrators, status, .. }) = known else {
            return Ok(none());
        };
        let parameters = self.parameters(gas)?;
        let mut quotas = Vec::with_capacity(QuotaKind::ALL.len());
        for kind in QuotaKind::ALL {
            quotas.push(self.quota_use(&parameters, &name, kind, gas)?);
        }
        Ok(encode(&Some(OrganisationView { accounts, administrators, status, quotas })))
    }

    /// The account of the caller, which changes something.
    pub(super) fn caller(&self, gas: &mut Gas<'_>) -> Result<Account, Problem> {
        let context = &self.session.context;
        if context.read_only {
            let message = "accounts are changed by transactions only".to_owned();
            return Err(Problem::Failed(failed(Code::ReadOnly, message)));
        }
        gas.pay_read(0)?;
        gas.pay_read(0)?;
        let account = organisations::acting_account(&self.session.overlay, &context.sender)?;
        let account = account.ok_or(Refusal::UnknownAccount(context.sender))?;
        // An earlier transaction of the block may have changed it.
        if account.status != Status::Active {
            return Err(Refusal::WrongStatus(account.status).into());
        }
        Ok(account)
    }

    /// The caller as one who manages the accounts of its organisation.
    pub(super) fn manager(&self, gas: &mut Gas<'_>) -> Result<Manager, Problem> {
        let Account { organisation, roles, .. } = self.caller(gas)?;
        let now_ms = self.session.context.time_ms;
        let is_administrator = roles.hold(ADMINISTRATOR, now_ms);
        if !is_administrator && !roles.hold(MANAGER, now_ms) {
            return Err(Refusal::MissingRole(MANAGER.to_owned()).into());
        }
        Ok(Manager { organisation, is_administrator })
    }

    /// An account that the manager may change: of its organisation, and neither frozen nor closed.
    pub(super) fn managed(
        &self,
        manager: &Manager,
        address: &Address,
        gas: &mut Gas<'_>,
    ) -> Result<Account, Problem> {
        gas.pay_read(0)?;
        let account = accounts::account(&self.session.overlay, address)?;
        let account = account.filter(|it| it.organisation == manager.organisation);
        let account = account.ok_or(Refusal::UnknownAccount(*address))?;
        let now_ms = self.session.context.time_ms;
        for role in [ADMINISTRATOR, MANAGER].into_iter().filter(|it| account.roles.hold(it, now_ms))
        {
            manager.check_role(role)?;
        }
        match account.status {
            Status::Active | Status::Suspended => Ok(account),
            status => Err(Refusal::WrongStatus(status).into()),
        }
    }

    /// Stores a changed account.
    pub(super) fn change(
        &mut self,
        address: &Address,
        before: &Account,
        after: Account,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        gas.pay_write(encoded_len(&after))?;
        gas.pay_write(0)?;
        let changed = organisations::change(&mut self.session.overlay, address, (before, &after))?;
        if !changed {
            return Err(Refusal::LastAdministrator.into());
        }
        let changed = ChangedAccount { address: *address, account: after };
        self.emit(&KernelEvent::AccountChanged(changed), gas)?;
        Ok(Vec::new())
    }

    /// Checks that each key of a policy consents to it.
    pub(super) fn check_consent(
        &self,
        consent: &PolicyConsent,
        signatures: &[TransactionSignature],
        gas: &mut Gas<'_>,
    ) -> Result<(), Problem> {
        gas.pay_signatures(signatures.len())?;
        gas.pay_read(0)?;
        let chain = chain::identity(&self.session.overlay)?.genesis;
        let verified = consent.verify(&chain, signatures);
        Ok(verified.map_err(|error| Refusal::NoConsent(error.to_string()))?)
    }

    pub(super) fn parameters(&self, gas: &mut Gas<'_>) -> Result<Parameters, Problem> {
        gas.pay_read(0)?;
        Ok(chain::parameters(&self.session.overlay)?)
    }
}
