//! Writes rows and moves the cursor, both in one database transaction.

pub(crate) mod business;
mod tables;

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use ehb_types::{Hash, Name, Network, ValidatorSet, decode, encode};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};

use crate::check::{CheckedBlock, Tip};
use crate::project::{ModuleVersion, ProjectError, Rows, VERSION};
use crate::retention::Retention;
use crate::schema::{self, PARTITION_HEIGHTS, SchemaError, extension};

/// The lock that the one writer of a database holds as long as its connection is open.
pub const WRITER_LOCK: i64 = 0x6568_6269_6e64_6578;

/// The number of prepared statements of a writer: a few for each table.
const STATEMENTS_MAX: usize = 512;

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Postgres returned an error, or cannot be reached.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The tables cannot be used.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// Another indexer writes into this database.
    #[error("another ehb-indexer writes into this database")]
    Locked,
    /// The tables hold another chain.
    #[error(
        "the database holds the chain with genesis {ours}, and the endpoints are on the chain with genesis {theirs}"
    )]
    OtherChain {
        /// The chain in the database.
        ours: String,
        /// The chain of the endpoints.
        theirs: Hash,
    },
    /// Events that contradict the existing rows.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// The cursor is not where this writer left it.
    #[error("the cursor is not at height {expected:?}: something else wrote into the tables")]
    Moved {
        /// Where this writer left it.
        expected: Option<i64>,
    },
    /// The contents of the cursor or of a version are damaged.
    #[error("the database is damaged: {0}")]
    Damaged(String),
}

impl WriteError {
    /// Whether a retry can help: the server is down, restarts, is full or slow, or another indexer, which may
    /// end, has the lock.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Database(error) | Self::Schema(SchemaError::Database(error)) => {
                !is_permanent(error)
            }
            Self::Locked | Self::Moved { .. } => true,
            Self::Schema(_) | Self::OtherChain { .. } | Self::Project(_) | Self::Damaged(_) => {
                false
            }
        }
    }
}

/// Wrong statements and missing privileges: a retry fails as well. A wrong password or database is not among
/// them, because an operator can change both while the indexer waits.
fn is_permanent(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|it| it.code());
    let class = code.as_deref().and_then(|it| it.get(..2));
    matches!(class, Some("42" | "22" | "23"))
}

/// The one writer of a database.
pub struct Writer {
    connection: PgConnection,
    cursor: Option<Cursor>,
}

/// The position of the tables.
#[derive(Clone, Debug)]
pub struct Cursor {
    /// The genesis hash.
    pub chain: Hash,
    /// The class of network.
    pub network: Network,
    /// The last block in the tables.
    pub tip: Tip,
    /// The validators that decide the next block.
    pub next_validators: ValidatorSet,
    partition_heights: i64,
}

/// Rows of consecutive blocks that are written together.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The rows.
    pub rows: Rows,
    /// The last block.
    pub last: Option<Box<CheckedBlock>>,
    /// The number of blocks.
    pub blocks: usize,
}

impl Batch {
    /// Adds a block.
    pub fn push(&mut self, block: CheckedBlock, rows: Rows) {
        self.rows.append(rows);
        self.last = Some(Box::new(block));
        self.blocks += 1;
    }
}

impl Writer {
    /// Connects, takes the writer's lock and reads the cursor. Errors: [`WriteError::Locked`] if another
    /// indexer holds the lock.
    pub async fn open(options: &PgConnectOptions) -> Result<Self, WriteError> {
        let options = options.clone().application_name("ehb-indexer");
        let mut connection = options.statement_cache_capacity(STATEMENTS_MAX).connect().await?;
        schema::check(&mut connection).await?;
        let locked: bool = sqlx::query_scalar("select pg_try_advisory_lock($1)")
            .bind(WRITER_LOCK)
            .fetch_one(&mut connection)
            .await?;
        if !locked {
            return Err(WriteError::Locked);
        }
        let cursor = read_cursor(&mut connection).await?;
        Ok(Self { connection, cursor })
    }

    /// The cursor; none before the first start.
    pub fn cursor(&self) -> Option<&Cursor> {
        self.cursor.as_ref()
    }

