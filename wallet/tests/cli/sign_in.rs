//! Signing the challenge of a server.

use ehb_sdk::{Client, Policy, SecretKey, SignIn};
use ehb_types::TransactionSignature;
use serde_json::{Value, json};

use crate::node::{Fate, Node, address};
use crate::{Ran, SEED, User, run};

const SERVER: &str = "shop.example:443";

fn sign(user: &User, node: &Node, challenge: &Value) -> Ran {
    user.write("challenge.json", &challenge.to_string());
    let mut command = user.command(&[
        "account",
        "sign-in",
        "challenge.json",
        "--server",
        SERVER,
        "--from",
        "alice",
        "--json",
    ]);
    command.env("EHB_PASSPHRASE_FILE", user.path("passphrase")).env("EHB_NODE", &node.url);
    run(command, "")
}

#[tokio::test]
async fn only_a_challenge_of_the_named_server_for_the_account_is_signed() {
    let (user, node) = (User::new(), Node::start(Fate::Final));
    user.import("alice", SEED);
    let chain = Client::connect(&node.url).await.unwrap().chain().genesis_hash;
    let challenge = SignIn {
        host: SERVER.to_owned(),
        account: address(7),
        chain,
        expires_s: 1_900_000_000,
        nonce: "0123".to_owned(),
    };
    let ran = sign(&user, &node, &json!({"challenge": challenge.to_string(), "expiresS": 1}));
    assert_eq!(ran.exit, 0, "{ran:?}");
    let answer = ran.json();
    assert_eq!(answer["challenge"], challenge.to_string());
    let signature = &answer["signatures"][0];
    let signature = TransactionSignature {
        key: signature["key"].as_str().unwrap().parse().unwrap(),
        signature: signature["signature"].as_str().unwrap().parse().unwrap(),
    };
    let policy = Policy::Key(SecretKey::from_seed(&[7; 32]).public_key());
    challenge.verify(&policy, &[signature]).unwrap();

    for (other, what) in [
        (
            SignIn { host: "evil.example".to_owned(), ..challenge.clone() },
            "the server evil.example",
        ),
        (SignIn { account: address(8), ..challenge.clone() }, "the account ehbt1"),
        (
            SignIn { chain: ehb_types::Hash([9; 32]), ..challenge.clone() },
            "the chain with genesis 0909",
        ),
    ] {
        let ran = sign(&user, &node, &json!({"challenge": other.to_string()}));
        assert_eq!((ran.exit, ran.stdout.as_str()), (4, ""), "{ran:?}");
        assert!(ran.stderr.contains("OTHER_CHALLENGE") && ran.stderr.contains(what), "{ran:?}");
    }
    for text in ["Pay 100 EUR to bob".to_owned(), format!("{challenge}\nand more")] {
        let ran = sign(&user, &node, &json!({"challenge": text}));
        assert!(ran.exit == 2 && ran.stderr.contains("BAD_FILE"), "{ran:?}");
    }
}
