//! A whole module: anyone opens a tally, everybody adds to it, and after a day it is over.

extern crate alloc;

mod keys {
    //! Where the state is.
    use ehb_contract::{Deadlines, Item, Map, Named, Schema};

    use crate::bindings::acme::tally::types::Tally;

    /// The kinds of items.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Named, ehb_contract::Kind)]
    pub(crate) enum Kind {
        Tally,
    }

    // Each has a first byte of its own.
    pub(crate) const SCHEMA: Schema = Schema::new(&[]);
    pub(crate) const LATEST: Item<u64> = Item::new(b'n');
    pub(crate) const TALLIES: Map<u64, Tally> = Map::new(b't');
    pub(crate) const DEADLINES: Deadlines<Kind> = Deadlines::new(b'd');
}

mod rules {
    //! What each call does. Rules run the same on the chain and in a test.
    use ehb_contract::calendar::DAY_MS;
    use ehb_contract::{Host, check_before, check_due, checks};

    use crate::bindings::acme::tally::events::Event;
    use crate::bindings::acme::tally::types::{Error, Tally};
    use crate::keys::{DEADLINES, Kind, LATEST, SCHEMA, TALLIES};

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
        write(host, Tally { id, total: 0, ends_ms });
        Ok(id)
    }

    pub(crate) fn add(host: &mut Host, id: u64, amount: u64) -> Result<u64, Error> {
        checks::amount(amount)?;
        let tally = find(host, id)?;
        check_before(host, || Kind::Tally.item(id), tally.ends_ms)?;
        let total = tally.total.checked_add(amount).ok_or(Error::Overflow)?;
        write(host, Tally { total, ..tally });
        Ok(total)
    }

    /// Ends a tally whose day is over.
    fn step(host: &mut Host, kind: Kind, id: u64) -> Result<(), Error> {
        let tally = find(host, id)?;
        check_due(host, || kind.item(id), tally.ends_ms)?;
        DEADLINES.remove(host, kind, id, tally.ends_ms);
        TALLIES.remove(host, &id);
        host.emit(Event::Ended(tally));
        Ok(())
    }

    fn find(host: &Host, id: u64) -> Result<Tally, Error> {
        TALLIES.get(host, &id).ok_or_else(|| Kind::Tally.unknown(id).into())
    }

    fn write(host: &mut Host, tally: Tally) {
        TALLIES.set(host, &tally.id, &tally);
        host.emit(Event::Changed(tally));
    }
}

ehb_contract::module! {
    // The folders of the WIT of the host, of what all modules share, and the module's own.
    TallyModule,
    wit: ["wit", "wit/common", "tests/tally"],
}

#[cfg(test)]
mod tests {
    use ehb_contract::Host;
    use ehb_contract::calendar::DAY_MS;
    use ehb_contract::common::Refusal;

    use crate::bindings::acme::tally::events::Event;
    use crate::bindings::acme::tally::types::{Error, Tally};
    use crate::bindings::exports::acme::tally::tallies::Guest as _;
    use crate::bindings::exports::ehb::common::deadlines::Guest as _;
    use crate::keys::Kind;
    use crate::{TallyModule, rules};

    #[test]
    fn a_tally_counts_for_a_day() {
        let mut host = Host::new();
        host.set_block(1, 1_000);
        let id = host.call(rules::open).unwrap();
        assert_eq!(host.call(|host| rules::add(host, id, 2)), Ok(2));
        assert_eq!(host.call(|host| rules::add(host, id, u64::MAX)), Err(Error::Overflow));
        assert_eq!(host.call(|host| rules::advance_due(host, 32)), Ok(vec![]));
        host.set_block(2, 1_000 + DAY_MS);
        let late = host.call(|host| rules::add(host, id, 1));
        let ends_ms = 1_000 + DAY_MS;
        assert_eq!(late, Err(Refusal::too_late(Kind::Tally.item(id), ends_ms, ends_ms).into()));
        let advanced = host.call(|host| rules::advance_due(host, 32)).unwrap();
        assert_eq!(
            advanced.into_iter().map(|due| due.item).collect::<Vec<_>>(),
            [Kind::Tally.item(id)]
        );
        let tally = |total| Tally { id, total, ends_ms };
        let events = [Event::Changed(tally(0)), Event::Changed(tally(2)), Event::Ended(tally(2))];
        assert_eq!(host.events::<Event>(), events);
    }

    #[test]
    fn the_component_is_the_rules_over_a_chain() {
        // Outside of a component the chain at hand is an empty one in memory.
        assert_eq!(TallyModule::open(), Ok(1));
        assert_eq!(TallyModule::add(7, 1), Err(Kind::Tally.unknown(7).into()));
        assert_eq!(TallyModule::advance(Kind::Tally.item(7)), Err(Kind::Tally.unknown(7)));
    }

    #[test]
    fn a_refusal_of_its_own_keeps_its_name() {
        assert_eq!(Refusal::from(Error::Overflow), Refusal::Other("overflow".to_owned()));
        assert_eq!(Refusal::from(Error::ZeroAmount), Refusal::ZeroAmount);
    }
}
