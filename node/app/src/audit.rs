//! `ehb-node audit`: verifies a node's data directory, using only its contents.
//!
//! - all files: the checksums of what is stored,
//! - `chain`: blocks, certificates, receipts and the roots in headers,
//! - `state`: the tree's root, recomputed from the entries,
//! - `invariants`: the modules' accounts of money, read through their own functions at the head.
//!
//! The node must be stopped. Nothing is changed.

mod chain;
mod invariants;
mod state;

use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, anyhow};
use ehb_executor::{Engine, Library, load_modules};
use ehb_invariants::{Counted, Violation};
use ehb_state::Overlay;
use ehb_store::{OpenError, Store, StoreError};
use serde_json::json;

use crate::cli::Audit;
use crate::config::Config;
use crate::descriptors::Descriptors;
use crate::error_code;
use crate::init::genesis_in;
use crate::open::{DATABASE_DIR, check_genesis};

/// The maximum number of violations that are listed; further ones are only counted.
const REPORTED_MAX: usize = 100;

#[derive(Default)]
pub(crate) struct Findings {
    reported: Vec<Violation>,
    count: u64,
}

impl Findings {
    /// Records a violated invariant.
    pub(crate) fn report(&mut self, violation: Violation) {
        self.count += 1;
        if self.reported.len() < REPORTED_MAX {
            self.reported.push(violation);
        }
    }

    fn found(
        &mut self,
        code: &'static str,
        subject: impl Into<String>,
        message: impl Into<String>,
    ) {
        let (subject, message) = (subject.into(), message.into());
        self.report(Violation { code, subject, message });
    }

    #[cfg(test)]
    pub(crate) fn reported(&self) -> &[Violation] {
        &self.reported
    }
}

/// The amount of checked data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Audited {
    pub(crate) blocks: u64,
    pub(crate) transactions: u64,
    pub(crate) entries: u64,
    pub(crate) counted: Counted,
}

/// Verifies a whole data directory, and fails if there is a violation.
pub(crate) fn audit(arguments: &Audit) -> anyhow::Result<()> {
    let Audit { data_dir, json } = arguments;
    let config = error_code::step(error_code::CONFIG, Config::read_checked(data_dir))?;
    let genesis = genesis_in(data_dir)?;
    let database = data_dir.join(DATABASE_DIR);
    let options = config.store_options(Descriptors::claim()?.database);
    let store = Store::open_read_only(&database, &options).map_err(unlockable)?;
    check_genesis(&store, &genesis)?;
    read_all(&store, &database, &mut |text| ehb_console::say(text))?;
    let (audited, findings) = look(&store, &mut |text| ehb_console::say(text))?;
    report(&store, &audited, &findings, *json)?;
    if findings.count == 0 {
        return Ok(());
    }
    let error = anyhow!(
        "{} violations were found: stop using this directory, and compare with other nodes",
        findings.count
    );
    Err(error_code::coded(error_code::AUDIT, error))
}

/// An audit locks the directory, so a copy that nobody can write to cannot be audited where it is.
fn unlockable(error: OpenError) -> anyhow::Error {
    let needs_writing = match &error {
        OpenError::Io { source, .. } => {
            matches!(source.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
        }
        _ => false,
    };
    let error = anyhow::Error::from(error);
    match needs_writing {
        true => error.context(
            "the directory is locked while it is audited, which writes its file db/lock: run the audit as the user of \
             the node, or copy the directory to a place where you can write",
        ),
        false => error,
    }
}

/// Reads everything that is stored: what an audit compares is only a part of it.
pub(crate) fn read_all(
    store: &Store,
    database: &Path,
    progress: &mut dyn FnMut(&str),
) -> anyhow::Result<()> {
    let read = store.read_all(&mut |kind| progress(&format!("the files of {kind}")));
    read.map_err(|error| match error {
        StoreError::Damaged(reason) => {
            OpenError::Damaged { path: database.to_owned(), reason }.into()
        }
        error => error.into(),
    })
}

/// Verifies everything. `progress` is called with the progress.
pub(crate) fn look(
    store: &Store,
    progress: &mut dyn FnMut(&str),
) -> anyhow::Result<(Audited, Findings)> {
    let mut findings = Findings::default();
    let mut audited = Audited::default();
    let engine = Engine::new().context("cannot set up the module runtime")?;
    let modules = load_modules(&engine, &Overlay::new(store.state()))?;
    let library = Library::new(modules)?;
    chain::check(store, &mut audited, &mut findings, progress)?;
    state::check(store, &mut audited, &mut findings, progress)?;
    audited.counted = invariants::check(store, &library, &audited, &mut findings, progress)?;
    Ok((audited, findings))
}

fn report(store: &Store, audited: &Audited, findings: &Findings, json: bool) -> anyhow::Result<()> {
    let head = store.head();
    let Audited { blocks, transactions, entries, counted } = *audited;
    let Counted { assets, balances, holds, escrows, open } = counted;
    if json {
        let violations = findings.reported.iter().map(|Violation { code, subject, message }| {
            json!({ "code": code, "subject": subject, "message": message })
        });
        let document = json!({
            "ok": findings.count == 0,
            "height": head.height(),
            "head": head.hash,
            "stateRoot": head.state_root,
            "blocks": blocks,
            "transactions": transactions,
            "entries": entries,
            "assets": assets,
            "balances": balances,
            "holds": holds,
            "escrows": escrows,
            "openEscrows": open,
            "violationCount": findings.count,
            "violations": violations.collect::<Vec<_>>(),
        });
        ehb_console::json(&document)?;
        return Ok(());
    }
    for Violation { code, subject, message } in &findings.reported {
        ehb_console::result(&format!("{code}\t{subject}\t{message}"))?;
    }
    if findings.count == 0 {
        ehb_console::result(&format!(
            "head {}: {blocks} blocks with {transactions} transactions, {entries} entries, {assets} \
             assets, {balances} balances, {holds} holds and {escrows} escrows are in order",
            head.height()
        ))?;
    }
    Ok(())
}
