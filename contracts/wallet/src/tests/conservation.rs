use std::collections::BTreeMap;

use ehb_contract::{Address, Host};
use proptest::prelude::*;

use super::table::{address, scene};
use crate::bindings::ehb::wallet::events::Event;
use crate::bindings::ehb::wallet::types::{Error, Hold};
use crate::keys::{ASSETS, AssetId, BALANCES, HOLDS, HOLDS_OF_PAYER, Parts, SUPPLIES};
use crate::rules;

/// More entries than any test makes.
const ENTRIES_MAX: u32 = 256;

/// Value is conserved: for every asset, available and held parts add up to what circulates, and what
/// is held is what the open holds hold, payer by payer.
pub(super) fn check_conservation(host: &Host) {
    let balances = BALANCES.scan(host, None, ENTRIES_MAX);
    let holds = HOLDS.scan(host, None, ENTRIES_MAX);
    for (id, _) in ASSETS.scan(host, None, ENTRIES_MAX) {
        let supply = SUPPLIES.get(host, &id).unwrap();
        let owned: u128 = balances
            .iter()
            .filter(|((_, asset), _)| *asset == id)
            .map(|(_, parts)| u128::from(parts.available) + u128::from(parts.held))
            .sum();
        assert_eq!(owned, u128::from(supply.issued - supply.redeemed), "{}", id.to_text());
    }
    let mut held: BTreeMap<(Address, AssetId), u64> = BTreeMap::new();
    for (id, hold) in &holds {
        assert!(hold.remaining > 0 && hold.remaining <= hold.amount, "{hold:?}");
        assert!(HOLDS_OF_PAYER.contains(host, &(hold.payer, *id)), "{hold:?}");
        *held.entry((hold.payer, AssetId::parse(&hold.asset).unwrap())).or_default() +=
            hold.remaining;
    }
    assert_eq!(HOLDS_OF_PAYER.scan(host, None, ENTRIES_MAX).len(), holds.len());
    for (key, parts) in balances {
        assert_eq!(parts.held, held.remove(&key).unwrap_or(0));
        assert_ne!(parts, Parts::default());
    }
    assert!(held.is_empty());
}

/// What a reader of events alone knows.
#[derive(Debug, Default, PartialEq)]
struct Books {
    balances: BTreeMap<(Address, AssetId), Parts>,
    holds: BTreeMap<u64, Hold>,
}

impl Books {
    fn of_state(host: &Host) -> Self {
        Self {
            balances: BALANCES.scan(host, None, ENTRIES_MAX).into_iter().collect(),
            holds: HOLDS.scan(host, None, ENTRIES_MAX).into_iter().collect(),
        }
    }

    fn of_events(events: &[Event]) -> Self {
        let mut books = Self::default();
        events.iter().for_each(|event| books.enter(event));
        books.balances.retain(|_, parts| *parts != Parts::default());
        books
    }

    fn parts(&mut self, account: Address, asset: &str) -> &mut Parts {
        self.balances.entry((account, AssetId::parse(asset).unwrap())).or_default()
    }

    fn enter(&mut self, event: &Event) {
        match event {
            Event::AssetCreated(_) | Event::IssuerChanged(_) => {}
            Event::Minted(minted) => {
                self.parts(minted.account, &minted.asset).available += minted.amount;
            }
            Event::Burned(burned) => {
                self.parts(burned.account, &burned.asset).available -= burned.amount;
            }
            Event::Transferred(payment) => {
                self.parts(payment.from, &payment.asset).available -= payment.amount;
                self.parts(payment.to, &payment.asset).available += payment.amount;
            }
            Event::HoldPlaced(hold) => {
                let parts = self.parts(hold.payer, &hold.asset);
                parts.available -= hold.amount;
                parts.held += hold.amount;
                assert!(self.holds.insert(hold.id, hold.clone()).is_none());
            }
            Event::HoldPaid(payment) => {
                let hold = self.close(payment.hold);
                self.parts(hold.payer, &hold.asset).held -= payment.amount;
                self.parts(payment.to, &hold.asset).available += payment.amount;
                let remaining = hold.remaining - payment.amount;
                assert_eq!(remaining, payment.remaining);
                if remaining > 0 {
                    self.holds.insert(hold.id, Hold { remaining, ..hold });
                }
            }
            Event::HoldReleased(back) | Event::HoldExpired(back) => {
                let hold = self.close(back.hold);
                assert_eq!(hold.remaining, back.amount);
                let parts = self.parts(hold.payer, &hold.asset);
                parts.held -= back.amount;
                parts.available += back.amount;
            }
        }
    }

