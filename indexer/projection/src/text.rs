//! Escapes texts for Postgres.

use std::borrow::Cow;

use serde_json::Value;

/// Postgres rejects U+0000 in texts. It is escaped as `␛0`, and the sign `␛` (U+241B) itself as `␛␛`, so
/// every text has exactly one escaped form and can be found by it.
const ESCAPE: char = '\u{241b}';

/// The escaped form of a text.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['\0', ESCAPE]) {
        return Cow::Borrowed(text);
    }
    let mut written = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\0' => written.extend([ESCAPE, '0']),
            ESCAPE => written.extend([ESCAPE, ESCAPE]),
            other => written.push(other),
        }
    }
    Cow::Owned(written)
}

/// The text of an escaped form; `␛` before any other character is kept.
pub fn unescape(written: &str) -> Cow<'_, str> {
    if !written.contains(ESCAPE) {
        return Cow::Borrowed(written);
    }
    let mut text = String::with_capacity(written.len());
    let mut characters = written.chars().peekable();
    while let Some(character) = characters.next() {
        let escaped = (character == ESCAPE)
            .then(|| characters.next_if(|next| matches!(next, '0' | &ESCAPE)))
            .flatten();
        text.push(match escaped {
            Some('0') => '\0',
            _ => character,
        });
    }
    Cow::Owned(text)
}

/// The same JSON with all texts escaped. Names of members come from interfaces and never need it.
pub fn escape_json(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(written) = escape(text) {
                *text = written;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(escape_json),
        Value::Object(members) => members.values_mut().for_each(escape_json),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
