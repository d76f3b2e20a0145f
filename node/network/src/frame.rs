//! Frames on a stream: the length of the content in four bytes and its kind in two, both big-endian,
//! then the content.

use std::time::Duration;

use bytes::Bytes;
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::error::FrameError;

/// The minimum rate of a frame in transfer, bytes a second: a peer on a line of 1 Mbit/s achieves it while
/// all its channels are busy.
pub const FRAME_RATE_MIN: usize = 16 << 10;

/// Frames up to this size are copied into one write; larger ones are written directly.
const COALESCED_BYTES_MAX: usize = 16 << 10;

const LENGTH_BYTES: usize = 4;
const KIND_BYTES: usize = 2;
const HEADER_BYTES: usize = LENGTH_BYTES + KIND_BYTES;

/// The step in which memory for an arriving frame is allocated: a mere announcement takes no memory.
const FIRST_STEP_BYTES: usize = 64 << 10;
/// The size of the pieces in which skipped frames are read.
const SKIP_BYTES: usize = 16 << 10;

/// The header of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) kind: u16,
    /// The length of the content.
    pub(crate) bytes: usize,
}

/// A frame to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: u16,
    pub(crate) content: Bytes,
}

/// The time limit for a frame of this length.
fn time_for(bytes: usize, patience: Duration) -> Duration {
    let by_rate = u64::try_from(bytes / FRAME_RATE_MIN).unwrap_or(u64::MAX);
    patience.saturating_add(Duration::from_secs(by_rate))
}

/// Waits for a frame to begin and reads its header. The wait is unlimited (pings detect dead peers); once
/// begun, the header must be complete within `patience`.
pub(crate) async fn read_header<R: AsyncRead + Unpin>(
    reader: &mut R,
    patience: Duration,
) -> Result<Header, FrameError> {
    let mut header = [0; HEADER_BYTES];
    if reader.read(&mut header[..1]).await? == 0 {
        return Err(FrameError::Closed);
    }
    timeout(patience, reader.read_exact(&mut header[1..]))
        .await
        .map_err(|_| FrameError::Stalled)??;
    let [a, b, c, d, e, f] = header;
    let bytes = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
    Ok(Header { kind: u16::from_be_bytes([e, f]), bytes })
}

/// Reads the content of a frame whose size was checked. `arrived` is called with the number of bytes so far.
pub(crate) async fn read_content<R: AsyncRead + Unpin>(
    reader: &mut R,
    bytes: usize,
    patience: Duration,
    mut arrived: impl FnMut(usize),
) -> Result<Bytes, FrameError> {
    let read = async {
        let (mut content, mut filled) = (Vec::new(), 0);
        while filled < bytes {
            if filled == content.len() {
                let step = filled.max(FIRST_STEP_BYTES).min(bytes - filled);
                content.reserve_exact(step);
                content.resize(filled + step, 0);
            }
            filled += read_some(reader, &mut content[filled..], patience).await?;
            arrived(filled);
        }
        Ok(content.into())
    };
    timeout(time_for(bytes, patience), read).await.map_err(|_| FrameError::Stalled)?
}

/// Reads and discards the content of a frame.
pub(crate) async fn skip_content<R: AsyncRead + Unpin>(
    reader: &mut R,
    bytes: usize,
    patience: Duration,
) -> Result<(), FrameError> {
    let skip = async {
        let (mut buffer, mut left) = ([0; SKIP_BYTES], bytes);
        while left > 0 {
            let piece = left.min(SKIP_BYTES);
            left -= read_some(reader, &mut buffer[..piece], patience).await?;
        }
        Ok(())
    };
    timeout(time_for(bytes, patience), skip).await.map_err(|_| FrameError::Stalled)?
}

async fn read_some<R: AsyncRead + Unpin>(
    reader: &mut R,
    buffer: &mut [u8],
    patience: Duration,
) -> Result<usize, FrameError> {
    let read = timeout(patience, reader.read(buffer)).await.map_err(|_| FrameError::Stalled)??;
    if read == 0 {
        return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
    }
    Ok(read)
}

/// Writes frames in order and flushes: small ones together, each large one by itself.
pub(crate) async fn write_all<W: AsyncWrite + Unpin>(
    writer: &mut W,
    frames: &[Frame],
    buffer: &mut Vec<u8>,
    patience: Duration,
) -> Result<(), FrameError> {
    let total = frames.iter().map(|frame| HEADER_BYTES + frame.content.len()).sum();
    let write = async {
        buffer.clear();
        for Frame { kind, content } in frames {
            let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
            buffer.extend_from_slice(&length.to_be_bytes());
            buffer.extend_from_slice(&kind.to_be_bytes());
            if content.len() <= COALESCED_BYTES_MAX {
                buffer.extend_from_slice(content);
            } else {
                writer.write_all(buffer).await?;
                buffer.clear();
                writer.write_all(content).await?;
            }
        }
        writer.write_all(buffer).await?;
        writer.flush().await
    };
    timeout(time_for(total, patience), write).await.map_err(|_| FrameError::Stalled)??;
    Ok(())
}
