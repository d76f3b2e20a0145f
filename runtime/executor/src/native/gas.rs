//! The gas of calls of the kernel, which no fuel measures because the kernel is native code.

use ehb_types::{Code, GasSchedule};
use ehb_vm::CallError;

use super::failed;

/// The cost of checking uploaded code again, loading the compiled code and linking, for each byte of code: paid once
/// at the upload and once more by each attempt to install it. Paid as a whole by an attempt, modules that have to be
/// upgraded together would not fit into a transaction.
const INSTALLED_BYTE_GAS: u64 = 8;
/// The fixed cost of an upgrade: linking all modules again.
const UPGRADE_GAS: u64 = 10_000_000;
/// The fixed cost of an upload: `limits::COMPILE_BASE_NS`.
const UPLOAD_GAS: u64 = 10_000_000;

/// The gas of a kernel call, paid before the work is done.
pub(super) struct Gas<'a> {
    left: &'a mut u64,
    schedule: GasSchedule,
}

impl<'a> Gas<'a> {
    pub(super) fn new(left: &'a mut u64, schedule: GasSchedule) -> Self {
        Self { left, schedule }
    }

    /// The remaining gas, for a call by the kernel.
    pub(super) fn left(&mut self) -> &mut u64 {
        self.left
    }

    /// Charges for the call itself.
    pub(super) fn pay_call(&mut self) -> Result<(), CallError> {
        self.pay(self.schedule.call)
    }

    /// Charges for reading an entry of a size in bytes.
    pub(super) fn pay_read(&mut self, bytes: usize) -> Result<(), CallError> {
        self.pay(of(self.schedule.storage_read, self.schedule.storage_read_byte, bytes))
    }

    /// Charges for writing an entry of a size in bytes, or removing one.
    pub(super) fn pay_write(&mut self, bytes: usize) -> Result<(), CallError> {
        self.pay(of(self.schedule.storage_write, self.schedule.storage_write_byte, bytes))
    }

    /// Charges for hashing a number of bytes.
    pub(super) fn pay_hash(&mut self, bytes: usize) -> Result<(), CallError> {
        self.pay(of(self.schedule.host_call, self.schedule.host_byte, bytes))
    }

    /// Charges for finding a number of entries by a scan.
    pub(super) fn pay_scan(&mut self, entries: usize) -> Result<(), CallError> {
        self.pay(of(0, self.schedule.scan_entry, entries.saturating_add(1)))
    }

    /// Charges for verifying a number of signatures.
    pub(super) fn pay_signatures(&mut self, count: usize) -> Result<(), CallError> {
        self.pay(of(0, self.schedule.signature, count))
    }

    /// Charges for an event of a size in bytes, which is stored in the receipt forever.
    pub(super) fn pay_event(&mut self, bytes: usize) -> Result<(), CallError> {
        self.pay(of(self.schedule.host_call, self.schedule.storage_write_byte, bytes))
    }

    /// Charges for beginning an upload: the time that compiling any code takes.
    pub(super) fn pay_upload(&mut self) -> Result<(), CallError> {
        self.pay(UPLOAD_GAS)
    }

    /// Charges in advance for checking, compiling and installing a number of bytes of code: nodes compile code when
    /// it is complete, and `ehb_vm::limits::COMPILE_BYTE_NS_MAX` limits the cost of a byte.
    pub(super) fn pay_code(&mut self, bytes: usize) -> Result<(), CallError> {
        let installed = INSTALLED_BYTE_GAS.saturating_add(self.schedule.storage_write_byte);
        self.pay(of(0, self.schedule.code_byte.saturating_add(installed), bytes))
    }

    /// Charges for an upgrade of any number of modules.
    pub(super) fn pay_upgrade(&mut self) -> Result<(), CallError> {
        self.pay(UPGRADE_GAS)
    }

    /// Charges for installing a number of bytes of code; writing them was paid for at the upload.
    pub(super) fn pay_installed(&mut self, bytes: usize) -> Result<(), CallError> {
        self.pay(of(self.schedule.storage_write, INSTALLED_BYTE_GAS, bytes))
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
