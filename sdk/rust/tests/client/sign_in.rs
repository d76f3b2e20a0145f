//! Challenges of servers: one text for each, and signatures by the keys that authorise transactions.

use ehb_sdk::{Hash, Policy, SecretKey, SignIn, SignInError, Signer, WeightedKey};

fn challenge() -> SignIn {
    SignIn {
        host: "shop.example".to_owned(),
        account: "ehbt1abc".to_owned(),
        chain: Hash([3; 32]),
        expires_s: 1_900_000_000,
        nonce: "00ff".to_owned(),
    }
}

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

#[test]
fn a_challenge_has_one_text() {
    let text = challenge().to_string();
    assert!(text.starts_with("shop.example asks you to sign in.\nAccount: ehbt1abc\nChain: 0303"));
    assert_eq!(text.parse::<SignIn>().unwrap(), challenge());
    for other in [
        String::new(),
        format!("{text}\n"),
        format!("{text} "),
        text.replace("Account", "account"),
        text.replace("ehbt1abc", "ehbt1abc ehbt1def"),
        text.replace("shop.example", "shop.example\nor"),
        text.replace("1900000000", "01900000000"),
        text.replace("1900000000", "+1900000000"),
        text.replace("0303", "zz03"),
        text.replace('\n', "\r\n"),
        "x".repeat(2_000),
    ] {
        assert!(matches!(other.parse::<SignIn>(), Err(SignInError::Text(_))), "{other:?}");
    }
}

#[test]
fn the_keys_of_the_account_sign() {
    let challenge = challenge();
    let one = Policy::Key(key(1).public_key());
    let signed = Signer::of_key(key(1)).sign_in(&challenge);
    challenge.verify(&one, &signed).unwrap();
    let twice = [signed.clone(), signed.clone()].concat();
    assert!(matches!(challenge.verify(&one, &twice), Err(SignInError::Twice(_))));
    assert!(matches!(challenge.verify(&one, &[]), Err(SignInError::Policy(_))));
    let stranger = Signer::of_key(key(2)).sign_in(&challenge);
    assert!(matches!(challenge.verify(&one, &stranger), Err(SignInError::Policy(_))));
    for other in [
        SignIn { host: "evil.example".to_owned(), ..challenge.clone() },
        SignIn { chain: Hash([4; 32]), ..challenge.clone() },
        SignIn { expires_s: 1_900_000_001, ..challenge.clone() },
    ] {
        assert!(matches!(other.verify(&one, &signed), Err(SignInError::Signature(_))), "{other}");
    }
    // Of three keys, two must sign.
    let keys = (1..=3).map(|seed| WeightedKey { key: key(seed).public_key(), weight: 1 });
    let shared = Policy::Weighted { keys: keys.collect(), threshold: 2 };
    assert!(matches!(challenge.verify(&shared, &signed), Err(SignInError::Policy(_))));
    challenge.verify(&shared, &[signed, stranger].concat()).unwrap();
}
