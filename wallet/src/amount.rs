//! Amounts as people write them: exact decimals of an asset with a precision.
//!
//! The chain counts in base units (`u64`); an asset with precision 2 has 100 of them in one. There
//! is no rounding and no floating point anywhere: what does not fit exactly is refused.

/// Why a text is no amount of an asset.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not digits, with one point at most.
    #[error("{0:?} is no amount: write digits, and a point before decimals, as in 1250.50")]
    Malformed(String),
    /// More decimals than the asset has.
    #[error("{got:?} has {decimals} decimals; this asset has {precision}")]
    Decimals {
        /// The text.
        got: String,
        /// How many decimals it has.
        decimals: usize,
        /// How many the asset has.
        precision: u8,
    },
    /// More base units than 64 bits hold.
    #[error("{0:?} is more than any account can hold of this asset")]
    TooLarge(String),
}

/// The longest piece of a refused text that an error repeats.
const SHOWN_CHARS_MAX: usize = 48;

/// Reads an amount into base units. `precision` is the number of decimals of the asset.
///
/// ```
/// use ehb_wallet::amount::{format_amount, parse_amount};
///
/// assert_eq!(parse_amount("12.50", 2), Ok(1_250));
/// assert_eq!(parse_amount("12", 2), Ok(1_200));
/// assert!(parse_amount("12.505", 2).is_err());
/// assert_eq!(format_amount(1_250, 2), "12.50");
/// ```
pub fn parse_amount(text: &str, precision: u8) -> Result<u64, AmountError> {
    let shown = || text.chars().take(SHOWN_CHARS_MAX).collect::<String>();
    let (whole, decimals) = match text.split_once('.') {
        Some((whole, decimals)) if !decimals.is_empty() => (whole, decimals),
        Some(_) => return Err(AmountError::Malformed(shown())),
        None => (text, ""),
    };
    if whole.is_empty() || !whole.bytes().chain(decimals.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(AmountError::Malformed(shown()));
    }
    let missing = usize::from(precision).checked_sub(decimals.len());
    let Some(missing) = missing else {
        let decimals = decimals.len();
        return Err(AmountError::Decimals { got: shown(), decimals, precision });
    };
    let zeros = std::iter::repeat_n(b'0', missing);
    let mut units = 0u64;
    for digit in whole.bytes().chain(decimals.bytes()).chain(zeros) {
        units = units
            .checked_mul(10)
            .and_then(|units| units.checked_add(u64::from(digit - b'0')))
            .ok_or_else(|| AmountError::TooLarge(shown()))?;
    }
    Ok(units)
}

/// Writes base units as an amount with all decimals of the asset, which [`parse_amount`] reads.
pub fn format_amount(units: u64, precision: u8) -> String {
    let precision = usize::from(precision);
    let digits = format!("{units:0>width$}", width = precision + 1);
    match digits.split_at(digits.len() - precision) {
        (whole, "") => whole.to_owned(),
        (whole, decimals) => format!("{whole}.{decimals}"),
    }
}

/// As [`format_amount`], with spaces between thousands: for people's eyes only.
pub fn grouped_amount(units: u64, precision: u8) -> String {
    let text = format_amount(units, precision);
    let whole = text.find('.').unwrap_or(text.len());
    let mut grouped = String::with_capacity(text.len() + whole / 3);
    for (at, c) in text.char_indices() {
        if at > 0 && at < whole && (whole - at).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(c);
    }
    grouped
}

#[cfg(test)]
mod tests;
