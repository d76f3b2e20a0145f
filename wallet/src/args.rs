//! The command line's grammar: noun, verb, options.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use ehb_types::{Hash, Name, Network};

use crate::failure::{Exit, Failure};

/// Keys, accounts and payments on an EHB chain.
///
/// Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 internal error, 2 wrong
/// usage, 3 the node cannot be reached or is not ready, 4 the chain refused the request or the
/// transaction failed, 5 a key or passphrase is wrong or missing, 6 the outcome is unknown, 130
/// interrupted.
#[derive(Debug, Parser)]
#[command(
    name = "ehb",
    version,
    disable_help_subcommand = true,
    after_help = "Example:\n  ehb wallet transfer --from alice --to bob --asset EUR --amount 12.50"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Debug, Args)]
#[command(next_help_heading = "General options")]
pub(crate) struct Options {
    /// The node's RPC address [default: the test network's first node, or http://127.0.0.1:7401]
    #[arg(long, global = true, value_name = "URL", env = "EHB_NODE", hide_env_values = true)]
    pub(crate) node: Option<String>,
    /// Whether the node's address is on the command line, and not in the environment alone.
    #[arg(skip)]
    pub(crate) node_is_argument: bool,
    /// Whether the test network is on the command line, and not in the environment alone.
    #[arg(skip)]
    pub(crate) testnet_is_argument: bool,
    /// The folder of the keys [default: the test network's, or ~/.config/ehb/keys]
    #[arg(long, global = true, value_name = "DIR", env = "EHB_KEYSTORE", hide_env_values = true)]
    pub(crate) keystore: Option<PathBuf>,
    /// The folder of a test network made by ehb-testnet: takes node, accounts and keys from it
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "EHB_TESTNET_DIR",
        hide_env_values = true
    )]
    pub(crate) testnet: Option<PathBuf>,
    /// A file whose first line is the passphrase of your keys; asked for on the terminal where it is
    /// missing. The keys of a test network have their own
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "EHB_PASSPHRASE_FILE",
        hide_env_values = true
    )]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Print the result, or the error, as one JSON document
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print nothing but results, warnings and errors
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make, import and list keys
    #[command(subcommand, after_help = "Example:\n  ehb key new alice")]
    Key(KeyCommand),
    /// Look at accounts
    #[command(subcommand, after_help = "Example:\n  ehb account show alice")]
    Account(AccountCommand),
    /// See balances and pay
    #[command(
        subcommand,
        after_help = "Example:\n  ehb wallet transfer --from alice --to bob --asset EUR --amount 12.50"
    )]
    Wallet(WalletCommand),
    /// See the installed modules, and give them new code
    #[command(subcommand, after_help = "Example:\n  ehb module list")]
    Module(ModuleCommand),
    /// Follow transactions
    #[command(
        subcommand,
        after_help = "Example:\n  ehb tx show 92f01963acbd2246b87e75006c652a6a7e3e96e2e8a52adc67d555b8185c7b98"
    )]
    Tx(TxCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a new key and keep it encrypted; prints its address
    #[command(after_help = "Example:\n  ehb key new alice")]
    New(KeyNew),
    /// Keep a key that exists, given as 64 hex digits on stdin or in a file; prints its address
    #[command(after_help = "Example:\n  ehb key import alice --seed-file ./alice.seed")]
    Import(KeyImport),
    /// List the keys: name and address, one a line
    #[command(after_help = "Example:\n  ehb key list --json")]
    List,
}

#[derive(Debug, Args)]
pub(crate) struct KeyNew {
    /// What you call the key: a-z, 0-9 and -, starting with a letter
    pub(crate) name: Name,
    /// The class of networks it is for
    #[arg(long, default_value = "test", env = "EHB_NETWORK", hide_env_values = true)]
    pub(crate) network: NetworkArg,
}

