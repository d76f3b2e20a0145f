//! The client that uploads the code of modules and upgrades them.

use ehb_state::Overlay;
use ehb_workload::PEOPLE;

use super::Asked;
use crate::genesis::UPGRADING;
use crate::world::World;

impl World<'_> {
    /// The next step of a module upgrade in the view of a node: a part of its code, or the upgrade itself.
    /// Sometimes an account without permission tries it. None when all planned upgrades are done or in
    /// progress.
    pub(super) fn upgrading(&mut self, node: usize) -> Result<Option<Asked>, String> {
        let owner = self.setup.account(UPGRADING)?.address;
        let view = self.sender_view(node, &owner).filter(|it| it.free == it.next);
        let Some(replica) = self.nodes[node].replica.as_ref().filter(|_| view.is_some()) else {
            return Ok(None);
        };
        let state = Overlay::new(replica.head().state.clone());
        for index in self.plan.upgrades {
            let Some(upgrade) = self.setup.upgrades.get(*index) else { continue };
            let next = upgrade.next(&state, &owner).map_err(|error| error.to_string())?;
            let Some(call) = next.cloned() else { continue };
            let other = self.dice.chance(100).then(|| self.dice.pick(&PEOPLE)).flatten();
            let who = other.map_or(UPGRADING, |person| person.name);
            let gas = self.setup.genesis.parameters.transaction_gas_max;
            return Ok(Some(Asked { who, call, gas }));
        }
        Ok(None)
    }
}
