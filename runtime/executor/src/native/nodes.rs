//! The functions with which organisations permit observers of their own, remove and list them.

use borsh::{BorshDeserialize, BorshSerialize};
use ehb_crypto::{PublicKey, Signature};
use ehb_kernel::chain::{self, NODES_MAX, Node};
use ehb_kernel::quota::QuotaKind;
use ehb_types::{Name, NodeConsent, encode, encoded_len};

use super::gas::Gas;
use super::{Native, Problem, Refusal};

/// The arguments of `add-observer`.
#[derive(Clone, Debug, BorshDeserialize)]
pub(super) struct AddObserver {
    name: String,
    key: PublicKey,
    consent: Signature,
}

/// The arguments of `remove-observer`.
#[derive(Clone, Debug, BorshDeserialize)]
pub(super) struct RemoveObserver {
    key: PublicKey,
}

/// The arguments of `list-nodes`.
#[derive(Clone, Debug, BorshDeserialize)]
pub(super) struct ListNodes {
    organisation: String,
}

/// An item of `list-nodes`.
#[derive(BorshSerialize)]
struct NodeView {
    key: PublicKey,
    name: Name,
    is_observer: bool,
}

impl Native<'_> {
    pub(super) fn add_observer(
        &mut self,
        AddObserver { name, key, consent: signature }: AddObserver,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let organisation = self.manager(gas)?.organisation;
        let name = Name::new(name.as_str()).map_err(|_| Refusal::MalformedName(name))?;
        gas.pay_signatures(1)?;
        gas.pay_read(0)?;
        let chain_hash = chain::identity(&self.session.overlay)?.genesis;
        let consent = NodeConsent { organisation, name };
        let verified = consent.verify(&chain_hash, &key, &signature);
        verified.map_err(|error| Refusal::NoConsent(error.to_string()))?;
        let NodeConsent { organisation, name } = consent;
        let nodes = self.nodes(gas)?;
        if nodes.iter().any(|(known, _)| *known == key) {
            return Err(Refusal::NodeExists(key).into());
        }
        let parameters = self.parameters(gas)?;
        self.check_quota(&parameters, &organisation, (QuotaKind::Observers, 1), gas)?;
        if nodes.len() >= NODES_MAX {
            return Err(Refusal::too_many("nodes", NODES_MAX as u32).into());
        }
        let node = Node { name, organisation };
        gas.pay_write(encoded_len(&node))?;
        let permitted = chain::permit_node(&mut self.session.overlay, key, node);
        self.emit(&permitted, gas)?;
        Ok(Vec::new())
    }

    pub(super) fn remove_observer(
        &mut self,
        RemoveObserver { key }: &RemoveObserver,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let organisation = self.manager(gas)?.organisation;
        let observers = self.observers(&organisation, gas)?;
        if observers.iter().all(|known| known != key) {
            return Err(Refusal::UnknownNode(*key).into());
        }
        self.remove_node(*key, gas)?;
        Ok(Vec::new())
    }

    /// Removes all observers of an organisation.
    pub(super) fn remove_observers(
        &mut self,
        organisation: &Name,
        gas: &mut Gas<'_>,
    ) -> Result<(), Problem> {
        let observers = self.observers(organisation, gas)?;
        observers.into_iter().try_for_each(|key| self.remove_node(key, gas))
    }

    pub(super) fn list_nodes(
        &self,
        ListNodes { organisation }: &ListNodes,
        gas: &mut Gas<'_>,
    ) -> Result<Vec<u8>, Problem> {
        let Ok(organisation) = Name::new(organisation.as_str()) else {
            return Ok(encode(&Vec::<NodeView>::new()));
        };
        let observers = self.observers(&organisation, gas)?;
        let nodes = self.nodes(gas)?.into_iter();
        let own = nodes.filter(|(_, node)| node.organisation == organisation);
        let view = |(key, node): (PublicKey, Node)| {
            let is_observer = observers.contains(&key);
            NodeView { key, name: node.name, is_observer }
        };
        Ok(encode(&own.map(view).collect::<Vec<_>>()))
    }

    fn remove_node(&mut self, key: PublicKey, gas: &mut Gas<'_>) -> Result<(), Problem> {
        gas.pay_write(0)?;
        let removed = chain::remove_node(&mut self.session.overlay, key);
        self.emit(&removed, gas)
    }

    /// All permitted nodes; there are at most [`NODES_MAX`].
    fn nodes(&self, gas: &mut Gas<'_>) -> Result<Vec<(PublicKey, Node)>, Problem> {
        let nodes = chain::nodes(&self.session.overlay)?;
        gas.pay_scan(nodes.len())?;
        Ok(nodes)
    }

    /// The keys of an organisation's observers.
    fn observers(&self, organisation: &Name, gas: &mut Gas<'_>) -> Result<Vec<PublicKey>, Problem> {
        gas.pay_scan(chain::nodes(&self.session.overlay)?.len())?;
        let observers = chain::observers(&self.session.overlay, organisation)?;
        Ok(observers.into_iter().map(|(key, _)| key).collect())
    }
}
