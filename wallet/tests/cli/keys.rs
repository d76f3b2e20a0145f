//! Commands for keys.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use ehb_wallet::keystore::{Keystore, Passphrase};
use expect_test::expect;
use serde_json::json;

use crate::{PASSPHRASE, SEED, SEED_ADDRESS, User, run, set_mode};

#[test]
fn a_new_key_is_kept_encrypted_and_listed() {
    let user = User::new();
    let ran = user.ehb(&["key", "new", "alice"]);
    assert_eq!(ran.exit, 0, "{ran:?}");
    let address = ran.stdout.trim_end();
    assert!(address.starts_with("ehbt1") && !address.contains('\n'), "{ran:?}");

    let path = user.path(".config/ehb/keys/alice.json");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    let keystore = Keystore::at(user.path(".config/ehb/keys"));
    let key = keystore.read(&"alice".parse().unwrap()).unwrap();
    let secret = key.open(&Passphrase::new(PASSPHRASE).unwrap()).unwrap();
    assert_eq!(secret.public_key(), key.public_key());

    let listed = user.ehb(&["key", "list"]);
    assert_eq!(listed.stdout, format!("alice\t{address}\n"));
    let listed = user.ehb(&["key", "list", "--json"]).json();
    assert_eq!(listed["keys"][0]["name"], "alice");
    assert_eq!(listed["keys"][0]["address"], address);
    assert_eq!(listed["keys"][0]["network"], "test");
    assert_eq!(listed["refused"], json!([]));
}

#[test]
fn a_seed_is_imported_from_stdin_or_a_file() {
    let user = User::new();
    let mut command = user.command(&["key", "import", "alice", "--passphrase-file", "passphrase"]);
    command.arg("--quiet");
    let ran = run(command, &format!("{SEED}\n"));
    assert_eq!(
        (ran.exit, ran.stdout.as_str(), ran.stderr.as_str()),
        (0, &*format!("{SEED_ADDRESS}\n"), "")
    );
    user.write("seed", SEED);
    let arguments = ["key", "import", "main", "--seed-file", "seed", "--network", "main", "--json"];
    let ran = user.ehb(&arguments);
    let imported = ran.json();
    assert!(imported["address"].as_str().unwrap().starts_with("ehb1"), "{imported}");
    assert_eq!(ran.stderr, "", "with --json there is no talk");
}

