//! Conditions that keep a node from doing its work, and since when: one judgement for readiness, status, log and
//! metrics.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ehb_network::PeerStatus;
use ehb_replica::Voting;
use ehb_types::{PublicKey, ValidatorSet};

mod ages;
mod condition;
mod recent;
mod starting;
#[cfg(test)]
mod tests;

pub(crate) use ages::Ages;
#[cfg(test)]
pub(crate) use ages::Heights;
pub(crate) use condition::{Condition, Severity};
pub(crate) use recent::Recent;
pub(crate) use starting::{Known, Starting};

/// A node's observation of itself at a moment.
#[derive(Clone, Debug)]
pub(crate) struct Observation {
    /// The facts that the node does not know yet because it has just started.
    pub(crate) starting: Option<String>,
    /// The last committed height.
    pub(crate) height: u64,
    /// The highest height that a peer claims, or claimed when the node was last known to be behind.
    pub(crate) best_peer_height: u64,
    /// Whether others have decided more than the node has.
    pub(crate) catching_up: bool,
    /// Why the replica stopped, if it did.
    pub(crate) halted: Option<String>,
    /// Why the database could not be read, if that happened.
    pub(crate) unreadable: Option<String>,
    /// Whether lost records keep the chain from going on.
    pub(crate) stalled: bool,
    /// Why this validator does not vote because of its records, if it does not.
    pub(crate) withheld: Option<Withheld>,
    /// Whether another node uses this node's keys.
    pub(crate) key_used_elsewhere: bool,
    /// Validators whose clock is far from the median, and how far ahead of it it is, milliseconds; `None`
    /// is this node.
    pub(crate) wrong_clocks: Vec<(Option<String>, i64)>,
    /// Since when the head is this one, milliseconds ago, or since the start.
    pub(crate) head_age_ms: u64,
    /// For how long others have decided more without a break, milliseconds.
    pub(crate) behind_ms: u64,
    /// For how long transactions that a block could hold have waited with this head, milliseconds.
    pub(crate) waiting_ms: u64,
    /// When the replica's driver last looked for work, milliseconds ago.
    pub(crate) beat_age_ms: u64,
    /// For how long the disk has been at its present work, milliseconds.
    pub(crate) disk_busy_ms: u64,
    /// This node's key.
    pub(crate) node_key: PublicKey,
    /// Whether all that peers did since one was heard is to close connections before they greeted.
    pub(crate) is_turned_away: bool,
    /// Whether the chain permits the key in the state of the head; only asked while no peer is heard.
    pub(crate) is_permitted: Option<bool>,
    /// Whether `p2p.peers` names a peer.
    pub(crate) has_peers: bool,
    /// Why this node and a peer cannot speak with each other, if that is so with one.
    pub(crate) mismatch: Option<String>,
    /// How many peers are connected and not silent.
    pub(crate) peers: usize,
    /// The voting power of all validators.
    pub(crate) power_total: u64,
    /// The voting power of this node and of the validators that it hears from, without those that do not
    /// vote, and whether that is a quorum; `None` for an observer, which needs none of its own.
    pub(crate) reached: Option<Reached>,
    /// The validators whose votes a validator cannot count on.
    pub(crate) missing: Missing,
    /// The resource that the disk lacks, if a write waits for it or would.
    pub(crate) disk_full: Option<String>,
    /// How full the mempool is by its fuller bound, percent.
    pub(crate) mempool_percent: u64,
}

/// Voting power that a validator can be part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reached {
    pub(crate) power: u64,
    pub(crate) is_quorum: bool,
}

/// Why a validator does not vote although nobody else uses its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Withheld {
    /// It lost its records of what its key signed, and too few validators have answered.
    Unknown,
    /// It lost its records, or they may be old.
    From {
        /// The height from which it votes.
        height: u64,
        /// The time after which it votes in any case if nothing is decided meanwhile, milliseconds.
        within_ms: Option<u64>,
    },
}

/// The connected peers, by node key, and whether this node votes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Present {
    /// The connected peers.
    pub(crate) connected: BTreeSet<PublicKey>,
    /// Those of them that are not silent.
    pub(crate) heard: BTreeSet<PublicKey>,
    /// How each takes part in consensus, as far as it has said.
    pub(crate) said: BTreeMap<PublicKey, Voting>,
    /// Whether this validator itself does not vote.
    pub(crate) is_silent: bool,
    /// The peers that this node cut off, by node key, with their offences.
    pub(crate) cut_off: BTreeMap<PublicKey, String>,
}

