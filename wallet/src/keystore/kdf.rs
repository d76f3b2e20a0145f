//! Derives a file's encryption key from the passphrase, with limits on memory and time.

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use super::{KeyFileError, Passphrase};

/// The cost of one passphrase attempt: the parameters of Argon2id (RFC 9106).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KdfCost {
    /// Memory in KiB.
    pub m_kib: u32,
    /// Passes over the memory.
    pub t: u32,
    /// Lanes.
    pub p: u32,
}

impl KdfCost {
    /// For keys with value: RFC 9106's second recommended option, 64 MiB and 3 passes, which takes some
    /// tenths of a second.
    pub const STANDARD: Self = Self { m_kib: 64 * 1024, t: 3, p: 4 };

    /// For the keys of temporary networks, whose passphrase is stored next to them: about a millisecond. It
    /// protects nothing; never use it for keys with value.
    pub const THROW_AWAY: Self = Self { m_kib: 256, t: 1, p: 1 };

    /// The maximum memory in a file: 1 GiB.
    pub const MEMORY_MAX_KIB: u32 = 1024 * 1024;
    /// The maximum number of lanes.
    pub const LANES_MAX: u32 = 64;
    /// The maximum of memory times passes, 4 GiB: about ten seconds.
    pub const WORK_MAX_KIB: u64 = 4 * 1024 * 1024;

    /// Argon2 needs two blocks in each of a lane's four slices.
    const MEMORY_MIN_KIB_A_LANE: u32 = 8;

    /// Checks that the parameters are Argon2's, and that a file can't make its reader run out of
    /// memory or time.
    pub fn check(self) -> Result<(), KeyFileError> {
        let lanes = (1..=Self::LANES_MAX).contains(&self.p);
        let memory_min = Self::MEMORY_MIN_KIB_A_LANE.saturating_mul(self.p);
        let memory = (memory_min..=Self::MEMORY_MAX_KIB).contains(&self.m_kib);
        let work = u64::from(self.m_kib) * u64::from(self.t);
        if lanes && memory && self.t > 0 && work <= Self::WORK_MAX_KIB {
            return Ok(());
        }
        Err(KeyFileError::Cost(self))
    }

    /// Derives the 32-byte key that encrypts a file.
    pub(super) fn derive(
        self,
        passphrase: &Passphrase,
        salt: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, KeyFileError> {
        self.check()?;
        let mut key = Zeroizing::new([0; 32]);
        let params = Params::new(self.m_kib, self.t, self.p, Some(key.len()))
            .map_err(|_| KeyFileError::Cost(self))?;
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), salt, key.as_mut())
            .map_err(|_| KeyFileError::Cost(self))?;
        Ok(key)
    }
}
