//! Checks the messages of a WebSocket's client (RFC 6455, section 5) before the library reads them: the
//! library is less strict with JSON-RPC than HTTP is here, and its errors for unreadable messages lack the
//! catalogue's data.
//!
//! A message that the library interprets correctly is passed on in one frame. Any other becomes a call of
//! [`REFUSED`] with the error as its parameters, so that the answer is sent like every other. A message that is too long is
//! skipped.
//!
//! After a violation of the protocol nothing is read. The library would close the connection with the code 1000, as after
//! an ordinary end; it repeats the code of a client's close frame, so a close frame with the code that the RFC requires
//! takes the place of the violation.

use ehb_rpc_api::{ErrorData, code_of, error, error_with};
use ehb_types::Code;
use jsonrpsee::types::{ErrorObjectOwned, Request};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::frames::{CONTROL, FINAL, MASKED, OPCODE, RESERVED, header_length, payload_length};
use crate::limits::REQUEST_BYTES_MAX;
use crate::message::{BadMessage, is_held, read, refusal};

/// The method of a rejected message. It returns the error in its parameters.
pub(crate) const REFUSED: &str = "rpc_refused";

/// The opcodes of frames.
const PART: u8 = 0x0;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;
/// The maximum payload of a control frame, bytes.
const CONTROL_BYTES_MAX: usize = 125;

/// The codes with which a connection is closed (RFC 6455, section 7.4.1): a frame breaks the protocol; a text is not
/// UTF-8.
const PROTOCOL_ERROR: u16 = 1_002;
const NOT_UTF8: u16 = 1_007;

/// One direction of a WebSocket: that of its client.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    /// The header that is being read.
    header: Vec<u8>,
    /// The remaining payload of the frame, bytes.
    payload_left: usize,
    /// The mask of the frame, and the number of unmasked bytes.
    mask: [u8; 4],
    unmasked: usize,
    /// The opcode of the message that is being read; none between messages.
    opcode: Option<u8>,
    /// The message so far, and its length.
    message: Vec<u8>,
    message_bytes: usize,
    /// The payload of the control frame that is being read: one can come between the parts of a message.
    control: Vec<u8>,
    /// Why the message is skipped, and answered with an error, if it is.
    dropped: Option<Dropped>,
    /// The bytes that can be passed on.
    ready: Vec<u8>,
    passed: usize,
    /// The number of complete messages.
    pub(crate) messages: u64,
    /// Whether the client closed the WebSocket or broke the protocol: then nothing more is read.
    pub(crate) is_over: bool,
}

/// Why a message is skipped.
#[derive(Clone, Copy, Debug)]
enum Dropped {
    NoMemory,
    TooLong,
}

impl Gate {
    /// Reads more bytes.
    pub(crate) fn read(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.is_over {
            if self.payload_left > 0 {
                let (taken, rest) = bytes.split_at(self.payload_left.min(bytes.len()));
                self.payload(taken);
                bytes = rest;
                continue;
            }
            self.header.push(bytes[0]);
            bytes = &bytes[1..];
            if self.header.len() == 2 && self.header[1] & MASKED == 0 {
                self.fail(PROTOCOL_ERROR);
            } else if self.header.len() == header_length(&self.header) {
                self.begin_frame();
            }
        }
    }

