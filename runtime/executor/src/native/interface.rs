//! Derives the kernel's interface from its WIT, `wit/kernel.wit`.

use ehb_abi::Interface;
use ehb_types::Name;
use ehb_vm::{InstallError, declared};

use super::KERNEL;

/// The package of the kernel's interface.
const KERNEL_WIT: &str = include_str!("../../wit/kernel.wit");

/// The host types that the kernel's interface uses.
const HOST_TYPES: &str = "
    package ehb:host@1.0.0;
    interface types {
        record address { a: u64, b: u64, c: u64, d: u64 }
        record hash { a: u64, b: u64, c: u64, d: u64 }
    }";

/// The part of the kernel's interface that modules have as well: the first cases of its errors, and units.
const COMMON_TYPES: &str = include_str!("../../../../sdk/contract/wit/common/types.wit");

/// The kernel's functions and the type of its events, and its WIT as text with the packages that it uses.
pub(crate) fn kernel_interface() -> Result<(Interface, String), InstallError> {
    let name = Name::new(KERNEL).map_err(|error| InstallError::Machine(error.to_string()))?;
    declared(&name, &[HOST_TYPES, COMMON_TYPES, KERNEL_WIT])
}