/// The validators whose votes a validator cannot count on, by name, and what is known of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Missing {
    /// Those that are not connected.
    pub(crate) unconnected: Vec<String>,
    /// Those that this node cut off because they misbehaved, each with its offence.
    pub(crate) cut_off: Vec<String>,
    /// Those that are connected and silent.
    pub(crate) silent: Vec<String>,
    /// Those that have not said that they vote.
    pub(crate) not_voting: Vec<String>,
    /// Whether this validator itself does not vote.
    pub(crate) own: bool,
}

impl Missing {
    /// Whether other validators are not there at all.
    fn is_away(&self) -> bool {
        !self.unconnected.is_empty() || !self.cut_off.is_empty() || !self.silent.is_empty()
    }

    /// The observation of each, in words.
    fn text(&self) -> String {
        let own = self.own.then(|| "this validator does not vote".to_owned());
        let known = [
            ("not connected", &self.unconnected),
            ("cut off by this node because they misbehaved", &self.cut_off),
            (
                "connected but silent (they stand still, or their disks are full or hang)",
                &self.silent,
            ),
            ("connected but not voting yet", &self.not_voting),
        ];
        let known = known.into_iter().filter(|(_, names)| !names.is_empty());
        let known = known.map(|(what, names)| format!("{what}: {}", listed(names)));
        own.into_iter().chain(known).collect::<Vec<_>>().join("; ")
    }
}

impl Reached {
    /// The power of the validators that a validator can count on, with itself, and those that it cannot; `None`
    /// if it is none.
    pub(crate) fn of(
        set: &ValidatorSet,
        own: &PublicKey,
        present: &Present,
    ) -> Option<(Self, Missing)> {
        set.index_of(own)?;
        let (mut power, mut missing) = (0, Missing::default());
        for it in set.validators() {
            let is_own = it.consensus_key == *own;
            if let Some(offence) = present.cut_off.get(&it.node_key).filter(|_| !is_own) {
                missing.cut_off.push(format!("{} ({offence})", it.name));
                continue;
            }
            let lacks = if !is_own && !present.connected.contains(&it.node_key) {
                &mut missing.unconnected
            } else if !is_own && !present.heard.contains(&it.node_key) {
                &mut missing.silent
            } else if is_own && present.is_silent {
                missing.own = true;
                continue;
            } else if is_own || matches!(present.said.get(&it.node_key), Some(Voting::Votes(_))) {
                power += it.power;
                continue;
            } else {
                &mut missing.not_voting
            };
            lacks.push(it.name.to_string());
        }
        Some((Self { power, is_quorum: set.is_quorum(power) }, missing))
    }
}

/// How many names a reason has at the most.
const NAMES_MAX: usize = 8;

fn listed(names: &[String]) -> String {
    let shown = names.iter().take(NAMES_MAX).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMES_MAX) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The connected peers that are not silent: a process that stands still keeps its connections.
pub(crate) fn heard<'a>(
    peers: impl IntoIterator<Item = &'a PeerStatus>,
    silence_max: Duration,
) -> BTreeSet<PublicKey> {
    let there = peers.into_iter().filter(|it| it.silent_for <= silence_max);
    there.map(|it| it.peer).collect()
}

/// When a node counts as unready.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Thresholds {
    /// The interval of blocks on an idle chain, milliseconds.
    pub(crate) heartbeat_ms: u64,
    /// For how long beyond the heartbeat no block may come, milliseconds.
    pub(crate) silence_max_ms: u64,
    /// How many blocks a node may be behind while it is catching up.
    pub(crate) behind_blocks_max: u64,
    /// For how long it may be behind at all, milliseconds.
    pub(crate) behind_max_ms: u64,
    /// The longest time in which the driver does not look for work, or the disk does not finish some,
    /// milliseconds.
    pub(crate) beat_max_ms: u64,
    /// From where on the mempool counts as full, percent.
    pub(crate) mempool_percent_max: u64,
}

