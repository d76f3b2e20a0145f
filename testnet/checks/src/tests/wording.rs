//! The rule about words finds them in texts and in names.

use crate::Tree;

fn found(path: &str, text: &str) -> Vec<String> {
    crate::wording(&Tree::of(&[(path, text)]))
}

#[test]
fn phrases_are_counted_as_whole_words() {
    let text = "anew ".repeat(2_000);
    let files = [("node/a/src/lib.rs", text.as_str()), ("README.md", "Anew: renewanew, anew_a")];
    let found = crate::wording(&Tree::of(&files)).join("\n");
    assert!(found.starts_with("\"anew\" 2001 times: "), "{found}");
}

#[test]
fn other_meanings_are_no_phrases() {
    // It says so, gives it up, and stands for something; a node lies about its height.
    let other =
        "It gives up, gives way, stands for it and stands still; it lies about it, behind others.";
    assert_eq!(found("README.md", other), Vec::<String>::new());
}

#[test]
fn each_phrase_is_found_once_it_is_used() {
    let rare = [("ARCHITECTURE.md", "It may not tell."), ("README.md", "It stands here.")];
    let found = crate::wording(&Tree::of(&rare));
    for word in ["\"tell\"", "\"may not\"", "\"stands\""] {
        assert!(found.iter().any(|it| it.starts_with(word)), "{found:?}");
    }
}

#[test]
fn names_are_read_as_their_words() {
    for (path, declared) in [
        ("node/a/src/tests.rs", "fn a_full_disk_is_told() {}"),
        ("node/a/src/lib.rs", "pub(crate) struct WhoTells;"),
        ("node/a/src/lib.rs", "const BLOCKS_TOLD: u64 = 1;"),
        ("node/a/src/lib.rs", "mod telling;"),
        ("sdk/a/src/a.ts", "function whoTells() {}"),
        ("testnet/checks/src/edges.rs", "fn tell() {}"),
    ] {
        let found = found(path, declared);
        assert!(found.len() == 1 && found[0].starts_with("\"tell\""), "{declared}: {found:?}");
    }
    let may_not = found("node/a/src/tests.rs", "fn it_may_not_be() {}");
    assert!(may_not.len() == 1 && may_not[0].starts_with("\"may not\" 1 times"), "{may_not:?}");
    // Neither a part of a word, nor another meaning, nor a name that is only used.
    for text in ["fn storyteller() {}", "fn who_gives_up() {}", "fn a() { b::is_told() }"] {
        assert_eq!(found("node/a/src/lib.rs", text), Vec::<String>::new(), "{text}");
    }
}
