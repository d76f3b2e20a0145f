//! A fault: validators join, get other powers and leave, by proposals.

use std::sync::Arc;

use ehb_kernel::{candidates, chain};
use ehb_state::{Changes as Written, MemoryStore, Overlay, StateStore};
use ehb_types::{Hash, Name, Validator, ValidatorConsent, ValidatorSet, encode};
use serde_json::{Value, json};

use super::{Active, Fault, Kind};
use crate::checks::Rule;
use crate::genesis::{ORGANISATION, validator_name};
use crate::mutation::Mutation;
use crate::node::Node;
use crate::setup::{JOINERS, ValidatorKeys};
use crate::world::{SimEvent, World};

/// Governance changes the validators meanwhile; those that join start at any time.
pub(crate) static CHANGES: Kind = Kind {
    name: "changes of validators",
    per_mille: 400,
    draw: |draw| {
        let count = draw.dice.between(1, JOINERS.into());
        let starts_us = (0..count).map(|_| draw.dice.below(draw.plan.faults_us)).collect();
        // Others must stay a quorum without those that lie or lost their records.
        let reweighs = draw.plan.byzantine.is_empty() && !draw.records_at_risk;
        Some(Active::Acts(Box::new(JoiningNodes { starts_us, reweighs })))
    },
};

/// Nodes take the next validator set one height too early.
pub(crate) static EARLY_SET: Mutation =
    Mutation { fault: Some(&CHANGES), ..Mutation::new("early-set", Rule::Validators) };

/// Candidates count at once.
pub(crate) static COUNTED_CANDIDATES: Mutation =
    Mutation { fault: Some(&CHANGES), ..Mutation::new("counted-candidates", Rule::Validators) };

#[derive(Debug)]
struct JoiningNodes {
    /// When each node that is to join starts, microseconds.
    starts_us: Vec<u64>,
    reweighs: bool,
}

impl Fault for JoiningNodes {
    fn begin(&mut self, world: &mut World<'_>) {
        world.changing = Some(Changing { joiners: self.starts_us.len(), reweighs: self.reweighs });
        for (keys, starts_us) in world.setup.joiners.iter().zip(&self.starts_us) {
            let mut node = Node::new(keys.consensus.clone(), keys.node.public_key(), 0, None);
            node.has_key = true;
            let node = world.add_node(node);
            world.after(*starts_us, SimEvent::Start { node });
        }
    }
}

/// How governance changes the validators in a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Changing {
    /// The number of nodes that can join.
    joiners: usize,
    /// Whether the validators of genesis get other powers, leave and come back.
    reweighs: bool,
}

impl World<'_> {
    /// A change of the validators, in the view of a node; some are refused.
    pub(crate) fn change_of_validators(
        &mut self,
        state: &Overlay,
    ) -> Result<Option<Value>, String> {
        let Some(Changing { joiners, reweighs }) = self.changing else { return Ok(None) };
        let set = chain::next_validators(state).map_err(|error| error.to_string())?;
        let candidates = candidates::list(state).map_err(|error| error.to_string())?;
        let setup = self.setup;
        let old = setup.validators.iter().take(if reweighs { setup.nodes() } else { 0 });
        let known: Vec<(String, &ValidatorKeys)> = setup
            .joiners
            .iter()
            .take(joiners)
            .enumerate()
            .map(|(index, keys)| (format!("joiner-{index}"), keys))
            .chain(old.enumerate().map(|(index, keys)| (validator_name(index), keys)))
            .collect();
        let place = self.dice.index(known.len());
        let Some((name, keys)) = known.get(place) else { return Ok(None) };
        let key = keys.consensus.public_key();
        let power = self.dice.between(1, 3).to_string();
        let is_known =
            set.index_of(&key).is_some() || candidates.iter().any(|it| it.consensus_key == key);
        Ok(Some(match self.dice.below(3) {
            _ if !is_known => self.addition(name, keys, &power)?,
            0 => json!({ "remove-validator": name }),
            _ => json!({ "set-validator-power": { "name": name, "power": power } }),
        }))
    }

    fn addition(&self, name: &str, keys: &ValidatorKeys, power: &str) -> Result<Value, String> {
        let named = |text: &str| Name::new(text).map_err(|error| error.to_string());
        let consent = ValidatorConsent {
            organisation: named(ORGANISATION)?,
            name: named(name)?,
            consensus_key: keys.consensus.public_key(),
            node_key: keys.node.public_key(),
        };
        let signed = consent.sign(self.setup.chain(), &keys.consensus, &keys.node);
        let halves = |bytes: [u8; 64]| {
            let half = |part: &[u8]| Hash(part.try_into().unwrap_or_default());
            json!({ "r": half(&bytes[..32]), "s": half(&bytes[32..]) })
        };
        Ok(json!({ "add-validator": {
            "organisation": ORGANISATION,
            "name": name,
            "consensus-key": consent.consensus_key,
            "node-key": consent.node_key,
            "power": power,
            "consensus-signature": halves(signed.consensus.0),
            "node-signature": halves(signed.node.0),
        } }))
    }

    /// The state after a block as the nodes see it.
    pub(crate) fn seen(&self, state: Arc<MemoryStore>) -> Result<Arc<dyn StateStore>, String> {
        let overlay = Overlay::new(state.clone());
        let failed = |error: ehb_state::StoreError| error.to_string();
        let mut entries: Vec<(&[u8], ValidatorSet)> = Vec::new();
        if self.options.is(&EARLY_SET) {
            if let Some(next) = chain::changed_validators(&overlay).map_err(failed)? {
                // The certificate of the head is still judged by those that signed it.
                let last = chain::last_validators(&overlay).map_err(failed)?;
                entries = vec![(b"k/validators", next), (b"k/validators-last", last)];
            }
        } else if self.options.is(&COUNTED_CANDIDATES) {
            let candidates = candidates::list(&overlay).map_err(failed)?;
            let next = chain::next_validators(&overlay).map_err(failed)?;
            let all = next.validators().iter().cloned();
            let all: Vec<Validator> =
                all.chain(candidates.iter().map(candidates::Candidate::validator)).collect();
            let all = ValidatorSet::new(all).ok().filter(|all| *all != next);
            entries.extend(all.map(|all| (&b"k/validators-next"[..], all)));
        }
        if entries.is_empty() {
            return Ok(state);
        }
        let mut seen = MemoryStore::clone(&state);
        let entries = entries.into_iter().map(|(key, set)| (key.to_vec(), Some(encode(&set))));
        seen.apply(&Written { entries: entries.collect(), ..Written::default() });
        Ok(Arc::new(seen))
    }
}
