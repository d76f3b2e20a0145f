//! The tables of organisations, accounts, keys and roles, from the events of the kernel.

use ehb_types::{Address, Name};
use serde_json::Value;

use crate::cell::Number;
use crate::error::Done;
use crate::event::Event;
use crate::table::{Record, Table, key, table};
use crate::tables::Tables;

pub(crate) const TABLES: &[&Table] = &[
    Organisation::TABLE,
    Quota::TABLE,
    Account::TABLE,
    AccountKey::TABLE,
    Role::TABLE,
    Membership::TABLE,
    Recovery::TABLE,
];

table! {
    /// An organisation that takes part.
    Organisation = current "edr.organisation" by (name) {
        name: String = "",
        /// `active`, `suspended` or `removed`; the accounts of one that is not active count as suspended or closed.
        status: String,
    }
}

table! {
    /// A limit that governance set for an organisation, instead of the parameter of the group `quotas`.
    Quota = current "edr.quota" by (organisation; kind) {
        organisation: String,
        /// `accounts`, `observers` or `code-bytes`.
        kind: String,
        /// How much the organisation can have; none if the parameter counts again.
        maximum: Option<Number> = "limit",
    }
}

table! {
    /// An account, or a module, which has an address too.
    Account = current "edr.account" by (address) index "organisation" {
        address: String,
        /// `account` or `module`.
        kind: String = "",
        /// The name of a module; accounts have none on the chain.
        label: Option<String> = "",
        /// The organisation that registered it.
        organisation: Option<String>,
        /// `active`, `frozen`, `suspended` or `closed`; of a module `active`, `paused` or `removed`.
        status: String,
        /// Whose signatures authorise its transactions.
        policy: Option<Value>,
    }
}

table! {
    /// A key of an account.
    AccountKey = current "edr.account_key" by (account; key) index "key" {
        account: String = "",
        key: String,
        /// What its signature counts.
        weight: Number,
        /// Whether the account still has it.
        listed: bool = "",
    }
}

table! {
    /// A role of an account, for a range of heights.
    Role = current "edr.role" by (account; role, from_height) index "role" {
        account: String,
        role: String,
        from_height: i64,
        /// The sender of the transaction that granted it; none for genesis.
        by: Option<String>,
        /// When it ends without an event; none if it does not end by time.
        until_ms: Option<Number>,
        /// The height at which it was removed; none while the account has it.
        until_height: Option<i64>,
        until_by: Option<String>,
    }
}

table! {
    /// The membership of an account in an organisation, for a range of heights.
    Membership = current "edr.membership" by (account; organisation, from_height) index "organisation" {
        account: String,
        organisation: String,
        from_height: i64,
        by: Option<String>,
        until_height: Option<i64>,
    }
}

table! {
    /// A policy that an administrator announced for an account whose keys are lost.
    Recovery = current "edr.recovery" by (account) {
        account: String,
        policy: Value,
        /// From when on it can replace the account's own one.
        from_ms: Number,
        by: String,
        cancelled: bool = "",
    }
}

pub(crate) fn enter(tables: &mut Tables, event: &Event<'_>) -> Done {
    match event.name {
        "organisation-added" => {
            let (name, status) = (event.payload()?, "active".to_owned());
            tables.put(&Organisation { name, status, at: event.at });
        }
        "organisation-changed" => {
            let (name, status) = (event.get("name")?, event.get("status")?);
            tables.put(&Organisation { name, status, at: event.at });
        }
        "quota-changed" => drop(tables.put_record::<Quota>(event, event.value)?),
        "account-changed" => {
            let row: Account = event.record(event.value)?;
            set_keys(tables, event, &row)?;
            set_roles(tables, event, &row.address)?;
            set_membership(tables, event, &row)?;
            tables.put(&Account { kind: "account".to_owned(), ..row });
        }
        "module-installed" => tables.put(&module(event, "active".to_owned())?),
        "module-changed" => {
            let status = event.get("status")?;
            tables.put(&module(event, status)?);
        }
        "recovery-announced" => drop(tables.put_record::<Recovery>(event, event.value)?),
        "recovery-cancelled" => {
            let account: String = event.payload()?;
            let mut row: Recovery = tables.known(key![account], key![], event.at)?;
            (row.cancelled, row.at) = (true, event.at);
            tables.put(&row);
        }
        _ => {}
    }
    Ok(())
}

