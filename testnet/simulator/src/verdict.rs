//! Records violations, and performs the checks at the end of a run.

use crate::afterwards::Afterwards;
use crate::checks::{Rule, Violation, conservation, exits};
use crate::world::World;

impl World<'_> {
    /// Records a violation, if there is one.
    pub(crate) fn expect(&mut self, rule: Rule, result: Result<(), String>) {
        if let Err(what) = result {
            self.violate(rule, what);
        }
    }

    /// Records a violation with its time.
    pub(crate) fn violate(&mut self, rule: Rule, what: String) {
        let violation = Violation { rule, at_ms: self.now_us / 1_000, what };
        self.trace(|_| format!("VIOLATION {violation}"));
        self.checks.violations.push(violation);
    }

    /// The chain made no progress in time after the faults.
    pub(crate) fn report_stuck(&mut self) {
        let heights: Vec<String> = (0..self.nodes.len())
            .map(|node| {
                let status = self.nodes[node].replica.as_ref().map(|replica| replica.status());
                let honest = if self.nodes[node].is_honest() { "" } else { " (byzantine)" };
                match status {
                    Some(it) => format!("{}/{}{honest}", it.height, it.round),
                    None => format!("down{honest}"),
                }
            })
            .collect();
        let target = self.checks.liveness.target();
        let lowest = self.honest().map(|node| self.nodes[node].disk.height()).min();
        if self.checks.liveness.reached(lowest.unwrap_or_default())
            && let Some(what) = self.checks.fates.open()
        {
            return self.violate(Rule::Fates, what);
        }
        let heights = heights.join(", ");
        let what =
            format!("not all are at height {target}: height/round of the nodes is {heights}");
        self.violate(Rule::Liveness, what);
    }

    /// The checks at the end of a run.
    pub(crate) fn check_end(&mut self) {
        for node in self.honest().collect::<Vec<_>>() {
            let disk = &mut self.nodes[node].disk;
            // A node that is still writing the last block has announced it to no other.
            disk.sync();
            let kept = self.checks.durability.at_end(node, disk.durable_chain());
            // A node that is some blocks behind the others lacks what they announced last.
            let lacks = kept.is_err() && disk.height() < self.checks.agreement.height();
            if !lacks {
                self.expect(Rule::Durability, kept);
            }
        }
        self.check_books();
    }

    /// The books after the last block, and after all accounts stop acting.
    fn check_books(&mut self) {
        let chains = self.honest().filter_map(|node| self.nodes[node].disk.durable_chain().last());
        let last = chains.max_by_key(|commit| commit.block.header.height).cloned();
        let Some(last) = last else { return };
        let state = match self.executions.state_after(&last) {
            Ok(state) => state,
            Err(what) => return self.violate(Rule::Agreement, what),
        };
        let (header, root) = (last.block.header.clone(), last.execution.changes.root);
        let (setup, library) = (self.setup, self.executions.library());
        let conserved = conservation::check(setup, library, state.clone(), &header);
        let chain = Afterwards::new(setup, library, header, state, root);
        let ended = conserved.is_ok().then(|| exits::check(setup, library, chain));
        self.expect(Rule::Conservation, conserved.map(drop));
        self.expect(Rule::Exits, ended.unwrap_or(Ok(())));
    }
}