#[derive(Debug, Args)]
pub(crate) struct KeyImport {
    #[command(flatten)]
    pub(crate) new: KeyNew,
    /// A file with the seed in 64 hex digits [default: stdin]
    #[arg(long, value_name = "FILE")]
    pub(crate) seed_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum NetworkArg {
    /// Tests and demonstrations: addresses start with ehbt1
    Test,
    /// Value is real: addresses start with ehb1
    Main,
}

impl From<NetworkArg> for Network {
    fn from(arg: NetworkArg) -> Self {
        match arg {
            NetworkArg::Test => Self::Test,
            NetworkArg::Main => Self::Main,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Show an account's keys, organisation, roles and status
    #[command(after_help = "Example:\n  ehb account show alice")]
    Show {
        /// The account: a name you know it by, or an address
        account: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum WalletCommand {
    /// Show what an account owns: asset, available, held; one asset a line
    #[command(after_help = "Example:\n  ehb wallet balance alice --asset EUR")]
    Balance {
        /// The account: a name you know it by, or an address
        account: String,
        /// Only this asset
        #[arg(long, value_name = "ASSET")]
        asset: Option<String>,
    },
    /// Pay from an account of yours, and wait until the payment is final; prints its id and height
    #[command(
        after_help = "Example:\n  ehb wallet transfer --from alice --to bob --asset EUR --amount 12.50 \
                      --reference 'invoice 42'"
    )]
    Transfer(Transfer),
}

#[derive(Debug, Args)]
pub(crate) struct Transfer {
    /// Who pays: the name of a key of yours, or its address
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) from: String,
    /// Who is paid: a name you know the account by, or an address
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) to: String,
    /// A key of yours that signs, for an account that several keys sign for; can be given several times
    /// [default: the key of the account]
    #[arg(long = "key", value_name = "KEY")]
    pub(crate) keys: Vec<String>,
    /// What is paid, for instance EUR
    #[arg(long, value_name = "ASSET")]
    pub(crate) asset: String,
    /// How much, in units of the asset, for instance 12.50
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    pub(crate) amount: String,
    /// What for, for instance an invoice number; everybody on the chain can read it
    #[arg(long, value_name = "TEXT")]
    pub(crate) reference: Option<String>,
    /// The lane of the account, for several programs that pay from it at the same time: on lanes of their
    /// own they never wait for each other. The chain remembers every lane that was ever used
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(crate) lane: u32,
    /// Don't ask before paying
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Return once the node has accepted it, before it is final
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) no_wait: bool,
    /// Pay the same once more. Without it, a command that repeats a payment whose result was not shown
    /// (killed, timed out, stdout full or closed, or at the same time) pays nothing and shows the result of
    /// the first; once the payment is seen to be final, for 12 hours. Another --reference is another payment
    #[arg(long)]
    pub(crate) again: bool,
    /// Let the node try it, and pay nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// How long a block can take up the payment before it expires: a number with s, m, h or d, 10s to 90d;
    /// the chain may allow less
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "5m",
        value_parser = crate::clock::validity
    )]
    pub(crate) valid_for: Duration,
    #[command(flatten)]
    pub(crate) patience: Patience,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModuleCommand {
    /// List the installed modules: name, address and the hash of the code, one a line
    #[command(after_help = "Example:\n  ehb module list --json")]
    List,
    /// Upgrade modules to new versions, which migrate what the old ones have stored; prints the transaction's id
    /// and height
    ///
    /// Several modules are upgraded together: so what one of them offers to another can change.
    ///
    /// The code is brought in as many transactions as its size takes, and installed by a last one. Broken
    /// off, the same command goes on where it was.
    #[command(
        after_help = "Example:\n  ehb module upgrade wallet=wallet-2.wasm jobs=jobs-2.wasm --from treasury"
    )]
    Upgrade(ModuleUpgrade),
}

#[derive(Debug, Args)]
pub(crate) struct ModuleUpgrade {
    /// A module and the file with its new version, a WebAssembly component; 1 to 16 of them
    #[arg(required = true, num_args = 1..=16, value_name = "MODULE=FILE", value_parser = new_version)]
    pub(crate) versions: Vec<NewVersion>,
    /// Who upgrades them, an account with the role upgrader: the name of a key of yours, or its address
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) from: String,
    /// A key of yours that signs, for an account that several keys sign for; can be given several times
    /// [default: the key of the account]
    #[arg(long = "key", value_name = "KEY")]
    pub(crate) keys: Vec<String>,
    /// Don't ask before upgrading
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Upgrade once more, although the result of the same upgrade before was not shown
    #[arg(long)]
    pub(crate) again: bool,
    #[command(flatten)]
    pub(crate) patience: Patience,
}

