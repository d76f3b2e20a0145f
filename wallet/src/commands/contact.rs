//! `ehb contact`: the address book.

use clap::Subcommand;
use ehb_types::{Address, Name, Network};
use serde_json::json;

use crate::accounts::Accounts;
use crate::contacts::Contact;
use crate::failure::{Exit, Failure};
use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum ContactCommand {
    /// Give a name to somebody else's account, by which all commands know it from then on
    #[command(
        after_help = "Example:\n  ehb contact add bob ehbt12fmgvyrmf7wses8g9glqhh5wjhaeuapa2kn6eqyw5k7hs3wxuvasurqrup"
    )]
    Add {
        /// What you call the account: a-z, 0-9 and -, starting with a letter
        name: Name,
        /// Its address, from its owner
        address: String,
    },
    /// List your contacts: name and address, one a line
    #[command(after_help = "Example:\n  ehb contact list")]
    List,
    /// Remove a contact; prints the address that it had
    #[command(after_help = "Example:\n  ehb contact remove bob")]
    Remove {
        /// The contact
        name: Name,
    },
}

/// Runs the command.
pub(super) fn run(
    accounts: &Accounts,
    command: ContactCommand,
    output: &Output,
) -> Result<(), Failure> {
    let contacts = accounts.contacts()?;
    match command {
        ContactCommand::Add { name, address } => {
            let address = canonical(&address)?;
            if canonical(name.as_str()).is_ok() {
                let message =
                    format!("{name} is the address of an account, and no name for another one");
                return Err(
                    Failure::new(Exit::Usage, "BAD_NAME", message).hint("choose another name")
                );
            }
            if accounts.has_key(&name) {
                let message = format!("a key of yours is called {name}");
                return Err(Failure::new(Exit::Usage, "CONTACT_EXISTS", message)
                    .hint("choose another name"));
            }
            for warning in accounts.look_alikes(&address)? {
                output.caution(warning);
            }
            let contact = Contact { name, address };
            if !contacts.add(contact.clone())? {
                let message = format!("you have a contact {} already", contact.name);
                return Err(Failure::new(Exit::Usage, "CONTACT_EXISTS", message)
                    .hint("choose another name, or remove it first: ehb contact remove NAME"));
            }
            show(&[contact], output)
        }
        ContactCommand::List => {
            let all = contacts.read()?;
            if all.is_empty() {
                output.talk("there are no contacts yet; add one: ehb contact add NAME ADDRESS");
            }
            show(&all, output)
        }
        ContactCommand::Remove { name } => match contacts.remove(&name)? {
            Some(removed) => show(&[removed], output),
            None => {
                let message = format!("you have no contact {name}");
                Err(Failure::new(Exit::Usage, "UNKNOWN_ACCOUNT", message)
                    .hint("see your contacts: ehb contact list"))
            }
        },
    }
}

fn show(contacts: &[Contact], output: &Output) -> Result<(), Failure> {
    let row = |it: &Contact| vec![it.name.to_string(), it.address.clone()];
    let rows: Vec<Vec<String>> = contacts.iter().map(row).collect();
    output.result(&rows, &json!({ "contacts": contacts }))
}

/// The one text of an address of either class of network.
fn canonical(address: &str) -> Result<String, Failure> {
    let network = match address.split_once('1') {
        Some((prefix, _)) if prefix == Network::Main.prefix() => Network::Main,
        _ => Network::Test,
    };
    match Address::from_text(network, address) {
        Ok(address) => Ok(address.to_text(network)),
        Err(error) => Err(Failure::of(Exit::Usage, "BAD_ADDRESS", &error)),
    }
}
