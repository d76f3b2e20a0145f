//! Help texts and wrong usage.

use expect_test::expect;

use crate::User;

/// The commands that a help text lists.
fn commands(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = listed.take_while(|line| !line.is_empty());
    names.filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect()
}

#[test]
fn every_help_has_an_example() {
    let user = User::new();
    let mut waiting: Vec<Vec<String>> = vec![vec![]];
    let mut seen = 0;
    while let Some(arguments) = waiting.pop() {
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ran = user.ehb(&[&words[..], &["--help"]].concat());
        assert_eq!(ran.exit, 0);
        let (_, example) =
            ran.stdout.split_once("Example:\n  ").unwrap_or_else(|| panic!("{ran:?}"));
        let example: Vec<&str> = example.split_whitespace().collect();
        assert_eq!(example[0], "ehb");
        // An argument can be between a command and its own commands.
        let mut rest = example[1..].iter();
        assert!(words.iter().all(|word| rest.any(|it| it == word)), "{words:?}: {example:?}");
        assert!(!ran.stdout.contains('\u{1b}'), "no colours in a pipe");
        let of = |name| [&arguments[..], &[name]].concat();
        waiting.extend(commands(&ran.stdout).into_iter().map(of));
        seen += 1;
    }
    assert!(seen > 15, "{seen} commands are not all");
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
        &["module", "upload", "tally", "--from", "a"],
        &["module", "install", "Tally=tally.wasm", "--from", "a"],
        // Who has uploaded the code, and which code.
        &["gov", "simulate", "--install", "tally=tally.wasm"],
        &["gov", "simulate", "--uploaded-by", "a"],
        &["gov", "simulate", "--install", "tally", "--uploaded-by", "a"],
        &["gov", "simulate", "--pause", "Tally"],
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
          "hint": "run the command with --help to see its arguments",
          "message": "invalid value 'xyz' for '<ID>': a hash is 64 hexadecimal digits in lower case; got \"xyz\""
        }"#]]
    .assert_eq(&format!("{:#}", ran.error()));
    let ran = user.ehb(&["wallet", "transfer", "--from", "a", "--json"]);
    assert_eq!(
        ran.error()["message"],
        "the following required arguments were not provided: --to <ACCOUNT> --asset <ASSET> --amount <AMOUNT>"
    );
}