/// A module and the file with its new version.
#[derive(Clone, Debug)]
pub(crate) struct NewVersion {
    pub(crate) module: Name,
    pub(crate) file: PathBuf,
}

fn new_version(text: &str) -> Result<NewVersion, String> {
    let (module, file) = text.split_once('=').ok_or("expected MODULE=FILE")?;
    let module = Name::new(module).map_err(|error| error.to_string())?;
    Ok(NewVersion { module, file: file.into() })
}

/// How long a command waits for each transaction.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Patience {
    /// How long to wait until it is final, 1 to 3600
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 60,
        value_parser = clap::value_parser!(u64).range(1..=3_600)
    )]
    pub(crate) timeout: u64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TxCommand {
    /// Show a transaction and what it did
    #[command(
        after_help = "Example:\n  ehb tx show 92f01963acbd2246b87e75006c652a6a7e3e96e2e8a52adc67d555b8185c7b98"
    )]
    Show {
        /// The transaction's id, 64 hex digits
        id: Hash,
    },
    /// List what you signed and whose outcome its command did not show: id, status, time, what it does; one
    /// a line. What is final is listed for 12 hours: as long as the same command shows it and pays nothing.
    /// What can never act is listed a last time
    #[command(after_help = "Example:\n  ehb tx pending")]
    Pending,
    /// Show what became of a transaction: id, status, and the height where there is one
    #[command(
        after_help = "Example:\n  ehb tx status 92f01963acbd2246b87e75006c652a6a7e3e96e2e8a52adc67d555b8185c7b98"
    )]
    Status {
        /// The transaction's id, 64 hex digits
        id: Hash,
    },
    /// Send a transaction that you signed once more, the same one, and wait until it is final; prints its id
    /// and height
    #[command(
        after_help = "Example:\n  ehb tx resubmit 92f01963acbd2246b87e75006c652a6a7e3e96e2e8a52adc67d555b8185c7b98"
    )]
    Resubmit {
        /// The transaction's id, 64 hex digits
        id: Hash,
        #[command(flatten)]
        patience: Patience,
    },
    /// Wait until a transaction is final; prints its id and height
    #[command(
        after_help = "Example:\n  ehb tx wait 92f01963acbd2246b87e75006c652a6a7e3e96e2e8a52adc67d555b8185c7b98 \
                      --timeout 30"
    )]
    Wait {
        /// The transaction's id, 64 hex digits
        id: Hash,
        #[command(flatten)]
        patience: Patience,
    },
}

/// What the command line asks for.
pub(crate) enum Parsed {
    /// A command.
    Run(Box<Cli>),
    /// Nothing that exists; whether errors are to be JSON, and the error.
    Refused(bool, Failure),
    /// Help or version, which is shown already.
    Shown(ExitCode),
}

fn try_parse() -> Result<Cli, clap::Error> {
    let matches = Cli::command().try_get_matches()?;
    let mut cli = Cli::from_arg_matches(&matches)?;
    let is_argument = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
    cli.options.node_is_argument = is_argument("node");
    cli.options.testnet_is_argument = is_argument("testnet");
    Ok(cli)
}

/// Reads the process's arguments.
pub(crate) fn parse() -> Parsed {
    let error = match try_parse() {
        Ok(cli) => return Parsed::Run(Box::new(cli)),
        Err(error) => error,
    };
    let shows = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let json = std::env::args_os().take_while(|arg| arg != "--").any(|arg| arg == "--json");
    if json && !shows {
        let text = error.to_string();
        let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let failure = Failure::new(Exit::Usage, "USAGE", message)
            .hint("run the command with --help to see what it takes");
        return Parsed::Refused(true, failure);
    }
    Parsed::Shown(ehb_console::show(&error))
}
