use expect_test::expect;

use crate::User;

#[test]
fn every_help_has_an_example() {
    let user = User::new();
    for arguments in [
        &[][..],
        &["key"],
        &["key", "new"],
        &["key", "import"],
        &["key", "list"],
        &["account"],
        &["account", "show"],
        &["wallet"],
        &["wallet", "balance"],
        &["wallet", "transfer"],
        &["module"],
        &["module", "list"],
        &["module", "upgrade"],
        &["tx"],
        &["tx", "show"],
        &["tx", "pending"],
        &["tx", "status"],
        &["tx", "resubmit"],
        &["tx", "wait"],
    ] {
        let ran = user.ehb(&[arguments, &["--help"]].concat());
        assert_eq!(ran.exit, 0);
        let (_, example) =
            ran.stdout.split_once("Example:\n  ").unwrap_or_else(|| panic!("{ran:?}"));
        let words: Vec<&str> = example.split_whitespace().collect();
        assert_eq!(words[0], "ehb");
        assert_eq!(words[1..=arguments.len()], *arguments);
        assert!(!ran.stdout.contains('\u{1b}'), "no colours in a pipe");
    }
}

#[test]
fn wrong_usage_has_its_own_exit_code() {
    let user = User::new();
    for arguments in [
        &[][..],
        &["keys"],
        &["key", "new"],
        &["tx", "show", "xyz"],
        &["tx", "wait", &"0".repeat(64), "--timeout", "0"],
        &["wallet", "transfer", "--from", "a"],
    ] {
        let ran = user.ehb(arguments);
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{arguments:?}");
    }
    let ran = user.ehb(&["tx", "show", "xyz", "--json"]);
    assert_eq!(ran.exit, 2);
    expect![[r#"
        {
          "causes": [],
          "code": "USAGE",
          "exit": 2,
          "hint": "run the command with --help to see what it takes",
          "message": "invalid value 'xyz' for '<ID>': a hash is 64 hexadecimal digits in lower case; got \"xyz\""
        }"#]]
    .assert_eq(&format!("{:#}", ran.error()));
}