#[test]
fn a_seed_is_never_shown_and_never_an_argument() {
    let user = User::new();
    let shows = |text: &str| text.contains(SEED) || text.contains(PASSPHRASE);
    for arguments in [
        &["key", "import", "alice", "--json"][..],
        &["key", "import", "bob"],
        &["key", "list", "--json"],
    ] {
        let mut command = user.command(arguments);
        command.args(["--passphrase-file", "passphrase"]);
        let ran = run(command, SEED);
        assert!(ran.exit == 0 && !shows(&ran.stdout) && !shows(&ran.stderr), "{ran:?}");
    }
    // One digit too many: the refusal must not repeat the rest.
    let mut command = user.command(&["key", "import", "carol"]);
    command.args(["--passphrase-file", "passphrase"]);
    let ran = run(command, &format!("{SEED}0"));
    assert_eq!(ran.exit, 5);
    assert!(!ran.stderr.contains(&SEED[..16]), "{ran:?}");
    expect![[r#"
        error: the seed is not 64 hexadecimal digits
          hint: give the words (BIP-39), or the 32-byte Ed25519 seed (RFC 8032) in hex, with nothing around it
    "#]]
    .assert_eq(&ran.stderr);
    for arguments in [
        &["key", "import", "carol", SEED][..],
        &["key", "import", "carol", "--seed", SEED],
        &["key", "new", "carol", "--passphrase", PASSPHRASE],
    ] {
        assert_eq!(user.ehb(arguments).exit, 2, "{arguments:?}");
    }
}

/// Words are another form of the key: its file can be made again from them.
#[test]
fn a_new_key_has_words_that_are_shown_when_asked_for_and_can_be_imported() {
    let user = User::new();
    let made = user.ehb(&["key", "new", "alice", "--words", "--json"]).json();
    let words = made["words"].as_str().unwrap();
    assert_eq!(words.split(' ').count(), 24, "{made}");
    user.write("words", &format!(" {} \n", words.replace(' ', "\n")));
    let ran = user.ehb(&["key", "import", "again", "--seed-file", "words"]);
    assert_eq!(ran.stdout, format!("{}\n", made["address"].as_str().unwrap()), "{ran:?}");
    let ran = user.ehb(&["key", "import", "second", "--seed-file", "words", "--index", "1"]);
    assert!(ran.exit == 0 && !ran.stdout.contains(made["address"].as_str().unwrap()), "{ran:?}");
    let ran = user.ehb(&["key", "new", "bob", "--words"]);
    let shown = ran.stderr.lines().filter(|line| line.split(' ').count() == 24);
    assert_eq!((ran.exit, shown.count(), ran.stdout.lines().count()), (0, 1, 1), "{ran:?}");
    // Nobody reads along: no words.
    let made = user.ehb(&["key", "new", "carol", "--json"]).json();
    assert_eq!(made.get("words"), None);

    let known = "abandon ".repeat(11);
    for (words, index, exit, code) in [
        (format!("{known}about"), "2147483648", 2, "USAGE"),
        (format!("{known}zoo"), "0", 5, "BAD_WORDS"),
        (format!("{known}abuot"), "0", 5, "BAD_WORDS"),
        (format!("{known}about about"), "0", 5, "BAD_WORDS"),
        (format!("{known}{known}abandon abandon about"), "0", 5, "BAD_WORDS"),
        (SEED.to_owned(), "0", 2, "USAGE"),
        (format!("{known}about"), "0", 0, ""),
    ] {
        user.write("words", &words);
        let import = ["key", "import", "known", "--seed-file", "words", "--index", index, "--json"];
        let ran = user.ehb(&import);
        assert_eq!(ran.exit, exit, "{words}: {ran:?}");
        if exit != 0 {
            assert_eq!(ran.error()["code"], code, "{words}");
            assert!(!ran.stderr.contains("abandon") && !ran.stderr.contains("abuot"), "{ran:?}");
        }
    }
}

#[test]
fn a_key_is_never_overwritten() {
    let user = User::new();
    user.import("alice", SEED);
    let path = user.path(".config/ehb/keys/alice.json");
    let before = fs::read(&path).unwrap();
    let ran = user.ehb(&["key", "new", "alice", "--json"]);
    assert_eq!((ran.exit, ran.stdout.as_str()), (5, ""));
    assert_eq!(ran.error()["code"], "KEY_EXISTS");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn names_that_are_paths_are_refused() {
    let user = User::new();
    for name in ["../evil", "/tmp/evil", "a/b", "..", ".", "", "Alice", "a b", "a.json", "ä"] {
        let ran = user.ehb(&["key", "new", name]);
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{name:?}: {ran:?}");
    }
    assert!(!user.path(".config").exists());
}

/// One row a bad passphrase file: what is said.
#[test]
fn bad_passphrases_are_refused() {
    let user = User::new();
    for (text, code) in [
        ("", "BAD_PASSPHRASE"),
        ("\n", "BAD_PASSPHRASE"),
        ("short", "BAD_PASSPHRASE"),
        ("two\nlines of text", "BAD_PASSPHRASE"),
        ("tab\tinside it", "BAD_PASSPHRASE"),
        (&"long".repeat(300), "BAD_PASSPHRASE"),
        (&"long".repeat(2_000), "SECRET_ACCESS"),
    ] {
        user.write("passphrase", text);
        let ran = user.ehb(&["key", "new", "alice", "--json"]);
        assert_eq!((ran.exit, &ran.error()["code"]), (5, &json!(code)), "{text:?}");
    }
    fs::write(user.path("passphrase"), [0xff; 20]).unwrap();
    assert_eq!(user.ehb(&["key", "new", "alice"]).exit, 5);
    fs::remove_file(user.path("passphrase")).unwrap();
    assert_eq!(user.ehb(&["key", "new", "alice"]).exit, 5);
    assert!(!user.path(".config").exists(), "nothing was written");
}

#[test]
fn a_passphrase_file_may_end_with_a_line_break() {
    let user = User::new();
    for (name, text) in [("lf", "line break\n"), ("crlf", "line break\r\n"), ("none", "line break")]
    {
        user.write("passphrase", text);
        assert_eq!(user.ehb(&["key", "new", name]).exit, 0);
        let key = Keystore::at(user.path(".config/ehb/keys")).read(&name.parse().unwrap()).unwrap();
        assert!(key.open(&Passphrase::new("line break").unwrap()).is_ok(), "{name}");
    }
}

#[test]
fn a_passphrase_file_that_others_can_read_is_warned_of() {
    let user = User::new();
    set_mode(&user.path("passphrase"), 0o644);
    let ran = user.ehb(&["key", "new", "alice", "--quiet"]);
    assert_eq!(ran.exit, 0);
    assert!(ran.stderr.starts_with("warning: others can read "), "{ran:?}");
}

#[test]
fn nobody_is_asked_where_nobody_sits() {
    let user = User::new();
    let ran = run(user.command(&["key", "new", "alice"]), "typed passphrase\n");
    assert_eq!((ran.exit, ran.stdout.as_str()), (5, ""));
    expect![[r#"
        error: cannot ask for a secret (New passphrase for alice:): stdin is not a terminal
          hint: give --passphrase-file FILE, or set EHB_PASSPHRASE_FILE
    "#]]
    .assert_eq(&ran.stderr);
}

#[test]
fn a_damaged_file_does_not_hide_the_others() {
    let user = User::new();
    user.import("alice", SEED);
    let keys = user.path(".config/ehb/keys");
    fs::write(keys.join("broken.json"), "{").unwrap();
    set_mode(&keys.join("broken.json"), 0o600);
    fs::copy(keys.join("alice.json"), keys.join("open.json")).unwrap();
    set_mode(&keys.join("open.json"), 0o644);
    let ran = user.ehb(&["key", "list"]);
    assert_eq!((ran.exit, ran.stdout.as_str()), (0, &*format!("alice\t{SEED_ADDRESS}\n")));
    expect![[r#"
        warning: HOME/.config/ehb/keys/broken.json: this is no key file: EOF while parsing an object at line 1 column 1
        warning: HOME/.config/ehb/keys/open.json is open to others (mode 0644)
    "#]]
    .assert_eq(&ran.stderr.replace(&user.home.path().display().to_string(), "HOME"));
    let listed = user.ehb(&["key", "list", "--json"]).json();
    assert_eq!(listed["refused"].as_array().unwrap().len(), 2);
}

#[test]
fn the_keystore_is_where_the_user_says() {
    let user = User::new();
    let xdg = user.path("xdg");
    let rows = [
        (vec!["--keystore", "flag"], "", "flag/k.json"),
        (vec![], "variable", "variable/k.json"),
        (vec!["--keystore", "flag2"], "variable2", "flag2/k.json"),
        (vec![], "", "xdg/ehb/keys/k.json"),
    ];
    for (options, variable, expected) in rows {
        let mut command = user.command(&["key", "new", "k", "--passphrase-file", "passphrase"]);
        command.args(options).env("XDG_CONFIG_HOME", &xdg);
        if !variable.is_empty() {
            command.env("EHB_KEYSTORE", variable);
        }
        let ran = run(command, "");
        assert_eq!(ran.exit, 0, "{ran:?}");
        assert!(user.path(expected).exists(), "{expected}");
    }
}

/// A disk that takes nothing ends the command in the middle of its writing. No key is there then, and
/// the next try works.
#[test]
fn a_save_that_is_broken_off_leaves_no_key() {
    let user = User::new();
    for trap in ["", "trap '' XFSZ; "] {
        let mut command = std::process::Command::new("sh");
        let line = format!("{trap}ulimit -f 0; exec {} key new alice", env!("CARGO_BIN_EXE_ehb"));
        command.args(["-c", &line]).env_clear().env("HOME", user.home.path());
        command.env("EHB_PASSPHRASE_FILE", user.path("passphrase"));
        command.current_dir(user.home.path());
        let ran = run(command, "");
        assert_ne!(ran.exit, 0, "{ran:?}");
        assert_eq!(ran.stdout, "", "no address of a key that is not kept");
        assert!(!user.path(".config/ehb/keys/alice.json").exists());
        assert_eq!(user.ehb(&["key", "list", "--quiet"]).stdout, "");
    }
    assert_eq!(user.ehb(&["key", "new", "alice"]).exit, 0);
}

/// Nobody learns a secret from the list of processes or from what is in the folder.
#[test]
fn no_secret_is_in_the_arguments_or_beside_the_key() {
    let user = User::new();
    user.import("alice", SEED);
    fs::remove_file(user.path("seed")).unwrap();
    fs::remove_file(user.path("passphrase")).unwrap();
    let seed: Vec<u8> = hex::decode(SEED).unwrap();
    let mut folders = vec![user.home.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            let holds = |secret: &[u8]| bytes.windows(secret.len()).any(|it| it == secret);
            for secret in [SEED.as_bytes(), &seed, PASSPHRASE.as_bytes()] {
                assert!(!holds(secret), "{}", path.display());
            }
        }
    }
}
