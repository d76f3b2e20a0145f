//! The twenty most used calls of the modules, and their measurement in one state.

use serde_json::{Value, json};

use super::arguments;
use super::chain::{COMPANY, Calls, Chain, Cost, person, text};
use super::{PLACE_ORDER, fill};
use crate::business::{application, document, shipment};

/// The number of calls in one measurement, each by another account on another item.
const CALLS: u64 = 200;

/// The twenty calls, each in the state after the previous ones.
pub(super) fn measure(size: u64) -> anyhow::Result<Vec<Cost>> {
    let mut chain = Chain::new()?;
    fill::fill(&mut chain, size)?;
    // Spread over the state.
    let places: Vec<u64> = (0..CALLS).map(|call| call * size / CALLS).collect();
    let mut costs = wallet(&mut chain, &places)?;
    costs.extend(credit(&mut chain, &places)?);
    costs.extend(marketplace(&mut chain, &places, size)?);
    costs.extend(jobs(&mut chain, &places)?);
    Ok(costs)
}

/// A call by each of the people at these positions.
fn people(places: &[u64], arguments: impl Fn(u64) -> Value) -> Calls {
    places.iter().map(|place| (person(*place), arguments(*place))).collect()
}

/// A call by each of the people at the positions one after these.
fn next(places: &[u64], arguments: impl Fn(usize) -> Value) -> Calls {
    let call = |(index, place): (usize, &u64)| (person(place + 1), arguments(index));
    places.iter().enumerate().map(call).collect()
}

/// A call by the company on each of these.
fn company(things: &[Value], arguments: impl Fn(&Value) -> Value) -> Calls {
    things.iter().map(|it| (COMPANY, arguments(it))).collect()
}

/// A call by each of the people on their own item.
fn owners(places: &[u64], things: &[Value], arguments: impl Fn(&Value) -> Value) -> Calls {
    let owned = places.iter().zip(things);
    owned.map(|(place, it)| (person(*place), arguments(it))).collect()
}

fn wallet(chain: &mut Chain, places: &[u64]) -> anyhow::Result<Vec<Cost>> {
    let transfer = people(
        places,
        |place| json!({ "to": text(person(place + 1)), "asset": "EUR", "amount": "1" }),
    );
    let transfer = chain.measure("wallet.transfer", &transfer)?;
    let hold = chain.measure("wallet.place-hold", &people(places, arguments::hold))?;
    let payment = owners(
        places,
        &hold.results,
        |hold| json!({ "hold": hold, "to": text(COMPANY), "amount": "50" }),
    );
    let paid = chain.measure("wallet.pay-out", &payment)?;
    Ok(vec![transfer, hold, paid])
}

fn credit(chain: &mut Chain, places: &[u64]) -> anyhow::Result<Vec<Cost>> {
    let usage = chain.measure("credit.authorise-usage", &people(places, arguments::usage))?;
    let capture =
        company(&usage.results, |usage| json!({ "usage": usage, "quantity": "50", "key": "" }));
    let captured = chain.measure("credit.capture-usage", &capture)?;
    let batches = places.iter().map(|place| (COMPANY, arguments::reports(*place))).collect();
    let delivered = chain.measure("credit.report-usage, four", &batches)?;
    Ok(vec![usage, captured, delivered])
}

fn marketplace(chain: &mut Chain, places: &[u64], size: u64) -> anyhow::Result<Vec<Cost>> {
    let stock = places.iter().map(|place| (COMPANY, arguments::stock(*place, 10))).collect();
    let stocked = chain.measure("marketplace.add-stock", &stock)?;
    let order = people(places, |place| arguments::order(place, size));
    let placed = chain.measure(PLACE_ORDER, &order)?;
    // There is one store, so each order has one sub-order, of the same number.
    let orders = &placed.results;
    let accept = company(orders, |order| json!({ "sub-order": order }));
    let accepted = chain.measure("marketplace.accept-order", &accept)?;
    let shipped = chain.measure("marketplace.ship-order", &company(orders, shipment))?;
    let delivery =
        company(orders, |order| json!({ "sub-order": order, "shipment": 1, "proof": document() }));
    let delivered = chain.measure("marketplace.record-delivery", &delivery)?;
    let confirmation = owners(places, orders, |order| json!({ "sub-order": order, "key": "" }));
    let confirmed = chain.measure("marketplace.confirm-order", &confirmation)?;
    Ok(vec![stocked, placed, accepted, shipped, delivered, confirmed])
}

fn jobs(chain: &mut Chain, places: &[u64]) -> anyhow::Result<Vec<Cost>> {
    let posted = chain.measure("jobs.post-job", &people(places, |_| arguments::posting()))?;
    let postings = &posted.results;
    let application = next(places, |index| application(&postings[index]));
    let applied = chain.measure("jobs.apply", &application)?;
    let offer = places.iter().zip(postings);
    let offer = offer.map(|(place, posting)| (person(*place), arguments::offer(*place, posting)));
    let offered = chain.measure("jobs.make-offer", &offer.collect())?;
    let acceptance = next(places, |index| json!({ "offer": offered.results[index], "key": "" }));
    let accepted = chain.measure("jobs.accept-offer", &acceptance)?;
    // Each contract has one milestone, so they have the same numbers.
    let milestones = &accepted.results;
    let keyed = owners(places, milestones, |it| json!({ "milestone": it, "key": "" }));
    let funded = chain.measure("jobs.fund-milestone", &keyed)?;
    let work =
        next(places, |index| json!({ "milestone": milestones[index], "deliverable": document() }));
    let submitted = chain.measure("jobs.submit-milestone", &work)?;
    let approval = owners(places, milestones, |it| json!({ "milestone": it }));
    let approved = chain.measure("jobs.approve-milestone", &approval)?;
    let released = chain.measure("jobs.pay-milestone", &keyed)?;
    Ok(vec![posted, applied, offered, accepted, funded, submitted, approved, released])
}
