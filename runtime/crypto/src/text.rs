//! The hexadecimal text of hashes, keys and signatures, for display, parsing and serde.

/// Why a text is not the hexadecimal form of a fixed number of bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a {kind} is {digits} hexadecimal digits in lower case; got {got:?}")]
pub struct HexError {
    pub(crate) kind: &'static str,
    pub(crate) digits: usize,
    pub(crate) got: String,
}

/// The maximum length of a rejected text in an error.
const SHOWN_CHARS_MAX: usize = 72;

/// Upper case is rejected, so that equal bytes have equal texts.
pub(crate) fn parse<const N: usize>(kind: &'static str, text: &str) -> Result<[u8; N], HexError> {
    let mut bytes = [0; N];
    let lower_case = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    if lower_case && hex::decode_to_slice(text, &mut bytes).is_ok() {
        return Ok(bytes);
    }
    Err(HexError { kind, digits: N * 2, got: text.chars().take(SHOWN_CHARS_MAX).collect() })
}

/// Implements the hexadecimal text of a newtype over `[u8; N]`: `Display`, `Debug`, `FromStr` and serde.
macro_rules! hex_text {
    ($type:ident, $length:literal, $kind:literal) => {
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::text::HexError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::text::parse::<$length>($kind, text).map(Self)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text: std::borrow::Cow<'de, str> =
                    serde::Deserialize::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use hex_text;
