//! The command-line arguments of `ehb-indexer`; their doc comments are the texts of `--help`.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Parser, Subcommand, ValueEnum};
use ehb_indexer::database::{AUTO, Database};
use ehb_indexer::serve::Access;
use ehb_sdk::check_url;
use ehb_types::{Address, Hash, Name, Network};

/// Mirrors an EHB chain into Postgres tables and serves them.
#[derive(Debug, Parser)]
#[command(
    name = "ehb-indexer",
    version,
    after_help = "Example:\n  ehb-indexer run --endpoint http://127.0.0.1:9650\n  ehb-indexer sql 'select height, time from chain.block order by height desc limit 5'"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Index the chain and serve its tables over HTTP, until Ctrl-C.
    Run(Run),
    /// Index the chain, until Ctrl-C.
    Index(Index),
    /// Serve the tables of a database that another process fills over HTTP, until Ctrl-C.
    Serve(Serve),
    /// Build all tables again in a database beside the present one, which stays in use meanwhile, and let it take its
    /// place; the present one is kept until 'db drop-old'.
    Rebuild(Index),
    /// Show which block the tables have reached.
    Status(Status),
    /// Compare the balances in the tables with those of the wallet module.
    Verify(Verify),
    /// Run one SQL query, read-only, and print each row as JSON.
    Sql(Sql),
    /// Migrate the tables to this version's schema.
    Migrate(Target),
    /// Drop all tables of the indexer; 'run' fills them again.
    Reset(Reset),
    /// The database itself.
    #[command(subcommand)]
    Db(Db),
    /// Endpoints to which 'run' and 'index' send events.
    #[command(subcommand)]
    Webhook(Hook),
    /// Streams of NATS JetStream to which 'run' and 'index' publish events with '--nats'.
    #[command(subcommand)]
    Outbox(Outbox),
}

/// Streams to which events are published.
#[derive(Debug, Subcommand)]
pub(crate) enum Outbox {
    /// List the streams: up to which block they have the events.
    List(Target),
    /// Forget a stream to which nothing is published any more. Until then, '--keep-heights' keeps the events that it lacks.
    Remove(OneStream),
}

/// A stream.
#[derive(Debug, Args)]
pub(crate) struct OneStream {
    /// Its name.
    pub(crate) stream: String,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Endpoints to which events are sent.
#[derive(Debug, Subcommand)]
pub(crate) enum Hook {
    /// Add an endpoint; prints its id and the secret that signs what it gets.
    Add(AddHook),
    /// List all endpoints: what waits, what failed.
    List(Target),
    /// Remove an endpoint with everything that waits for it.
    Remove(OneHook),
    /// List what could not be delivered to an endpoint.
    Dead(OneHook),
    /// Send what could not be delivered again.
    Resend(OneHook),
}

/// Options of `webhook add`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ehb-indexer webhook add https://shop.example/events --module wallet --name transferred"
)]
pub(crate) struct AddHook {
    /// Where events are sent.
    pub(crate) url: String,
    /// Send events of this module only.
    #[arg(long)]
    pub(crate) module: Option<Name>,
    /// Send events of this name only.
    #[arg(long)]
    pub(crate) name: Option<Name>,
    /// Send events only of transactions in which this address occurs.
    #[arg(long, value_parser = address)]
    pub(crate) address: Option<String>,
    /// The first height; default: the next block.
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..))]
    pub(crate) from: Option<i64>,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// An endpoint.
#[derive(Debug, Args)]
pub(crate) struct OneHook {
    /// Its id.
    pub(crate) id: i64,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// The database itself.
#[derive(Debug, Subcommand)]
pub(crate) enum Db {
    /// Print its URL. A private database is started by 'run' and the other commands.
    Url(Target),
    /// Drop the database that 'rebuild' replaced.
    DropOld(Target),
    /// Stop a private database that a killed indexer left running.
    Stop(Target),
    /// Let a role of the database read the views of the schema 'report' and nothing else.
    Reader(Reader),
    /// Prepare the tables for 'serve --access organisation': rows are limited to those of the client's organisation.
    LimitRows(Target),
    /// Migrate the tables to this version's schema.
    Migrate(Target),
    /// Drop all tables of the indexer; 'run' fills them again.
    Reset(Reset),
}

/// The database options.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// URL of the Postgres database. 'private' means a private database that uses the PostgreSQL installed on
    /// this machine; 'auto' the same, unless the variable DATABASE_URL is set.
    #[arg(long, env = "EHB_INDEXER_DATABASE_URL", default_value = AUTO)]
    pub(crate) database_url: String,
    /// Folder of a private database.
    #[arg(long, env = "EHB_INDEXER_DIR", default_value = "ehb-indexer")]
    pub(crate) dir: PathBuf,
}

impl Target {
    /// The database that the options name. Nothing is started or connected yet.
    pub(crate) fn open(&self) -> anyhow::Result<Database> {
        let dir = std::path::absolute(&self.dir).context("the folder of the private database")?;
        Ok(Database::new(&self.database_url, &dir)?)
    }
}

