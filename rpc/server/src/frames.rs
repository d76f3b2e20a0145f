//! Counts the messages in one direction of a WebSocket (RFC 6455, section 5.2), without keeping them.

/// Reads the bytes of one direction, in pieces of any size.
#[derive(Debug, Default)]
pub(crate) struct FrameCounter {
    /// The header that is being read: at most two bytes, eight of the length and four of the mask.
    header: [u8; 14],
    header_bytes: usize,
    /// What is still to come of the frame's payload, bytes.
    payload_left: u64,
    /// The payload of the message so far, bytes.
    message_bytes: u64,
    /// Whether a message is longer than it can be. Nothing is read after its header.
    pub(crate) too_long: bool,
    /// Messages that are whole.
    pub(crate) messages: u64,
}

const FINAL: u8 = 0x80;
const CONTROL: u8 = 0x08;
const MASKED: u8 = 0x80;

impl FrameCounter {
    /// Goes on with more bytes. Returns how many belong to messages of at most this length, with the header of
    /// the first one that is longer.
    pub(crate) fn read(&mut self, all: &[u8], message_bytes_max: u64) -> usize {
        let mut bytes = all;
        while !bytes.is_empty() && !self.too_long {
            if self.payload_left > 0 {
                let left = usize::try_from(self.payload_left).unwrap_or(usize::MAX);
                let taken = left.min(bytes.len());
                bytes = &bytes[taken..];
                self.payload_left -= taken as u64;
                self.end_frame_if_whole();
                continue;
            }
            self.header[self.header_bytes] = bytes[0];
            self.header_bytes += 1;
            bytes = &bytes[1..];
            if self.header_bytes == self.header_length() {
                self.payload_left = self.payload_length();
                if self.header[0] & CONTROL == 0 {
                    self.message_bytes = self.message_bytes.saturating_add(self.payload_left);
                    self.too_long = self.message_bytes > message_bytes_max;
                }
                self.end_frame_if_whole();
            }
        }
        all.len() - bytes.len()
    }

    fn end_frame_if_whole(&mut self) {
        if self.payload_left > 0 {
            return;
        }
        let first = self.header[0];
        if first & CONTROL == 0 && first & FINAL != 0 {
            self.messages += 1;
            self.message_bytes = 0;
        }
        self.header_bytes = 0;
    }

    /// How long the header is, as far as is known.
    fn header_length(&self) -> usize {
        if self.header_bytes < 2 {
            return 2;
        }
        let second = self.header[1];
        let mask = if second & MASKED == 0 { 0 } else { 4 };
        2 + mask + length_bytes(second)
    }

    fn payload_length(&self) -> u64 {
        let second = self.header[1];
        match length_bytes(second) {
            0 => u64::from(second & !MASKED),
            bytes => self.header[2..2 + bytes]
                .iter()
                .fold(0, |length, byte| length << 8 | u64::from(*byte)),
        }
    }
}

/// How many further bytes the payload's length takes.
fn length_bytes(second: u8) -> usize {
    match second & !MASKED {
        126 => 2,
        127 => 8,
        _ => 0,
    }
}
