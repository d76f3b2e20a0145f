//! Finds the lines of a request's head that determine the length of its body.
//!
//! The HTTP library removes `content-length` where `transfer-encoding` is present, so a request with both cannot be
//! recognised after it is parsed. Two servers that read such a request in different ways disagree where the next one
//! begins, which is known as request smuggling (RFC 9112, sections 6.1 and 11.2).

const CONTENT_LENGTH: &[u8] = b"content-length";
const TRANSFER_ENCODING: &[u8] = b"transfer-encoding";
/// The longer of the two names, bytes.
const NAME_BYTES_MAX: usize = TRANSFER_ENCODING.len();

/// The lines of one head that were found so far.
#[derive(Debug, Default)]
pub(crate) struct LengthLines {
    /// The part of the line's name that was read; `None` after the name, and in lines with a longer one.
    name: Option<Vec<u8>>,
    has_content_length: bool,
    has_transfer_encoding: bool,
}

impl LengthLines {
    /// Reads more bytes of a head. Those of a body before it do no harm: JSON has no such lines.
    pub(crate) fn read(&mut self, mut bytes: &[u8]) {
        while let Some((byte, rest)) = bytes.split_first() {
            bytes = rest;
            match &mut self.name {
                None => {
                    let Some(end) = std::iter::once(byte).chain(rest).position(|it| *it == b'\n')
                    else {
                        return;
                    };
                    bytes = &rest[end..];
                    self.name = Some(Vec::with_capacity(NAME_BYTES_MAX));
                }
                Some(name) => match byte {
                    b'\n' => name.clear(),
                    b':' => {
                        self.has_content_length |= name.eq_ignore_ascii_case(CONTENT_LENGTH);
                        self.has_transfer_encoding |= name.eq_ignore_ascii_case(TRANSFER_ENCODING);
                        self.name = None;
                    }
                    _ if name.len() < NAME_BYTES_MAX => name.push(*byte),
                    _ => self.name = None,
                },
            }
        }
    }

    /// At the end of a head: returns whether it has both lines, and begins with the next one.
    pub(crate) fn end_of_head(&mut self) -> bool {
        let lines = std::mem::take(self);
        lines.has_content_length && lines.has_transfer_encoding
    }
}
