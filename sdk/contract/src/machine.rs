//! State machines as tables of transitions, and the refusal of actions that a state does not allow.

use alloc::string::String;

use crate::Named;
use crate::common::{Item, Refusal, WrongState};

#[cfg(test)]
mod tests;

/// A state machine: one table, through which all rules go. Transitions that are not in it are refused.
pub struct Machine<S: 'static, A: 'static> {
    /// From which state which action leads where.
    pub transitions: &'static [(S, A, S)],
}

impl<S: Named, A: Named> Machine<S, A> {
    /// The machine with these transitions. It begins in the first state of `S`.
    pub const fn new(transitions: &'static [(S, A, S)]) -> Self {
        Self { transitions }
    }

    /// The state after an action, if the state allows it.
    pub fn after(&self, state: S, action: A) -> Option<S> {
        let found = self.transitions.iter().find(|(from, by, _)| *from == state && *by == action);
        found.map(|(_, _, to)| *to)
    }

    /// The state after an action.
    ///
    /// # Errors
    /// `wrong-state`, which names the item, the state and the action.
    pub fn next(&self, item: impl FnOnce() -> Item, state: S, action: A) -> Result<S, Refusal> {
        self.after(state, action).ok_or_else(|| wrong_state(item(), state, action))
    }

    /// Whether nothing can follow a state.
    pub fn is_end(&self, state: S) -> bool {
        self.transitions.iter().all(|(from, _, _)| *from != state)
    }
}

/// The refusal of an action by the state of an item.
pub fn wrong_state(item: Item, state: impl Named, action: impl Named) -> Refusal {
    wrong_state_named(item, state.name(), action.name())
}

/// The refusal of an action by the state of an item, by their names.
pub fn wrong_state_named(item: Item, state: &str, action: &str) -> Refusal {
    let (state, action) = (String::from(state), String::from(action));
    Refusal::WrongState(WrongState { item, state, action })
}