    /// Takes a hold out of the books; one that was resolved before is not there any more.
    fn close(&mut self, id: u64) -> Hold {
        self.holds.remove(&id).unwrap_or_else(|| panic!("the hold {id} is resolved twice"))
    }
}

#[derive(Clone, Debug)]
enum Action {
    Mint(Address, u64),
    Burn(u64),
    Transfer(Address, u64),
    PlaceHold { amount: u64, payee: Option<Address>, controller: Option<Address>, lasts_ms: u64 },
    PayOut(u64, Address, u64),
    Release(u64),
    Expire(u64),
    Wait(u64),
}

/// An action by someone, maybe through the market.
#[derive(Clone, Debug)]
struct Step {
    sender: Address,
    through_market: bool,
    asset: &'static str,
    action: Action,
}

fn anyone() -> impl Strategy<Value = Address> {
    prop::sample::select(vec!["bank", "alice", "bob", "market"]).prop_map(address)
}

fn amount() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0..200u64, 1 => Just(u64::MAX), 1 => any::<u64>()]
}

fn action() -> impl Strategy<Value = Action> {
    let hold = || 0..12u64;
    let place = (amount(), prop::option::of(anyone()), prop::option::of(anyone()), 0..50u64);
    prop_oneof![
        3 => (anyone(), amount()).prop_map(|(to, amount)| Action::Mint(to, amount)),
        1 => amount().prop_map(Action::Burn),
        4 => (anyone(), amount()).prop_map(|(to, amount)| Action::Transfer(to, amount)),
        6 => place.prop_map(|(amount, payee, controller, lasts_ms)| {
            Action::PlaceHold { amount, payee, controller, lasts_ms }
        }),
        6 => (hold(), anyone(), amount()).prop_map(|(id, to, amount)| Action::PayOut(id, to, amount)),
        2 => hold().prop_map(Action::Release),
        2 => hold().prop_map(Action::Expire),
        1 => (0..20u64).prop_map(Action::Wait),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let asset = prop::sample::select(vec!["EUR", "USD"]);
    (anyone(), any::<bool>(), asset, action()).prop_map(
        |(sender, through_market, asset, action)| Step { sender, through_market, asset, action },
    )
}

fn perform(host: &mut Host, step: Step) -> Result<(), Error> {
    match step.through_market {
        true => host.act_through("market", address("market"), step.sender),
        false => host.act_as(step.sender),
    }
    let asset = step.asset.to_owned();
    host.call(|host| match step.action {
        Action::Mint(to, amount) => {
            host.act_as(address("bank"));
            rules::mint(host, asset, to, amount)
        }
        Action::Burn(amount) => {
            host.act_as(address("bank"));
            rules::burn(host, asset, amount)
        }
        Action::Transfer(to, amount) => rules::transfer(host, to, asset, amount),
        Action::PlaceHold { amount, payee, controller, lasts_ms } => {
            let expires_ms = host.time_ms() + lasts_ms;
            let what = String::new();
            rules::place_hold(host, asset, amount, payee, controller, expires_ms, what).map(drop)
        }
        Action::PayOut(id, to, amount) => rules::pay_out(host, id, to, amount),
        Action::Release(id) => rules::release_hold(host, id),
        Action::Expire(id) => rules::expire_hold(host, id),
        Action::Wait(pause_ms) => {
            host.set_block(host.height() + 1, host.time_ms() + pause_ms);
            Ok(())
        }
    })
}

proptest! {
    /// Whatever anyone does in whatever order: value is conserved, a hold resolves at most once, and
    /// the events alone tell who owns what.
    #[test]
    fn value_is_conserved(steps in prop::collection::vec(step(), 0..80)) {
        let mut host = scene();
        host.act_as(address("bank"));
        for asset in ["EUR", "USD"] {
            let created = rules::create_asset(
                &mut host,
                asset.to_owned(),
                asset.to_owned(),
                2,
                address("bank"),
            );
            prop_assert_eq!(created, Ok(()));
        }
        for step in steps {
            let before = Books::of_state(&host);
            let result = perform(&mut host, step);
            check_conservation(&host);
            if result.is_err() {
                prop_assert_eq!(&before, &Books::of_state(&host));
            }
        }
        prop_assert_eq!(Books::of_events(&host.events::<Event>()), Books::of_state(&host));

        // Nothing stays in a hold: when its time is over, anyone gets it out.
        host.set_block(host.height() + 1, host.time_ms() + 50);
        host.act_as(address("nobody"));
        for (id, _) in HOLDS.scan(&host, None, ENTRIES_MAX) {
            prop_assert_eq!(rules::expire_hold(&mut host, id), Ok(()));
        }
        check_conservation(&host);
        prop_assert!(HOLDS.scan(&host, None, ENTRIES_MAX).is_empty());
    }
}
