//! Genesis, lanes, admission and validator sets.

#![expect(clippy::panic, reason = "a test panics on unexpected values")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ehb_crypto::{Domain, hash};
use ehb_state::{MemoryStore, Overlay};
use ehb_types::{
    Address, Block, Call, ChainId, Code, CommitCertificate, Evidence, Genesis, GenesisAccount,
    GenesisModule, GenesisValidator, Hash, Header, Name, Network, Parameters, Policy, PublicKey,
    SecretKey, SignedTransaction, Status, Transaction, ValidatorSet, Vote, VoteKind, encode,
};

use crate::admission::{self, AdmissionError};
use crate::candidates::{self, Candidate};
use crate::event::KernelEvent;
use crate::upload::Upload;
use crate::{accounts, chain, evidence, genesis, keys, silence, upload};

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn secret(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn alice() -> Address {
    Address::of_account(&Policy::Key(secret(50).public_key()))
}

const CODE: &[u8] = b"code";
/// The genesis hash of transactions and votes.
const CHAIN: Hash = Hash([1; 32]);
const WEEK_MS: u64 = 7 * 24 * 3_600_000;

fn example() -> Genesis {
    let policy = Policy::Key(secret(50).public_key());
    Genesis {
        chain_id: ChainId::new("test-1").unwrap(),
        network: Network::Test,
        timestamp_ms: 1_790_000_000_000,
        parameters: Parameters::default(),
        validators: (0..4u8)
            .map(|i| GenesisValidator {
                name: name(&format!("v{i}")),
                organisation: name("org"),
                consensus_key: secret(i).public_key(),
                node_key: secret(100 + i).public_key(),
                power: 1,
            })
            .collect(),
        observers: vec![],
        accounts: vec![GenesisAccount {
            address: alice().to_text(Network::Test),
            policy,
            organisation: name("org"),
            roles: BTreeSet::from([name("issuer")]),
            status: Status::default(),
        }],
        modules: vec![GenesisModule { name: name("wallet"), code: hash(Domain::ModuleCode, CODE) }],
        calls: vec![],
    }
}

fn state() -> Overlay {
    let mut overlay = Overlay::new(Arc::new(MemoryStore::default()));
    let code = BTreeMap::from([(hash(Domain::ModuleCode, CODE), CODE.to_vec())]);
    genesis::write(&mut overlay, &example(), &code).unwrap();
    overlay
}

#[test]
fn genesis_entries_round_trip() {
    let state = state();
    let identity = chain::identity(&state).unwrap();
    assert_eq!((identity.genesis, identity.network), (example().hash(), Network::Test));
    assert_eq!(chain::validators(&state).unwrap(), example().validator_set().unwrap());
    assert_eq!(chain::parameters(&state).unwrap(), Parameters::default());
    assert_eq!(chain::nodes(&state).unwrap().len(), 4);
    let modules = chain::modules(&state).unwrap();
    assert_eq!(modules[0].0.as_str(), "wallet");
    assert_eq!(chain::code(&state, &modules[0].1.code).unwrap(), CODE);
    let account = accounts::account(&state, &alice()).unwrap().unwrap();
    assert_eq!((account.status, account.roles.len()), (Status::Active, 1));
    assert_eq!(accounts::account(&state, &Address([9; 32])).unwrap(), None);
}

#[test]
fn genesis_without_module_code_is_rejected() {
    let mut overlay = Overlay::new(Arc::new(MemoryStore::default()));
    let wrong = BTreeMap::from([(hash(Domain::ModuleCode, CODE), b"other".to_vec())]);
    for code in [BTreeMap::new(), wrong] {
        let error = genesis::write(&mut overlay, &example(), &code).unwrap_err();
        assert!(matches!(error, genesis::WriteError::MissingCode { .. }), "{error}");
    }
}

#[test]
fn complete_uploads_wait_for_their_installation() {
    let mut state = state();
    for (module, bytes) in [("tally", 4), ("half", 3), ("watcher", 4)] {
        let begun = Upload { module: name(module), code: CHAIN, size: 4, uploaded: 0, parts: 0 };
        upload::append(&mut state, &alice(), begun, vec![1; bytes]);
    }
    let waiting = |limit| upload::waiting(&state, limit).unwrap();
    assert_eq!(waiting(8), [(alice(), name("tally")), (alice(), name("watcher"))]);
    assert_eq!(waiting(1), [(alice(), name("tally"))]);
    let listed = upload::list(&state, &alice()).unwrap();
    let listed: Vec<Name> = listed.into_iter().map(|it| it.module).collect();
    assert_eq!(listed, ["half", "tally", "watcher"].map(name));
    assert!(upload::list(&state, &Address([9; 32])).unwrap().is_empty());
}

#[test]
fn lanes_have_independent_sequences_from_zero() {
    let mut state = state();
    assert_eq!(accounts::next_sequence(&state, &alice(), 1).unwrap(), 0);
    accounts::set_next_sequence(&mut state, &alice(), 1, 7);
    assert_eq!(accounts::next_sequence(&state, &alice(), 1).unwrap(), 7);
    assert_eq!(accounts::next_sequence(&state, &alice(), 2).unwrap(), 0);
}

fn transaction(change: impl FnOnce(&mut Transaction), keys: &[&SecretKey]) -> SignedTransaction {
    let mut transaction = Transaction {
        version: Transaction::VERSION,
        chain: CHAIN,
        sender: alice(),
        lane: 0,
        sequence: 0,
        valid_until_ms: 50,
        gas_limit: 1_000_000,
        calls: vec![Call { module: name("wallet"), function: name("transfer"), arguments: vec![] }],
        memo: String::new(),
    };
    change(&mut transaction);
    transaction.sign(keys)
}

/// A row: the change, the signers, and the expected error code in a block of time 10.
#[test]
fn admission_rejects_with_the_right_code() {
    type Change = fn(&mut Transaction);
    let rows: Vec<(Change, u8, Option<Code>)> = vec![
        (|_| (), 50, None),
        (|t| t.version = 0, 50, Some(Code::UnsupportedVersion)),
        (|t| t.version = 2, 50, Some(Code::UnsupportedVersion)),
        (|t| t.chain = Hash([2; 32]), 50, Some(Code::WrongChain)),
        (|t| t.calls.clear(), 50, Some(Code::MalformedTransaction)),
        (|t| t.memo = "x".repeat(257), 50, Some(Code::MalformedTransaction)),
        (|t| t.calls[0].arguments = vec![0; 300_000], 50, Some(Code::TransactionTooLarge)),
        (|t| t.gas_limit = 500_000_001, 50, Some(Code::GasLimitTooHigh)),
        (|t| t.gas_limit = 10_000, 50, Some(Code::OutOfGas)),
        (|t| t.valid_until_ms = 9, 50, Some(Code::Expired)),
        (|t| t.valid_until_ms = 10, 50, None),
        (|t| t.valid_until_ms = 10 + WEEK_MS, 50, None),
        (|t| t.valid_until_ms = 11 + WEEK_MS, 50, Some(Code::ExpiryTooFar)),
        (|t| t.valid_until_ms = u64::MAX, 50, Some(Code::ExpiryTooFar)),
        (|t| t.sender = Address([1; 32]), 50, Some(Code::UnknownSender)),
        (|_| (), 51, Some(Code::NotAuthorised)),
        (|t| t.sequence = 2, 50, Some(Code::SequenceUsed)),
        (|t| t.sequence = 3, 50, None),
        (|t| t.sequence = 3 + admission::SEQUENCE_WINDOW, 50, Some(Code::SequenceGap)),
    ];
    let state = state();
    let parameters = Parameters::default();
    for (index, (change, signer, expected)) in rows.into_iter().enumerate() {
        let before = |t: &mut Transaction| {
            t.sequence = 5;
            change(t);
        };
        let signed = transaction(before, &[&secret(signer)]);
        let bytes = encode(&signed).len();
        let verdict = admission::check_content(&signed, bytes, &CHAIN, &parameters)
            .and_then(|()| admission::check_validity(&signed, &(10..=10), &parameters))
            .and_then(|()| admission::check_sequence(&signed, 3))
            .map_err(AdmissionError::from)
            .and_then(|()| admission::check_sender(&state, &signed));
        let code = match verdict {
            Ok(()) => None,
            Err(AdmissionError::Rejected(rejection)) => Some(rejection.code),
            Err(AdmissionError::Store(error)) => panic!("{error}"),
        };
        assert_eq!(code, expected, "row {index}");
    }
}

#[test]
fn an_account_frozen_by_genesis_cannot_send_transactions() {
    let mut frozen = example();
    frozen.accounts[0].status = Status::Frozen;
    let mut state = Overlay::new(Arc::new(MemoryStore::default()));
    let code = BTreeMap::from([(hash(Domain::ModuleCode, CODE), CODE.to_vec())]);
    genesis::write(&mut state, &frozen, &code).unwrap();
    let account = accounts::account(&state, &alice()).unwrap().unwrap();
    assert_eq!(account.status, Status::Frozen);
    let signed = transaction(|_| (), &[&secret(50)]);
    let AdmissionError::Rejected(rejection) = admission::check_sender(&state, &signed).unwrap_err()
    else {
        panic!("the store failed")
    };
    assert_eq!(rejection.code, Code::InactiveSender);
    assert_eq!(rejection.message, "the sender's account is frozen");
}

/// A transaction is admitted if and only if the next block could contain it, whatever its time.
#[test]
fn admission_accepts_everything_valid_in_the_next_block() {
    let parameters = Parameters::default();
    let drift_ms = parameters.consensus.drift_max_ms;
    let mut head = block(7, secret(0).public_key(), 0).header;
    head.timestamp_ms = 1_000_000;
    // The head is old, of the same time, and ahead of the clock.
    for now_ms in [5_000_000, 1_000_000, 0] {
        let times = admission::next_block_times(&head, now_ms, &parameters);
        let (first, last) = (1_000_001, (now_ms + drift_ms).max(1_000_001));
        assert_eq!(times, first..=last);
        for until in
            [first - 1, first, now_ms, last, first + WEEK_MS, last + WEEK_MS, last + WEEK_MS + 1]
        {
            let signed = transaction(|it| it.valid_until_ms = until, &[&secret(50)]);
            let admitted = admission::check_validity(&signed, &times, &parameters);
            let in_block = [first, until.clamp(first, last), last]
                .map(|time| admission::check_validity(&signed, &(time..=time), &parameters));
            let could = in_block.iter().any(Result::is_ok);
            assert_eq!(admitted.is_ok(), could, "until {until} at {now_ms}: {admitted:?}");
        }
    }
}

/// A validator set changed by a block decides from the height after the next on, and its hash is known
/// before.
#[test]
fn a_validator_change_takes_effect_two_heights_later() {
    let mut state = state();
    let old = chain::validators(&state).unwrap();
    let new = ValidatorSet::new(old.validators()[1..].to_vec()).unwrap();
    let sets = |state: &Overlay| {
        [chain::last_validators(state), chain::validators(state), chain::next_validators(state)]
            .map(|set| if set.unwrap() == new { 'n' } else { 'o' })
    };
    let mut seen = Vec::new();
    for height in 1..=5 {
        chain::advance_validators(&mut state, height as u64).unwrap();
        if height == 2 {
            chain::put_next_validators(&mut state, &new);
        }
        seen.push(sets(&state));
        for set in [&old, &new] {
            let held = chain::validators_with_hash(&state, &set.hash()).unwrap();
            let here = seen[height - 1].contains(if *set == new { &'n' } else { &'o' });
            assert_eq!(held.as_ref(), here.then_some(set), "after {height}");
        }
    }
    // After each block: the sets that decided it, decide the next one, and the one after that.
    assert_eq!(
        seen,
        [['o', 'o', 'o'], ['o', 'o', 'n'], ['o', 'n', 'n'], ['n', 'n', 'n'], ['n', 'n', 'n']]
    );
    chain::put_next_validators(&mut state, &old);
    chain::advance_validators(&mut state, 6).unwrap();
    assert_eq!(sets(&state), ['n', 'o', 'o'], "changes in consecutive blocks");
    // The set of each height stays known: the new one decided 4 to 6.
    let of = |state: &Overlay, height: u64| match chain::validators_at(state, height).unwrap() {
        set if set == old => 'o',
        set if set == new => 'n',
        set => panic!("{set:?}"),
    };
    let known: String = (0..=8).map(|height| of(&state, height)).collect();
    assert_eq!(known, "oooonnnoo");
    // A set that no block can contain evidence of is forgotten at the next change.
    chain::put_next_validators(&mut state, &new);
    chain::advance_validators(&mut state, 1_005).unwrap();
    assert_eq!(of(&state, 3), 'n', "1,002 heights later");
    let known: String = [4, 6, 7, 1_005, 1_006].map(|height| of(&state, height)).iter().collect();
    assert_eq!(known, "nnoon");
}

/// The node of a validator stays permitted until the last height that it decides, unless another validator of it joins.
#[test]
fn the_node_of_a_removed_validator_is_permitted_while_it_decides() {
    let mut state = state();
    let all = chain::validators(&state).unwrap();
    let gone = all.validators()[0].clone();
    let permitted = |state: &Overlay| chain::node(state, &gone.node_key).unwrap().is_some();
    assert!(chain::advance_validators(&mut state, 5).unwrap().is_empty());
    let rest = ValidatorSet::new(all.validators()[1..].to_vec()).unwrap();
    chain::put_next_validators(&mut state, &rest);
    // Height 6 is decided by all four.
    assert!(permitted(&state) && chain::validators(&state).unwrap() == all);
    let events = chain::advance_validators(&mut state, 6).unwrap();
    assert_eq!(events, [KernelEvent::NodeRemoved(gone.node_key)]);
    assert!(!permitted(&state) && chain::validators(&state).unwrap() == rest);
    for validator in rest.validators() {
        assert!(chain::node(&state, &validator.node_key).unwrap().is_some());
    }
}

/// Only while there are candidates, the last blocks are remembered.
#[test]
fn a_candidate_can_name_one_of_the_last_blocks() {
    let mut state = state();
    let candidate = Candidate {
        name: name("joining"),
        organisation: name("acme"),
        consensus_key: secret(50).public_key(),
        node_key: secret(51).public_key(),
        power: 3,
    };
    let record = |state: &mut Overlay, height: u64| {
        let mut block = block(height, secret(0).public_key(), 0);
        block.header.parent = Hash([height as u8; 32]);
        candidates::record_block(state, &block).unwrap();
    };
    let is_recent = |state: &Overlay, height: u64| {
        candidates::is_recent(state, height, &Hash([height as u8 + 1; 32])).unwrap()
    };
    record(&mut state, 4);
    assert!(!is_recent(&state, 3));
    candidates::put(&mut state, candidate.clone()).unwrap();
    for height in 5..=140 {
        record(&mut state, height);
    }
    assert!(!is_recent(&state, 11) && is_recent(&state, 12) && is_recent(&state, 139));
    assert!(!candidates::is_recent(&state, 139, &Hash([1; 32])).unwrap());
    assert_eq!(candidates::get(&state, &candidate.consensus_key).unwrap(), Some(candidate.clone()));
    candidates::remove(&mut state, &candidate.consensus_key).unwrap();
    assert!(candidates::list(&state).unwrap().is_empty() && !is_recent(&state, 139));
}

fn block(height: u64, proposer: PublicKey, parent_round: u32) -> Block {
    let certificate = CommitCertificate {
        height: height - 1,
        round: parent_round,
        block: Hash::ZERO,
        signatures: vec![],
    };
    let header = Header { height, proposer, ..Header::blank(CHAIN) };
    Block::sign(header, vec![], Some(certificate), vec![], &secret(0))
}

/// One of four validators never proposes: this costs a round from time to time, with growing intervals.
#[test]
fn a_silent_proposer_is_skipped_and_retried() {
    let mut state = state();
    let validators = chain::validators(&state).unwrap();
    let dead = validators.validators()[2].consensus_key;
    let mut lost_rounds = Vec::new();
    let mut round = 0;
    for height in 1..2_000 {
        let passed_over = silence::passed_over(&state, height).unwrap();
        let parent_round = std::mem::take(&mut round);
        while validators.proposer(&passed_over, height, round).consensus_key == dead {
            round += 1;
            lost_rounds.push(height);
        }
        let proposer = validators.proposer(&passed_over, height, round).consensus_key;
        silence::update(&mut state, &block(height, proposer, parent_round)).unwrap();
    }
    assert!(lost_rounds.len() <= 6, "{lost_rounds:?}");
    // When it is back, it takes its turns again after the skip ends.
    let back = (2_000..20_000).find(|height| {
        let passed_over = silence::passed_over(&state, *height).unwrap();
        let proposer = validators.proposer(&passed_over, *height, 0).consensus_key;
        silence::update(&mut state, &block(*height, proposer, 0)).unwrap();
        proposer == dead
    });
    assert!(back.is_some());
    let passed_over = silence::passed_over(&state, back.unwrap() + 1).unwrap();
    assert!(passed_over.is_empty());
}

/// Two prevotes of a validator in one round.
fn equivocation(key: u8, height: u64) -> Evidence {
    let [a, b] = [1, 2].map(|block| {
        let validator = secret(key).public_key();
        let block = Some(Hash([block; 32]));
        let vote = Vote { kind: VoteKind::Prevote, height, round: 0, block, validator };
        vote.sign(&CHAIN, &secret(key))
    });
    Evidence::Votes(a, b)
}

#[test]
fn misbehaviour_records_are_kept_as_long_as_blocks_can_include_evidence() {
    let mut state = state();
    let record = |state: &mut Overlay, at: u64, evidence: Vec<Evidence>| {
        let mut block = block(at, secret(0).public_key(), 0);
        block.evidence = evidence;
        evidence::update(state, &block).unwrap();
    };
    let entries = |state: &Overlay| state.scan(keys::EVIDENCE, None, 100).unwrap().len();
    let is_new = |state: &Overlay, evidence: &Evidence, at: u64| {
        evidence::is_new(state, evidence, at).unwrap()
    };
    let (first, second) = (equivocation(0, 5), equivocation(1, 5));
    assert!(!is_new(&state, &first, 5), "it is of a future height");
    assert!(is_new(&state, &first, 6) && is_new(&state, &first, 1_005));
    assert!(!is_new(&state, &first, 1_006), "it is too old");
    record(&mut state, 6, vec![first.clone()]);
    assert!(!is_new(&state, &first, 7) && is_new(&state, &second, 7));
    record(&mut state, 1_004, vec![second]);
    assert_eq!(entries(&state), 2);
    record(&mut state, 1_005, vec![equivocation(0, 900)]);
    assert_eq!(entries(&state), 1, "records that are too old are deleted");
}
