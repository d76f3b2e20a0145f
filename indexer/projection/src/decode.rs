//! Decodes a block's calls, results and events with the modules' interfaces, and builds its rows.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::Arc;

use ehb_abi::{Type, ValueError};
use ehb_types::{
    Code, Event, Hash, Name, Network, Outcome, Receipt, SignedTransaction, TypedError,
};
use serde_json::Value;

use crate::error::ProjectError;
use crate::mention;
use crate::module_version::ModuleVersion;
use crate::proven::ProvenBlock;
use crate::rows::{
    BlockRow, CallRow, EventRow, MentionRow, MissedVoteRow, Rows, TransactionRow, validator_rows,
};
use crate::start::changed_parameters;
use crate::text::{escape, escape_json};

/// The module whose events are about modules, validators and accounts.
pub const KERNEL: &str = "kernel";
/// The events of the kernel that change which code a module has, and the field with the hash of the new code.
const CODE_CHANGES: [(&str, &str); 2] =
    [("module-upgraded", "after"), ("module-installed", "code")];

/// The event of the kernel with all parameters from the next block on.
const PARAMETERS_CHANGED: &str = "parameters-changed";

/// The state that the projection keeps between blocks. All of it can be read from the tables.
#[derive(Clone, Debug)]
pub struct Projection {
    network: Network,
    modules: BTreeMap<Name, Arc<ModuleVersion>>,
}

impl Projection {
    /// Continues with these modules in force.
    pub fn new(network: Network, modules: BTreeMap<Name, Arc<ModuleVersion>>) -> Self {
        Self { network, modules }
    }

    /// The modules in force after the last projected block.
    pub fn modules(&self) -> &BTreeMap<Name, Arc<ModuleVersion>> {
        &self.modules
    }

    /// The codes that a block installs, whose interfaces [`Self::block`] needs.
    pub fn changes(&self, block: &ProvenBlock<'_>) -> Result<Vec<ModuleChange>, ProjectError> {
        changes(self, block)
    }

    /// The rows of a block. `versions` has the interfaces of [`Self::changes`] by code. After an error the
    /// projection is as before.
    pub fn block(
        &mut self,
        block: &ProvenBlock<'_>,
        versions: &BTreeMap<Hash, Arc<ModuleVersion>>,
    ) -> Result<Rows, ProjectError> {
        let before = self.modules.clone();
        let rows = self::block(self, block, versions);
        if rows.is_err() {
            self.modules = before;
        }
        rows
    }

    fn module(&self, name: &Name) -> Option<&Arc<ModuleVersion>> {
        self.modules.get(name)
    }
}

/// A code that a block installs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleChange {
    /// The module.
    pub module: Name,
    /// The hash of its code from then on.
    pub code: Hash,
    /// The receipt and event that report it.
    pub position: (usize, usize),
}

/// A value as columns: the case's name and its payload.
type NamedValue = (String, Option<Value>);

fn changes(
    projection: &Projection,
    block: &ProvenBlock<'_>,
) -> Result<Vec<ModuleChange>, ProjectError> {
    let mut found = Vec::new();
    let kernel = Name::new(KERNEL).ok().and_then(|name| projection.module(&name).cloned());
    let Some(kernel) = kernel else { return Ok(found) };
    for (index, receipt) in block.receipts.iter().enumerate() {
        for (position, event) in receipt.events.iter().enumerate() {
            if event.module.as_str() != KERNEL {
                continue;
            }
            let context = Context { network: projection.network, height: block.header.height };
            let (name, value) = context.event(&kernel, event)?;
            let field = CODE_CHANGES.iter().find(|(case, _)| *case == name);
            let text = |field: &str| value.as_ref().and_then(|it| it.get(field)?.as_str());
            let Some((_, field)) = field else { continue };
            let module = text("module").and_then(|it| Name::new(it).ok());
            let code = text(field).and_then(|it| Hash::from_str(it).ok());
            if let (Some(module), Some(code)) = (module, code) {
                found.push(ModuleChange { module, code, position: (index, position) });
            }
        }
    }
    Ok(found)
}

