use ehb_types::{Code, GasSchedule};
use ehb_vm::CallError;

use super::failed;

/// What checking uploaded code again, loading what was compiled and linking costs for each byte of code.
const INSTALLED_BYTE_GAS: u64 = 16;
/// What it costs for any code: linking all modules again, and `limits::COMPILE_BASE_NS`.
const INSTALLED_GAS: u64 = 10_000_000;

/// The gas of a call of the kernel's, paid before the work is done.
pub(super) struct Gas<'a> {
    left: &'a mut u64,
    schedule: GasSchedule,
}

impl<'a> Gas<'a> {
    pub(super) fn new(left: &'a mut u64, schedule: GasSchedule) -> Self {
        Self { left, schedule }
    }

    /// What is left, for a call that the kernel makes.
    pub(super) fn left(&mut self) -> &mut u64 {
        self.left
    }

    /// The call itself.
    pub(super) fn pay_call(&mut self) -> Result<(), CallError> {
        self.pay(self.schedule.call)
    }

    /// Reading an entry of so many bytes.
    pub(super) fn pay_read(&mut self, bytes: usize) -> Result<(), CallError> {
        self.pay(of(self.schedule.storage_read, self.schedule.storage_read_byte, bytes))
    }

    /// Writing an entry of so many bytes, or removing one.
    pub(super) fn pay_write(&mut self, bytes: usize) -> Result<(), CallError> {
        self.pay(of(self.schedule.storage_write, self.schedule.storage_write_byte, bytes))
    }

    /// Hashing so many bytes.
    pub(super) fn pay_hash(&mut self, bytes: usize) -> Result<(), CallError> {
        self.pay(of(self.schedule.host_call, self.schedule.host_byte, bytes))
    }

    /// An event of so many bytes, which is kept in the receipt for good.
    pub(super) fn pay_event(&mut self, bytes: usize) -> Result<(), CallError> {
        self.pay(of(self.schedule.host_call, self.schedule.storage_write_byte, bytes))
    }

    /// Checking and compiling so many bytes of code, ahead of it: nodes compile code when it is whole,
    /// and `ehb_vm::limits::COMPILE_BYTE_NS_MAX` bounds what a byte can cost them.
    pub(super) fn pay_code(&mut self, bytes: usize) -> Result<(), CallError> {
        self.pay(of(0, self.schedule.code_byte, bytes))
    }

    /// Installing so many bytes of code that were paid for when they were uploaded.
    pub(super) fn pay_installed(&mut self, bytes: usize) -> Result<(), CallError> {
        self.pay(of(INSTALLED_GAS, INSTALLED_BYTE_GAS, bytes))
    }

    fn pay(&mut self, amount: u64) -> Result<(), CallError> {
        let left = self.left.checked_sub(amount);
        *self.left = left.unwrap_or(0);
        left.map(drop).ok_or_else(|| failed(Code::OutOfGas, "the gas ran out".to_owned()))
    }
}

fn of(each: u64, byte: u64, bytes: usize) -> u64 {
    each.saturating_add(byte.saturating_mul(u64::try_from(bytes).unwrap_or(u64::MAX)))
}
