//! A whole module: anyone opens a tally, everybody adds to it, and after a day it ends.

extern crate alloc;

mod keys {
    //! Where the state is.
    use ehb_contract::{Deadlines, Item, Map, Named, Once, Schema};

    use crate::bindings::acme::tally::types::Tally;

    /// The kinds of items.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Named, ehb_contract::Kind)]
    pub(crate) enum Kind {
        Tally,
    }

    // Each has a first byte of its own; 0 is that of the schema.
    pub(crate) const SCHEMA: Schema = Schema::new(&[]);
    pub(crate) const LATEST: Item<u64> = Item::new(b'n');
    pub(crate) const TALLIES: Map<u64, Tally> = Map::new(b't');
    pub(crate) const DEADLINES: Deadlines<Kind> = Deadlines::new(b'd');
    pub(crate) const KEYS: Once = Once::new(b'k');
}

mod states {
    //! What can happen in which state.
    use ehb_contract::{Machine, Named};

    use crate::bindings::acme::tally::types::TallyState;

    /// Actions on a tally.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Named)]
    pub(crate) enum TallyAction {
        Add,
        End,
    }

    pub(crate) const TALLY: Machine<TallyState, TallyAction> = {
        use TallyAction::{Add, End};
        use TallyState::{Ended, Open};
        Machine::new(&[(Open, Add, Open), (Open, End, Ended)])
    };
}

mod rules {
    //! What each call does. Rules run the same on the chain and in a test.
    use alloc::string::String;

    use ehb_contract::calendar::DAY_MS;
    use ehb_contract::page::{page, values};
    use ehb_contract::{Host, check_before, check_due, checks, packed};

    use crate::bindings::acme::tally::events::Event;
    use crate::bindings::acme::tally::types::{Error, Tally, TallyPage, TallyState};
    use crate::keys::{DEADLINES, KEYS, Kind, LATEST, SCHEMA, TALLIES};
    use crate::states::{TALLY, TallyAction};

    ehb_contract::deadlines!(DEADLINES, step);

    pub(crate) fn migrate(host: &mut Host) -> Result<(), Error> {
        Ok(SCHEMA.migrate(host)?)
    }

    pub(crate) fn open(host: &mut Host) -> Result<u64, Error> {
        SCHEMA.mark(host);
        let id = LATEST.get(host).unwrap_or(0) + 1;
        LATEST.set(host, &id);
        let ends_ms = host.time_ms() + DAY_MS;
        DEADLINES.add(host, Kind::Tally, id, ends_ms);
        write(host, Tally { id, state: TallyState::Open, total: 0, ends_ms }, Event::Changed);
        Ok(id)
    }

    pub(crate) fn add(host: &mut Host, id: u64, amount: u64, key: String) -> Result<u64, Error> {
        KEYS.run(host, &key, "add", &packed!(id, amount), |host| {
            checks::amount(amount)?;
            let tally = find(host, id)?;
            let state = TALLY.next(|| Kind::Tally.item(id), tally.state, TallyAction::Add)?;
            check_before(host, || Kind::Tally.item(id), tally.ends_ms)?;
            let total = tally.total.checked_add(amount).ok_or(Error::Overflow)?;
            write(host, Tally { state, total, ..tally }, Event::Changed);
            Ok(total)
        })
    }

    pub(crate) fn list_tallies(
        host: &Host,
        after: Option<u64>,
        limit: u32,
    ) -> Result<TallyPage, Error> {
        let (found, next) = page(limit, |limit| TALLIES.scan(host, after.as_ref(), limit))?;
        Ok(TallyPage { tallies: values(found), next })
    }

    /// Ends a tally whose day is over.
    fn step(host: &mut Host, kind: Kind, id: u64) -> Result<(), Error> {
        let tally = find(host, id)?;
        let state = TALLY.next(|| kind.item(id), tally.state, TallyAction::End)?;
        check_due(host, || kind.item(id), tally.ends_ms)?;
        DEADLINES.remove(host, kind, id, tally.ends_ms);
        write(host, Tally { state, ..tally }, Event::Ended);
        Ok(())
    }

    fn find(host: &Host, id: u64) -> Result<Tally, Error> {
        TALLIES.get(host, &id).ok_or_else(|| Kind::Tally.unknown(id).into())
    }

    fn write(host: &mut Host, tally: Tally, event: fn(Tally) -> Event) {
        TALLIES.set(host, &tally.id, &tally);
        host.emit(event(tally));
    }
}

