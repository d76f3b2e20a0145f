//! Error codes at the start of the node.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context, anyhow};
use ehb_executor::{GenesisFailure, LoadError};
use ehb_kernel::genesis::WriteError;
use ehb_network::NetworkError;
use ehb_rpc_server::ServerError;
use ehb_store::{Lack, OpenError, StoreError};
use ehb_types::GenesisError;

use crate::error_code::{self, HELP};

fn path() -> PathBuf {
    PathBuf::from("db")
}

fn reason() -> String {
    "why".to_owned()
}

fn in_the_state() -> ehb_state::StoreError {
    ehb_state::StoreError(reason())
}

fn address() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 7_400).into()
}

fn denied() -> io::Error {
    io::ErrorKind::PermissionDenied.into()
}

#[test]
fn each_error_has_its_code() {
    let rows: Vec<(&str, anyhow::Error)> = vec![
        ("DIRECTORY_IN_USE", OpenError::Locked { path: path(), pid: Some(7) }.into()),
        (
            "DIRECTORY_FORMAT",
            OpenError::Format { path: path(), found: reason(), known: "ehb-store 2" }.into(),
        ),
        ("DIRECTORY_DAMAGED", OpenError::Damaged { path: path(), reason: reason() }.into()),
        ("SIGNER_STATE", OpenError::SignerState { path: path(), reason: reason() }.into()),
        ("SIGNER_STATE", OpenError::SignerPlace { path: path(), reason: reason() }.into()),
        ("DISK", OpenError::Io { path: path(), source: denied() }.into()),
        ("DISK", OpenError::Database { path: path(), reason: reason() }.into()),
        ("DISK", StoreError::Disk(reason()).into()),
        ("DIRECTORY_DAMAGED", StoreError::Damaged(reason()).into()),
        ("DISK", StoreError::DiskFull(Lack::Bytes { free: 1, reserve: 2 }).into()),
        ("DISK", StoreError::Stopped(reason()).into()),
        ("INTERNAL", StoreError::Height { height: 3, head: 1 }.into()),
        ("INTERNAL", StoreError::Mismatch { height: 3, reason: "why" }.into()),
        ("INTERNAL", StoreError::Bound { what: "it", max: 1 }.into()),
        ("DIRECTORY_DAMAGED", in_the_state().into()),
        ("DIRECTORY_DAMAGED", LoadError::Store(in_the_state()).into()),
        ("GENESIS_INVALID", GenesisFailure::Modules(LoadError::Store(in_the_state())).into()),
        (
            "GENESIS_INVALID",
            GenesisFailure::Write(WriteError::TooMany { what: "nodes", count: 2, max: 1 }).into(),
        ),
        ("GENESIS_INVALID", GenesisFailure::Store(in_the_state()).into()),
        ("GENESIS_INVALID", GenesisError::Timestamp(u64::MAX).into()),
        ("CANNOT_LISTEN", NetworkError::Listen { address: address(), reason: reason() }.into()),
        ("CANNOT_LISTEN", ServerError::Listen { address: address(), source: denied() }.into()),
        ("INTERNAL", NetworkError::Gossip(reason()).into()),
        ("INTERNAL", denied().into()),
        ("INTERNAL", anyhow!("something that nobody thought of")),
    ];
    for (expected, error) in rows {
        let text = error.to_string();
        assert_eq!(error_code::of(&error), expected, "{text}");
        // What is said around an error, and a step's code, leave the error its own.
        let error = Err::<(), _>(error).context("around it").unwrap_err();
        assert_eq!(error_code::of(&error), expected, "{text}");
        let step = error_code::step(error_code::CONFIG, Err::<(), _>(error)).unwrap_err();
        let of_step = if expected == "INTERNAL" { error_code::CONFIG } else { expected };
        assert_eq!(error_code::of(&step), of_step, "{text}");
        assert_eq!(step.to_string(), "around it");
    }
}

#[test]
fn a_code_adds_nothing_to_what_people_read() {
    let error = Err::<(), _>(anyhow!("the cause")).context("the step").unwrap_err();
    let plain = format!("{error:#}");
    assert_eq!(format!("{:#}", error_code::coded(error_code::DISK, error)), plain);
}

#[test]
fn the_help_lists_each_code_once() {
    let listed: Vec<&str> =
        HELP.lines().skip(1).map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(
        listed,
        [
            error_code::CONFIG,
            error_code::GENESIS,
            error_code::OTHER_GENESIS,
            error_code::CARD,
            error_code::GENESIS_DIFFERS,
            error_code::NOT_IN_GENESIS,
            error_code::KEYS,
            "DIRECTORY_IN_USE",
            "DIRECTORY_FORMAT",
            error_code::DAMAGED,
            "SIGNER_STATE",
            error_code::DISK,
            error_code::LISTEN,
            error_code::UNLOCK,
            error_code::AUDIT,
            error_code::HALTED,
            "STDOUT",
            "INTERNAL",
        ]
    );
}
