//! Defines the commands with which organisations form a network and join one: cards, the genesis made of them, consents of
//! nodes, and requests of validators.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use ehb_types::{ChainId, KEYS_MAX, Name, Network, NodeAddress, Policy, PublicKey, WeightedKey};

/// Write the card of this node's validator, signed with its keys, for the organisations that form a network.
///
/// The administrators named in it sign next, with `ehb account sign-card`. The card is public: secret keys never
/// leave their machine.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ehb-node card --data-dir /var/lib/ehb --chain-id trade-1 --network main --organisation acme \\\n      --name acme-1 --address node.acme.example:7400 --administrator KEY --out acme-1.card.json"
)]
pub(crate) struct CardArguments {
    /// The directory that `init` prepared.
    #[arg(long, env = "EHB_NODE_DATA_DIR")]
    pub(crate) data_dir: PathBuf,
    /// The id of the chain, on which all organisations agree.
    #[arg(long, value_name = "NAME")]
    pub(crate) chain_id: ChainId,
    /// The class of network.
    #[arg(long)]
    pub(crate) network: NetworkArgument,
    /// The name of your organisation.
    #[arg(long, value_name = "NAME")]
    pub(crate) organisation: Name,
    /// The name of the validator, which no other validator has.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Name,
    /// Where the other nodes reach this node, for peers.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) address: NodeAddress,
    /// An administrator of your organisation: a public key (`ehb key public NAME` prints it), or several of which a
    /// number must sign, such as 2/KEY,KEY,KEY; can be repeated. Of several validators of an organisation, one card
    /// names them.
    #[arg(long = "administrator", value_name = "KEYS", value_parser = policy)]
    pub(crate) administrators: Vec<Policy>,
    /// A role that these administrators have besides: manager, or one that organisations grant; can be repeated.
    #[arg(long = "role", value_name = "ROLE", requires = "administrators")]
    pub(crate) roles: Vec<Name>,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Print the consent of this node's key to be an observer of an organisation on a chain that exists.
///
/// A manager of the organisation permits the node with `ehb org add-observer`. The consent is for the chain of the genesis
/// in the directory, and not secret.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ehb-node consent --data-dir /var/lib/ehb --organisation acme --name watch > watch.json"
)]
pub(crate) struct ConsentArguments {
    /// The directory that `init` prepared, with the genesis.
    #[arg(long, env = "EHB_NODE_DATA_DIR")]
    pub(crate) data_dir: PathBuf,
    /// The organisation that runs the node.
    #[arg(long, value_name = "NAME")]
    pub(crate) organisation: Name,
    /// The name of the node.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Name,
}

/// Write the request of this node to join a running chain as a validator, signed with its keys.
///
/// An administrator of any organisation proposes it with `ehb gov propose --add-validator FILE`. Once that is executed, the
/// running node catches up and joins by itself. The file is not secret.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ehb-node join --data-dir /var/lib/ehb --organisation acme --name acme-2 --out acme-2.validator.json"
)]
pub(crate) struct JoinArguments {
    /// The directory that `init` prepared, with the genesis of the chain.
    #[arg(long, env = "EHB_NODE_DATA_DIR")]
    pub(crate) data_dir: PathBuf,
    /// The organisation that operates the validator, which takes part in the chain.
    #[arg(long, value_name = "NAME")]
    pub(crate) organisation: Name,
    /// The name of the validator, which no other validator has.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Name,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The class of a network.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum NetworkArgument {
    /// Value is real: addresses start with ehb1.
    Main,
    /// Tests and demonstrations: addresses start with ehbt1.
    Test,
}

impl From<NetworkArgument> for Network {
    fn from(argument: NetworkArgument) -> Self {
        match argument {
            NetworkArgument::Main => Self::Main,
            NetworkArgument::Test => Self::Test,
        }
    }
}

/// The commands for genesis files.
#[derive(Debug, Subcommand)]
pub(crate) enum GenesisCommand {
    Build(Build),
    Inspect(Inspect),
    /// Print the hash of a genesis file, which does not depend on its layout.
    Hash(HashOf),
}

