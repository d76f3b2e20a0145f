//! Configures gossipsub for one purpose: transactions between permitted peers.
//!
//! Messages have no author: the forwarding peer is responsible, because each node forwards only what its
//! application has accepted. A message's id is the hash of its content, so that copies are recognised
//! whatever their source and cannot be replayed while they are remembered.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use ehb_crypto::{Domain, hash};
use ehb_types::Hash;
use libp2p::gossipsub::{
    Behaviour as Gossipsub, ConfigBuilder, IdentTopic, IdentityTransform, Message,
    MessageAuthenticity, MessageId, PeerScoreParams, PeerScoreThresholds, TopicHash,
    TopicScoreParams, ValidationMode, WhitelistSubscriptionFilter,
};

use crate::NetworkError;
use crate::hello::Hello;

/// Only our topic can be subscribed to.
pub(crate) type Behaviour = Gossipsub<IdentityTransform, WhitelistSubscriptionFilter>;

/// The maximum number of messages that wait for one slow peer; further ones are not sent to it.
const QUEUE_MESSAGES_MAX: usize = 256;
/// How long a message waits for a slow peer before it is dropped. Old transactions are useless.
const QUEUE_WAIT_MAX: Duration = Duration::from_secs(2);
const HEARTBEAT: Duration = Duration::from_secs(1);
/// How long a seen message is remembered: as long as the longest path through the network takes.
const SEEN_FOR: Duration = Duration::from_secs(60);
/// Messages above this size are announced to other peers on receipt, so that they are not sent
/// again by them, bytes.
const ANNOUNCED_BYTES_MIN: usize = 1_024;
/// The overhead of framing for a message, bytes.
const OVERHEAD_BYTES_MAX: usize = 1_024;
/// The limit for control messages, which are short: message ids and topic names.
const CONTROL_BYTES_MAX: usize = 16 << 10;
/// Three invalid messages within a short time put a peer below the graylist's threshold of -80.
const INVALID_MESSAGE_WEIGHT: f64 = -20.0;
/// The decay of the count of invalid messages a second: three are forgotten after about 40 seconds.
const INVALID_MESSAGE_DECAY: f64 = 0.99;

pub(crate) struct Gossip {
    pub(crate) behaviour: Behaviour,
    pub(crate) topic: TopicHash,
}

pub(crate) fn message_id(hash: &Hash) -> MessageId {
    MessageId::new(hash.as_bytes())
}

/// The hash in an id of [`message_id`].
pub(crate) fn hash_of(id: &MessageId) -> Option<Hash> {
    Some(Hash(id.0.as_slice().try_into().ok()?))
}

/// The topic contains the genesis hash, so nodes of another chain do not share it.
fn topic(hello: &Hello) -> IdentTopic {
    IdentTopic::new(format!("/ehb/{}/{}/transactions/1", hello.chain_id, hello.genesis))
}

pub(crate) fn new(hello: &Hello, bytes_max: usize) -> Result<Gossip, NetworkError> {
    let invalid = |error: &dyn std::fmt::Display| NetworkError::Gossip(error.to_string());
    let config = ConfigBuilder::default()
        .max_transmit_size(bytes_max.saturating_add(OVERHEAD_BYTES_MAX))
        .max_control_message_size(CONTROL_BYTES_MAX)
        .validation_mode(ValidationMode::Anonymous)
        .validate_messages()
        .message_id_fn(|message: &Message| message_id(&hash(Domain::Gossip, &message.data)))
        .heartbeat_initial_delay(HEARTBEAT)
        .heartbeat_interval(HEARTBEAT)
        .duplicate_cache_time(SEEN_FOR)
        .connection_handler_queue_len(QUEUE_MESSAGES_MAX)
        .publish_queue_duration(QUEUE_WAIT_MAX)
        .forward_queue_duration(QUEUE_WAIT_MAX)
        .idontwant_message_size_threshold(ANNOUNCED_BYTES_MIN)
        .build()
        .map_err(|error| invalid(&error))?;
    let topic = topic(hello);
    let filter = WhitelistSubscriptionFilter(HashSet::from([topic.hash()]));
    let mut behaviour =
        Behaviour::new_with_subscription_filter(MessageAuthenticity::Anonymous, config, filter)
            .map_err(|error| invalid(&error))?;
    behaviour
        .with_peer_score(score_params(topic.hash()), PeerScoreThresholds::default())
        .map_err(|error| invalid(&error))?;
    behaviour.subscribe(&topic).map_err(|error| invalid(&error))?;
    Ok(Gossip { behaviour, topic: topic.hash() })
}

/// Peers lose score only for invalid messages and for breaking the mesh's rules: a permitted peer that is
/// quiet, or shares its address with others, does nothing wrong.
fn score_params(topic: TopicHash) -> PeerScoreParams {
    let topic_params = TopicScoreParams {
        topic_weight: 1.0,
        time_in_mesh_weight: 0.0,
        first_message_deliveries_weight: 0.0,
        mesh_message_deliveries_weight: 0.0,
        mesh_failure_penalty_weight: 0.0,
        invalid_message_deliveries_weight: INVALID_MESSAGE_WEIGHT,
        invalid_message_deliveries_decay: INVALID_MESSAGE_DECAY,
        ..TopicScoreParams::default()
    };
    PeerScoreParams {
        topics: HashMap::from([(topic, topic_params)]),
        app_specific_weight: 0.0,
        ip_colocation_factor_weight: 0.0,
        slow_peer_weight: 0.0,
        ..PeerScoreParams::default()
    }
}
