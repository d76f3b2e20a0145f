//! Holds the last committed block, and reads the rules of the next height from the state after it.

use std::collections::BTreeSet;
use std::sync::Arc;

use ehb_executor::{Parent, Roots};
use ehb_kernel::{chain, silence};
use ehb_state::{Overlay, StateStore, StoreError};
use ehb_types::{CommitCertificate, Hash, Header, Parameters, PublicKey, ValidatorSet};

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
    pub(crate) validators: Arc<ValidatorSet>,
    /// The hash of the set that decides the height after it.
    pub(crate) next_validators: Hash,
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
        Ok(Rules {
            parameters: chain::parameters(&state)?,
            validators: Arc::new(chain::validators(&state)?),
            next_validators: chain::next_validators(&state)?.hash(),
            passed_over: silence::passed_over(&state, self.next_height())?,
        })
    }
}
