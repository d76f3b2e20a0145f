//! State machines from tables.

use super::Machine;
use crate::common::{Item, Refusal, WrongState};
use crate::{Kind, Named};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Named, Kind)]
enum Thing {
    Door,
    Window,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
enum State {
    Closed,
    WideOpen,
    Gone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
enum Action {
    Open,
    Remove,
}

const DOOR: Machine<State, Action> = Machine::new(&[
    (State::Closed, Action::Open, State::WideOpen),
    (State::WideOpen, Action::Remove, State::Gone),
]);

#[test]
fn what_is_not_in_the_table_is_refused_by_name() {
    let next = |state, action| DOOR.next(|| Thing::Door.item(7), state, action);
    assert_eq!(next(State::Closed, Action::Open), Ok(State::WideOpen));
    let item = Item { kind: "door".into(), id: 7 };
    let refused = |state: &str, action: &str| {
        let (item, state, action) = (item.clone(), state.into(), action.into());
        Err(Refusal::WrongState(WrongState { item, state, action }))
    };
    assert_eq!(next(State::Closed, Action::Remove), refused("closed", "remove"));
    assert_eq!(next(State::WideOpen, Action::Open), refused("wide-open", "open"));
    assert!(DOOR.is_end(State::Gone) && !DOOR.is_end(State::WideOpen));
}

#[test]
fn kinds_have_names_and_numbers() {
    for (number, kind) in [(0, Thing::Door), (1, Thing::Window)] {
        assert_eq!(kind.number(), number);
        assert_eq!(Thing::of_number(number), Some(kind));
        assert_eq!(Thing::of(&kind.item(3)), Ok(kind));
    }
    assert_eq!(Thing::of_number(2), None);
    let roof = Item { kind: "roof".into(), id: 1 };
    assert_eq!(Thing::of(&roof), Err(Refusal::UnknownItem(roof.clone())));
    assert_eq!(Thing::Window.unknown(9), Refusal::UnknownItem(Thing::Window.item(9)));
    assert_eq!(State::of_name("wide-open"), Some(State::WideOpen));
}
