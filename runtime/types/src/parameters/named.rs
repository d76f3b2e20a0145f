//! Parameters by name, for governance: one list of all numbers.

use super::Parameters;

/// A number among the parameters.
enum Number<'a> {
    U32(&'a mut u32),
    U64(&'a mut u64),
}

/// Why a parameter is not set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetError {
    /// There is no such number.
    #[error("there is no parameter {0:?} that is a number")]
    Unknown(String),
    /// The value does not fit.
    #[error("the parameter {name} has at most 32 bits; {value} has more")]
    TooLarge {
        /// The parameter.
        name: String,
        /// The value.
        value: u64,
    },
}

impl Parameters {
    /// Sets a number by its name in the genesis file, such as `consensus.seal_ms`, and returns its earlier value. It is
    /// not checked: see [`Self::check`].
    pub fn set(&mut self, name: &str, value: u64) -> Result<u64, SetError> {
        let number = self.number(name).ok_or_else(|| SetError::Unknown(name.to_owned()))?;
        Ok(match number {
            Number::U64(number) => std::mem::replace(number, value),
            Number::U32(number) => {
                let too_large = |_| SetError::TooLarge { name: name.to_owned(), value };
                std::mem::replace(number, u32::try_from(value).map_err(too_large)?).into()
            }
        })
    }

    fn number(&mut self, name: &str) -> Option<Number<'_>> {
        let (group, field) = name.split_once('.').unwrap_or(("", name));
        match group {
            "" => self.limit(field),
            "gas" => self.gas_price(field),
            "consensus" => self.timing(field),
            "accounts" => self.of_accounts(field),
            "modules" => match field {
                "window_min_ms" => Some(Number::U64(&mut self.modules.window_min_ms)),
                _ => None,
            },
            "governance" => self.of_governance(field),
            _ => None,
        }
    }

    fn limit(&mut self, field: &str) -> Option<Number<'_>> {
        Some(match field {
            "block_bytes_max" => Number::U32(&mut self.block_bytes_max),
            "block_gas_max" => Number::U64(&mut self.block_gas_max),
            "transaction_bytes_max" => Number::U32(&mut self.transaction_bytes_max),
            "transaction_gas_max" => Number::U64(&mut self.transaction_gas_max),
            "validity_ms_max" => Number::U64(&mut self.validity_ms_max),
            _ => return None,
        })
    }

    fn gas_price(&mut self, field: &str) -> Option<Number<'_>> {
        let gas = &mut self.gas;
        Some(Number::U64(match field {
            "transaction" => &mut gas.transaction,
            "transaction_byte" => &mut gas.transaction_byte,
            "signature" => &mut gas.signature,
            "call" => &mut gas.call,
            "storage_read" => &mut gas.storage_read,
            "storage_write" => &mut gas.storage_write,
            "storage_read_byte" => &mut gas.storage_read_byte,
            "storage_write_byte" => &mut gas.storage_write_byte,
            "scan_entry" => &mut gas.scan_entry,
            "host_call" => &mut gas.host_call,
            "host_byte" => &mut gas.host_byte,
            "code_byte" => &mut gas.code_byte,
            _ => return None,
        }))
    }

    fn timing(&mut self, field: &str) -> Option<Number<'_>> {
        let consensus = &mut self.consensus;
        Some(Number::U64(match field {
            "heartbeat_ms" => &mut consensus.heartbeat_ms,
            "seal_ms" => &mut consensus.seal_ms,
            "timeout_propose_ms" => &mut consensus.timeout_propose_ms,
            "timeout_vote_ms" => &mut consensus.timeout_vote_ms,
            "timeout_growth_ms" => &mut consensus.timeout_growth_ms,
            "drift_max_ms" => &mut consensus.drift_max_ms,
            "silent_heights" => &mut consensus.silent_heights,
            _ => return None,
        }))
    }

    fn of_accounts(&mut self, field: &str) -> Option<Number<'_>> {
        Some(match field {
            "accounts_max" => Number::U32(&mut self.accounts.accounts_max),
            "recovery_notice_ms" => Number::U64(&mut self.accounts.recovery_notice_ms),
            _ => return None,
        })
    }

    fn of_governance(&mut self, field: &str) -> Option<Number<'_>> {
        let governance = &mut self.governance;
        Some(match field {
            "ordinary_percent" => Number::U32(&mut governance.ordinary_percent),
            "critical_percent" => Number::U32(&mut governance.critical_percent),
            "voting_ms" => Number::U64(&mut governance.voting_ms),
            "lock_ms" => Number::U64(&mut governance.lock_ms),
            _ => return None,
        })
    }
}
