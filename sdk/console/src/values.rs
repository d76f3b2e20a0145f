//! Checks the form of values that several programs read from their command lines and settings.

use std::net::IpAddr;

/// The maximum length of a host name and of one of its labels, bytes (RFC 1035).
const HOST_BYTES_MAX: usize = 253;
const LABEL_BYTES_MAX: usize = 63;

/// Checks the form of a host: a name or an IP address, without scheme, port and brackets. Whether it exists is not asked.
/// Errors: what is wrong, for people.
pub fn host_name(text: &str) -> Result<String, String> {
    if text.parse::<IpAddr>().is_ok() || is_name(text) {
        return Ok(text.to_owned());
    }
    Err(format!("{text:?} is no host: write a name or an IP address alone, such as node.example"))
}

fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=LABEL_BYTES_MAX).contains(&label.len())
            && label.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // A name does not end in a number: that is a mistake in an IPv4 address.
    let is_number = |label: &str| label.bytes().all(|it| it.is_ascii_digit());
    text.len() <= HOST_BYTES_MAX
        && text.split('.').all(is_label)
        && !text.rsplit('.').next().is_some_and(is_number)
}