/// Options of `db reader`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ehb-indexer db reader grafana --dir ./index")]
pub(crate) struct Reader {
    /// The role; it is created if it does not exist.
    pub(crate) role: String,
    /// Password that the role gets; without it, its password is not changed.
    #[arg(long, env = "EHB_READER_PASSWORD", hide_env_values = true)]
    pub(crate) password: Option<String>,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Options of `index`.
#[derive(Debug, Args)]
pub(crate) struct Index {
    /// URL of a node; with several, the next one is used when one fails.
    #[arg(
        long = "endpoint",
        env = "EHB_ENDPOINTS",
        value_delimiter = ',',
        required = true,
        value_parser = endpoint
    )]
    pub(crate) endpoints: Vec<String>,
    /// Genesis hash that the chain must have. Without it, the first start trusts the first node that answers.
    #[arg(long)]
    pub(crate) genesis: Option<Hash>,
    /// Let webhooks reach loopback, local networks and other addresses that are not public.
    #[arg(long)]
    pub(crate) webhooks_to_private_addresses: bool,
    /// Publish all events to NATS JetStream at these servers, such as nats://user:password@queue.example:4222.
    #[arg(
        long,
        value_name = "URL",
        env = "EHB_NATS",
        hide_env_values = true,
        value_delimiter = ','
    )]
    pub(crate) nats: Vec<String>,
    /// The stream, which is created if it does not exist. Subjects are STREAM.MODULE.EVENT.
    #[arg(long, value_name = "NAME", default_value = "ehb", value_parser = stream)]
    pub(crate) nats_stream: String,
    /// The number of NATS servers that store each message; for a new stream.
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=5))]
    pub(crate) nats_replicas: u8,
    /// The first height to publish; for a stream to which nothing was published. Default: the next block.
    #[arg(long, value_name = "HEIGHT", value_parser = clap::value_parser!(i64).range(0..))]
    pub(crate) nats_from: Option<i64>,
    /// Drop blocks, transactions, calls and events that are older than this many heights, a whole partition at a time;
    /// business tables are kept. Without it, all are kept.
    #[arg(long, value_name = "HEIGHTS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) keep_heights: Option<u64>,
    /// Heights in a partition of the large tables; for a new database.
    #[arg(long, value_name = "HEIGHTS", value_parser = clap::value_parser!(i64).range(1..))]
    pub(crate) partition_heights: Option<i64>,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Options of `run`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ehb-indexer run --endpoint http://127.0.0.1:9650 --listen 127.0.0.1:9670"
)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) index: Index,
    #[command(flatten)]
    pub(crate) http: Http,
    /// Stop when the standard input ends, so that this process does not outlive the one that started it.
    #[arg(long, hide = true)]
    pub(crate) stop_at_stdin_end: bool,
}

/// Options of the HTTP server.
#[derive(Debug, Args)]
pub(crate) struct Http {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1:9670")]
    pub(crate) listen: SocketAddr,
    /// Further host name under which clients address the server; pages from it can read the answers.
    #[arg(long = "allowed-host", value_delimiter = ',', value_parser = ehb_console::host_name)]
    pub(crate) allowed_hosts: Vec<String>,
    /// Folder with the files of the dashboard; default: the folder 'dashboard' beside this program, if there is one.
    #[arg(long, value_name = "DIR")]
    pub(crate) dashboard: Option<PathBuf>,
    /// Further node from which pages of the dashboard fetch proofs; 'run' adds those that it reads from.
    #[arg(long = "proof-node", value_name = "URL", value_delimiter = ',', value_parser = endpoint)]
    pub(crate) proof_nodes: Vec<String>,
    /// Who may read: everybody, accounts of the chain that sign in, or these with the rows of their organisation only
    /// (after 'db limit-rows').
    #[arg(long, value_enum, default_value_t = AccessOption::Open)]
    pub(crate) access: AccessOption,
    /// The maximum number of connections of one client (an IPv4 address, or the /64 of an IPv6 address).
    #[arg(
        long,
        default_value_t = ehb_indexer::serve::Limits::default().connections_per_client,
        value_parser = connections
    )]
    pub(crate) connections_per_client: usize,
    /// The maximum number of live streams of one client.
    #[arg(
        long,
        default_value_t = ehb_indexer::serve::Limits::default().streams_per_client,
        value_parser = connections
    )]
    pub(crate) live_streams_per_client: usize,
}

/// Who may read.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum AccessOption {
    /// Everybody.
    Open,
    /// Accounts that sign in.
    SignedIn,
    /// Accounts that sign in, and only rows of their organisation.
    Organisation,
}

impl From<AccessOption> for Access {
    fn from(option: AccessOption) -> Self {
        match option {
            AccessOption::Open => Self::Open,
            AccessOption::SignedIn => Self::SignedIn,
            AccessOption::Organisation => Self::Organisation,
        }
    }
}

/// Options of `serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) http: Http,
}

