#![expect(clippy::panic, reason = "a test says by a panic what it did not expect")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ehb_crypto::{Domain, hash};
use ehb_state::{MemoryStore, Overlay};
use ehb_types::{
    Address, Block, Call, ChainId, Code, CommitCertificate, Evidence, Genesis, GenesisAccount,
    GenesisModule, GenesisValidator, Hash, Header, Name, Network, Parameters, Policy, PublicKey,
    SecretKey, SignedTransaction, Status, Transaction, Vote, VoteKind, encode,
};

use crate::admission::{self, AdmissionError};
use crate::{accounts, chain, evidence, genesis, keys, silence};

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
fn genesis_can_be_read_back() {
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
fn genesis_needs_the_code_that_it_names() {
    let mut overlay = Overlay::new(Arc::new(MemoryStore::default()));
    let wrong = BTreeMap::from([(hash(Domain::ModuleCode, CODE), b"other".to_vec())]);
    for code in [BTreeMap::new(), wrong] {
        let error = genesis::write(&mut overlay, &example(), &code).unwrap_err();
        assert!(matches!(error, genesis::WriteError::MissingCode { .. }), "{error}");
    }
}

#[test]
fn lanes_count_from_zero_and_apart() {
    let mut state = state();
    assert_eq!(accounts::next_sequence(&state, &alice(), 1).unwrap(), 0);
    accounts::set_next_sequence(&mut state, &alice(), 1, 7);
    assert_eq!(accounts::next_sequence(&state, &alice(), 1).unwrap(), 7);
    assert_eq!(accounts::next_sequence(&state, &alice(), 2).unwrap(), 0);
}

fn transaction(change: impl FnOnce(&mut Transaction), keys: &[&SecretKey]) -> SignedTransaction {
    let mut transaction = Transaction {
        chain_id: ChainId::new("test-1").unwrap(),
        sender: alice(),
        lane: 0,
        sequence: 0,
        valid_until_height: 50,
        gas_limit: 1_000_000,
        calls: vec![Call { module: name("wallet"), function: name("transfer"), arguments: vec![] }],
        memo: String::new(),
    };
    change(&mut transaction);
    transaction.sign(keys)
}

/// One row: what is changed, who signs, and the code of the refusal at height 10.
#[test]
fn admission_refuses_with_the_right_code() {
    type Change = fn(&mut Transaction);
    let rows: Vec<(Change, u8, Option<Code>)> = vec![
        (|_| (), 50, None),
        (|t| t.chain_id = ChainId::new("test-2").unwrap(), 50, Some(Code::WrongChain)),
        (|t| t.calls.clear(), 50, Some(Code::MalformedTransaction)),
        (|t| t.memo = "x".repeat(257), 50, Some(Code::MalformedTransaction)),
        (|t| t.calls[0].arguments = vec![0; 300_000], 50, Some(Code::TransactionTooLarge)),
        (|t| t.gas_limit = 500_000_001, 50, Some(Code::GasLimitTooHigh)),
        (|t| t.gas_limit = 10_000, 50, Some(Code::OutOfGas)),
        (|t| t.valid_until_height = 9, 50, Some(Code::Expired)),
        (|t| t.valid_until_height = 10, 50, None),
        (|t| t.valid_until_height = u64::MAX, 50, Some(Code::ExpiryTooFar)),
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
        let chain_id = ChainId::new("test-1").unwrap();
        let verdict = admission::check_content(&signed, bytes, &chain_id, &parameters)
            .and_then(|()| admission::check_expiry(&signed, 10, &parameters))
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
fn an_account_that_genesis_freezes_may_not_transact() {
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
    assert_eq!(rejection.code, Code::FrozenSender);
    assert_eq!(rejection.message, format!("the account {:?} is frozen", alice()));
}

fn block(height: u64, proposer: PublicKey, parent_round: u32) -> Block {
    let certificate = CommitCertificate {
        height: height - 1,
        round: parent_round,
        block: Hash::ZERO,
        signatures: vec![],
    };
    let header = Header {
        version: Header::VERSION,
        chain_id: ChainId::new("test-1").unwrap(),
        height,
        timestamp_ms: 0,
        parent: Hash::ZERO,
        proposer,
        transactions_root: Hash::ZERO,
        state_root: Hash::ZERO,
        receipts_root: Hash::ZERO,
        validators: Hash::ZERO,
        certificate: Hash::ZERO,
        evidence: Hash::ZERO,
    };
    Block { header, transactions: vec![], certificate: Some(certificate), evidence: vec![] }
}

/// One of four validators never proposes: it costs a round now and then, and ever more rarely.
#[test]
fn a_silent_proposer_is_passed_over_and_tried_again() {
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
    // Back again, it takes its turns once its time is over.
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
        vote.sign(&ChainId::new("test-1").unwrap(), &secret(key))
    });
    Evidence::Votes(a, b)
}

#[test]
fn misbehaviour_is_remembered_as_long_as_a_block_could_record_it() {
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
    assert!(!is_new(&state, &first, 5), "it is of a height to come");
    assert!(is_new(&state, &first, 6) && is_new(&state, &first, 1_005));
    assert!(!is_new(&state, &first, 1_006), "it is too old");
    record(&mut state, 6, vec![first.clone()]);
    assert!(!is_new(&state, &first, 7) && is_new(&state, &second, 7));
    record(&mut state, 1_004, vec![second]);
    assert_eq!(entries(&state), 2);
    record(&mut state, 1_005, vec![equivocation(0, 900)]);
    assert_eq!(entries(&state), 1, "what no block can record any more is forgotten");
}
