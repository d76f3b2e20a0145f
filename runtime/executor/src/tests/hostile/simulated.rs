//! A simulation rejects what a submission would reject, and its changes are discarded.

use std::sync::Arc;

use ehb_kernel::accounts::{account, put_account};
use ehb_kernel::admission::AdmissionError;
use ehb_state::{MemoryStore, Overlay, Tree};
use ehb_types::{Code, Hash, Name, Outcome, Receipt, SignedTransaction, Status, Transaction};
use serde_json::json;

use super::{
    ALICE, BOB, Chain, Engine, GenesisState, HOSTILE, address, chain_of, code, genesis, hostile,
    ignite, pay,
};
use crate::{Simulated, simulate};

fn simulated(chain: &Chain, transaction: Transaction) -> Result<Receipt, AdmissionError> {
    let (library, state) = (&chain.executor.library().for_reads(), chain.parent.state.clone());
    let simulated = Simulated::Unsigned(transaction);
    simulate(library, state, &chain.header, chain.header.timestamp_ms, simulated)
}

fn simulated_as_signed(
    chain: &Chain,
    signed: SignedTransaction,
) -> Result<Receipt, AdmissionError> {
    let (library, state) = (&chain.executor.library().for_reads(), chain.parent.state.clone());
    let simulated = Simulated::Signed(signed.into());
    simulate(library, state, &chain.header, chain.header.timestamp_ms, simulated)
}

fn code_of(refused: Result<Receipt, AdmissionError>) -> Code {
    match refused {
        Err(AdmissionError::Rejected(rejection)) => rejection.code,
        other => panic!("{other:?}"),
    }
}

/// A signed simulation acts as the sender, if the sender's policy permits it; an unsigned one can name any
/// sender, but cannot call the kernel.
#[test]
fn only_a_signed_simulation_calls_the_kernel() {
    let chain = chain_of(&genesis(), &code());
    let mut signed = chain.transaction(ALICE, 0, &[pay(BOB, 300)]);
    let unsigned = signed.transaction.clone();
    let receipt = simulated_as_signed(&chain, signed.clone()).unwrap();
    assert!(matches!(receipt.outcome, Outcome::Success(_)), "{receipt:?}");
    assert_eq!(receipt.gas_used, simulated(&chain, unsigned.clone()).unwrap().gas_used);

    signed.transaction.sender = address(BOB);
    assert_eq!(code_of(simulated_as_signed(&chain, signed.clone())), Code::NotAuthorised);
    signed.signatures.clear();
    assert_eq!(code_of(simulated_as_signed(&chain, signed)), Code::MalformedTransaction);

    let mut kernel = unsigned;
    kernel.calls[0].module = Name::new("kernel").unwrap();
    for function in ["upload-code", "upgrade-modules", "list-uploads", "nothing"] {
        kernel.calls[0].function = Name::new(function).unwrap();
        assert_eq!(code_of(simulated(&chain, kernel.clone())), Code::SimulationUnsigned);
    }
}

fn payment(chain: &Chain) -> Transaction {
    chain.transaction(ALICE, 0, &[pay(BOB, 300)]).transaction
}

/// A row: the change in a valid transaction, the code of the error, and a part of its message.
#[test]
fn transactions_that_cannot_be_submitted_are_not_simulated() {
    type Change = fn(&mut Transaction);
    let rows: Vec<(Change, Code, &str)> = vec![
        (|it| it.chain = Hash([7; 32]), Code::WrongChain, "for the chain with genesis 0707"),
        (|it| it.calls.clear(), Code::MalformedTransaction, "no or too many calls"),
        (
            |it| it.calls = vec![it.calls[0].clone(); 65],
            Code::MalformedTransaction,
            "no or too many calls",
        ),
        (|it| it.memo = "x".repeat(257), Code::MalformedTransaction, "memo"),
        (
            |it| it.calls[0].arguments = vec![0; 257 << 10],
            Code::TransactionTooLarge,
            "at most 262144",
        ),
        (|it| it.gas_limit = 1, Code::OutOfGas, "alone cost"),
        (|it| it.sender = address(99), Code::UnknownSender, "no account is registered"),
        (|it| it.version = 2, Code::UnsupportedVersion, "format version 2"),
        (|it| it.valid_until_ms = 0, Code::Expired, "was valid until 1970-01-01T00:00:00.000Z,"),
        (|it| it.valid_until_ms = u64::MAX, Code::ExpiryTooFar, "at most"),
        (|it| it.sequence = 10_000, Code::SequenceGap, "too far ahead"),
        (|it| it.sequence = u64::MAX, Code::SequenceGap, "too far ahead"),
    ];
    let chain = chain_of(&genesis(), &code());
    for (index, (change, code, part)) in rows.into_iter().enumerate() {
        let mut transaction = payment(&chain);
        change(&mut transaction);
        let refused = simulated(&chain, transaction);
        let Err(AdmissionError::Rejected(rejection)) = refused else {
            panic!("row {index}: {refused:?}")
        };
        assert_eq!(rejection.code, code, "row {index}: {rejection}");
        assert!(rejection.message.contains(part), "row {index}: {rejection}");
    }
}

