//! The keys of the kernel's entries in the state. Modules write only under `m/`.

use ehb_types::{Address, Hash, Name, PublicKey};

/// The chain's id, network and genesis hash.
pub(crate) const CHAIN: &[u8] = b"k/chain";
/// The chain's parameters.
pub(crate) const PARAMETERS: &[u8] = b"k/parameters";
/// The validator set that decides the next height.
pub(crate) const VALIDATORS: &[u8] = b"k/validators";
/// The set that decided the last height, if it differs.
pub(crate) const LAST_VALIDATORS: &[u8] = b"k/validators-last";
/// The set that decides the height after the next, if it differs.
pub(crate) const NEXT_VALIDATORS: &[u8] = b"k/validators-next";
/// The sets that decided earlier heights, by the last of these.
pub(crate) const PAST_VALIDATORS: &[u8] = b"k/validators-past/";
/// The validators that are to join.
pub(crate) const CANDIDATES: &[u8] = b"k/candidates";
/// The hashes of the last blocks, while there are candidates.
pub(crate) const RECENT_BLOCKS: &[u8] = b"k/recent-blocks";
/// Recently silent proposers.
pub(crate) const SILENCE: &[u8] = b"k/silence";
/// Recorded misbehaviour, ascending by height.
pub(crate) const EVIDENCE: &[u8] = b"k/evidence/";
/// All installed modules.
pub(crate) const MODULES: &[u8] = b"k/modules";
/// Unfinished and unused uploads of code, by account and module.
pub(crate) const UPLOADS: &[u8] = b"k/upload/";
/// All permitted nodes, by node key.
pub(crate) const NODES: &[u8] = b"k/node/";

/// All accounts, by address.
pub(crate) const ACCOUNTS: &[u8] = b"k/account/";

/// The set that decided heights up to this one, and not the next.
pub(crate) fn past_validators(last: u64) -> Vec<u8> {
    [PAST_VALIDATORS, &last.to_be_bytes()].concat()
}

/// An account.
pub(crate) fn account(address: &Address) -> Vec<u8> {
    [ACCOUNTS, &address.0].concat()
}

/// All organisations, by name.
pub(crate) const ORGANISATIONS: &[u8] = b"k/organisation/";

/// An organisation.
pub(crate) fn organisation(name: &Name) -> Vec<u8> {
    [ORGANISATIONS, name.as_str().as_bytes()].concat()
}

/// The accounts of an organisation, by address. No name contains the slash.
pub(crate) fn members(organisation: &Name) -> Vec<u8> {
    [b"k/member/".as_slice(), organisation.as_str().as_bytes(), b"/"].concat()
}

/// An account of an organisation.
pub(crate) fn member(organisation: &Name, address: &Address) -> Vec<u8> {
    [members(organisation).as_slice(), &address.0].concat()
}

/// The policy that is to replace an account's own.
pub(crate) fn recovery(account: &Address) -> Vec<u8> {
    [b"k/recovery/".as_slice(), &account.0].concat()
}

/// The number of proposals.
pub(crate) const PROPOSALS_COUNT: &[u8] = b"k/proposals";

/// A proposal.
pub(crate) fn proposal(id: u64) -> Vec<u8> {
    [b"k/proposal/".as_slice(), &id.to_be_bytes()].concat()
}

/// The proposals of an organisation that are not decided.
pub(crate) fn undecided(organisation: &Name) -> Vec<u8> {
    [b"k/undecided/".as_slice(), organisation.as_str().as_bytes()].concat()
}

/// The size of the uploads of an organisation's accounts.
pub(crate) fn code_bytes(organisation: &Name) -> Vec<u8> {
    [b"k/code-bytes/".as_slice(), organisation.as_str().as_bytes()].concat()
}

/// The next sequence of a lane.
pub(crate) fn lane(address: &Address, lane: u32) -> Vec<u8> {
    [b"k/lane/".as_slice(), &address.0, &lane.to_be_bytes()].concat()
}

/// The uploads of an account, by module.
pub(crate) fn uploads(owner: &Address) -> Vec<u8> {
    [UPLOADS, &owner.0].concat()
}

/// The upload of an account for a module.
pub(crate) fn upload(owner: &Address, module: &Name) -> Vec<u8> {
    [uploads(owner).as_slice(), module.as_str().as_bytes()].concat()
}

/// A part of an account's upload for a module, by position.
pub(crate) fn upload_part(owner: &Address, module: &Name, index: u32) -> Vec<u8> {
    let module = module.as_str().as_bytes();
    [b"k/upload-part/".as_slice(), &owner.0, &index.to_be_bytes(), module].concat()
}

/// The code with a hash.
pub(crate) fn code(hash: &Hash) -> Vec<u8> {
    [b"k/code/".as_slice(), &hash.0].concat()
}

/// The name of a module that was removed.
pub(crate) fn removed_module(module: &Name) -> Vec<u8> {
    [b"k/removed-module/".as_slice(), module.as_str().as_bytes()].concat()
}

/// A validator's misbehaviour at a height.
pub(crate) fn evidence(height: u64, validator: &PublicKey) -> Vec<u8> {
    [EVIDENCE, &height.to_be_bytes(), &validator.0].concat()
}

/// A permitted node.
pub(crate) fn node(key: &PublicKey) -> Vec<u8> {
    [NODES, &key.0].concat()
}