/// The conditions that follow from an observation, with the reason in words.
pub(crate) fn judge(seen: &Observation, limits: &Thresholds) -> BTreeMap<Condition, String> {
    let mut found = BTreeMap::new();
    if let Some(reason) = &seen.halted {
        found.insert(Condition::Halted, format!("the node stopped to protect the chain: {reason}"));
    }
    disk_and_driver(seen, limits, &mut found);
    // A fact that is not known yet is no sign of a lack.
    match &seen.starting {
        Some(unknown) => drop(found.insert(Condition::Starting, unknown.clone())),
        None => connections(seen, &mut found),
    }
    if seen.stalled {
        let text = "too few validators vote, because some lost their records of what they signed: \
                    start those that are down, or unlock one (ehb-node unlock --help)";
        found.insert(Condition::Stalled, text.to_owned());
    }
    let behind = seen.best_peer_height.saturating_sub(seen.height);
    // One peer alone may claim any height: it counts only where blocks are being fetched.
    let is_late = behind > limits.behind_blocks_max || seen.behind_ms > limits.behind_max_ms;
    if seen.catching_up && is_late {
        let (height, best) = (seen.height, seen.best_peer_height.max(seen.height));
        let mut text = match seen.behind_ms / 1_000 {
            0 => format!("at height {height} of {best}"),
            seconds => format!("at height {height} of {best}, and behind for {seconds} s"),
        };
        let is_silent = seen.head_age_ms.min(seen.behind_ms) > limits.silence_max_ms;
        // A full disk is a reason of its own to take no block.
        if is_silent && seen.disk_full.is_none() {
            text += "; no block arrives: check the lines to its peers, which may lose large packets (MTU)";
        }
        found.insert(Condition::CatchingUp, text);
    }
    if seen.head_age_ms > limits.heartbeat_ms.saturating_add(limits.silence_max_ms) {
        let text = format!("no block came for {} s", seen.head_age_ms / 1_000);
        found.insert(Condition::HeadOld, text);
    } else if seen.waiting_ms > limits.silence_max_ms {
        let seconds = seen.waiting_ms / 1_000;
        let text = format!("no block came for {seconds} s although transactions wait");
        found.insert(Condition::HeadOld, text);
    }
    if seen.mempool_percent >= limits.mempool_percent_max {
        let text = format!("the mempool is {} % full", seen.mempool_percent);
        found.insert(Condition::MempoolFull, text);
    }
    // A copy of another node's directory lost nothing, and must not be unlocked.
    if let Some(withheld) = seen.withheld.filter(|_| !seen.key_used_elsewhere) {
        found.insert(Condition::NotVoting, not_voting(withheld));
    }
    if seen.key_used_elsewhere {
        let votes = match seen.missing.own {
            true => ", and this one does not vote",
            false => "",
        };
        let text = format!(
            "another node uses this node's keys{votes}: stop one of them, and never copy keys"
        );
        found.insert(Condition::KeyUsedElsewhere, text);
    }
    if !seen.wrong_clocks.is_empty() {
        let clock = |(name, ahead_ms): &(Option<String>, i64)| {
            let whose = name.as_deref().unwrap_or("this node");
            let side = if *ahead_ms < 0 { "behind" } else { "ahead of" };
            format!("the clock of {whose} is {} ms {side} the median", ahead_ms.unsigned_abs())
        };
        let clocks: Vec<String> = seen.wrong_clocks.iter().map(clock).collect();
        found.insert(Condition::ClockWrong, clocks.join("; "));
    }
    found
}

/// The conditions of the disk and the replica.
fn disk_and_driver(
    seen: &Observation,
    limits: &Thresholds,
    found: &mut BTreeMap<Condition, String>,
) {
    if let Some(reason) = &seen.unreadable {
        let text = format!(
            "the database could not be read: {reason}; stop the node, and run ehb-node audit: restore the database from \
             a backup, or move it away, keep keys.json, and start the node, which fetches the chain from its peers"
        );
        found.insert(Condition::Damaged, text);
    }
    // On a full disk the write that waits is no sign of more.
    if seen.disk_busy_ms > limits.beat_max_ms && seen.disk_full.is_none() {
        let seconds = seen.disk_busy_ms / 1_000;
        let text = format!("the disk has not finished a write for {seconds} s: check it");
        found.insert(Condition::Stuck, text);
    } else if seen.beat_age_ms > limits.beat_max_ms {
        let text = format!("the replica took no step for {} s", seen.beat_age_ms / 1_000);
        found.insert(Condition::Stuck, text);
    }
    if let Some(lack) = &seen.disk_full {
        let text =
            format!("the disk is full: {lack}; nothing is signed or written until there is room");
        found.insert(Condition::DiskFull, text);
    }
}

/// Why a validator does not vote, and when it will.
fn not_voting(withheld: Withheld) -> String {
    match withheld {
        Withheld::Unknown => {
            "this validator does not vote: it lost its records of what its key signed, and \
                              too few validators have answered which height they reached"
                .to_owned()
        }
        Withheld::From { height, within_ms: None } => format!(
            "this validator does not vote yet: it lost its records of what its key signed, or they are old; it \
             votes from height {height}"
        ),
        Withheld::From { height, within_ms: Some(within_ms) } => format!(
            "this validator does not vote yet: its records of what its key signed may be old; it votes from \
             height {height}, or in {} s if nothing is decided until then",
            within_ms.div_ceil(1_000)
        ),
    }
}

