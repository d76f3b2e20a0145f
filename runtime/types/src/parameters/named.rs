//! Parameters by name, for governance.

use serde_json::Value;

use super::Parameters;

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
        let unknown = || SetError::Unknown(name.to_owned());
        let mut all = serde_json::to_value(&*self).map_err(|_| unknown())?;
        let number = name.split('.').try_fold(&mut all, |group, part| group.get_mut(part));
        let number = number.ok_or_else(unknown)?;
        let earlier = number.as_u64().ok_or_else(unknown)?;
        *number = Value::from(value);
        // The only numbers that do not fit everywhere are those with more than 32 bits.
        let too_large = |_| SetError::TooLarge { name: name.to_owned(), value };
        *self = serde_json::from_value(all).map_err(too_large)?;
        Ok(earlier)
    }
}