fn block(
    projection: &mut Projection,
    block: &ProvenBlock<'_>,
    versions: &BTreeMap<Hash, Arc<ModuleVersion>>,
) -> Result<Rows, ProjectError> {
    let changes = changes(projection, block)?;
    let header = block.header;
    let height = bigint("a height", header.height)?;
    let timestamp_ms = bigint("a block's time", header.timestamp_ms)?;
    let mut folder = Folder {
        context: Context { network: projection.network, height: header.height },
        projection,
        changes,
        versions,
        height,
        timestamp_ms,
        rows: Rows::default(),
    };
    for (index, receipt) in block.receipts.iter().enumerate() {
        let transaction = block.transactions.get(index).map(|it| it.signed());
        folder.receipt(index, receipt, transaction)?;
    }
    let mut rows = folder.rows;
    let gas: u128 = block.receipts.iter().map(|it| u128::from(it.gas_used)).sum();
    rows.blocks.push(BlockRow {
        height,
        hash: block.hash.to_string(),
        parent: header.parent.to_string(),
        timestamp_ms,
        round: i64::from(header.round),
        proposer: (header.height > 0).then(|| header.proposer.to_string()),
        transactions: integer(block.transactions.len()),
        events: integer(rows.events.len()),
        gas_used: gas.to_string(),
        parent_state_root: header.state_root.to_string(),
        parent_receipts_root: header.receipts_root.to_string(),
        transactions_root: header.transactions_root.to_string(),
        validators_hash: header.validators.to_string(),
    });
    rows.missed_votes = missed_votes(block);
    if block.next_validators != block.validators {
        let (before, after) = (Some(block.validators), block.next_validators);
        rows.validators = validator_rows(before, after, height.saturating_add(1));
    }
    Ok(rows)
}

/// The validators whose precommits are missing in the parent's certificate in the block. All nodes agree on
/// that certificate.
fn missed_votes(block: &ProvenBlock<'_>) -> Vec<MissedVoteRow> {
    let certificate = block.parent_certificate;
    let (Some(certificate), Some(set)) = (certificate, block.parent_validators) else {
        return Vec::new();
    };
    let voted: BTreeSet<_> =
        certificate.signatures.iter().map(|it| usize::from(it.validator)).collect();
    let Ok(height) = i64::try_from(certificate.height) else { return Vec::new() };
    let missing = set.validators().iter().enumerate().filter(|(index, _)| !voted.contains(index));
    missing
        .map(|(_, validator)| MissedVoteRow {
            height,
            validator: validator.consensus_key.to_string(),
            name: validator.name.to_string(),
        })
        .collect()
}

/// Builds the rows of one block.
struct Folder<'a> {
    context: Context,
    projection: &'a mut Projection,
    changes: Vec<ModuleChange>,
    versions: &'a BTreeMap<Hash, Arc<ModuleVersion>>,
    height: i64,
    timestamp_ms: i64,
    rows: Rows,
}

