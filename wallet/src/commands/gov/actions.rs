//! The changes of a proposal: as options of the command line, as the arguments of the kernel, and in sentences.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;
use ehb_console::read_text;
use ehb_sdk::{Client, Hash, Name, Network, RoleName, ValidatorRequest, code_hash};
use serde_json::{Value, json};

use super::text::{case, items, plain};
use crate::accounts::Accounts;
use crate::commands::consent;
use crate::commands::module::read_code;
use crate::failure::{Exit, Failure};

/// What is proposed. Each option can be given several times.
#[derive(Debug, Args)]
#[command(next_help_heading = "Changes")]
#[group(required = true, multiple = true)]
pub(crate) struct Actions {
    /// Set a parameter, by its name in the genesis file
    #[arg(long, value_name = "PARAMETER=NUMBER", value_parser = setting)]
    set: Vec<(String, u64)>,
    /// Let organisations grant a role to their own accounts
    #[arg(long, value_name = "ROLE")]
    add_organisation_role: Vec<Name>,
    /// Let organisations grant a role no more
    #[arg(long, value_name = "ROLE")]
    remove_organisation_role: Vec<Name>,
    /// Invite an organisation with its first administrator: the file that it made with `ehb account consent`
    #[arg(long, value_name = "FILE")]
    invite: Vec<PathBuf>,
    /// Suspend an organisation: nothing of its accounts is accepted
    #[arg(long, value_name = "ORGANISATION")]
    suspend: Vec<Name>,
    /// Lift the suspension of an organisation
    #[arg(long, value_name = "ORGANISATION")]
    reinstate: Vec<Name>,
    /// Remove an organisation for good
    #[arg(long, value_name = "ORGANISATION")]
    remove_organisation: Vec<Name>,
    /// Grant an account a role that counts for the whole network
    #[arg(long, value_name = "ACCOUNT=ROLE", value_parser = role)]
    grant_role: Vec<(String, RoleName)>,
    /// When the granted roles end, a block time in milliseconds since 1970 [default: never]
    #[arg(long, value_name = "TIME", requires = "grant_role")]
    until_ms: Option<u64>,
    /// Take a role that counts for the whole network from an account
    #[arg(long, value_name = "ACCOUNT=ROLE", value_parser = role)]
    revoke_role: Vec<(String, RoleName)>,
    /// Freeze an account
    #[arg(long, value_name = "ACCOUNT")]
    freeze: Vec<String>,
    /// Let a frozen account act again
    #[arg(long, value_name = "ACCOUNT")]
    unfreeze: Vec<String>,
    /// Install a new module, whose code an account has uploaded with `ehb module upload`: the file with the code, or its
    /// hash
    #[arg(long, value_name = "MODULE=FILE|HASH", value_parser = new_module, requires = "uploaded_by")]
    install: Vec<NewModule>,
    /// Who has uploaded the code of the new modules
    #[arg(long, value_name = "ACCOUNT", requires = "install")]
    uploaded_by: Option<String>,
    /// Pause a module: it answers reads alone
    #[arg(long, value_name = "MODULE")]
    pause: Vec<Name>,
    /// Let a paused module run calls again
    #[arg(long, value_name = "MODULE")]
    resume: Vec<Name>,
    /// Remove a module for good, which no other module imports and which keeps nothing
    #[arg(long, value_name = "MODULE")]
    remove_module: Vec<Name>,
    /// Set a limit of an organisation, for accounts, observers or code-bytes; `default` lets the parameter count again
    #[arg(long, value_name = "ORGANISATION.KIND=NUMBER", value_parser = quota)]
    quota: Vec<NewQuota>,
    /// Add a validator, with a voting power of 1 or another: the file that `ehb-node join` wrote
    #[arg(long, value_name = "FILE[=POWER]", value_parser = addition)]
    add_validator: Vec<(PathBuf, u64)>,
    /// Change the voting power of a validator
    #[arg(long, value_name = "VALIDATOR=POWER", value_parser = power)]
    set_power: Vec<(Name, u64)>,
    /// Remove a validator
    #[arg(long, value_name = "VALIDATOR")]
    remove_validator: Vec<Name>,
}

/// A new module with its code.
#[derive(Clone, Debug, PartialEq, Eq)]
struct NewModule {
    name: Name,
    code: NewCode,
}

/// Code that was uploaded: its hash, or a file with it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum NewCode {
    Hash(Hash),
    File(PathBuf),
}

fn new_module(text: &str) -> Result<NewModule, String> {
    let (name, code) = text.split_once('=').ok_or("expected MODULE=FILE or MODULE=HASH")?;
    let name = Name::new(name).map_err(|error| error.to_string())?;
    if code.is_empty() {
        return Err("expected MODULE=FILE or MODULE=HASH".to_owned());
    }
    let code = code.parse().map_or_else(|_| NewCode::File(code.into()), NewCode::Hash);
    Ok(NewModule { name, code })
}

