//! Simulations that fail, and their reasons.

use ehb_sdk::api::{Base64, OutcomeView, ReceiptView, TransactionClient};
use ehb_sdk::{Error, SecretKey, Signer, Transaction, encode};
use ehb_types::Hash;

use super::World;

impl World {
    /// Simulates a payment with a change.
    fn simulate(&self, change: impl FnOnce(&mut Transaction)) -> Result<ReceiptView, Error> {
        let mut transaction = self.payment(0);
        change(&mut transaction);
        let bytes = Base64(encode(&transaction));
        let simulated = TransactionClient::simulate(self.client.rpc(), bytes);
        self.net.runtime().block_on(simulated).map_err(|error| self.client.error(error))
    }
}

/// One row: what is changed in a good payment, the code of the refusal, a part of its words.
#[test]
fn what_cannot_be_simulated_says_why() {
    type Change = fn(&mut Transaction);
    let rows: Vec<(&str, Change, &str, &str)> = vec![
        (
            "another chain",
            |it| it.chain = Hash([7; 32]),
            "WRONG_CHAIN",
            "for the chain with genesis 0707",
        ),
        ("the last sequence", |it| it.sequence = u64::MAX, "SEQUENCE_GAP", "too far ahead"),
        ("a far sequence", |it| it.sequence = 10_000, "SEQUENCE_GAP", "too far ahead"),
        ("no call", |it| it.calls.clear(), "MALFORMED_TRANSACTION", "no or too many calls"),
        (
            "65 calls",
            |it| it.calls = vec![it.calls[0].clone(); 65],
            "MALFORMED_TRANSACTION",
            "no or too many calls",
        ),
        ("a memo of 257 bytes", |it| it.memo = "x".repeat(257), "MALFORMED_TRANSACTION", "memo"),
        (
            "257 KiB",
            |it| it.calls[0].arguments = vec![0; 257 << 10],
            "TRANSACTION_TOO_LARGE",
            "at most 262144",
        ),
        (
            "no account",
            |it| it.sender = Signer::of_key(SecretKey::from_seed(&[9; 32])).address(),
            "UNKNOWN_SENDER",
            "no account",
        ),
        (
            "expired",
            |it| it.valid_until_ms = 0,
            "EXPIRED",
            "was valid until 1970-01-01T00:00:00.000Z,",
        ),
        ("no end", |it| it.valid_until_ms = u64::MAX, "EXPIRY_TOO_FAR", "at most"),
        ("no gas", |it| it.gas_limit = 1, "OUT_OF_GAS", "alone cost"),
    ];
    let world = World::new();
    let before = world.state();
    for (what, change, code, part) in rows {
        let error = world.simulate(change).unwrap_err();
        assert_eq!(error.code(), Some(code), "{what}: {error}");
        assert!(error.to_string().contains(part), "{what}: {part:?} is not in: {error}");
        assert!(!error.hint().is_empty(), "{what}");
    }
    // A good payment is simulated as often as one likes, also with a sequence that is used.
    world.net.runtime().block_on(async {
        let call = world.client.call("wallet", "transfer", &world.arguments()).await.unwrap();
        world.client.execute(&world.signer, ehb_sdk::Draft::new(call)).await.unwrap();
    });
    let (sender, other, sequence) = before;
    for next in [0, 1, 2] {
        let receipt = world.simulate(|it| it.sequence = next).unwrap();
        assert!(matches!(receipt.outcome, OutcomeView::Success { .. }), "{receipt:?}");
    }
    assert_eq!(world.state(), (sender - 1, other + 1, sequence + 1));
    assert_eq!(world.net.status(1).unwrap().mempool.transactions, 0);
    assert_eq!(world.net.audit().transactions, 1);
}