/// The module that an event names.
fn module(event: &Event<'_>, status: String) -> Done<Account> {
    let module: String = event.get("module")?;
    let name = Name::new(module.as_str());
    let name = name.map_err(|_| event.unfit("module", "it is no name of a module"))?;
    Ok(Account {
        address: Address::of_module(&name).to_text(event.network),
        kind: "module".to_owned(),
        label: Some(module),
        organisation: None,
        status,
        policy: None,
        at: event.at,
    })
}

fn set_keys(tables: &mut Tables, event: &Event<'_>, row: &Account) -> Done {
    let policy = row.policy.as_ref().unwrap_or(&Value::Null);
    let mut keys: Vec<(String, Number)> = Vec::new();
    if let Some(weighted) = policy.get("weighted") {
        for key in event.list_of(weighted, "keys")? {
            keys.push((event.of(key, "key")?, event.of(key, "weight")?));
        }
    } else {
        keys.push((event.of(policy, "key")?, Number(1)));
    }
    for known in tables.group::<AccountKey>(&key![row.address])? {
        if known.listed && !keys.iter().any(|(key, _)| *key == known.key) {
            tables.put(&AccountKey { listed: false, at: event.at, ..known });
        }
    }
    for (key, weight) in keys {
        let (account, at) = (row.address.clone(), event.at);
        tables.put(&AccountKey { account, key, weight, listed: true, at });
    }
    Ok(())
}

fn set_roles(tables: &mut Tables, event: &Event<'_>, account: &str) -> Done {
    let by = event.sender.map(str::to_owned);
    let known = tables.group::<Role>(&key![account.to_owned()])?;
    let mut now: Vec<(String, Option<Number>)> = Vec::new();
    for role in event.list("roles")? {
        now.push((event.of(role, "role")?, event.of(role, "until-ms")?));
    }
    let (held, ended) = (known.into_iter().filter(|it| it.until_height.is_none()), event.at);
    let (kept, gone): (Vec<_>, Vec<_>) =
        held.partition(|it| now.iter().any(|(role, _)| *role == it.role));
    for gone in gone {
        let (until_height, until_by) = (Some(ended.height), by.clone());
        tables.put(&Role { until_height, until_by, at: event.at, ..gone });
    }
    for (role, until_ms) in now {
        match kept.iter().find(|it| it.role == role) {
            Some(kept) if kept.until_ms == until_ms => {}
            Some(kept) => tables.put(&Role { until_ms, at: event.at, ..kept.clone() }),
            None => tables.put(&Role {
                account: account.to_owned(),
                role,
                from_height: event.at.height,
                by: by.clone(),
                until_ms,
                until_height: None,
                until_by: None,
                at: event.at,
            }),
        }
    }
    Ok(())
}

fn set_membership(tables: &mut Tables, event: &Event<'_>, row: &Account) -> Done {
    let organisation = row.organisation.clone().unwrap_or_default();
    let known = tables.group::<Membership>(&key![row.address])?;
    let mut is_known = false;
    for now in known.into_iter().filter(|it| it.until_height.is_none()) {
        if now.organisation == organisation {
            is_known = true;
        } else {
            let until_height = Some(event.at.height);
            tables.put(&Membership { until_height, at: event.at, ..now });
        }
    }
    if !is_known {
        tables.put(&Membership {
            account: row.address.clone(),
            organisation,
            from_height: event.at.height,
            by: event.sender.map(str::to_owned),
            until_height: None,
            at: event.at,
        });
    }
    Ok(())
}
