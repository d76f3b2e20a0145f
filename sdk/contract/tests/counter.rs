//! A whole module: it counts for each account.

use ehb_contract::{Address, Emit, Host, Map};

mod bindings {
    wit_bindgen::generate!({
        // The host's WIT; a module of its own keeps its own in a folder beside it.
        path: "wit",
        inline: "
            package acme:counter@1.0.0;

            interface events {
                use ehb:host/types@1.0.0.{address};
                /// A count that grew.
                record count { account: address, total: u64 }
                /// Something that happened.
                variant event { counted(count) }
                emit: func(event: event);
            }

            interface counts {
                /// Why a call is refused.
                variant error {
                    /// The count would pass the largest number.
                    overflow,
                }
                /// Adds to the sender's count and returns the total.
                add: func(amount: u64) -> result<u64, error>;
            }

            world counter {
                import events;
                export counts;
            }
        ",
        with: { "ehb:host/types@1.0.0": ehb_contract::types },
        generate_all,
        additional_derives: [PartialEq, Eq],
    });
}

use bindings::acme::counter::events::{self, Count, Event};
use bindings::exports::acme::counter::counts::{Error, Guest};

/// Where the module's state lies: each map has a first byte of its own.
const COUNTS: Map<Address, u64> = Map::new(b'c');

/// The rule, which runs the same on the chain and in a test.
fn add(host: &mut Host, amount: u64) -> Result<u64, Error> {
    let account = host.sender();
    let total = COUNTS.get(host, &account).unwrap_or(0);
    let total = total.checked_add(amount).ok_or(Error::Overflow)?;
    COUNTS.set(host, &account, &total);
    host.emit(Event::Counted(Count { account, total }));
    Ok(total)
}

impl Emit for Event {
    fn emit(&self) {
        events::emit(*self);
    }
}

/// The component.
struct Counter;

impl Guest for Counter {
    fn add(amount: u64) -> Result<u64, Error> {
        add(&mut Host::new(), amount)
    }
}

#[cfg(target_arch = "wasm32")]
bindings::export!(Counter with_types_in bindings);

#[test]
fn counts_add_up() {
    let alice = Address::from_bytes(&[1; 32]);
    let mut host = Host::new();
    host.act_as(alice);
    assert_eq!(host.call(|host| add(host, 2)), Ok(2));
    assert_eq!(host.call(|host| add(host, 3)), Ok(5));
    assert_eq!(host.call(|host| add(host, u64::MAX)), Err(Error::Overflow));
    let total = |event: Event| match event {
        Event::Counted(count) => count.total,
    };
    assert_eq!(host.events().into_iter().map(total).collect::<Vec<_>>(), [2, 5]);
}

#[test]
fn the_component_is_the_rule_over_a_chain() {
    // Outside of a component the chain at hand is an empty one in memory.
    assert_eq!(Counter::add(7), Ok(7));
}
