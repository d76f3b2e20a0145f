//! Why a chain cannot start or go on.

use ehb_executor::{EngineError, GenesisFailure, InstallError};
use ehb_rpc_server::ServerError;
use ehb_state::StoreError;
use ehb_types::{GenesisError, NameError, ValidatorSetError};

/// Why a development network does not start, or cannot do what it is asked for.
#[derive(Debug, thiserror::Error)]
pub enum DevNetError {
    /// This machine cannot run modules.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A text that is no name, or no chain id.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The genesis is refused.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// The genesis yields no chain, for example because one of its calls fails.
    #[error(transparent)]
    Build(#[from] GenesisFailure),
    /// The validators do not form a set.
    #[error(transparent)]
    Validators(#[from] ValidatorSetError),
    /// A module is refused.
    #[error(transparent)]
    Module(#[from] InstallError),
    /// The state cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The server cannot start.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// A thread or the asynchronous runtime cannot be started.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] std::io::Error),
    /// A module that does not ship.
    #[error("no module named {0} ships with this release: see ehb_catalog::all")]
    UnknownModule(String),
    /// A genesis call, or an asset, names an account that there is not.
    #[error("there is no account named {0}: add it to the builder first")]
    UnknownAccount(String),
    /// The arguments of a genesis call are no JSON object.
    #[error("the arguments of {0} must be a JSON object of values by name")]
    Arguments(String),
    /// The replica stopped.
    #[error("the development network has halted: {0}")]
    Halted(String),
    /// No block was decided, whatever time passed.
    #[error("no block was decided although {0} timers ran out")]
    NoBlock(usize),
}
