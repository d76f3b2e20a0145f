//! The functions that replace the policy of an account: by itself, or by its organisation after a notice.

use borsh::BorshDeserialize;
use ehb_kernel::event::{AnnouncedRecovery, KernelEvent};
use ehb_kernel::recovery::{self, Recovery};
use ehb_types::{
    ADMINISTRATOR, Account, Address, Policy, PolicyConsent, Status, TransactionSignature, encode,
    encoded_len,
};

use super::gas::Gas;
use super::refusal::RecoveryNotice;
use super::{Native, Problem, Refusal};

/// The arguments of `set-policy`.
#[derive(Clone, Debug, BorshDeserialize)]
pub(super) struct SetPolicy {
    policy: Policy,
    consents: Vec<TransactionSignature>,
}

/// The arguments of `begin-recovery`.
#[derive(Clone, Debug, BorshDeserialize)]
pub(super) struct BeginRecovery {
    account: Address,
    policy: Policy,
    consents: Vec<TransactionSignature>,
}

impl Native<'_> {
    pub(super) fn set_policy(
        &mut self,
        SetPolicy { policy, consents }: SetPolicy,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let before = self.caller(gas)?;
        let account = self.session.context.sender;
        let organisation = before.organisation.clone();
        let consent = PolicyConsent { organisation, account, policy };
        self.check_consent(&consent, &consents, gas)?;
        if self.announced(&account, gas)?.is_some() {
            self.end_recovery(&account, gas)?;
            self.emit(&KernelEvent::RecoveryCancelled(account), gas)?;
        }
        let after = Account { policy: consent.policy, ..before.clone() };
        self.change(&account, &before, after, gas)
    }

    pub(super) fn begin_recovery(
        &mut self,
        BeginRecovery { account, policy, consents }: BeginRecovery,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let organisation = self.recoverable(&account, gas)?.organisation;
        let consent = PolicyConsent { organisation, account, policy };
        self.check_consent(&consent, &consents, gas)?;
        let notice_ms = self.parameters(gas)?.accounts.recovery_notice_ms;
        let context = &self.session.context;
        let from_ms = context.time_ms.saturating_add(notice_ms);
        let recovery = Recovery { policy: consent.policy, from_ms, by: context.sender };
        gas.pay_write(encoded_len(&recovery))?;
        recovery::put(&mut self.session.overlay, &account, &recovery);
        let announced = AnnouncedRecovery { account, recovery };
        self.emit(&KernelEvent::RecoveryAnnounced(announced), gas)?;
        Ok(Vec::new())
    }

    pub(super) fn cancel_recovery(
        &mut self,
        account: &Address,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        self.caller(gas)?;
        if *account != self.session.context.sender {
            self.recoverable(account, gas)?;
        }
        self.announced(account, gas)?.ok_or(Refusal::NoChangeAnnounced)?;
        self.end_recovery(account, gas)?;
        self.emit(&KernelEvent::RecoveryCancelled(*account), gas)?;
        Ok(Vec::new())
    }

    pub(super) fn complete_recovery(
        &mut self,
        address: &Address,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        self.caller(gas)?;
        let Recovery { policy, from_ms, .. } =
            self.announced(address, gas)?.ok_or(Refusal::NoChangeAnnounced)?;
        let now_ms = self.session.context.time_ms;
        if now_ms < from_ms {
            let notice = RecoveryNotice { account: *address, from_ms, now_ms };
            return Err(Refusal::RecoveryNotDue(notice).into());
        }
        gas.pay_read(0)?;
        let before = ehb_kernel::accounts::account(&self.session.overlay, address)?;
        let before = before.ok_or(Refusal::NoChangeAnnounced)?;
        if !matches!(before.status, Status::Active | Status::Suspended) {
            return Err(Refusal::WrongStatus(before.status).into());
        }
        self.end_recovery(address, gas)?;
        let after = Account { policy, ..before.clone() };
        self.change(address, &before, after, gas)
    }

    pub(super) fn get_recovery(
        &self,
        account: &Address,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        Ok(encode(&self.announced(account, gas)?))
    }

    /// An account whose policy the caller can replace, as an administrator of its organisation.
    fn recoverable(&self, account: &Address, gas: &mut Gas<'_>) -> Result<Account, Problem> {
        let manager = self.manager(gas)?;
        manager.check_role(ADMINISTRATOR)?;
        self.managed(&manager, account, gas)
    }

    fn announced(&self, account: &Address, gas: &mut Gas<'_>) -> Result<Option<Recovery>, Problem> {
        gas.pay_read(0)?;
        Ok(recovery::get(&self.session.overlay, account)?)
    }

    fn end_recovery(&mut self, account: &Address, gas: &mut Gas<'_>) -> Result<(), Problem> {
        gas.pay_write(0)?;
        recovery::remove(&mut self.session.overlay, account);
        Ok(())
    }
}
