//! The database in use: the one at a URL, or a private cluster.

use std::path::Path;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};

use crate::cluster::{Cluster, ClusterError};

/// The database URL that means: `DATABASE_URL` if it is set, else a private cluster.
pub const AUTO: &str = "auto";

/// The database URL that means a private cluster, whatever `DATABASE_URL` is.
pub const PRIVATE: &str = "private";

/// Why the database is not available.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// Not a URL of Postgres.
    #[error("the database URL is not valid: {0}")]
    Url(sqlx::Error),
    /// The server cannot be reached.
    #[error("cannot connect to the database: {0}")]
    Connect(sqlx::Error),
    /// The private cluster does not run.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
}

/// Where the rows go: a server of the operator, or one that the indexer runs itself.
#[derive(Debug)]
pub enum Database {
    /// The database at a URL, which the operator runs.
    Url(String, Box<PgConnectOptions>),
    /// A private cluster.
    Private(Cluster),
}

impl Database {
    /// The database that the operator names; a private one is in `dir`.
    pub fn new(url: &str, dir: &Path) -> Result<Self, DatabaseError> {
        let given = match url {
            AUTO => std::env::var("DATABASE_URL").ok(),
            PRIVATE => None,
            url => Some(url.to_owned()),
        };
        match given {
            Some(url) => {
                let options = PgConnectOptions::from_str(&url).map_err(DatabaseError::Url)?;
                Ok(Self::Url(url, Box::new(options.disable_statement_logging())))
            }
            None => Ok(Self::Private(Cluster::new(&dir.join("postgres")))),
        }
    }

    /// How to connect; a private cluster is started if it is not running.
    pub async fn ready(&mut self) -> Result<PgConnectOptions, DatabaseError> {
        match self {
            Self::Url(_, options) => Ok((**options).clone()),
            Self::Private(cluster) => {
                cluster.start().await?;
                Ok(cluster.options())
            }
        }
    }

    /// A connection.
    pub async fn connect(&mut self) -> Result<PgConnection, DatabaseError> {
        self.ready().await?.connect().await.map_err(DatabaseError::Connect)
    }

    /// The URL for clients such as psql: the one that the operator gave, or that of the private cluster.
    pub fn url(&self) -> String {
        match self {
            Self::Url(url, _) => url.clone(),
            Self::Private(cluster) => cluster.url(),
        }
    }

    /// Stops a private cluster that this process started.
    pub async fn close(&mut self) {
        if let Self::Private(cluster) = self {
            cluster.stop().await;
        }
    }
}
