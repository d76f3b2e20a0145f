//! Between the chain's node keys and libp2p's peer ids, which hold the same 32 bytes.

use ehb_types::{PublicKey, SecretKey};
use libp2p::PeerId;
use libp2p::identity::{DecodingError, Keypair, PublicKey as IdentityKey, ed25519};

/// What stands before an Ed25519 key in libp2p's encoding of public keys, which a peer id is made of
/// (<https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md>).
const KEY_PREFIX: [u8; 4] = [0x08, 0x01, 0x12, 0x20];

/// The key pair that libp2p proves this node's identity with.
pub(crate) fn keypair(secret: &SecretKey) -> Result<Keypair, DecodingError> {
    Keypair::ed25519_from_bytes(secret.to_seed())
}

/// The peer id of a node key; fails where the bytes are no point of the curve.
pub(crate) fn peer_id(key: &PublicKey) -> Result<PeerId, DecodingError> {
    let key = ed25519::PublicKey::try_from_bytes(&key.0)?;
    Ok(IdentityKey::from(key).to_peer_id())
}

/// The node key of a peer id; `None` where it is of another kind than Ed25519, or only a hash. Does
/// not check the key: that of a connected peer was proven.
pub(crate) fn public_key(peer: &PeerId) -> Option<PublicKey> {
    let key = peer.as_ref().digest().strip_prefix(&KEY_PREFIX)?;
    Some(PublicKey(key.try_into().ok()?))
}