impl Folder<'_> {
    fn receipt(
        &mut self,
        index: usize,
        receipt: &Receipt,
        signed: Option<&SignedTransaction>,
    ) -> Result<(), ProjectError> {
        let mut mentioned = BTreeSet::new();
        let transaction = signed.map(|signed| &signed.transaction);
        let sender = transaction.map(|it| it.sender.to_text(self.context.network));
        mentioned.extend(sender.clone());
        let calls = transaction.map_or(&[][..], |it| &it.calls);
        let mut events = receipt.events.iter().enumerate().peekable();
        for (number, call) in calls.iter().enumerate() {
            let row = self.call(index, number, call, receipt, &mut mentioned)?;
            self.rows.calls.push(row);
            self.upgrade(index, |event| {
                receipt.events.get(event).is_some_and(|it| usize::from(it.call) == number)
            })?;
            while let Some((position, event)) =
                events.next_if(|(_, event)| usize::from(event.call) == number)
            {
                self.event(index, position, event, &mut mentioned)?;
            }
        }
        // Changes without a transaction: by genesis and the kernel.
        for (position, event) in events {
            self.upgrade(index, |changed| changed == position)?;
            self.event(index, position, event, &mut mentioned)?;
        }
        let error = match &receipt.outcome {
            Outcome::Failure(failure) => failure.error.as_ref(),
            Outcome::Success(_) => None,
        };
        let error = error.map(|error| self.error(error, &mut mentioned)).transpose()?;
        let error = error.filter(|error| !error.is_null());
        let index_row = integer(index);
        self.rows.mentions.extend(mentioned.into_iter().map(|address| MentionRow {
            address,
            height: self.height,
            index: index_row,
        }));
        let row = self.transaction(index_row, receipt, signed, error)?;
        self.rows.transactions.push(row);
        Ok(())
    }

    fn transaction(
        &self,
        index: i32,
        receipt: &Receipt,
        signed: Option<&SignedTransaction>,
        error: Option<Value>,
    ) -> Result<TransactionRow, ProjectError> {
        let transaction = signed.map(|signed| &signed.transaction);
        let failure = match &receipt.outcome {
            Outcome::Failure(failure) => Some(failure),
            Outcome::Success(_) => None,
        };
        Ok(TransactionRow {
            height: self.height,
            index,
            id: receipt.transaction.to_string(),
            kind: match (transaction, self.height) {
                (Some(_), _) => "transaction",
                (None, 0) => "genesis",
                (None, _) => "kernel",
            },
            timestamp_ms: self.timestamp_ms,
            sender: transaction.map(|it| it.sender.to_text(self.context.network)),
            lane: transaction.map(|it| i64::from(it.lane)),
            sequence: transaction.map(|it| it.sequence.to_string()),
            valid_until_ms: transaction.map(|it| it.valid_until_ms.to_string()),
            gas_limit: transaction.map(|it| it.gas_limit.to_string()),
            gas_used: receipt.gas_used.to_string(),
            memo: transaction.map(|it| escape(&it.memo).into_owned()),
            succeeded: failure.is_none(),
            failed_call: failure.and_then(|it| it.call).map(i32::from),
            code: failure.map(|it| Code::as_str(it.code)),
            message: failure.map(|it| escape(&it.message).into_owned()),
            error,
            calls: integer(transaction.map_or(0, |it| it.calls.len())),
            events: integer(receipt.events.len()),
        })
    }

    /// Applies code that this receipt installs. It is in force for all events of the installing call, because
    /// the new code's migration can emit some.
    fn upgrade(
        &mut self,
        receipt: usize,
        belongs: impl Fn(usize) -> bool,
    ) -> Result<(), ProjectError> {
        let changes = std::mem::take(&mut self.changes);
        let (now, later): (Vec<_>, _) =
            changes.into_iter().partition(|it| it.position.0 == receipt && belongs(it.position.1));
        self.changes = later;
        for change in now {
            // Genesis modules have separate rows, and are in events as well.
            let known = self.projection.modules.get(&change.module);
            if known.is_some_and(|known| known.code == change.code) {
                continue;
            }
            let version = self.versions.get(&change.code).ok_or_else(|| {
                ProjectError::MissingVersion { module: change.module.clone(), code: change.code }
            })?;
            let (index, event) = (integer(receipt), integer(change.position.1));
            let row = version.row(&change.module, self.height, index, event);
            self.rows.module_versions.push(row);
            self.projection.modules.insert(change.module, version.clone());
        }
        Ok(())
    }

    fn call(
        &self,
        index: usize,
        number: usize,
        call: &ehb_types::Call,
        receipt: &Receipt,
        mentioned: &mut BTreeSet<String>,
    ) -> Result<CallRow, ProjectError> {
        let module = self.projection.module(&call.module);
        let function = module.and_then(|it| it.interface.function(call.function.as_str()));
        let network = self.context.network;
        let decoded = function.map(|it| it.arguments_to_json(network, &call.arguments));
        let result = match &receipt.outcome {
            Outcome::Success(results) => results.get(number),
            Outcome::Failure(_) => None,
        };
        let mut row = CallRow {
            height: self.height,
            index: integer(index),
            call: integer(number),
            module: call.module.to_string(),
            function: call.function.to_string(),
            arguments: None,
            undecoded: None,
            result: None,
        };
        match (function, decoded) {
            (Some(function), Some(Ok(mut arguments))) => {
                mention::of_fields(&function.parameters, &arguments, mentioned);
                escape_json(&mut arguments);
                row.arguments = Some(arguments);
            }
            // A call that could not run has an unknown function or invalid arguments.
            _ if result.is_none() => row.undecoded = Some(hex::encode(&call.arguments)),
            (Some(_), Some(Err(error))) => {
                return Err(self.context.wrong("the arguments of a call", &call.module, &error));
            }
            _ => return Err(ProjectError::UnknownModule(call.module.clone())),
        }
        if let (Some(function), Some(result)) = (function, result) {
            let value = function.output_to_json(network, result);
            let value = value
                .map_err(|it| self.context.wrong("the result of a call", &call.module, &it))?;
            row.result = self.value(function.output(), value, mentioned);
        }
        Ok(row)
    }

    fn event(
        &mut self,
        index: usize,
        position: usize,
        event: &Event,
        mentioned: &mut BTreeSet<String>,
    ) -> Result<(), ProjectError> {
        let version = self.projection.module(&event.module);
        let version =
            version.ok_or_else(|| ProjectError::UnknownModule(event.module.clone()))?.clone();
        let (name, value) = self.context.event(&version, event)?;
        let kind = match &version.interface.event {
            Some(Type::Variant(cases)) => {
                cases.iter().find(|case| case.name == name).and_then(|case| case.kind.as_ref())
            }
            other => other.as_ref(),
        };
        let value = value.and_then(|value| self.value(kind, value, mentioned));
        // Genesis has rows of its own; of several changes in a block the last one counts.
        if event.module.as_str() == KERNEL
            && name == PARAMETERS_CHANGED
            && self.height > 0
            && let Some(value) = &value
        {
            self.rows.parameters = changed_parameters(value, self.height.saturating_add(1));
        }
        self.rows.events.push(EventRow {
            height: self.height,
            index: integer(index),
            event: integer(position),
            call: i32::from(event.call),
            module: event.module.to_string(),
            name,
            timestamp_ms: self.timestamp_ms,
            value,
        });
        Ok(())
    }

    fn error(
        &self,
        error: &TypedError,
        mentioned: &mut BTreeSet<String>,
    ) -> Result<Value, ProjectError> {
        let module = self.projection.module(&error.module);
        let module = module.ok_or_else(|| ProjectError::UnknownModule(error.module.clone()))?;
        let function = module.interface.function(error.function.as_str());
        // The failed transaction may have contained the upgrade with the function, which was undone.
        let Some(function) = function else { return Ok(Value::Null) };
        let Ok(value) = function.error_to_json(self.context.network, &error.data) else {
            return Ok(Value::Null);
        };
        let value = self.value(function.error(), value, mentioned).unwrap_or_default();
        Ok(serde_json::json!({
            "module": error.module.as_str(),
            "function": error.function.as_str(),
            "error": value,
        }))
    }

    /// A value to write, none for `null`; records its addresses as mentions.
    fn value(
        &self,
        kind: Option<&Type>,
        mut value: Value,
        mentioned: &mut BTreeSet<String>,
    ) -> Option<Value> {
        if let Some(kind) = kind {
            mention::of_value(kind, &value, mentioned);
        }
        escape_json(&mut value);
        (!value.is_null()).then_some(value)
    }
}

