//! Fills the state before calls are measured, by calls of the modules themselves.

use serde_json::{Value, json};

use super::arguments;
use super::chain::{COMPANY, Chain, person, text};

/// The balance of each person, cents.
const FUNDS: u64 = 1_000_000_000;
/// The stock of each variant.
const PIECES: u64 = 1_000_000;

/// Creates a state with a number of accounts, products, orders, jobs (each posted, offered and accepted) and
/// grants, by the same calls as on a network.
pub(super) fn fill(chain: &mut Chain, size: u64) -> anyhow::Result<()> {
    chain.register([COMPANY].into_iter(), "company", &ROLES)?;
    // The last one's neighbour is there too.
    chain.register((0..=size).map(person), "people", &[])?;
    let euro = json!({ "asset": "EUR", "name": "Euro", "decimals": 2, "issuer": text(COMPANY) });
    chain.make("wallet.create-asset", one(euro))?;
    let mint = |place| {
        let amount = FUNDS.to_string();
        (COMPANY, json!({ "asset": "EUR", "to": text(person(place)), "amount": amount }))
    };
    chain.make("wallet.mint", (0..=size).map(mint))?;
    products(chain, size)?;
    let order = |place| (person(place), arguments::order(place, size));
    chain.make("marketplace.place-order", (0..size).map(order))?;
    jobs(chain, size)?;
    grants(chain, size)
}

const ROLES: [&str; 5] = ["platform-admin", "issuer", "seller", "clerk", "treasurer"];

/// A single call by the company.
fn one(arguments: Value) -> impl Iterator<Item = (ehb_types::Address, Value)> {
    std::iter::once((COMPANY, arguments))
}

/// Products of one variant each, in one store.
fn products(chain: &mut Chain, size: u64) -> anyhow::Result<()> {
    let category = json!({ "parent": null, "name": "Goods", "key": "" });
    chain.make("marketplace.create-category", one(category))?;
    chain.make("marketplace.create-store", one(arguments::store()))?;
    let location = json!({ "store": "1", "name": "Hall", "place": "", "key": "" });
    chain.make("marketplace.create-location", one(location))?;
    let product = |_| (COMPANY, arguments::product());
    chain.make("marketplace.create-product", (0..size).map(product))?;
    let variant = |place| (COMPANY, arguments::variant(place));
    chain.make("marketplace.create-variant", (0..size).map(variant))?;
    let listing =
        |place: u64| (COMPANY, json!({ "product": (place + 1).to_string(), "state": "listed" }));
    chain.make("marketplace.set-listing", (0..size).map(listing))?;
    let stock = |place| (COMPANY, arguments::stock(place, PIECES));
    chain.make("marketplace.add-stock", (0..size).map(stock))
}

fn jobs(chain: &mut Chain, size: u64) -> anyhow::Result<()> {
    let posting = |place| (person(place), arguments::posting());
    chain.make("jobs.post-job", (0..size).map(posting))?;
    let offer = |place: u64| {
        let posting = (place + 1).to_string().into();
        (person(place), arguments::offer(place, &posting))
    };
    chain.make("jobs.make-offer", (0..size).map(offer))?;
    let acceptance =
        |place: u64| (person(place + 1), json!({ "offer": (place + 1).to_string(), "key": "" }));
    chain.make("jobs.accept-offer", (0..size).map(acceptance))
}

fn grants(chain: &mut Chain, size: u64) -> anyhow::Result<()> {
    let programme =
        json!({ "name": "API", "unit": "token", "payout-account": text(COMPANY), "key": "" });
    chain.make("credit.create-programme", one(programme))?;
    chain.make("credit.set-price", one(arguments::price()))?;
    let meter = json!({ "programme": "1", "meter": text(COMPANY), "name": "eu-1" });
    chain.make("credit.register-meter", one(meter))?;
    chain.make("credit.grant-credits", (0..size).map(|place| (COMPANY, arguments::grant(place))))
}