    /// Checks that the tables are of this chain, or creates the cursor for it.
    pub async fn begin(
        &mut self,
        chain: Hash,
        network: Network,
        validators: ValidatorSet,
        partition_heights: Option<i64>,
    ) -> Result<Cursor, WriteError> {
        if let Some(cursor) = &self.cursor {
            if cursor.chain != chain {
                let ours = cursor.chain.to_string();
                return Err(WriteError::OtherChain { ours, theirs: chain });
            }
            return Ok(cursor.clone());
        }
        let partition_heights = partition_heights.unwrap_or(PARTITION_HEIGHTS);
        sqlx::query(
            "insert into chain.cursor (genesis_hash, network, projection, block_hash, next_validators, partition_heights)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(chain.to_string())
        .bind(network.prefix())
        .bind(VERSION)
        .bind(Hash::ZERO.to_string())
        .bind(encode(&validators))
        .bind(partition_heights)
        .execute(&mut self.connection)
        .await?;
        let tip = Tip::none();
        let cursor = Cursor { chain, network, tip, next_validators: validators, partition_heights };
        self.cursor = Some(cursor.clone());
        Ok(cursor)
    }

    /// The modules in force at the cursor.
    pub async fn modules(&mut self) -> Result<BTreeMap<Name, Arc<ModuleVersion>>, WriteError> {
        let rows: Vec<(String, String, String, String)> = sqlx::query_as(
            "select distinct on (module) module, code, interface::text, wit from chain.module_version
             order by module, from_height desc, from_index desc, from_event desc",
        )
        .fetch_all(&mut self.connection)
        .await?;
        rows.into_iter()
            .map(|(module, code, interface, wit)| {
                let damaged =
                    |what: &str| WriteError::Damaged(format!("{what} of the module {module}"));
                let name = Name::new(module.as_str()).map_err(|_| damaged("the name"))?;
                let code = Hash::from_str(&code).map_err(|_| damaged("the code"))?;
                let interface =
                    serde_json::from_str(&interface).map_err(|_| damaged("the interface"))?;
                Ok((name, Arc::new(ModuleVersion { code, interface, wit })))
            })
            .collect()
    }

    /// Drops old partitions, if it is time to.
    pub async fn drop_old(&mut self, retention: &mut Retention) -> Result<(), WriteError> {
        Ok(retention.step(&mut self.connection).await?)
    }

    /// Writes a batch and moves the cursor to its last block, or does nothing.
    pub async fn write(&mut self, batch: &Batch) -> Result<(), WriteError> {
        let (Some(cursor), Some(last)) = (&self.cursor, &batch.last) else { return Ok(()) };
        let damaged = || WriteError::Damaged("a height above 9223372036854775807".to_owned());
        let old = cursor.tip.height.map(i64::try_from).transpose().map_err(|_| damaged())?;
        let new = i64::try_from(last.block.height()).map_err(|_| damaged())?;
        let first = old.map_or(0, |old| old.saturating_add(1));
        let mut transaction = self.connection.begin().await?;
        let moved = sqlx::query(
            "update chain.cursor set height = $1, block_hash = $2, block_time = to_timestamp($3 / 1000.0),
                 validators = $4, next_validators = $5
             where height is not distinct from $6 and block_hash = $7",
        )
        .bind(new)
        .bind(last.hash.to_string())
        .bind(i64::try_from(last.block.header.timestamp_ms).map_err(|_| damaged())?)
        .bind(encode(&last.validators))
        .bind(encode(&last.next_validators))
        .bind(old)
        .bind(cursor.tip.hash.to_string())
        .execute(&mut *transaction)
        .await?;
        if moved.rows_affected() != 1 {
            return Err(WriteError::Moved { expected: old });
        }
        schema::make_partitions(&mut transaction, first, new, cursor.partition_heights).await?;
        tables::insert(&mut transaction, &batch.rows).await?;
        business::apply(&mut transaction, &batch.rows, cursor.network).await?;
        for version in &batch.rows.module_versions {
            let interface = serde_json::from_value(version.interface.clone());
            let interface = interface.map_err(|error| WriteError::Damaged(error.to_string()))?;
            let (module, height) = (&version.module, version.from_height);
            extension::install(&mut transaction, module, &interface, height).await?;
        }
        transaction.commit().await?;
        if let Some(cursor) = &mut self.cursor {
            let (height, hash) = (Some(last.block.height()), last.hash);
            cursor.tip = Tip { height, hash, validators: Some(last.validators.clone()) };
            cursor.next_validators = last.next_validators.clone();
        }
        Ok(())
    }
}

/// The cursor as the database has it.
pub async fn read_cursor(connection: &mut PgConnection) -> Result<Option<Cursor>, WriteError> {
    type Row = (String, String, i32, Option<i64>, String, Option<Vec<u8>>, Vec<u8>, i64);
    let row: Option<Row> = sqlx::query_as(
        "select genesis_hash, network, projection, height, block_hash, validators, next_validators, partition_heights
         from chain.cursor",
    )
    .fetch_optional(connection)
    .await?;
    let Some((genesis, network, projection, height, hash, validators, next, heights)) = row else {
        return Ok(None);
    };
    if projection != VERSION {
        return Err(SchemaError::Projection { found: projection }.into());
    }
    let damaged = |what: &str| WriteError::Damaged(format!("the cursor's {what}"));
    let networks = [Network::Main, Network::Test];
    let network = networks.into_iter().find(|it| it.prefix() == network);
    let height = height.map(u64::try_from).transpose().map_err(|_| damaged("height"))?;
    let hash = Hash::from_str(&hash).map_err(|_| damaged("block hash"))?;
    let validators = validators.map(|bytes| decode(&bytes)).transpose();
    let validators = validators.map_err(|_| damaged("validators"))?;
    Ok(Some(Cursor {
        chain: Hash::from_str(&genesis).map_err(|_| damaged("genesis hash"))?,
        network: network.ok_or_else(|| damaged("network"))?,
        tip: Tip { height, hash, validators },
        next_validators: decode(&next).map_err(|_| damaged("next validators"))?,
        partition_heights: heights,
    }))
}
