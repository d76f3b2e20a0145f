//! A rule: phrases that readers have to translate become rarer.

use crate::{File, Tree};

/// A phrase that a reader has to translate.
struct Phrase {
    /// Its forms.
    forms: &'static [&'static str],
    /// Words with which it means something else, when one of them follows.
    except: &'static [&'static str],
    /// The words to use instead.
    instead: &'static str,
    /// How often the repository has it. It may only fall: who mends some lowers it.
    count: usize,
}

const PHRASES: [Phrase; 11] = [
    Phrase {
        forms: &["tell", "tells", "told", "telling"],
        except: &[],
        instead: "emit, return, notify, log or report",
        count: 0,
    },
    Phrase {
        forms: &["stands in", "stand in"],
        except: &[],
        instead: "is in, is stored in, contains",
        count: 0,
    },
    Phrase {
        forms: &["stands", "stand", "stood"],
        except: &["for", "still", "in"],
        instead: "is",
        count: 0,
    },
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
        count: 0,
    },
    Phrase {
        forms: &["gives", "giving"],
        except: &["up", "back", "away", "way"],
        instead: "returns, yields, produces",
        count: 0,
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
        count: 0,
    },
    Phrase { forms: &["whoever"], except: &[], instead: "name who it is", count: 0 },
    Phrase { forms: &["so many"], except: &[], instead: "a number or N", count: 0 },
    Phrase { forms: &["may not"], except: &[], instead: "must not, cannot", count: 0 },
    Phrase { forms: &["anew"], except: &[], instead: "again, from scratch", count: 0 },
    Phrase { forms: &["the own"], except: &[], instead: "its own, our", count: 0 },
];

/// Written by hand and read by people.
const ENDINGS: [&str; 6] = [".rs", ".md", ".wit", ".toml", ".ts", ".sh"];

/// The rule names what it looks for.
const OWN_FOLDER: &str = "testnet/checks/";

/// Phrases that are used more often than they were, and those that are used less often than the rule says.
pub fn wording(tree: &Tree) -> Vec<String> {
    let files: Vec<&File> = tree.files().iter().filter(|file| is_read(file)).collect();
    // A tree of a test has few files: it shows what it has too much of.
    let is_whole = files.iter().any(|file| file.path == "ARCHITECTURE.md");
    let mut found = Vec::new();
    for Phrase { forms, except, instead, count } in PHRASES {
        let used = files.iter().map(|file| of_text(&file.text, forms, except)).sum::<usize>();
        let name = forms.join("\", \"");
        if used > count {
            found.push(format!("\"{name}\" {used} times, {count} allowed: write {instead}"));
        } else if used < count && is_whole {
            found.push(format!("\"{name}\" {used} times: lower its count from {count} to {used}"));
        }
    }
    found
}

fn is_read(file: &File) -> bool {
    ENDINGS.iter().any(|ending| file.path.ends_with(ending)) && !file.path.starts_with(OWN_FOLDER)
}

/// How often the text has one of the phrases as whole words, in any case, without one of the words after it.
fn of_text(text: &str, forms: &[&str], except: &[&str]) -> usize {
    let text = text.to_lowercase();
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
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
