//! Converts between the chain's node keys and libp2p's peer ids, which contain the same 32 bytes.

use ehb_types::{PublicKey, SecretKey};
use libp2p::PeerId;
use libp2p::identity::{DecodingError, Keypair, PublicKey as IdentityKey, ed25519};

/// The prefix of an Ed25519 key in libp2p's encoding of public keys, which peer ids contain
/// (<https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md>).
const KEY_PREFIX: [u8; 4] = [0x08, 0x01, 0x12, 0x20];

/// The key pair with which libp2p proves this node's identity.
pub(crate) fn keypair(secret: &SecretKey) -> Result<Keypair, DecodingError> {
    Keypair::ed25519_from_bytes(secret.to_seed())
}

/// The peer id of a node key; fails if the bytes are not a point on the curve.
pub(crate) fn peer_id(key: &PublicKey) -> Result<PeerId, DecodingError> {
    let key = ed25519::PublicKey::try_from_bytes(&key.0)?;
    Ok(IdentityKey::from(key).to_peer_id())
}

/// The node key of a peer id; `None` if it is not an Ed25519 key, or only a hash. The key is not checked: a
/// connected peer has proven its key.
pub(crate) fn public_key(peer: &PeerId) -> Option<PublicKey> {
    let key = peer.as_ref().digest().strip_prefix(&KEY_PREFIX)?;
    Some(PublicKey(key.try_into().ok()?))
}
