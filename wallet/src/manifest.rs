//! The description of an `ehb-testnet` network: the file `manifest.json` in its folder.

use std::fs;
use std::path::{Path, PathBuf};

use ehb_types::{Hash, Name};
use serde::Deserialize;

use crate::failure::{Exit, Failure};

/// The file's name in the network's folder.
const FILE: &str = "manifest.json";

/// The maximum length of a manifest, bytes.
const BYTES_MAX: u64 = 4 * 1024 * 1024;

/// A test network: the parts of the manifest that a wallet needs.
#[derive(Debug, Deserialize)]
pub(crate) struct Manifest {
    /// The network's folder.
    #[serde(skip)]
    pub(crate) folder: PathBuf,
    /// The hash of the genesis.
    pub(crate) genesis: Hash,
    pub(crate) nodes: Vec<Node>,
    /// The funded accounts.
    pub(crate) accounts: Vec<Account>,
    /// The file with the passphrase of the accounts' keys, if there is one.
    #[serde(default)]
    pub(crate) passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Node {
    /// The URL of its RPC.
    pub(crate) rpc: String,
}

/// A funded account.
#[derive(Debug, Deserialize)]
pub(crate) struct Account {
    pub(crate) name: Name,
    /// Its address in bech32m.
    pub(crate) address: String,
    /// Its key file.
    pub(crate) keystore: PathBuf,
}

impl Manifest {
    /// Reads the manifest in a network's folder; its paths can be relative to the folder.
    pub(crate) fn read(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(FILE);
        let refuse = |reason: String| {
            Failure::new(
                Exit::Usage,
                "NO_TESTNET",
                format!("cannot use the test network in {}: {reason}", folder.display()),
            )
            .hint("use the folder of a running network, or start one: ehb-testnet up --dir DIR")
        };
        let bytes = fs::metadata(&path)
            .and_then(|metadata| match metadata.len() {
                ..=BYTES_MAX => fs::read(&path),
                _ => Err(std::io::ErrorKind::FileTooLarge.into()),
            })
            .map_err(|error| refuse(format!("{FILE}: {error}")))?;
        let mut manifest: Self = serde_json::from_slice(&bytes)
            .map_err(|error| refuse(format!("{FILE} is damaged: {error}")))?;
        for account in &mut manifest.accounts {
            account.keystore = folder.join(&account.keystore);
        }
        manifest.passphrase_file = manifest.passphrase_file.map(|file| folder.join(file));
        manifest.folder = folder.to_owned();
        Ok(manifest)
    }

    /// The test network whose folder contains a file, whether or not the user named the network.
    pub(crate) fn around(file: &Path) -> Option<Self> {
        let file = fs::canonicalize(file).ok()?;
        file.ancestors().skip(1).find_map(|folder| Self::read(folder).ok())
    }

    /// Whether a file or folder is inside the network's folder, after resolving links.
    pub(crate) fn contains(&self, path: &Path) -> bool {
        let real = |path: &Path| fs::canonicalize(path).ok();
        real(&self.folder).zip(real(path)).is_some_and(|(own, other)| other.starts_with(own))
    }
}
