//! Amounts as people write them: exact, with the decimals of their asset.
//!
//! The chain counts in base units (`u64`); an asset with 2 decimals has 100 of them in one. There
//! is no rounding and no floating point anywhere: what does not fit exactly is refused.

/// Why a text is not an amount of an asset.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not digits, with one point at most.
    #[error("{0:?} is not an amount: write digits, and a point before decimals, as in 1250.50")]
    Malformed(String),
    /// A mark that is a decimal point in some countries and a thousands separator in others.
    #[error(
        "{0:?} can be read in two ways: write a point before decimals, and thousands together or \
         apart by one space, as in 1250.50 or 1 250.50"
    )]
    Ambiguous(String),
    /// Spaces in other positions than between thousands.
    #[error(
        "{0:?} has spaces that do not separate thousands: write groups of three digits, as in \
         1 234 567.89, or no space at all"
    )]
    Spaces(String),
    /// More decimals than the asset has.
    #[error("{got:?} has {given} decimals; this asset has {decimals}")]
    Decimals {
        /// The text.
        got: String,
        /// The number of its decimals.
        given: usize,
        /// The number of decimals of the asset.
        decimals: u8,
    },
    /// More base units than fit into 64 bits.
    #[error("{0:?} is more than any account can hold of this asset")]
    TooLarge(String),
}

/// The maximum length of a rejected text in an error.
const SHOWN_CHARS_MAX: usize = 48;

/// The thousands separator in [`grouped_amount`].
const SEPARATOR: char = ' ';

/// Reads an amount into base units. `decimals` is that of the asset. Thousands
/// can be separated by single spaces, as [`grouped_amount`] writes them: all of them or none.
///
/// ```
/// use ehb_wallet::amount::{format_amount, parse_amount};
///
/// assert_eq!(parse_amount("12.50", 2), Ok(1_250));
/// assert_eq!(parse_amount("12", 2), Ok(1_200));
/// assert_eq!(parse_amount("1 234.50", 2), Ok(123_450));
/// assert!(parse_amount("1,234", 2).is_err());
/// assert!(parse_amount("12.505", 2).is_err());
/// assert_eq!(format_amount(1_250, 2), "12.50");
/// ```
pub fn parse_amount(text: &str, decimals: u8) -> Result<u64, AmountError> {
    let shown = || text.chars().take(SHOWN_CHARS_MAX).collect::<String>();
    if text.chars().any(is_ambiguous) && text.chars().all(|c| c.is_ascii_digit() || is_mark(c)) {
        return Err(AmountError::Ambiguous(shown()));
    }
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return Err(AmountError::Malformed(shown())),
        None => (text, ""),
    };
    let is_digit_or_space = |c: char| c.is_ascii_digit() || c == SEPARATOR;
    if whole.is_empty() || !text.chars().all(|c| is_digit_or_space(c) || c == '.') {
        return Err(AmountError::Malformed(shown()));
    }
    if fraction.contains('.') {
        return Err(AmountError::Malformed(shown()));
    }
    if fraction.contains(SEPARATOR) || !is_grouped(whole) {
        return Err(AmountError::Spaces(shown()));
    }
    let missing = usize::from(decimals).checked_sub(fraction.len());
    let Some(missing) = missing else {
        let given = fraction.len();
        return Err(AmountError::Decimals { got: shown(), given, decimals });
    };
    let zeros = std::iter::repeat_n(b'0', missing);
    let mut units = 0u64;
    let digits = whole.bytes().filter(u8::is_ascii_digit);
    for digit in digits.chain(fraction.bytes()).chain(zeros) {
        units = units
            .checked_mul(10)
            .and_then(|units| units.checked_add(u64::from(digit - b'0')))
            .ok_or_else(|| AmountError::TooLarge(shown()))?;
    }
    Ok(units)
}

/// Whether digits are ungrouped, or in groups of three after a first one of one to three.
fn is_grouped(whole: &str) -> bool {
    let mut groups = whole.split(SEPARATOR);
    let first = groups.next().unwrap_or_default().len();
    let mut rest = groups.peekable();
    rest.peek().is_none() || (1..=3).contains(&first) && rest.all(|group| group.len() == 3)
}

/// A mark that is used in amounts in some country.
fn is_mark(c: char) -> bool {
    c == '.' || c == SEPARATOR || is_ambiguous(c)
}

/// A mark that is a decimal point in some countries and a thousands separator in others.
fn is_ambiguous(c: char) -> bool {
    matches!(c, ',' | '\'' | '\u{2019}' | '_' | '\u{b7}' | '\u{66b}' | '\u{66c}')
}

/// Writes base units as an amount with all decimals of the asset, which [`parse_amount`] reads.
pub fn format_amount(units: u64, decimals: u8) -> String {
    let decimals = usize::from(decimals);
    let digits = format!("{units:0>width$}", width = decimals + 1);
    match digits.split_at(digits.len() - decimals) {
        (whole, "") => whole.to_owned(),
        (whole, fraction) => format!("{whole}.{fraction}"),
    }
}

/// Like [`format_amount`], with spaces between thousands for readability; [`parse_amount`] accepts it.
pub fn grouped_amount(units: u64, decimals: u8) -> String {
    let text = format_amount(units, decimals);
    let whole = text.find('.').unwrap_or(text.len());
    let mut grouped = String::with_capacity(text.len() + whole / 3);
    for (at, c) in text.char_indices() {
        if at > 0 && at < whole && (whole - at).is_multiple_of(3) {
            grouped.push(SEPARATOR);
        }
        grouped.push(c);
    }
    grouped
}

#[cfg(test)]
mod tests;
