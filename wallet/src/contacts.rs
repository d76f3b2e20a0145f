//! The address book: names that the user has for the accounts of others.

use std::fs::{DirBuilder, File};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use ehb_console::{read_text, replace_file};
use ehb_types::Name;
use serde::{Deserialize, Serialize};

use crate::failure::{Exit, Failure};

const VERSION: u32 = 1;
/// The longest file, bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// The maximum number of contacts, all of which are read whenever an account is named.
const CONTACTS_MAX: usize = 4_096;
/// Addresses with this many equal characters at their ends look alike to a person, and never by accident.
const ALIKE_CHARS: usize = 6;

/// The file of the address book.
pub(crate) struct Contacts {
    path: PathBuf,
}

/// An account and its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contact {
    /// The name that the user has for it.
    pub(crate) name: Name,
    /// Its address in bech32m.
    pub(crate) address: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    contacts: Vec<Contact>,
}

impl Contacts {
    /// The address book of a keystore, in its folder.
    pub(crate) fn of(keystore: &Path) -> Self {
        Self { path: keystore.join(".contacts") }
    }

    /// All contacts, ascending by name. There are none before the first is added.
    pub(crate) fn read(&self) -> Result<Vec<Contact>, Failure> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.damaged(&error.to_string())),
        };
        let text =
            read_text(file, FILE_BYTES_MAX).map_err(|error| self.damaged(&error.to_string()))?;
        let document: Document =
            serde_json::from_str(&text).map_err(|error| self.damaged(&error.to_string()))?;
        if document.version != VERSION {
            let message = format!("it has version {}, not {VERSION}", document.version);
            return Err(self.damaged(&message));
        }
        let contacts = document.contacts;
        if !contacts.is_sorted_by(|a, b| a.name < b.name) || contacts.len() > CONTACTS_MAX {
            return Err(self.damaged("its names are not ascending, or too many"));
        }
        Ok(contacts)
    }

    /// Adds a contact; false if there is one of this name.
    pub(crate) fn add(&self, contact: Contact) -> Result<bool, Failure> {
        let mut contacts = self.read()?;
        if contacts.len() == CONTACTS_MAX {
            let message =
                format!("the address book has {CONTACTS_MAX} contacts, and no place for more");
            return Err(Failure::new(Exit::Usage, "CONTACTS_FULL", message)
                .hint("remove some: ehb contact remove NAME"));
        }
        match contacts.binary_search_by(|it| it.name.cmp(&contact.name)) {
            Ok(_) => Ok(false),
            Err(place) => {
                contacts.insert(place, contact);
                self.write(contacts)?;
                Ok(true)
            }
        }
    }

    /// Removes a contact and returns it, if there is one of this name.
    pub(crate) fn remove(&self, name: &Name) -> Result<Option<Contact>, Failure> {
        let mut contacts = self.read()?;
        match contacts.binary_search_by(|it| it.name.cmp(name)) {
            Err(_) => Ok(None),
            Ok(place) => {
                let removed = contacts.remove(place);
                self.write(contacts)?;
                Ok(Some(removed))
            }
        }
    }

    /// Replaces the file at once.
    fn write(&self, contacts: Vec<Contact>) -> Result<(), Failure> {
        let failed = |error: &dyn std::error::Error| {
            let message = format!("cannot write {}: {error}", self.path.display());
            Failure::new(Exit::Internal, "DISK", message)
                .hint("check that the folder is yours and has space")
        };
        let text = serde_json::to_string_pretty(&Document { version: VERSION, contacts });
        let text = text.map_err(|error| failed(&error))? + "\n";
        let folder = self.path.parent().filter(|it| !it.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| failed(&error))?;
        replace_file(&self.path, &text).map_err(|error| failed(&error))
    }

    fn damaged(&self, problem: &str) -> Failure {
        let message = format!("the address book {} cannot be read: {problem}", self.path.display());
        Failure::new(Exit::Usage, "CONTACTS_DAMAGED", message)
            .hint("repair the file, or move it away and add your contacts again")
    }
}

/// Whether a person who compares the ends of two addresses would take one for the other.
pub(crate) fn look_alike(a: &str, b: &str) -> bool {
    let Some(((prefix, a), (other, b))) = a.split_once('1').zip(b.split_once('1')) else {
        return false;
    };
    let equal = |a: &mut dyn Iterator<Item = char>, b: &mut dyn Iterator<Item = char>| {
        a.zip(b).take_while(|(a, b)| a == b).count()
    };
    let first = equal(&mut a.chars(), &mut b.chars());
    let last = equal(&mut a.chars().rev(), &mut b.chars().rev());
    prefix == other && a != b && first + last >= ALIKE_CHARS
}

#[cfg(test)]
mod tests;