/// Options of `status`.
#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Print one JSON document.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `verify`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ehb-indexer verify --endpoint http://127.0.0.1:9650")]
pub(crate) struct Verify {
    /// URL of the node to query.
    #[arg(
        long = "endpoint",
        env = "EHB_ENDPOINTS",
        value_delimiter = ',',
        required = true,
        value_parser = endpoint
    )]
    pub(crate) endpoints: Vec<String>,
    /// Compare with the state after the block at this height; rows that changed later are skipped. Without it, the
    /// height is that of the tables.
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..))]
    pub(crate) at: Option<i64>,
    /// Compare only rows that changed after this height.
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..))]
    pub(crate) since: Option<i64>,
    /// How long to wait for the tables to reach the height of '--at', seconds, at most a day.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(0..=86_400))]
    pub(crate) patience: u64,
    #[command(flatten)]
    pub(crate) target: Target,
    /// Print one JSON document.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `sql`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ehb-indexer sql 'select * from ext_wallet.transferred order by at_height desc limit 5'"
)]
pub(crate) struct Sql {
    /// The query.
    pub(crate) query: String,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Options of `reset`.
#[derive(Debug, Args)]
pub(crate) struct Reset {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Drop without confirmation.
    #[arg(long)]
    pub(crate) yes: bool,
}

/// The URL of a node. Its form is checked at once: of several, only the one in use is connected.
fn endpoint(text: &str) -> Result<String, String> {
    check_url(text).map(|()| text.to_owned()).map_err(|error| error.to_string())
}

/// An address of any class of network: which one the chain has, only its database knows.
fn address(text: &str) -> Result<String, String> {
    let of = |network| Address::from_text(network, text);
    match of(Network::Test).or_else(|error| of(Network::Main).map_err(|_| error)) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The name of a stream, which is the first part of its subjects as well.
fn stream(text: &str) -> Result<String, String> {
    let valid = |it: u8| it.is_ascii_alphanumeric() || it == b'-' || it == b'_';
    let valid = (1..=64).contains(&text.len()) && text.bytes().all(valid);
    let wrong = || "it must have 1 to 64 letters, digits, '-' or '_'".to_owned();
    valid.then(|| text.to_owned()).ok_or_else(wrong)
}

/// The maximum number of connections that a server can be set to allow a client.
const CONNECTIONS_MAX: usize = 65_536;

fn connections(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|it| (1..=CONNECTIONS_MAX).contains(it));
    number.ok_or_else(|| format!("it must be between 1 and {CONNECTIONS_MAX}"))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::Cli;

    const ADDRESS: &str = "ehbt13p4vgjakalfghrna0uehem8skxpgpjgfwj4t98z0vm7gv7vj7vjsgytcg6";

    /// One row a value that no run could use: it is refused before anything is opened.
    #[test]
    fn values_without_the_right_form_are_wrong_usage() {
        let good: &[&[&str]] = &[
            &["run", "--endpoint", "http://127.0.0.1:1,wss://node.example"],
            &["serve", "--allowed-host", "tables.example,10.0.0.1"],
            &["serve", "--connections-per-client", "1"],
            &[
                "index",
                "--endpoint",
                "http://a:1",
                "--nats",
                "nats://a,nats://b",
                "--nats-stream",
                "shop_1",
            ],
            &[
                "webhook",
                "add",
                "https://a.example/",
                "--module",
                "wallet",
                "--name",
                "transferred",
            ],
            &["webhook", "add", "https://a.example/", "--address", ADDRESS],
        ];
        for words in good {
            let parsed = Cli::try_parse_from([&["ehb-indexer"], *words].concat());
            assert!(parsed.is_ok(), "{words:?}: {parsed:?}");
        }
        let wrong: &[(&[&str], &str)] = &[
            (&["run", "--endpoint", "http://127.0.0.1:1,node"], "is no address of a node"),
            (&["verify", "--endpoint", "http://"], "is no address of a node"),
            (
                &["verify", "--endpoint", "http://a:1", "--patience", "18446744073709551615"],
                "0..=86400",
            ),
            (&["serve", "--allowed-host", "https://tables.example"], "is no host"),
            (&["serve", "--allowed-host", "tables.example:443"], "is no host"),
            (&["serve", "--connections-per-client", "0"], "between 1 and"),
            (&["serve", "--live-streams-per-client", "0"], "between 1 and"),
            (&["index", "--endpoint", "http://a:1", "--nats-stream", "a.b"], "1 to 64 letters"),
            (&["index", "--endpoint", "http://a:1", "--nats-replicas", "6"], "1..=5"),
            (&["webhook", "add", "https://a.example/", "--module", "Wallet"], "--module"),
            (&["webhook", "add", "https://a.example/", "--name", "a name"], "--name"),
            (&["webhook", "add", "https://a.example/", "--address", &ADDRESS[1..]], "--address"),
        ];
        for (words, reason) in wrong {
            let error = Cli::try_parse_from([&["ehb-indexer"], *words].concat()).unwrap_err();
            assert!(error.to_string().contains(reason), "{words:?}: {error}");
        }
    }
}