impl NewCode {
    fn hash(&self) -> Result<Hash, Failure> {
        match self {
            Self::Hash(hash) => Ok(*hash),
            Self::File(file) => Ok(code_hash(&read_code(file)?)),
        }
    }
}

/// A limit of an organisation, as the arguments have it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct NewQuota {
    organisation: Name,
    kind: String,
    limit: Option<u64>,
}

/// What quotas limit.
const QUOTA_KINDS: [&str; 3] = ["accounts", "observers", "code-bytes"];

fn quota(text: &str) -> Result<NewQuota, String> {
    let expected = "expected ORGANISATION.KIND=NUMBER, such as acme.accounts=500";
    let (which, limit) = text.split_once('=').ok_or(expected)?;
    let (organisation, kind) = which.split_once('.').ok_or(expected)?;
    if !QUOTA_KINDS.contains(&kind) {
        return Err(format!("{kind:?} is none of {}", QUOTA_KINDS.join(", ")));
    }
    let limit = match limit {
        "default" => None,
        number => {
            let wrong = |_| format!("{number:?} is neither a number of 64 bits nor default");
            Some(number.parse().map_err(wrong)?)
        }
    };
    let organisation = Name::new(organisation).map_err(|error| error.to_string())?;
    Ok(NewQuota { organisation, kind: kind.to_owned(), limit })
}

fn setting(text: &str) -> Result<(String, u64), String> {
    let (name, value) = text.split_once('=').ok_or("expected PARAMETER=NUMBER")?;
    let value = value.parse().map_err(|_| format!("{value:?} is no number of 64 bits"))?;
    Ok((name.to_owned(), value))
}

fn role(text: &str) -> Result<(String, RoleName), String> {
    let (account, role) = text.split_once('=').ok_or("expected ACCOUNT=ROLE")?;
    Ok((account.to_owned(), RoleName::new(role).map_err(|error| error.to_string())?))
}

fn addition(text: &str) -> Result<(PathBuf, u64), String> {
    match text.rsplit_once('=') {
        Some((file, power)) => Ok((file.into(), votes(power)?)),
        None => Ok((text.into(), 1)),
    }
}

fn power(text: &str) -> Result<(Name, u64), String> {
    let (name, power) = text.split_once('=').ok_or("expected VALIDATOR=POWER")?;
    Ok((Name::new(name).map_err(|error| error.to_string())?, votes(power)?))
}

fn votes(text: &str) -> Result<u64, String> {
    let power = text.parse().ok().filter(|power| *power > 0);
    power.ok_or_else(|| format!("{text:?} is no voting power: it is a number from 1 on"))
}

impl Actions {
    /// The arguments of the kernel.
    pub(super) fn to_json(&self, client: &Client, accounts: &Accounts) -> Result<Value, Failure> {
        let network = client.chain().network;
        let address = |account: &String| -> Result<String, Failure> {
            Ok(accounts.party(network, account)?.address.to_text(network))
        };
        let mut actions = Vec::new();
        for (name, value) in &self.set {
            let new = json!({ "name": name, "value": value.to_string() });
            actions.push(json!({ "set-parameter": new }));
        }
        named(&mut actions, "add-organisation-role", &self.add_organisation_role);
        named(&mut actions, "remove-organisation-role", &self.remove_organisation_role);
        for file in &self.invite {
            actions.push(invitation(file, client, network)?);
        }
        named(&mut actions, "suspend-organisation", &self.suspend);
        named(&mut actions, "reinstate-organisation", &self.reinstate);
        named(&mut actions, "remove-organisation", &self.remove_organisation);
        let until_ms = self.until_ms.map(|it| it.to_string());
        for (account, role) in &self.grant_role {
            let role = json!({ "account": address(account)?, "role": role, "until-ms": until_ms });
            actions.push(json!({ "grant-network-role": role }));
        }
        for (account, role) in &self.revoke_role {
            let role = json!({ "account": address(account)?, "role": role });
            actions.push(json!({ "revoke-network-role": role }));
        }
        for account in &self.freeze {
            actions.push(json!({ "freeze-account": address(account)? }));
        }
        for account in &self.unfreeze {
            actions.push(json!({ "unfreeze-account": address(account)? }));
        }
        if let Some(by) = &self.uploaded_by {
            let by = address(by)?;
            for NewModule { name, code } in &self.install {
                let new = json!({ "module": name, "code": code.hash()?, "by": by });
                actions.push(json!({ "install-module": new }));
            }
        }
        named(&mut actions, "pause-module", &self.pause);
        named(&mut actions, "resume-module", &self.resume);
        named(&mut actions, "remove-module", &self.remove_module);
        for NewQuota { organisation, kind, limit } in &self.quota {
            let limit = limit.map(|it| it.to_string());
            let quota = json!({ "organisation": organisation, "kind": kind, "limit": limit });
            actions.push(json!({ "set-quota": quota }));
        }
        // Powers first: a validator joins those that have them.
        for (name, power) in &self.set_power {
            let new = json!({ "name": name, "power": power.to_string() });
            actions.push(json!({ "set-validator-power": new }));
        }
        named(&mut actions, "remove-validator", &self.remove_validator);
        for (file, power) in &self.add_validator {
            actions.push(validator(file, *power, client)?);
        }
        if actions.is_empty() {
            return Err(Failure::new(Exit::Usage, "USAGE", "a proposal changes something")
                .hint("run the command with --help to see what it can change"));
        }
        Ok(Value::Array(actions))
    }
}

