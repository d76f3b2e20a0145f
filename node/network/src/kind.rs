//! Registers the kinds of frames, and decides by a frame's header whether to read, skip or reject it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::FrameError;
use crate::{Channel, NetworkError};

/// The kind of the greeting, the first frame on each stream in every version.
pub(crate) const HELLO_KIND: u16 = 0;

/// The kind of a frame's content. A frame begins with its kind, so that its size is checked before any of it
/// is stored, and a frame of an unknown kind is skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameKind {
    /// Its number on the wire, from 1. A number is never reused: content in another format is another kind.
    pub number: u16,
    /// Its name in logs.
    pub name: &'static str,
    /// The channel on which it is sent.
    pub channel: Channel,
    /// The largest content, bytes.
    pub bytes_max: usize,
    /// The protocol version that introduced it. It is not sent to peers with an older one.
    pub since: u16,
}

/// The kinds that this node knows.
pub(crate) struct Kinds(BTreeMap<u16, Known>);

struct Known {
    kind: FrameKind,
    /// The largest content that is currently accepted, bytes.
    takes_max: AtomicUsize,
}

/// The decision on a frame after its header was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// Read it.
    Take,
    /// Skip it: it is useless here, but not the peer's fault.
    Skip,
}

impl Kinds {
    pub(crate) fn new(kinds: &[FrameKind]) -> Result<Self, NetworkError> {
        let mut known = BTreeMap::new();
        for kind in kinds {
            let too_large = kind.bytes_max > kind.channel.frame_bytes_max();
            let takes_max = AtomicUsize::new(kind.bytes_max);
            let before = known.insert(kind.number, Known { kind: *kind, takes_max });
            if kind.number == HELLO_KIND || too_large || before.is_some() {
                return Err(NetworkError::Kind { number: kind.number, name: kind.name });
            }
        }
        Ok(Self(known))
    }

    /// Accepts frames of this kind up to a size from now on, at most what the kind allows.
    pub(crate) fn take_up_to(&self, kind: &FrameKind, bytes_max: usize) {
        if let Some(known) = self.0.get(&kind.number) {
            known.takes_max.store(bytes_max.min(kind.bytes_max), Ordering::Relaxed);
        }
    }

    /// Decides what to do with a frame by its header, on a connection with this protocol version.
    pub(crate) fn admit(
        &self,
        (number, bytes): (u16, usize),
        channel: Channel,
        version: u16,
    ) -> Result<Admission, FrameError> {
        let too_large = |bytes_max| FrameError::TooLarge { number, channel, bytes, bytes_max };
        let Some(Known { kind, takes_max }) = self.0.get(&number) else {
            let bytes_max = channel.frame_bytes_max();
            return if bytes > bytes_max { Err(too_large(bytes_max)) } else { Ok(Admission::Skip) };
        };
        if kind.channel != channel {
            return Err(FrameError::WrongChannel { name: kind.name, channel });
        }
        if bytes > kind.bytes_max {
            return Err(too_large(kind.bytes_max));
        }
        let wanted = kind.since <= version && bytes <= takes_max.load(Ordering::Relaxed);
        Ok(if wanted { Admission::Take } else { Admission::Skip })
    }
}
