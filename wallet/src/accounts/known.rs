//! What is known of other accounts: the address book, and addresses that look like known ones.

use std::collections::BTreeMap;

use ehb_types::Name;

use super::{Accounts, Own, no_home};
use crate::contacts::{Contacts, look_alike};
use crate::failure::{Exit, Failure};

impl Accounts {
    /// The address book, which belongs to the user's own keystore.
    pub(crate) fn contacts(&self) -> Result<Contacts, Failure> {
        match &self.own {
            Own::Keystore(keystore) => Ok(Contacts::of(keystore.folder())),
            Own::Homeless => Err(no_home()),
            Own::Unwanted => {
                let message = "a test network has no contacts of yours";
                Err(Failure::new(Exit::Usage, "USAGE", message)
                    .hint("name the folder of your own keys, in which they are: --keystore DIR"))
            }
        }
    }

    /// Whether a key has this name.
    pub(crate) fn has_key(&self, name: &Name) -> bool {
        self.own().is_some_and(|it| it.contains(name))
            || self.testnet_accounts().any(|it| it.name == *name)
    }

    /// A warning for each known account whose address a person could take for this one.
    pub(crate) fn look_alikes(&self, address: &str) -> Result<Vec<String>, Failure> {
        let mut known = BTreeMap::new();
        for account in self.testnet_accounts() {
            known.insert(account.address.clone(), account.name.clone());
        }
        if let Some(keystore) = self.own() {
            for key in keystore.list()?.keys {
                known.insert(key.address().to_owned(), key.name().clone());
            }
            for contact in Contacts::of(keystore.folder()).read()? {
                known.insert(contact.address, contact.name);
            }
        }
        if known.contains_key(address) {
            return Ok(Vec::new());
        }
        let alike = known.iter().filter(|(other, _)| look_alike(address, other));
        let warning = |(other, name): (&String, &Name)| {
            format!(
                "{address} looks like the address of {name}, {other}, and is another one: compare all of it"
            )
        };
        Ok(alike.map(warning).collect())
    }
}
