//! A rule: no phrase that readers have to translate.

use crate::{File, Tree};

/// A phrase that a reader has to translate.
struct Phrase {
    /// Its forms.
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

/// The rule names what it looks for.
const OWN_FOLDER: &str = "testnet/checks/";

/// The phrases that are used, with how often and what to write.
pub fn wording(tree: &Tree) -> Vec<String> {
    let files: Vec<&File> = tree.files().iter().filter(|file| is_read(file)).collect();
    let mut found = Vec::new();
    for Phrase { forms, except, instead } in PHRASES {
        let used = files.iter().map(|file| of_text(&file.text, forms, except)).sum::<usize>();
        let name = forms.join("\", \"");
        if used > 0 {
            found.push(format!("\"{name}\" {used} times: write {instead}"));
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