/// The position of the decoded bytes.
#[derive(Clone, Copy)]
struct Context {
    network: Network,
    height: u64,
}

impl Context {
    /// An event's case and its payload. If a module's event type is not a variant, each event is called
    /// `event`.
    fn event(&self, version: &ModuleVersion, event: &Event) -> Result<NamedValue, ProjectError> {
        let decoded = version.interface.event_to_json(self.network, &event.data);
        let value = match decoded {
            Some(Ok(value)) => value,
            Some(Err(error)) => return Err(self.wrong("an event", &event.module, &error)),
            None => return Err(ProjectError::UnknownModule(event.module.clone())),
        };
        Ok(match (&version.interface.event, value) {
            (Some(Type::Variant(_)), Value::Object(mut members)) if members.len() == 1 => {
                let name = members.keys().next().cloned().unwrap_or_default();
                let payload = members.remove(&name);
                (name, payload)
            }
            (Some(Type::Variant(_) | Type::Enum(_)), Value::String(name)) => (name, None),
            (_, value) => ("event".to_owned(), Some(value)),
        })
    }

    fn wrong(&self, what: &'static str, module: &Name, error: &ValueError) -> ProjectError {
        let (module, reason) = (module.clone(), error.to_string());
        ProjectError::Interface { what, module, height: self.height, reason }
    }
}

fn bigint(what: &'static str, value: u64) -> Result<i64, ProjectError> {
    i64::try_from(value).map_err(|_| ProjectError::TooLarge { what, value })
}

/// Counts within a block are bounded by its bytes.
fn integer(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
