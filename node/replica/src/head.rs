//! Holds the last committed block, and reads the rules of the next height from the state after it.

use std::collections::BTreeSet;
use std::sync::Arc;

use ehb_executor::{Parent, Roots};
use ehb_kernel::candidates::{self, Candidate};
use ehb_kernel::{chain, silence};
use ehb_state::{Overlay, StateStore, StoreError};
use ehb_types::{CommitCertificate, Header, Parameters, PublicKey, ValidatorSet};

/// The last committed block and the state after it.
#[derive(Clone)]
pub struct HeadState {
    /// The header of that block; of height 0 for genesis.
    pub header: Header,
    /// The certificate that decided it; none for genesis.
    pub certificate: Option<CommitCertificate>,
    /// The state after it.
    pub state: Arc<dyn StateStore>,
    /// The result of its execution.
    pub roots: Roots,
    /// Whether it contained transactions, so that another block must follow to commit to its roots.
    pub unsealed: bool,
}

/// The parameters of the next height from the state after the head.
pub(crate) struct Rules {
    pub(crate) parameters: Parameters,
    /// The validators that decide it.
    pub(crate) validators: Arc<ValidatorSet>,
    /// Those that decide the height after it.
    pub(crate) next: Arc<ValidatorSet>,
    /// Those that decided the head, and signed its certificate.
    pub(crate) last: Arc<ValidatorSet>,
    /// Those that are to join.
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) passed_over: BTreeSet<PublicKey>,
}

impl HeadState {
    /// The next height to decide.
    pub fn next_height(&self) -> u64 {
        self.header.height + 1
    }

    pub(crate) fn overlay(&self) -> Overlay {
        Overlay::new(self.state.clone())
    }

    pub(crate) fn parent(&self) -> Parent {
        Parent { state: self.state.clone(), root: self.roots.state }
    }

    pub(crate) fn rules(&self) -> Result<Rules, StoreError> {
        let state = self.overlay();
        let validators = Arc::new(chain::validators(&state)?);
        let same = || validators.clone();
        Ok(Rules {
            parameters: chain::parameters(&state)?,
            next: chain::changed_validators(&state)?.map_or_else(same, Arc::new),
            last: chain::replaced_validators(&state)?.map_or_else(same, Arc::new),
            validators,
            candidates: candidates::list(&state)?,
            passed_over: silence::passed_over(&state, self.next_height())?,
        })
    }
}

impl Rules {
    /// The keys of the validators of the next two heights, and of those that are to join: consensus key and node key.
    fn members(&self) -> impl Iterator<Item = (PublicKey, PublicKey)> {
        let next = (!Arc::ptr_eq(&self.next, &self.validators)).then_some(&self.next);
        let sets = [&self.validators].into_iter().chain(next);
        let validators = sets.flat_map(|set| set.validators());
        let candidates = self.candidates.iter().map(|it| (it.consensus_key, it.node_key));
        validators.map(|it| (it.consensus_key, it.node_key)).chain(candidates)
    }

    /// Whether the key is that of a validator of the next two heights, or of one that is to join.
    pub(crate) fn is_member(&self, validator: &PublicKey) -> bool {
        self.members().any(|(consensus, _)| consensus == *validator)
    }

    /// Which of these has this node key.
    pub(crate) fn member_with_node(&self, node: &PublicKey) -> Option<PublicKey> {
        self.members().find(|(_, key)| key == node).map(|(consensus, _)| consensus)
    }

    /// The validators that decide a height after the head, as far as they are known: the next one, or the one after it.
    pub(crate) fn deciding(&self, is_next: bool) -> &Arc<ValidatorSet> {
        if is_next { &self.validators } else { &self.next }
    }
}