ehb_contract::module! {
    // The folders of the WIT of the host, of what all modules share, and the module's own.
    TallyModule,
    wit: ["wit", "wit/common", "tests/tally"],
}

#[cfg(test)]
mod tests {
    use ehb_contract::calendar::DAY_MS;
    use ehb_contract::common::Refusal;
    use ehb_contract::{Host, wrong_state};

    use crate::bindings::acme::tally::events::Event;
    use crate::bindings::acme::tally::types::{Error, Tally, TallyState};
    use crate::bindings::exports::acme::tally::tallies::Guest as _;
    use crate::bindings::exports::ehb::common::deadlines::Guest as _;
    use crate::keys::Kind;
    use crate::states::TallyAction;
    use crate::{TallyModule, rules};

    /// Adds as a transaction does: a refused call has no effect.
    fn add(host: &mut Host, id: u64, amount: u64, key: &str) -> Result<u64, Error> {
        host.call(|host| rules::add(host, id, amount, key.to_owned()))
    }

    #[test]
    fn a_tally_counts_for_a_day() {
        let mut host = Host::new();
        host.set_block(1, 1_000);
        let id = host.call(rules::open).unwrap();
        let item = || Kind::Tally.item(id);
        assert_eq!(add(&mut host, id, 2, ""), Ok(2));
        assert_eq!(add(&mut host, id, u64::MAX, ""), Err(Error::Overflow));
        assert_eq!(host.call(|host| rules::advance_due(host, 32)), Ok(vec![]));
        host.set_block(2, 1_000 + DAY_MS);
        let ends_ms = 1_000 + DAY_MS;
        let late = Refusal::too_late(item(), ends_ms, ends_ms);
        assert_eq!(add(&mut host, id, 1, ""), Err(late.into()));
        let advanced = host.call(|host| rules::advance_due(host, 32)).unwrap();
        assert_eq!(advanced.into_iter().map(|due| due.item).collect::<Vec<_>>(), [item()]);
        let ended = wrong_state(item(), TallyState::Ended, TallyAction::Add);
        assert_eq!(add(&mut host, id, 1, ""), Err(ended.into()));
        let tally = |state, total| Tally { id, state, total, ends_ms };
        let events = [
            Event::Changed(tally(TallyState::Open, 0)),
            Event::Changed(tally(TallyState::Open, 2)),
            Event::Ended(tally(TallyState::Ended, 2)),
        ];
        assert_eq!(host.events::<Event>(), events);
    }

    #[test]
    fn a_repeated_key_adds_once() {
        let mut host = Host::new();
        host.set_block(1, 1_000);
        let id = host.call(rules::open).unwrap();
        assert_eq!(add(&mut host, id, 2, "first"), Ok(2));
        assert_eq!(add(&mut host, id, 2, "first"), Ok(2));
        assert_eq!(add(&mut host, id, 3, "first"), Err(Error::KeyReused));
        assert_eq!(add(&mut host, id, 3, "second"), Ok(5));
    }

    #[test]
    fn tallies_are_listed_in_pages() {
        let mut host = Host::new();
        host.set_block(1, 1_000);
        for id in 1..=3 {
            assert_eq!(host.call(rules::open), Ok(id));
        }
        let ids = |after| {
            let page = rules::list_tallies(&host, after, 2).unwrap();
            (page.tallies.iter().map(|tally| tally.id).collect::<Vec<_>>(), page.next)
        };
        assert_eq!(ids(None), (vec![1, 2], Some(2)));
        assert_eq!(ids(Some(2)), (vec![3], None));
        let refused = rules::list_tallies(&host, None, 0);
        assert_eq!(refused, Err(Refusal::out_of_range("limit", 0, 1, 100).into()));
    }

    #[test]
    fn the_component_is_the_rules_over_a_chain() {
        // Outside of a component the chain at hand is an empty one in memory.
        assert_eq!(TallyModule::open(), Ok(1));
        assert_eq!(TallyModule::add(7, 1, String::new()), Err(Kind::Tally.unknown(7).into()));
        assert_eq!(TallyModule::advance(Kind::Tally.item(7)), Err(Kind::Tally.unknown(7)));
    }

    #[test]
    fn a_refusal_of_its_own_keeps_its_name() {
        assert_eq!(Refusal::from(Error::Overflow), Refusal::Other("overflow".to_owned()));
        assert_eq!(Refusal::from(Error::ZeroAmount), Refusal::ZeroAmount);
    }
}