    /// Moves the bytes that can be passed on into a buffer; returns their number.
    pub(crate) fn pass(&mut self, buffer: &mut [u8]) -> usize {
        let rest = self.ready.get(self.passed..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.passed += count;
        if self.passed == self.ready.len() {
            (self.ready, self.passed) = (Vec::new(), 0);
        }
        count
    }

    /// Whether bytes can be passed on.
    pub(crate) fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// The memory that the incoming messages take, bytes.
    pub(crate) fn held_bytes(&self) -> usize {
        self.message.capacity() + self.control.capacity() + self.ready.capacity()
    }

    /// Whether a message has begun and not ended.
    pub(crate) fn is_within_message(&self) -> bool {
        self.opcode.is_some() || !self.header.is_empty()
    }

    /// There is no memory for the message that is being read: it is skipped.
    pub(crate) fn drop_message(&mut self) {
        if self.opcode.is_some() {
            self.skip(Dropped::NoMemory);
        }
    }

    fn skip(&mut self, reason: Dropped) {
        (self.message, self.dropped) = (Vec::new(), Some(reason));
    }

    fn is_control(&self) -> bool {
        self.header.first().is_some_and(|first| first & CONTROL != 0)
    }

    /// Closes the WebSocket with a code, in place of what the client sent.
    fn fail(&mut self, code: u16) {
        self.close(&code.to_be_bytes());
        (self.message, self.opcode) = (Vec::new(), None);
        self.header.clear();
    }

    /// Passes on a close frame, after which nothing is read.
    fn close(&mut self, payload: &[u8]) {
        self.pass_on(CLOSE, payload);
        self.is_over = true;
    }

    fn pass_on(&mut self, opcode: u8, payload: &[u8]) {
        self.ready.extend(header(opcode, payload.len()));
        self.ready.extend(payload);
    }

    fn begin_frame(&mut self) {
        let mask = self.header.last_chunk::<4>().copied().unwrap_or_default();
        (self.mask, self.unmasked) = (mask, 0);
        let Some(length) = self.length() else { return self.fail(PROTOCOL_ERROR) };
        if !self.is_control() {
            self.opcode.get_or_insert(self.header[0] & OPCODE);
            if self.message_bytes.saturating_add(length) > REQUEST_BYTES_MAX {
                self.skip(Dropped::TooLong);
            }
        }
        self.payload_left = length;
        if length == 0 {
            self.end_frame();
        }
    }

    /// The length of the payload, according to the whole header; none if the frame breaks the protocol.
    fn length(&self) -> Option<usize> {
        let first = self.header[0];
        let length = payload_length(&self.header);
        let is_good = match first & OPCODE {
            // Only the first frame of a message has its kind.
            PART => self.opcode.is_some(),
            TEXT | BINARY => self.opcode.is_none(),
            CLOSE | PING | PONG => first & FINAL != 0 && length <= CONTROL_BYTES_MAX as u64,
            _ => false,
        };
        // No negotiated extension uses the reserved bits. A length has 63 bits.
        let is_good = is_good && first & RESERVED == 0 && length >> 63 == 0;
        is_good.then(|| usize::try_from(length).unwrap_or(usize::MAX))
    }

    fn payload(&mut self, taken: &[u8]) {
        self.payload_left -= taken.len();
        let unmasked = self.unmasked;
        let mask = (unmasked..).map(|at| self.mask[at % 4]);
        let bytes = taken.iter().zip(mask).map(|(byte, mask)| byte ^ mask);
        self.unmasked = unmasked + taken.len();
        if self.is_control() {
            self.control.extend(bytes);
        } else {
            if self.dropped.is_none() {
                self.message.extend(bytes);
            }
            self.message_bytes = self.message_bytes.saturating_add(taken.len());
        }
        if self.payload_left == 0 {
            self.end_frame();
        }
    }

    fn end_frame(&mut self) {
        let first = std::mem::take(&mut self.header).first().copied().unwrap_or_default();
        if first & CONTROL != 0 {
            return self.end_control(first & OPCODE);
        }
        if first & FINAL == 0 {
            return;
        }
        let (opcode, message) = (self.opcode.take(), std::mem::take(&mut self.message));
        let opcode = opcode.unwrap_or_default();
        self.message_bytes = 0;
        let message = match self.dropped.take() {
            Some(Dropped::NoMemory) => refused_call(no_memory()),
            Some(Dropped::TooLong) => refused_call(too_long()),
            None if opcode == TEXT && std::str::from_utf8(&message).is_err() => {
                return self.fail(NOT_UTF8);
            }
            None => checked(message),
        };
        self.pass_on(opcode, &message);
        self.messages += 1;
    }

    fn end_control(&mut self, opcode: u8) {
        let payload = std::mem::take(&mut self.control);
        match (opcode, payload.as_slice()) {
            // A close frame has a code of two bytes and a reason, or nothing.
            (CLOSE, [_]) => self.fail(PROTOCOL_ERROR),
            (CLOSE, [_, _, reason @ ..]) if std::str::from_utf8(reason).is_err() => {
                self.fail(NOT_UTF8);
            }
            (CLOSE, payload) => self.close(payload),
            (opcode, payload) => self.pass_on(opcode, payload),
        }
    }
}

/// The header of a whole message, with a mask that changes nothing.
fn header(opcode: u8, length: usize) -> Vec<u8> {
    let mut header = vec![FINAL | opcode];
    match (u16::try_from(length), length) {
        (_, 0..126) => header.push(MASKED | length as u8),
        (Ok(short), _) => {
            header.push(MASKED | 126);
            header.extend(short.to_be_bytes());
        }
        (Err(_), _) => {
            header.push(MASKED | 127);
            header.extend((length as u64).to_be_bytes());
        }
    }
    header.extend([0; 4]);
    header
}

/// The message, or the call that returns its error.
fn checked(message: Vec<u8>) -> Vec<u8> {
    match read(message) {
        Ok(message) if !message.ids.are_ours() => message.body,
        Ok(_) => {
            let text = "over a WebSocket an id is text, null, or a whole number from 0 to 2^64-1";
            refused_call(refusal(None, text.to_owned()))
        }
        Err(bad) => refused_call(bad),
    }
}

fn no_memory() -> BadMessage {
    let text = "too many long messages of this address, or of all, are under way";
    BadMessage { id: None, error: error(Code::NotReady, text) }
}

fn too_long() -> BadMessage {
    let text = format!("a request has at most {REQUEST_BYTES_MAX} bytes");
    BadMessage { id: None, error: error(Code::LimitExceeded, text) }
}

fn refused_call(BadMessage { id, error }: BadMessage) -> Vec<u8> {
    #[derive(Serialize)]
    struct Call<'a> {
        jsonrpc: &'static str,
        id: Option<&'a RawValue>,
        method: &'static str,
        params: (i32, &'a str, &'a str),
    }
    let data = error.data().and_then(|data| serde_json::from_str::<ErrorData>(data.get()).ok());
    let code = data.as_ref().map_or(Code::InvalidRequest.as_str(), |data| &data.code);
    let params = (error.code(), code, error.message());
    let id = id.as_deref().filter(|id| is_held(id));
    let call = Call { jsonrpc: "2.0", id, method: REFUSED, params };
    // Text and numbers are always JSON.
    serde_json::to_vec(&call).unwrap_or_default()
}

/// The error in a call of [`REFUSED`]. A client can make such a call itself; its error is as short as any other.
pub(crate) fn refused(request: &Request<'_>) -> Option<ErrorObjectOwned> {
    let params = request.params.as_ref().filter(|_| request.method_name() == REFUSED)?;
    let (number, code, text) = serde_json::from_str::<(i32, String, String)>(params.get()).ok()?;
    Some(error_with(number, ErrorData::new(code_of(&code)?, text)))
}