/// Make the genesis of a network from the cards of its validators; prints its hash.
///
/// With the same cards, time and base, everybody makes the same file. A card that is not signed by each of its keys,
/// was edited, is for another chain, or has a key or name of another card is refused with the reason. The first
/// state is computed, so a genesis that cannot start is refused.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ehb-node genesis build --card acme-1.card.json --card globex-1.card.json \\\n      --timestamp 2026-12-01T09:00:00Z --out genesis.json"
)]
pub(crate) struct Build {
    #[command(flatten)]
    pub(crate) sources: Sources,
    /// The time of genesis, on which all organisations agree: UTC such as 2026-12-01T09:00:00Z, or milliseconds since
    /// 1970 [default: now]
    #[arg(long, value_name = "TIME", value_parser = timestamp)]
    pub(crate) timestamp: Option<u64>,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a genesis is made of.
#[derive(Debug, Args)]
pub(crate) struct Sources {
    /// The card of a validator; repeated for each.
    #[arg(long = "card", value_name = "FILE")]
    pub(crate) cards: Vec<PathBuf>,
    /// A file with what is in no card: parameters, power, roles of the whole network, observers, accounts, calls.
    #[arg(long, value_name = "FILE", requires = "cards")]
    pub(crate) base: Option<PathBuf>,
    /// Folder for compiled code, so that the modules are compiled once.
    #[arg(long, env = "EHB_NODE_COMPILED_DIR", value_name = "DIR")]
    pub(crate) compiled_dir: Option<PathBuf>,
}

/// Show in words what a genesis file contains, and check that it can start.
///
/// With the cards (and the base, if there is one), the genesis is made again from them and compared: each difference
/// is listed on stdout, the exit status is 1, and the code is GENESIS_DIFFERS.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  ehb-node genesis inspect genesis.json --card acme-1.card.json --card globex-1.card.json"
)]
pub(crate) struct Inspect {
    /// The genesis file.
    #[arg(value_name = "FILE")]
    pub(crate) genesis: PathBuf,
    #[command(flatten)]
    pub(crate) sources: Sources,
    /// Print one JSON document.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Options of `genesis hash`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  ehb-node genesis hash genesis.json")]
pub(crate) struct HashOf {
    /// The genesis file.
    #[arg(value_name = "FILE")]
    pub(crate) genesis: PathBuf,
    /// Print one JSON document.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Parses the policy of an administrator: a key, or a threshold and keys of equal weight.
fn policy(text: &str) -> Result<Policy, String> {
    let key = |text: &str| text.parse::<PublicKey>().map_err(|error| error.to_string());
    let Some((threshold, keys)) = text.split_once('/') else {
        if text.contains(',') {
            return Err(format!("how many of these keys must sign? For 2 write 2/{text}"));
        }
        return Ok(Policy::Key(key(text)?));
    };
    let threshold = threshold.parse().map_err(|_| {
        format!("{threshold:?} is not a number of keys that must sign: write 2/KEY,KEY,KEY")
    })?;
    // One more than a policy can have, so that the check of the policy reports it.
    let keys = keys.split(',').take(KEYS_MAX + 1);
    let keys = keys.map(|text| Ok(WeightedKey { key: key(text)?, weight: 1 }));
    let policy = Policy::Weighted { threshold, keys: keys.collect::<Result<_, String>>()? };
    policy.check().map_err(|error| error.to_string())?;
    Ok(policy)
}

/// Parses a time to milliseconds since 1970.
fn timestamp(text: &str) -> Result<u64, String> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = if is_number { text.parse().ok() } else { ehb_types::from_utc(text) };
    parsed.ok_or_else(|| {
        "expected a time in UTC such as 2026-12-01T09:00:00Z, or milliseconds since 1970".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_a_key_or_a_number_of_keys() {
        let [a, b] = [1, 2].map(|seed| ehb_types::SecretKey::from_seed(&[seed; 32]).public_key());
        assert_eq!(policy(&a.to_string()), Ok(Policy::Key(a)));
        let keys = [a, b].map(|key| WeightedKey { key, weight: 1 }).to_vec();
        let both = Policy::Weighted { threshold: 2, keys };
        assert_eq!(policy(&format!("2/{a},{b}")), Ok(both));
        for (text, reason) in [
            (format!("{a},{b}"), "write 2/"),
            (format!("3/{a},{b}"), "the threshold 3 is not between 1 and 2"),
            (format!("0/{a},{b}"), "the threshold 0 is not between 1 and 2"),
            (format!("1/{a},{a}"), "twice"),
            (format!("x/{a}"), "is not a number of keys"),
            (format!("1/{a},"), "a public key is 64 hexadecimal digits"),
            ("1/".to_owned() + &vec![a.to_string(); 17].join(","), "1 to 16 keys; this one has 17"),
            ("0".repeat(64), "is a point of small order"),
            (String::new(), "a public key is 64 hexadecimal digits"),
        ] {
            let refused =
                policy(&text).and_then(|policy| policy.check().map_err(|error| error.to_string()));
            let error = refused.unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn a_time_is_utc_or_milliseconds() {
        for text in ["1790000000000", "2026-09-21T14:13:20Z", "2026-09-21T14:13:20.000Z"] {
            assert_eq!(timestamp(text), Ok(1_790_000_000_000), "{text}");
        }
        for text in ["", "now", "-1", "99999999999999999999", "2026-09-21T14:13:20+01:00"] {
            assert!(timestamp(text).is_err(), "{text}");
        }
    }
}
