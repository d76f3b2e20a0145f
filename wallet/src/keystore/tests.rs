//! Encrypted key files: format, damage and costs.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use ehb_types::{Name, Network, SecretKey};
use expect_test::expect;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};

use super::*;

const CREATED_MS: u64 = 1_700_000_000_000;

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text).unwrap()
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn secret() -> SecretKey {
    SecretKey::from_seed(&[7; 32])
}

fn sealed(key: &str) -> KeyFile {
    let network = Network::Test;
    let cost = KdfCost::THROW_AWAY;
    KeyFile::seal(name(key), &secret(), network, CREATED_MS, &passphrase("right"), cost).unwrap()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The whole chain of an error, one cause per line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[test]
fn a_sealed_key_opens_with_its_passphrase_only() {
    let file = sealed("alice");
    let opened = file.open(&passphrase("right")).unwrap();
    assert_eq!(opened.to_seed(), secret().to_seed());
    for wrong in ["Right", "right ", "r", "rightright"] {
        assert!(matches!(file.open(&passphrase(wrong)), Err(KeyFileError::Passphrase)), "{wrong}");
    }
}

#[test]
fn the_format_is_fixed() {
    let mut text = sealed("alice").to_json().unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    let random =
        ["/id", "/crypto/kdf/params/salt", "/crypto/cipher/nonce", "/crypto/cipher/ciphertext"];
    for field in random {
        let random = value.pointer(field).unwrap().as_str().unwrap();
        text = text.replace(random, &format!("({} characters)", random.len()));
    }
    expect![[r#"
        {
          "version": 1,
          "id": "(36 characters)",
          "name": "alice",
          "address": "ehbt13p4vgjakalfghrna0uehem8skxpgpjgfwj4t98z0vm7gv7vj7vjsgytcg6",
          "public_key": "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c",
          "created_ms": 1700000000000,
          "crypto": {
            "kdf": {
              "function": "argon2id",
              "params": {
                "m_kib": 256,
                "t": 1,
                "p": 1,
                "salt": "(32 characters)"
              }
            },
            "cipher": {
              "function": "xchacha20-poly1305",
              "nonce": "(48 characters)",
              "ciphertext": "(96 characters)"
            }
          }
        }
    "#]]
    .assert_eq(&text);
}

/// A file of an earlier version must always open.
#[test]
fn an_old_file_still_opens() {
    let text = include_str!("tests/alice.json");
    let file = KeyFile::from_json(text).unwrap();
    let opened = file.open(&passphrase("correct horse")).unwrap();
    assert_eq!(opened.to_seed().as_slice(), [7; 32]);
    // The documentation describes this file.
    let page = include_str!("../../../docs/keys.md");
    assert!(page.contains(text) && page.contains(&hex::encode([7; 32])), "docs/keys.md");
}

#[test]
fn encrypting_the_same_key_twice_differs() {
    let (a, b) = (sealed("alice").to_json().unwrap(), sealed("alice").to_json().unwrap());
    let (a, b): (Value, Value) =
        (serde_json::from_str(&a).unwrap(), serde_json::from_str(&b).unwrap());
    for random in ["/id", "/crypto/kdf/params/salt", "/crypto/cipher/nonce"] {
        assert_ne!(a.pointer(random), b.pointer(random), "{random}");
    }
}

/// The kind of error.
fn variant(error: &KeyFileError) -> &'static str {
    match error {
        KeyFileError::Json(_) => "Json",
        KeyFileError::Version(_) => "Version",
        KeyFileError::Function(_) => "Function",
        KeyFileError::Cost(_) => "Cost",
        KeyFileError::Address => "Address",
        KeyFileError::Passphrase => "Passphrase",
        KeyFileError::Random(_) => "Random",
    }
}

/// A row for each field: the changed file is rejected when read, or does not open.
#[test]
fn an_edited_field_is_refused() {
    let file = sealed("alice");
    let other = KeyFile::seal(
        name("other"),
        &SecretKey::from_seed(&[8; 32]),
        Network::Test,
        CREATED_MS,
        &passphrase("right"),
        KdfCost::THROW_AWAY,
    )
    .unwrap();
    let rows = [
        ("/version", json!(2), "Version"),
        ("/version", json!(0), "Version"),
        ("/id", json!("00000000-0000-4000-8000-000000000000"), "Passphrase"),
        ("/name", json!("bob"), "Passphrase"),
        ("/name", json!("../bob"), "Json"),
        ("/address", json!(other.address()), "Address"),
        ("/address", json!(file.account().to_text(Network::Main)), "Passphrase"),
        ("/address", json!(""), "Address"),
        ("/public_key", json!(other.public_key()), "Address"),
        ("/public_key", json!("00"), "Json"),
        ("/created_ms", json!(CREATED_MS + 1), "Passphrase"),
        ("/created_ms", json!(-1), "Json"),
        ("/crypto/kdf/function", json!("pbkdf2"), "Function"),
        ("/crypto/kdf/params/m_kib", json!(257), "Passphrase"),
        ("/crypto/kdf/params/t", json!(2), "Passphrase"),
        ("/crypto/kdf/params/p", json!(2), "Passphrase"),
        ("/crypto/kdf/params/salt", json!("00".repeat(16)), "Passphrase"),
        ("/crypto/kdf/params/salt", json!(""), "Json"),
        ("/crypto/cipher/function", json!("aes-128-ctr"), "Function"),
        ("/crypto/cipher/nonce", json!("00".repeat(24)), "Passphrase"),
        ("/crypto/cipher/nonce", json!("zz".repeat(24)), "Json"),
        ("/crypto/cipher/ciphertext", json!("00".repeat(48)), "Passphrase"),
        ("/crypto/cipher/ciphertext", json!("00".repeat(32)), "Json"),
    ];
    for (field, changed, expected) in rows {
        let mut value = serde_json::to_value(&file).unwrap();
        *value.pointer_mut(field).unwrap() = changed.clone();
        let opened = KeyFile::from_json(&value.to_string())
            .and_then(|edited| edited.open(&passphrase("right")));
        let error = opened.map(|_| ()).unwrap_err();
        assert_eq!(variant(&error), expected, "{field} = {changed}: {}", chain(&error));
    }
    // Address and public key replaced together are consistent, yet the file does not open.
    let mut value = serde_json::to_value(&file).unwrap();
    value["address"] = json!(other.address());
    value["public_key"] = json!(other.public_key());
    let swapped = KeyFile::from_json(&value.to_string()).unwrap();
    assert!(matches!(swapped.open(&passphrase("right")), Err(KeyFileError::Passphrase)));
}

#[test]
fn unknown_missing_and_doubled_fields_are_refused() {
    let good = serde_json::to_value(sealed("alice")).unwrap();
    let mut unknown = good.clone();
    unknown["crypto"]["checksum"] = json!("");
    assert!(KeyFile::from_json(&unknown.to_string()).is_err());
    for field in ["version", "id", "name", "address", "public_key", "created_ms", "crypto"] {
        let mut missing = good.clone();
        missing.as_object_mut().unwrap().remove(field);
        assert!(KeyFile::from_json(&missing.to_string()).is_err(), "{field}");
    }
    let doubled = good.to_string().replacen('{', r#"{"name":"bob","#, 1);
    assert!(KeyFile::from_json(&doubled).is_err());
}

#[test]
fn a_truncated_file_is_refused() {
    let text = sealed("alice").to_json().unwrap();
    let text = text.trim_end();
    for end in 0..text.len() {
        assert!(KeyFile::from_json(&text[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn costs_that_are_zero_or_enormous_are_refused_before_they_are_paid() {
    for (m_kib, t, p) in [
        (0, 1, 1),
        (7, 1, 1),
        (256, 0, 1),
        (256, 1, 0),
        (256, 1, 33),
        (256, 1, KdfCost::LANES_MAX + 1),
        (KdfCost::MEMORY_MAX_KIB + 1, 1, 1),
        (KdfCost::MEMORY_MAX_KIB, 5, 1),
        (256, u32::MAX, 1),
        (u32::MAX, u32::MAX, u32::MAX),
    ] {
        let mut value = serde_json::to_value(sealed("alice")).unwrap();
        let params = &mut value["crypto"]["kdf"]["params"];
        (params["m_kib"], params["t"], params["p"]) = (json!(m_kib), json!(t), json!(p));
        let read = KeyFile::from_json(&value.to_string());
        assert!(matches!(read, Err(KeyFileError::Cost(_))), "{m_kib} {t} {p}: {read:?}");
    }
    for good in [KdfCost::STANDARD, KdfCost::THROW_AWAY] {
        assert!(good.check().is_ok());
    }
}

#[test]
fn passphrases_are_one_line_in_normal_form() {
    let composed = passphrase("Z\u{fc}rich");
    assert!(composed.is_same(&passphrase("Zu\u{308}rich")));
    assert!(passphrase("\u{212b}").is_same(&passphrase("\u{c5}")));
    assert!(!composed.is_same(&passphrase("zürich")));
    assert_eq!(composed.chars(), 6);
    assert_eq!(format!("{composed:?}"), "Passphrase(..)");
    for (text, error) in [
        ("", PassphraseError::Empty),
        ("a\nb", PassphraseError::Control),
        ("a\0", PassphraseError::Control),
        (&"a".repeat(1_025), PassphraseError::Long),
    ] {
        assert_eq!(Passphrase::new(text).unwrap_err(), error);
    }
}

#[test]
fn a_keystore_returns_stored_keys() {
    let root = tempfile::tempdir().unwrap();
    let keystore = Keystore::at(root.path().join("deep/keys"));
    assert!(keystore.list().unwrap().keys.is_empty());
    let file = sealed("bob");
    let path = keystore.create(&file).unwrap();
    keystore.create(&sealed("alice")).unwrap();
    assert_eq!(keystore.read(&name("bob")).unwrap(), file);
    let listed = keystore.list().unwrap();
    let names: Vec<&str> = listed.keys.iter().map(|key| key.name().as_str()).collect();
    assert_eq!(names, ["alice", "bob"]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(&path), mode(keystore.folder())), (0o600, 0o700));
}

#[test]
fn a_file_is_never_overwritten() {
    let root = tempfile::tempdir().unwrap();
    let keystore = Keystore::at(root.path());
    let first = sealed("alice");
    keystore.create(&first).unwrap();
    assert!(matches!(keystore.create(&sealed("alice")), Err(KeystoreError::Exists(_))));
    assert_eq!(keystore.read(&name("alice")).unwrap(), first);
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn concurrent_creation_of_a_name_succeeds_once() {
    let root = tempfile::tempdir().unwrap();
    let keystore = Keystore::at(root.path().join("keys"));
    let files: Vec<KeyFile> = (0..8).map(|_| sealed("alice")).collect();
    let created: Vec<bool> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            files.iter().map(|file| scope.spawn(|| keystore.create(file).is_ok())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(created.iter().filter(|created| **created).count(), 1);
    let winner = created.iter().position(|created| *created).unwrap();
    assert_eq!(keystore.read(&name("alice")).unwrap(), files[winner]);
    assert_eq!(fs::read_dir(keystore.folder()).unwrap().count(), 1);
}

#[test]
fn a_crash_while_saving_leaves_nothing_that_looks_like_a_key() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join(".new-abc.tmp"), "{\"version\": 1").unwrap();
    let keystore = Keystore::at(root.path());
    let listing = keystore.list().unwrap();
    assert!(listing.keys.is_empty() && listing.refused.is_empty());
    keystore.create(&sealed("alice")).unwrap();
}

/// A row for each kind of file: the error when it is read.
#[test]
fn unsuitable_files_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let keystore = Keystore::at(root.path());
    let check = |key: &str, expected: expect_test::Expect| {
        let error = chain(&keystore.read(&name(key)).unwrap_err());
        expected.assert_eq(&error.replace(&root.path().display().to_string(), "DIR"));
    };
    check("nobody", expect!["there is no key nobody in DIR"]);

    let open = keystore.create(&sealed("open")).unwrap();
    for mode in [0o644, 0o640, 0o602, 0o660] {
        set_mode(&open, mode);
        assert!(
            matches!(keystore.read(&name("open")), Err(KeystoreError::Mode { .. })),
            "{mode:o}"
        );
    }
    set_mode(&open, 0o644);
    check("open", expect!["DIR/open.json is open to others (mode 0644)"]);

    let alice = keystore.create(&sealed("alice")).unwrap();
    fs::copy(&alice, keystore.path(&name("bob"))).unwrap();
    check("bob", expect!["DIR/bob.json holds the key alice: rename the file back"]);

    fs::create_dir(keystore.path(&name("folder"))).unwrap();
    check("folder", expect!["DIR/folder.json is not a regular file"]);

    nix::unistd::mkfifo(&keystore.path(&name("pipe")), nix::sys::stat::Mode::S_IRWXU).unwrap();
    check("pipe", expect!["DIR/pipe.json is not a regular file"]);

    let write = |key: &str, bytes: &[u8]| {
        let path = keystore.path(&name(key));
        fs::write(&path, bytes).unwrap();
        set_mode(&path, 0o600);
    };
    write("long", &vec![b' '; KeyFile::BYTES_MAX + 1]);
    check("long", expect!["DIR/long.json is longer than 16384 bytes: no key file"]);
    write("binary", &[0xff, 0xfe]);
    check("binary", expect!["cannot read DIR/binary.json: stream did not contain valid UTF-8"]);
    write("empty", b"");
    check(
        "empty",
        expect![
            "DIR/empty.json: this is no key file: EOF while parsing a value at line 1 column 0"
        ],
    );
    write("newer", br#"{"version": 9}"#);
    check(
        "newer",
        expect!["DIR/newer.json: the key file has version 9; this program reads version 1"],
    );

    let listing = keystore.list().unwrap();
    assert_eq!(listing.keys.len(), 1, "a damaged file does not hide the others");
    assert_eq!(listing.refused.len(), 8);
}

#[test]
fn nothing_shows_the_seed() {
    let file = sealed("alice");
    let seed = hex::encode(secret().to_seed().as_slice());
    for text in [file.to_json().unwrap(), format!("{file:?}"), format!("{:?}", secret())] {
        assert!(!text.contains(&seed));
    }
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn any_key_and_passphrase_make_the_round_trip(seed in any::<[u8; 32]>(), text in "\\PC{1,40}") {
        let (secret, text) = (SecretKey::from_seed(&seed), passphrase(&text));
        let file = KeyFile::seal(
            name("k"), &secret, Network::Main, 0, &text, KdfCost::THROW_AWAY,
        ).unwrap();
        let read = KeyFile::from_json(&file.to_json().unwrap()).unwrap();
        prop_assert_eq!(&read, &file);
        prop_assert_eq!(read.open(&text).unwrap().to_seed(), secret.to_seed());
        prop_assert!(read.open(&passphrase("something else")).is_err());
    }

    #[test]
    fn any_bytes_in_a_file_are_refused_without_a_panic(text in "\\PC*") {
        prop_assert!(KeyFile::from_json(&text).is_err());
    }
}

/// A file with a flipped bit never opens to another key.
#[test]
fn a_flipped_bit_anywhere_is_refused_or_changes_nothing() {
    let file = sealed("alice");
    let text = file.to_json().unwrap();
    let mut opened_all_the_same = 0;
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1 << (at % 7);
        let Ok(flipped) = String::from_utf8(bytes) else { continue };
        let Ok(read) = KeyFile::from_json(&flipped) else { continue };
        if let Ok(secret) = read.open(&passphrase("right")) {
            assert_eq!(secret.to_seed(), self::secret().to_seed(), "byte {at}");
            assert_eq!(read, file, "byte {at}");
            opened_all_the_same += 1;
        }
    }
    // A space that becomes another kind of space is the same JSON; hex digits in capitals too.
    assert!(opened_all_the_same < text.len() / 2, "{opened_all_the_same}");
}
