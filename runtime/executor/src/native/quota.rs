//! What organisations have of what is bounded, compared with their quotas.

use ehb_kernel::quota::{self, QuotaKind, QuotaUse};
use ehb_kernel::{accounts, chain};
use ehb_types::{Address, Name, Parameters};

use super::gas::Gas;
use super::{Native, Problem, Refusal};

impl Native<'_> {
    /// Refuses more of a kind than the quota of an organisation allows.
    pub(super) fn check_quota(
        &self,
        parameters: &Parameters,
        organisation: &Name,
        (kind, more): (QuotaKind, u64),
        gas: &mut Gas<'_>,
    ) -> Result<(), Problem> {
        let known = self.quota_use(parameters, organisation, kind, gas)?;
        Ok(Refusal::check_quota(known, more)?)
    }

    /// How much of one kind an organisation has, and can have.
    pub(super) fn quota_use(
        &self,
        parameters: &Parameters,
        organisation: &Name,
        kind: QuotaKind,
        gas: &mut Gas<'_>,
    ) -> Result<QuotaUse, Problem> {
        let state = &self.session.overlay;
        gas.pay_read(0)?;
        match kind {
            QuotaKind::Accounts => {}
            QuotaKind::Observers => gas.pay_scan(chain::nodes(state)?.len())?,
            QuotaKind::CodeBytes => gas.pay_read(0)?,
        }
        Ok(quota::of(state, &parameters.quotas, organisation, kind)?)
    }

    /// Counts the size of an upload for the organisation of its account, if the quota allows it.
    pub(super) fn count_upload(
        &mut self,
        owner: &Address,
        size: u32,
        gas: &mut Gas<'_>,
    ) -> Result<(), Problem> {
        let organisation = self.organisation_of(owner, gas)?;
        let parameters = self.parameters(gas)?;
        let known = self.quota_use(&parameters, &organisation, QuotaKind::CodeBytes, gas)?;
        Refusal::check_quota(known, size.into())?;
        gas.pay_write(0)?;
        let bytes = known.used.saturating_add(size.into());
        quota::put_code_bytes(&mut self.session.overlay, &organisation, bytes);
        Ok(())
    }

    /// Counts the size of an upload no more, which leaves the state.
    pub(super) fn uncount_upload(
        &mut self,
        owner: &Address,
        size: u32,
        gas: &mut Gas<'_>,
    ) -> Result<(), Problem> {
        let organisation = self.organisation_of(owner, gas)?;
        gas.pay_read(0)?;
        gas.pay_write(0)?;
        let known = quota::code_bytes(&self.session.overlay, &organisation)?;
        let bytes = known.saturating_sub(size.into());
        quota::put_code_bytes(&mut self.session.overlay, &organisation, bytes);
        Ok(())
    }

    /// The organisation of an account, in which it stays.
    fn organisation_of(&self, account: &Address, gas: &mut Gas<'_>) -> Result<Name, Problem> {
        gas.pay_read(0)?;
        let known = accounts::account(&self.session.overlay, account)?;
        Ok(known.ok_or(Refusal::UnknownAccount(*account))?.organisation)
    }
}