fn named(actions: &mut Vec<Value>, action: &str, names: &[Name]) {
    actions.extend(names.iter().map(|name| json!({ action: name })));
}

fn invitation(file: &Path, client: &Client, network: Network) -> Result<Value, Failure> {
    let document = consent::new_account(consent::document(file, client)?, file, network)?;
    let invitation = json!({
        "organisation": document.organisation,
        "policy": document.policy,
        "consents": document.consents,
    });
    Ok(json!({ "invite-organisation": invitation }))
}

fn validator(file: &Path, power: u64, client: &Client) -> Result<Value, Failure> {
    let refused = |message: String| {
        let message = format!("{}: {message}", file.display());
        Failure::new(Exit::Usage, "USAGE", message).hint("`ehb-node join` writes such a file")
    };
    let text = File::open(file).and_then(|it| read_text(it, ValidatorRequest::BYTES_MAX as u64));
    let text = text.map_err(|error| refused(error.to_string()))?;
    let request = ValidatorRequest::from_json(&text).map_err(|error| refused(error.to_string()))?;
    let verified = request.verify(&client.chain().genesis_hash);
    verified.map_err(|error| refused(error.to_string()))?;
    Ok(json!({ "add-validator": {
        "organisation": request.organisation,
        "name": request.name,
        "consensus-key": request.consensus_key,
        "node-key": request.node_key,
        "power": power.to_string(),
        "consensus-signature": consent::Halves::from(&request.consensus_signature),
        "node-signature": consent::Halves::from(&request.node_signature),
    } }))
}

/// A description of actions, as the end of a sentence.
pub(super) fn of_actions(actions: &Value) -> String {
    let texts: Vec<String> = items(actions).iter().map(of_action).collect();
    texts.join(", and to ")
}

fn of_action(action: &Value) -> String {
    let (case, it) = case(action);
    let of = |name: &str| plain(&it[name]);
    match case {
        "set-parameter" => format!("set the parameter {} to {}", of("name"), of("value")),
        "add-organisation-role" => format!("let organisations grant the role {}", plain(it)),
        "remove-organisation-role" => {
            format!("let organisations grant the role {} no more", plain(it))
        }
        "invite-organisation" => format!("invite the organisation {}", of("organisation")),
        "suspend-organisation" => format!("suspend the organisation {}", plain(it)),
        "reinstate-organisation" => format!("reinstate the organisation {}", plain(it)),
        "remove-organisation" => format!("remove the organisation {} for good", plain(it)),
        "grant-network-role" => {
            let end = match &it["until-ms"] {
                Value::Null => String::new(),
                until_ms => format!(" until {}", plain(until_ms)),
            };
            format!("grant the role {} to {}{end}", of("role"), of("account"))
        }
        "revoke-network-role" => format!("take the role {} from {}", of("role"), of("account")),
        "freeze-account" => format!("freeze the account {}", plain(it)),
        "add-validator" => format!(
            "add the validator {} of {} with the power {}",
            of("name"),
            of("organisation"),
            of("power")
        ),
        "set-validator-power" => {
            format!("give the validator {} the power {}", of("name"), of("power"))
        }
        "remove-validator" => format!("remove the validator {}", plain(it)),
        "unfreeze-account" => format!("let the frozen account {} act again", plain(it)),
        "install-module" => {
            let (module, code, by) = (of("module"), of("code"), of("by"));
            format!("install the module {module} with the code {code}, which {by} uploaded")
        }
        "pause-module" => format!("pause the module {}", plain(it)),
        "resume-module" => format!("let the paused module {} run calls again", plain(it)),
        "remove-module" => format!("remove the module {} for good", plain(it)),
        "set-quota" => match &it["limit"] {
            Value::Null => {
                format!("let the parameter limit the {} of {}", of("kind"), of("organisation"))
            }
            limit => {
                let limit = plain(limit);
                format!("limit the {} of {} to {limit}", of("kind"), of("organisation"))
            }
        },
        // A newer node has actions that this program does not know.
        _ => action.to_string(),
    }
}

#[cfg(test)]
mod tests;