fn connections(seen: &Observation, found: &mut BTreeMap<Condition, String>) {
    let needs_peers = seen.reached.is_none_or(|it| !it.is_quorum && seen.missing.is_away());
    if seen.peers == 0 && needs_peers {
        let text =
            format!("no peer is connected, or none that is says anything; {}", why_no_peers(seen));
        found.insert(Condition::NoPeers, text);
        return;
    }
    if let Some(Reached { power: reached, .. }) = seen.reached.filter(|it| !it.is_quorum) {
        let text = format!(
            "the validators that this node knows to vote have {reached} of {} votes, which is no quorum; {}",
            seen.power_total,
            seen.missing.text()
        );
        found.insert(Condition::NoQuorum, text);
    } else if seen.missing.is_away() || !seen.missing.not_voting.is_empty() {
        let text = format!("{}; the others are a quorum without them", seen.missing.text());
        found.insert(Condition::ValidatorsAway, text);
    }
}

/// Why no peer is connected, as far as this node knows.
fn why_no_peers(seen: &Observation) -> String {
    if let Some(reason) = &seen.mismatch {
        return format!("a peer was rejected: {reason}");
    }
    let (height, key) = (seen.height, seen.node_key);
    let forbidden = (seen.is_permitted == Some(false))
        .then(|| format!("at height {height} the chain does not permit this node's key {key}"));
    if seen.is_turned_away {
        let permitted = || {
            let known = match seen.is_permitted {
                Some(_) => {
                    format!("at height {height} the chain permits this node's key {key}, so")
                }
                None => format!("this node's key is {key}:"),
            };
            format!(
                "{known} either they refuse this node for a while because it broke the protocol (the log of each says \
                 how: \"peer rejected\"), or another node uses the key, or a later block forbids it"
            )
        };
        let reason = forbidden.unwrap_or_else(permitted);
        return format!("peers are reached and close the connection: {reason}");
    }
    let reason = match seen.has_peers {
        true => "the log says which of p2p.peers cannot be reached, and why",
        false => "p2p.peers is empty: name at least one peer",
    };
    forbidden.map_or(reason.to_owned(), |forbidden| format!("{reason}; {forbidden}"))
}

/// A condition that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reported {
    /// Which.
    pub(crate) condition: Condition,
    /// The reason in words.
    pub(crate) text: String,
    /// Since when, milliseconds since 1970 (UTC).
    pub(crate) since_ms: u64,
}

/// A condition that has lasted, or ends after that, for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// It has held for long enough to be logged, for this reason.
    Begins(Condition, String),
    /// It ends, after this many milliseconds.
    Ends(Condition, u64),
}

/// The conditions that hold.
#[derive(Debug, Default)]
pub(crate) struct Health {
    holding: BTreeMap<Condition, Holding>,
}

#[derive(Debug)]
struct Holding {
    since_ms: u64,
    text: String,
    is_logged: bool,
}

impl Health {
    /// Takes note of what holds now, and returns what is to be logged: each condition that lasts once when
    /// it has done so for a while, and once when it ends.
    pub(crate) fn update(
        &mut self,
        found: BTreeMap<Condition, String>,
        now_ms: u64,
    ) -> Vec<Change> {
        let mut changes = Vec::new();
        self.holding.retain(|condition, it| {
            let holds = found.contains_key(condition);
            if !holds && it.is_logged {
                changes.push(Change::Ends(*condition, now_ms.saturating_sub(it.since_ms)));
            }
            holds
        });
        for (condition, text) in found {
            let it = self.holding.entry(condition).or_insert_with(|| Holding {
                since_ms: now_ms,
                text: String::new(),
                is_logged: false,
            });
            it.text = text;
            if !it.is_logged && now_ms.saturating_sub(it.since_ms) >= condition.logged_after_ms() {
                it.is_logged = true;
                changes.push(Change::Begins(condition, it.text.clone()));
            }
        }
        changes
    }

    /// The conditions that hold, the most serious first.
    pub(crate) fn reported(&self) -> Vec<Reported> {
        let report = |(condition, it): (&Condition, &Holding)| Reported {
            condition: *condition,
            text: it.text.clone(),
            since_ms: it.since_ms,
        };
        self.holding.iter().map(report).collect()
    }
}
