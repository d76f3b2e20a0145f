//! A rule: no phrase that readers have to translate, in texts and in names.

use crate::{File, Tree};

/// A phrase that a reader has to translate.
struct Phrase {
    forms: &'static [&'static str],
    /// Words with which it means something else, when one of them follows.
    except: &'static [&'static str],
    /// The words to use instead.
    instead: &'static str,
}

const PHRASES: [Phrase; 11] = [
    Phrase {
        forms: &["tell", "tells", "told", "telling"],
        except: &[],
        instead: "emit, return, notify, log or report",
    },
    Phrase {
        forms: &["stands in", "stand in"],
        except: &[],
        instead: "is in, is stored in, contains",
    },
    Phrase { forms: &["stands", "stand", "stood"], except: &["for", "still", "in"], instead: "is" },
    Phrase {
        forms: &[
            "lies in",
            "lies at",
            "lies on",
            "lies here",
            "lies behind",
            "lies between",
            "lies nowhere",
            "lie in",
            "lie at",
            "lie on",
            "lie inside",
            "lie between",
            "lay between",
            "bytes lie",
        ],
        except: &[],
        instead: "is in, is stored in",
    },
    Phrase {
        forms: &["gives", "giving"],
        except: &["up", "back", "away", "way"],
        instead: "returns, yields, produces",
    },
    Phrase {
        forms: &[
            "behind it",
            "behind each",
            "behind one another",
            "behind the first",
            "behind that",
        ],
        except: &[],
        instead: "after",
    },
    Phrase { forms: &["whoever"], except: &[], instead: "name who it is" },
    Phrase { forms: &["so many"], except: &[], instead: "a number or N" },
    Phrase { forms: &["may not"], except: &[], instead: "must not, cannot" },
    Phrase { forms: &["anew"], except: &[], instead: "again, from scratch" },
    Phrase { forms: &["the own"], except: &[], instead: "its own, our" },
];

/// Written by hand and read by people.
const ENDINGS: [&str; 6] = [".rs", ".md", ".wit", ".toml", ".ts", ".sh"];

/// The rule and its test name what it looks for.
const OWN: [&str; 2] = ["testnet/checks/src/wording.rs", "testnet/checks/src/tests/wording.rs"];

/// The sources whose names are read, and the words after which one is declared.
const SOURCES: [&str; 2] = [".rs", ".ts"];
const DECLARING: [&str; 11] = [
    "class",
    "const",
    "enum",
    "fn",
    "function",
    "interface",
    "mod",
    "static",
    "struct",
    "trait",
    "type",
];

/// The phrases that are used, with how often and what to write.
pub fn wording(tree: &Tree) -> Vec<String> {
    let files = tree.files().iter().filter(|file| is_read(file));
    let texts: Vec<String> =
        files.flat_map(|file| [file.text.to_lowercase(), names(file)]).collect();
    let mut found = Vec::new();
    for Phrase { forms, except, instead } in PHRASES {
        let used = texts.iter().map(|text| of_text(text, forms, except)).sum::<usize>();
        let name = forms.join("\", \"");
        if used > 0 {
            found.push(format!("\"{name}\" {used} times: write {instead}"));
        }
    }
    found
}

fn is_read(file: &File) -> bool {
    ENDINGS.iter().any(|ending| file.path.ends_with(ending)) && !OWN.contains(&file.path.as_str())
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The names that a source declares, in lower case, each as its words and a semicolon.
fn names(file: &File) -> String {
    let mut names = String::new();
    if !SOURCES.iter().any(|ending| file.path.ends_with(ending)) {
        return names;
    }
    let mut declares = false;
    for word in file.text.split(|c| !is_part(c)) {
        if declares {
            spell(word, &mut names);
        }
        declares = DECLARING.contains(&word);
    }
    names
}

/// Adds the words of a name such as `a_name`, `aName`, `AName` or `A_NAME`.
fn spell(name: &str, words: &mut String) {
    let mut before = '_';
    for c in name.chars() {
        if c == '_' || c.is_uppercase() && before.is_lowercase() {
            words.push(' ');
        }
        if c != '_' {
            words.extend(c.to_lowercase());
        }
        before = c;
    }
    words.push(';');
}

/// How often a text in lower case has one of the phrases as whole words, without one of the words after it.
fn of_text(text: &str, forms: &[&str], except: &[&str]) -> usize {
    let is_whole = |at: usize, word: &str| {
        let after = text.get(at + word.len()..).unwrap_or_default();
        let next = after.trim_start().split(|c| !is_part(c)).next().unwrap_or_default();
        !text[..at].ends_with(is_part) && !after.starts_with(is_part) && !except.contains(&next)
    };
    forms
        .iter()
        .map(|word| text.match_indices(word).filter(|(at, _)| is_whole(*at, word)).count())
        .sum()
}