#[test]
fn a_frozen_account_simulates_nothing() {
    let mut chain = chain_of(&genesis(), &code());
    let mut state = Overlay::new(chain.parent.state.clone());
    let mut alice = account(&state, &address(ALICE)).unwrap().unwrap();
    alice.status = Status::Frozen;
    put_account(&mut state, &address(ALICE), &alice);
    let entries = state.into_entries();
    let changes = Tree::default().update(&*chain.parent.state, chain.parent.root, entries).unwrap();
    let mut store = MemoryStore::default();
    let first = GenesisState::build(&Engine::new().unwrap(), &genesis(), &code()).unwrap();
    store.apply(&first.changes);
    store.apply(&changes);
    chain.parent.state = Arc::new(store);
    let refused = simulated(&chain, payment(&chain));
    let Err(AdmissionError::Rejected(rejection)) = refused else { panic!("{refused:?}") };
    assert_eq!(rejection.code, Code::InactiveSender);
}

#[test]
fn signatures_and_used_sequences_are_not_checked() {
    let chain = chain_of(&genesis(), &code());
    let expected = simulated(&chain, payment(&chain)).unwrap();
    assert!(matches!(expected.outcome, Outcome::Success(_)), "{expected:?}");
    assert_eq!(expected.transaction, payment(&chain).id());
    // A limit that is too high counts as the maximum, and the receipt is still that of the given transaction.
    let endless = Transaction { gas_limit: u64::MAX, ..payment(&chain) };
    let receipt = simulated(&chain, endless.clone()).unwrap();
    assert_eq!((receipt.transaction, receipt.gas_used), (endless.id(), expected.gas_used));
    let later = Transaction { sequence: 9_999, ..payment(&chain) };
    assert_eq!(simulated(&chain, later).unwrap().gas_used, expected.gas_used);
}

/// A block is later than its parent: a deadline one millisecond after the head has passed.
#[test]
fn a_simulation_uses_the_time_of_a_later_block() {
    let chain = chain_of(&genesis(), &code());
    let simulated = |expires_ms: u64| {
        let hold = json!({
            "asset": "EUR",
            "amount": "1",
            "payee": null,
            "controller": null,
            "expires-ms": expires_ms.to_string(),
            "reference": "",
        });
        let transaction = chain.transaction(ALICE, 0, &[("place-hold", hold)]).transaction;
        simulated(&chain, transaction).unwrap().outcome
    };
    let head_ms = chain.header.timestamp_ms;
    assert!(matches!(simulated(head_ms + 1), Outcome::Failure(_)));
    assert!(matches!(simulated(head_ms + 2), Outcome::Success(_)));
}

#[test]
fn hostile_modules_are_simulated_to_their_end() {
    let (genesis, code) = hostile();
    let chain = chain_of(&genesis, &code);
    for (function, _, expected, reason) in HOSTILE {
        let receipt = simulated(&chain, ignite(&chain, 0, function).transaction).unwrap();
        let Outcome::Failure(failure) = &receipt.outcome else { panic!("{function}") };
        assert_eq!((failure.code, failure.message.as_str()), (expected, reason), "{function}");
        assert!(receipt.events.is_empty() && receipt.gas_used <= 1_000_000, "{function}");
    }
    // Nothing of it is stored.
    let honest = simulated(&chain, payment(&chain)).unwrap();
    assert!(matches!(honest.outcome, Outcome::Success(_)), "{honest:?}");
}
