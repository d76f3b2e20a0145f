//! The address book, and addresses that look like known ones.

use serde_json::json;

use crate::node::{Fate, Node, address};
use crate::{Ran, SEED, SEED_ADDRESS, User, run};

/// An address with the ends of the known one's.
fn poisoned() -> String {
    let hrp = "ehbt";
    let alphabet = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    // Its first characters are those of the known address, and the checksum is right.
    let first = SEED_ADDRESS.strip_prefix("ehbt1").unwrap().bytes().take(8);
    let index = |byte: u8| alphabet.iter().position(|it| *it == byte).unwrap() as u8;
    let mut values: Vec<u8> = first.map(index).collect();
    values.resize(52, 0);
    let expanded = hrp.bytes().map(|it| it >> 5).chain([0]).chain(hrp.bytes().map(|it| it & 31));
    let mut state = 1u32;
    for value in expanded.chain(values.iter().copied()).chain([0; 6]) {
        let top = state >> 25;
        state = ((state & 0x1ff_ffff) << 5) ^ u32::from(value);
        let generators = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
        for (bit, generator) in generators.into_iter().enumerate() {
            state ^= if (top >> bit) & 1 == 1 { generator } else { 0 };
        }
    }
    state ^= 0x2bc8_30a3;
    values.extend((0..6).map(|at| ((state >> (5 * (5 - at))) & 31) as u8));
    let data: String = values.iter().map(|it| char::from(alphabet[usize::from(*it)])).collect();
    format!("{hrp}1{data}")
}

fn ehb(user: &User, node: &Node, arguments: &[&str]) -> Ran {
    let mut command = user.command(arguments);
    command.env("EHB_PASSPHRASE_FILE", user.path("passphrase")).env("EHB_NODE", &node.url);
    run(command, "")
}

#[test]
fn contacts_are_names_that_commands_know() {
    let user = User::new();
    user.import("alice", SEED);
    let node = Node::start(Fate::Final);
    let bob = address(8);
    let ran = user.ehb(&["contact", "list"]);
    assert_eq!((ran.exit, ran.stdout.as_str()), (0, ""), "{ran:?}");
    let ran = user.ehb(&["contact", "add", "bob", &bob]);
    assert_eq!((ran.exit, ran.stdout), (0, format!("bob\t{bob}\n")));
    user.ehb(&["contact", "add", "another", &address(9)]);
    let listed = user.ehb(&["contact", "list", "--json"]).json();
    let contact = |name: &str, address: &str| json!({ "name": name, "address": address });
    assert_eq!(listed["contacts"], json!([contact("another", &address(9)), contact("bob", &bob)]));

    let pay = ["wallet", "transfer", "--from", "alice", "--to", "bob", "--asset", "EUR"];
    let ran = ehb(&user, &node, &[&pay[..], &["--amount", "1", "--yes"]].concat());
    assert!(ran.exit == 0 && ran.stderr.contains(&format!("to bob ({bob})")), "{ran:?}");
    // An address is that account, though an address book that somebody edited has it as the name of another one.
    let book = json!({ "version": 1, "contacts": [contact(&bob, &address(9))] });
    user.write(".config/ehb/keys/.contacts", &book.to_string());
    let pay = ["wallet", "transfer", "--from", "alice", "--to", &bob, "--asset", "EUR"];
    let ran = ehb(&user, &node, &[&pay[..], &["--amount", "2", "--yes"]].concat());
    assert!(ran.exit == 0 && ran.stderr.contains(&format!("to {bob}")), "{ran:?}");
    let book = json!({ "version": 1, "contacts": [contact("bob", &bob)] });
    user.write(".config/ehb/keys/.contacts", &book.to_string());
    // A contact is no key.
    let pay = ["wallet", "transfer", "--from", "bob", "--to", "alice", "--asset", "EUR"];
    let ran = ehb(&user, &node, &[&pay[..], &["--amount", "1", "--yes", "--json"]].concat());
    assert_eq!((ran.exit, &ran.error()["code"]), (5, &json!("KEY_NOT_FOUND")), "{ran:?}");

    assert_eq!(user.ehb(&["contact", "remove", "bob"]).stdout, format!("bob\t{bob}\n"));
    let ran = ehb(&user, &node, &["wallet", "balance", "bob", "--json"]);
    assert_eq!((ran.exit, &ran.error()["code"]), (2, &json!("UNKNOWN_ACCOUNT")));
}

#[test]
fn what_is_no_contact_has_a_reason() {
    let user = User::new();
    user.import("alice", SEED);
    let bob = address(8);
    assert_eq!(user.ehb(&["contact", "add", "bob", &bob]).exit, 0);
    let other = address(9);
    let wrong = other.replacen("ehbt1", "ehbt1q", 1);
    let upper = other.to_uppercase();
    let cases: [(&[&str], &str); 6] = [
        (&["add", "bob", &other], "CONTACT_EXISTS"),
        (&["add", "alice", &other], "CONTACT_EXISTS"),
        (&["add", "carol", &wrong], "BAD_ADDRESS"),
        (&["add", &other, &bob], "BAD_NAME"),
        // Each address has one spelling.
        (&["add", "carol", &upper], "BAD_ADDRESS"),
        (&["remove", "carol"], "UNKNOWN_ACCOUNT"),
    ];
    for (arguments, code) in cases {
        let ran = user.ehb(&[&["contact"], arguments, &["--json"]].concat());
        assert_eq!((ran.exit, &ran.error()["code"]), (2, &json!(code)), "{arguments:?}");
    }
    let file = ".config/ehb/keys/.contacts";
    for text in ["{", "{\"version\": 2, \"contacts\": []}", "{\"version\": 1}"] {
        user.write(file, text);
        let ran = user.ehb(&["contact", "list", "--json"]);
        assert_eq!((ran.exit, &ran.error()["code"]), (2, &json!("CONTACTS_DAMAGED")), "{text}");
    }
}

/// Somebody makes an address that begins as a known one, and hopes that its ends are all that is compared.
#[test]
fn an_address_that_looks_like_a_known_one_is_warned_of() {
    let user = User::new();
    user.import("alice", SEED);
    user.import("payer", &"0a".repeat(32));
    let poisoned = poisoned();
    let warning =
        format!("{poisoned} looks like the address of alice, {SEED_ADDRESS}, and is another one");
    let ran = user.ehb(&["contact", "add", "friend", &poisoned]);
    assert!(ran.exit == 0 && ran.stderr.contains(&warning), "{ran:?}");
    assert_eq!(user.ehb(&["contact", "remove", "friend"]).exit, 0);
    let node = Node::start(Fate::Final);
    let pay =
        ["wallet", "transfer", "--from", "payer", "--asset", "EUR", "--amount", "1", "--dry-run"];
    let ran = ehb(&user, &node, &[&pay[..], &["--to", &poisoned]].concat());
    assert!(ran.stderr.contains(&warning), "{ran:?}");
    let ran = ehb(&user, &node, &[&pay[..], &["--to", "alice"]].concat());
    assert!(!ran.stderr.contains("looks like"), "{ran:?}");
}
