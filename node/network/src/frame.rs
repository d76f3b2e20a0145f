//! Frames on a stream: a length of four bytes, big-endian, then as many bytes.

use std::time::Duration;

use bytes::Bytes;
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

use crate::Channel;
use crate::error::FrameError;

/// The slowest rate at which a frame may arrive or leave, bytes a second: a peer behind a line of
/// 1 Mbit/s keeps it.
pub const FRAME_RATE_MIN: usize = 64 << 10;

/// Frames up to this size are copied behind one another into one write; larger ones are written
/// from where they are.
const COALESCED_BYTES_MAX: usize = 16 << 10;

const LENGTH_BYTES: usize = 4;

/// How long a frame of this length may take.
fn time_for(bytes: usize, patience: Duration) -> Duration {
    let by_rate = u64::try_from(bytes / FRAME_RATE_MIN).unwrap_or(u64::MAX);
    patience.saturating_add(Duration::from_secs(by_rate))
}

/// Waits for a frame to begin and reads its length, checked against `bytes_max` before anything is
/// allocated. The wait has no end (pings find dead peers); once begun, the length must be complete
/// in `patience`.
pub(crate) async fn read_length<R: AsyncRead + Unpin>(
    reader: &mut R,
    channel: Channel,
    bytes_max: usize,
    patience: Duration,
) -> Result<usize, FrameError> {
    let mut length = [0; LENGTH_BYTES];
    if reader.read(&mut length[..1]).await? == 0 {
        return Err(FrameError::Closed);
    }
    timeout(patience, reader.read_exact(&mut length[1..]))
        .await
        .map_err(|_| FrameError::Stalled)??;
    let bytes = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if bytes > bytes_max {
        return Err(FrameError::TooLarge { channel, bytes, bytes_max });
    }
    Ok(bytes)
}

/// Reads the content of a frame whose length was checked.
pub(crate) async fn read_body<R: AsyncRead + Unpin>(
    reader: &mut R,
    bytes: usize,
    patience: Duration,
) -> Result<Bytes, FrameError> {
    let mut body = vec![0; bytes];
    timeout(time_for(bytes, patience), reader.read_exact(&mut body))
        .await
        .map_err(|_| FrameError::Stalled)??;
    Ok(body.into())
}

/// Writes frames in order and flushes: small ones together, each large one by itself.
pub(crate) async fn write_all<W: AsyncWrite + Unpin>(
    writer: &mut W,
    frames: &[Bytes],
    buffer: &mut Vec<u8>,
    patience: Duration,
) -> Result<(), FrameError> {
    let total = frames.iter().map(|frame| LENGTH_BYTES + frame.len()).sum();
    let write = async {
        buffer.clear();
        for frame in frames {
            let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
            buffer.extend_from_slice(&length.to_be_bytes());
            if frame.len() <= COALESCED_BYTES_MAX {
                buffer.extend_from_slice(frame);
            } else {
                writer.write_all(buffer).await?;
                buffer.clear();
                writer.write_all(frame).await?;
            }
        }
        writer.write_all(buffer).await?;
        writer.flush().await
    };
    timeout(time_for(total, patience), write).await.map_err(|_| FrameError::Stalled)??;
    Ok(())
}
